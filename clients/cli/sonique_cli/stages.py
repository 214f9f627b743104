"""The stages one by one: describe, tag, generate, and again; each result can be edited before the next."""

from pathlib import Path
from typing import Annotated

import typer

from sonique_cli import ducking, model_options, options

DescriptionFile = Annotated[
    Path | None,
    typer.Option("--description", "-d", metavar="FILE", readable=False, help="A description, from sonique describe."),
]


def describe(
    file: options.Input,
    range_text: options.Range = "",
    media_root: options.MediaRoot = [],
    cuts: options.Cuts = options.CutsChoice.AUTO,
    rate: options.Rate = None,
    engine: options.Engine = "",
    out: options.Out = None,
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
    """Say what a film or a range of a timeline shows.

    Prints a sentence for each shot.
    With -o the description goes into a JSON document, to be edited and handed to [bold]sonique tag[/].
    With --json every event is printed as a line; [bold]sonique tag[/] reads that too.
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import to_json
    from sonique_cli.inputs import read_input
    from sonique_cli.manner import Manner
    from sonique_cli.outputs import require_free, write_text
    from sonique_cli.results import print_result, run_job
    from sonique_cli.shots import shot_list

    manner = Manner.read(json_lines=json_lines, quiet=quiet, priority=priority, wait=wait, detach=detach)
    require_free([out] if out else [], force=force)
    timeline = read_input(file, range_text=range_text, media_roots=media_root, cuts=cuts, rate=rate)
    result = run_job(
        scoring_pb2.DescribeRequest(
            timeline=timeline, engine=engine, profile=profile, fallback=fallback, commercial_only=commercial_only
        ),
        manner,
    )
    if result is None or result.description is None:
        return
    if out:
        write_text(out, to_json(result.description) + "\n", force=force)
    elif not json_lines:
        print_result(shot_list(result.description))


def tag(
    description: DescriptionFile = None,
    engine: options.Engine = "",
    prompt: options.Prompt = "",
    genre: options.Genre = [],
    mood: options.Mood = [],
    instrument: options.InstrumentOption = [],
    without: options.Without = [],
    bpm: options.Bpm = None,
    key: options.KeyOption = "",
    hit_strength: options.HitStrength = None,
    out: options.Out = None,
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
    """Turn a description and your wishes into musical tags.

    Prints the tags as a JSON document, to be edited and handed to [bold]sonique generate[/].
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import read_description, to_json
    from sonique_cli.manner import Manner
    from sonique_cli.outputs import require_free, write_text
    from sonique_cli.results import print_result, run_job
    from sonique_cli.wishes import read_brief

    manner = Manner.read(json_lines=json_lines, quiet=quiet, priority=priority, wait=wait, detach=detach)
    require_free([out] if out else [], force=force)
    request = scoring_pb2.TagRequest(
        description=read_description(description) if description else None,
        brief=read_brief(prompt, genre, mood, instrument, without, bpm, key, hit_strength),
        engine=engine,
        profile=profile,
        fallback=fallback,
        commercial_only=commercial_only,
    )
    result = run_job(request, manner)
    if result is None or result.tags is None:
        return
    if out:
        write_text(out, to_json(result.tags) + "\n", force=force)
    elif not json_lines:
        print_result(to_json(result.tags))


def generate(
    tags: Annotated[Path, typer.Option("--tags", "-t", metavar="FILE", readable=False, help="Tags, from sonique tag.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", readable=False, help="Where to: a .wav file.")],
    description: DescriptionFile = None,
    duration: Annotated[
        str, typer.Option("--duration", metavar="LENGTH", help="32s, 1:10 or 2min. Without it, the description's.")
    ] = "",
    guide: options.Guide = None,
    candidates: options.Candidates = 0,
    seed: options.Seed = 0,
    takes: options.Takes = 1,
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
    engine: options.Engine = "",
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
    """Make music from tags; with a description, on its cuts."""
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import read_description, read_tags
    from sonique_cli.exits import CommandError, Exit
    from sonique_cli.manner import Manner
    from sonique_cli.outputs import Outputs
    from sonique_cli.results import make_takes
    from sonique_cli.wishes import read_delivery, read_guide, read_length

    manner = Manner.read(json_lines=json_lines, quiet=quiet, priority=priority, wait=wait, detach=detach)
    if not duration and description is None:
        raise CommandError("How long? Give --duration 32s, or the --description of a range.", Exit.USAGE)
    room = ducking.read_ducking(
        duck, duck_depth, duck_look_ahead, duck_attack, duck_hold, duck_release, keyframes=False
    )
    request = scoring_pb2.GenerateRequest(
        tags=read_tags(tags),
        duration=read_length(duration) if duration else None,
        description=read_description(description) if description else None,
        seed=seed,
        takes=takes,
        delivery=read_delivery(loudness=loudness, pad_to_frames=pad_to_frames, stems=stems, ducking=room),
        guide=read_guide(guide),
        candidates=candidates,
        engine=engine,
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
    outputs = Outputs.beside(out, midi=midi, stems=stems)
    make_takes(request, outputs, manner, film=None, force=force)
