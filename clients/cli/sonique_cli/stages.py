"""The stages one by one: describe, tag, generate, and again; each result can be edited before the next."""

from pathlib import Path
from typing import Annotated

import typer

from sonique_cli import options

DescriptionFile = Annotated[
    Path | None,
    typer.Option("--description", "-d", metavar="FILE", help="A description, from sonique describe."),
]


def describe(
    file: options.Input,
    range_text: options.Range = "",
    media_root: options.MediaRoot = [],
    cuts: options.Cuts = options.CutsChoice.AUTO,
    rate: options.Rate = None,
    out: options.Out = None,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Say what a film or a range of a timeline shows.

    Prints a sentence for each shot. With -o the description goes into a JSON document, to be edited and handed to
    [bold]sonique tag[/]; with --json every event is printed as a line, and [bold]sonique tag[/] reads that too.
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import to_json
    from sonique_cli.inputs import read_input
    from sonique_cli.outputs import require_free, write_text
    from sonique_cli.results import print_result, run_job
    from sonique_cli.shots import shot_list

    require_free([out] if out else [], force=force)
    timeline = read_input(file, range_text=range_text, media_roots=media_root, cuts=cuts, rate=rate)
    result = run_job(scoring_pb2.DescribeRequest(timeline=timeline), json_lines=json_lines, quiet=quiet)
    assert result.description is not None
    if out:
        write_text(out, to_json(result.description) + "\n", force=force)
    elif not json_lines:
        print_result(shot_list(result.description))


def tag(
    description: DescriptionFile = None,
    prompt: options.Prompt = "",
    genre: options.Genre = [],
    mood: options.Mood = [],
    instrument: options.InstrumentOption = [],
    without: options.Without = [],
    bpm: options.Bpm = None,
    key: options.KeyOption = "",
    hit_strength: options.HitStrength = None,
    out: options.Out = None,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Turn a description and your wishes into musical tags.

    Prints the tags as a JSON document, to be edited and handed to [bold]sonique generate[/].
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import read_description, to_json
    from sonique_cli.outputs import require_free, write_text
    from sonique_cli.results import print_result, run_job
    from sonique_cli.wishes import read_brief

    require_free([out] if out else [], force=force)
    request = scoring_pb2.TagRequest(
        description=read_description(description) if description else None,
        brief=read_brief(prompt, genre, mood, instrument, without, bpm, key, hit_strength),
    )
    result = run_job(request, json_lines=json_lines, quiet=quiet)
    assert result.tags is not None
    if out:
        write_text(out, to_json(result.tags) + "\n", force=force)
    elif not json_lines:
        print_result(to_json(result.tags))


def generate(
    tags: Annotated[Path, typer.Option("--tags", "-t", metavar="FILE", help="Tags, from sonique tag.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to: a .wav file.")],
    description: DescriptionFile = None,
    duration: Annotated[
        str, typer.Option("--duration", metavar="LENGTH", help="32s, 1:10 or 2min. Without it, the description's.")
    ] = "",
    seed: options.Seed = 0,
    takes: options.Takes = 1,
    stems: options.Stems = False,
    midi: options.Midi = False,
    loudness: options.Loudness = -20.0,
    pad_to_frames: options.PadToFrames = None,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make music from tags; with a description, on its cuts."""
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import read_description, read_tags
    from sonique_cli.exits import CommandError, Exit
    from sonique_cli.outputs import Outputs
    from sonique_cli.results import make_takes
    from sonique_cli.wishes import read_delivery, read_length

    if not duration and description is None:
        raise CommandError("How long? Give --duration 32s, or the --description of a range.", Exit.USAGE)
    request = scoring_pb2.GenerateRequest(
        tags=read_tags(tags),
        duration=read_length(duration) if duration else None,
        description=read_description(description) if description else None,
        seed=seed,
        takes=takes,
        delivery=read_delivery(loudness=loudness, pad_to_frames=pad_to_frames, stems=stems),
    )
    outputs = Outputs.beside(out, midi=midi, stems=stems)
    make_takes(request, outputs, film=None, force=force, json_lines=json_lines, quiet=quiet)


def again(
    cue: Annotated[Path, typer.Argument(metavar="CUE.wav", help="A cue that Sonique made.")],
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Another seed is another take. Without it, the same take.")
    ] = None,
    out: options.Out = None,
    stems: options.Stems = False,
    midi: options.Midi = False,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make a cue again from its file alone: the same take, or with --seed another.

    Every file that Sonique writes carries all that it was made from: tags, cuts, curves, length, seed.
    """
    from sonique_cli.outputs import Outputs
    from sonique_cli.recipes import read_recipe
    from sonique_cli.results import make_takes

    request = read_recipe(cue)
    request.seed = request.seed if seed is None else seed
    request.delivery.stems = stems
    name = f"{cue.stem}.again.wav" if seed is None else f"{cue.stem}.seed{seed}.wav"
    outputs = Outputs.beside(out or cue.with_name(name), midi=midi, stems=stems)
    make_takes(request, outputs, film=None, force=force, json_lines=json_lines, quiet=quiet)
