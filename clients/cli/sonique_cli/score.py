"""``sonique score``: music for a film or for a range of a timeline."""

from pathlib import Path

from sonique_cli import options

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
    seed: options.Seed = 0,
    takes: options.Takes = 1,
    out: options.Out = None,
    film: options.FilmToo = None,
    stems: options.Stems = False,
    midi: options.Midi = False,
    loudness: options.Loudness = -20.0,
    pad_to_frames: options.PadToFrames = None,
    media_root: options.MediaRoot = [],
    cuts: options.Cuts = options.CutsChoice.AUTO,
    rate: options.Rate = None,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make music for a film, or for a range of a timeline.

    FILE.wav lands beside the input: exactly as long as the range, its beats on the cuts.

    For a film, FILE.scored.mp4 too: the picture copied untouched, the music under its own sound.

    [bold]Examples[/]

      sonique score trip.mp4

      sonique score trip.mp4 --prompt "warm, acoustic, no drums" --range 0:10-1:05

      sonique score edit.otio --range 01:00:10:00-01:00:42:12 --bpm 90 --hit-strength 1 --seed 3 -o cue.wav
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.inputs import read_input
    from sonique_cli.outputs import Outputs
    from sonique_cli.results import Film, make_takes
    from sonique_cli.wishes import read_brief, read_delivery

    scored = _scored_film(file, out, film)
    outputs = Outputs.beside(out or file.with_suffix(".wav"), midi=midi, stems=stems)
    request = scoring_pb2.ScoreRequest(
        timeline=read_input(file, range_text=range_text, media_roots=media_root, cuts=cuts, rate=rate),
        brief=read_brief(prompt, genre, mood, instrument, without, bpm, key, hit_strength),
        seed=seed,
        takes=takes,
        delivery=read_delivery(loudness=loudness, pad_to_frames=pad_to_frames, stems=stems),
    )
    carried = None if scored is None else Film(file, scored)
    make_takes(request, outputs, film=carried, force=force, json_lines=json_lines, quiet=quiet)


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
    suffix = file.suffix if file.suffix.lower() in _FILM_SUFFIXES else ".mkv"
    beside = file if out is None else out
    return beside.with_name(f"{beside.stem}.scored{suffix}")
