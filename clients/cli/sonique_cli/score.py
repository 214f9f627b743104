"""``sonique score``: music for a film or for a range of a timeline."""

from pathlib import Path
from typing import TYPE_CHECKING

from sonique_cli import ducking, model_options, options

if TYPE_CHECKING:
    from sonique.v1.scoring_pb2 import ScoreRequest

    from sonique_cli.manner import Manner

_FILM_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".mts", ".m2ts", ".avi", ".flv", ".3gp")


def score(
    file: options.Input,
    range_text: options.Range = "",
    prompt: options.Prompt = "",
    genre: options.Genre = [],
    mood: options.Mood = [],
    instrument: options.InstrumentOption = [],
    without: options.Without = [],
    bpm: options.Bpm = None,
    key: options.KeyOption = "",
    hit_strength: options.HitStrength = None,
    guide: options.Guide = None,
    candidates: options.Candidates = 0,
    seed: options.Seed = 0,
    takes: options.Takes = 1,
    out: options.Out = None,
    film: options.FilmToo = None,
    stems: options.Stems = False,
    midi: options.Midi = False,
    loudness: options.Loudness = -20.0,
    pad_to_frames: options.PadToFrames = None,
    soundfont: options.SoundFont = None,
    duck: ducking.Duck = None,
    duck_depth: ducking.Depth = None,
    duck_look_ahead: ducking.LookAhead = None,
    duck_attack: ducking.Attack = None,
    duck_hold: ducking.Hold = None,
    duck_release: ducking.Release = None,
    media_root: options.MediaRoot = [],
    cuts: options.Cuts = options.CutsChoice.AUTO,
    rate: options.Rate = None,
    generate_engine: model_options.Generator = "",
    steps: model_options.Steps = None,
    guidance: model_options.Guidance = None,
    guidance_rescale: model_options.GuidanceRescale = None,
    sampler: model_options.Sampler = "",
    sigma_min: model_options.SigmaMin = None,
    sigma_max: model_options.SigmaMax = None,
    melody: model_options.MelodyFile = None,
    melody_noise: model_options.MelodyNoise = None,
    profile: options.Profile = "",
    fallback: options.Fallback = False,
    commercial_only: options.CommercialOnly = False,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
    priority: options.Priority = options.PriorityChoice.NORMAL,
    wait: options.Wait = options.WAIT,
    detach: options.Detach = False,
) -> None:
    """Make music for a film, or for a range of a timeline.

    FILE.wav lands beside the input: exactly as long as the range, its beats on the cuts.
    For a film, FILE.scored.mp4 too; with -o NAME.otio, a copy of the timeline that plays the music.

      sonique score trip.mp4 --prompt "warm, acoustic, no drums" --range 0:10-1:05

      sonique score edit.otio --range 01:00:10:00-01:00:42:12 --bpm 90 --hit-strength 1 --seed 3 -o cue.wav
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.inputs import read_input
    from sonique_cli.manner import Manner
    from sonique_cli.wishes import read_brief, read_delivery, read_guide

    manner = Manner.read(json_lines=json_lines, quiet=quiet, priority=priority, wait=wait, detach=detach)
    onto_timeline = out is not None and out.suffix.lower() == ".otio"
    room = ducking.read_ducking(
        duck, duck_depth, duck_look_ahead, duck_attack, duck_hold, duck_release, keyframes=onto_timeline
    )
    request = scoring_pb2.ScoreRequest(
        timeline=read_input(file, range_text=range_text, media_roots=media_root, cuts=cuts, rate=rate),
        brief=read_brief(prompt, genre, mood, instrument, without, bpm, key, hit_strength),
        seed=seed,
        takes=takes,
        delivery=read_delivery(loudness=loudness, pad_to_frames=pad_to_frames, stems=stems, ducking=room),
        guide=read_guide(guide),
        candidates=candidates,
        generate_engine=generate_engine,
        profile=profile,
        fallback=fallback,
        commercial_only=commercial_only,
    )
    model_options.put_options(
        request,
        steps=steps,
        guidance=guidance,
        guidance_rescale=guidance_rescale,
        sampler=sampler,
        sigma_min=sigma_min,
        sigma_max=sigma_max,
    )
    model_options.put_melody(request, melody, melody_noise)
    model_options.put_soundfont(request, soundfont)
    if out is not None and onto_timeline:
        from sonique_cli.scored_timeline import score_timeline

        _require_no_film(out, film)
        score_timeline(request, out, manner, midi=midi, force=force)
        return
    _make_sound(request, manner, file, out, film, midi=midi, force=force)


def _make_sound(
    request: "ScoreRequest",
    manner: "Manner",
    file: Path,
    out: Path | None,
    film: bool | None,
    *,
    midi: bool,
    force: bool,
) -> None:
    """Makes the takes of ``request``, and the scored film where one is wanted."""
    from sonique_cli.outputs import Outputs
    from sonique_cli.results import Film, make_takes

    scored = _scored_film(file, out, film)
    outputs = Outputs.beside(out or file.with_suffix(".wav"), midi=midi, stems=request.delivery.stems)
    make_takes(request, outputs, manner, film=None if scored is None else Film(file, scored), force=force)


def _require_no_film(out: Path, wanted: bool | None) -> None:
    """Raises ``CommandError`` where a scored film is wanted beside a timeline, which no command writes at once."""
    from sonique_cli.exits import CommandError, Exit

    if wanted:
        raise CommandError(f"“{out}” is a timeline; for a scored film name a .wav with -o.", Exit.USAGE)


def _scored_film(file: Path, out: Path | None, wanted: bool | None) -> Path | None:
    """``trip.scored.mp4`` beside the film, or beside the music where that was named; None where none is written.

    A film of a kind that cannot be written is packed into Matroska, which holds any picture.

    Raises:
        CommandError: a scored film is wanted of a timeline.
    """
    from sonique_cli.exits import CommandError, Exit
    from sonique_cli.inputs import is_timeline

    if is_timeline(file):
        if wanted:
            raise CommandError(f"“{file}” is a timeline; --film needs a film to put the music under.", Exit.USAGE)
        return None
    if not (out is None if wanted is None else wanted):
        return None
    return scored_name(file, file if out is None else out)


def scored_name(film: Path, beside: Path) -> Path:
    """``NAME.scored.mp4`` after the file ``beside``, of the film's kind where that can be written, else Matroska."""
    suffix = film.suffix if film.suffix.lower() in _FILM_SUFFIXES else ".mkv"
    return beside.with_name(f"{beside.stem}.scored{suffix}")
