"""The stages one by one: describe, tag, generate, and again; each result can be edited before the next."""

from pathlib import Path
from typing import Annotated

import typer

from sonique_cli import groups, options
from sonique_cli.ducking import Ducking
from sonique_cli.exits import CommandError, Exit
from sonique_cli.manner import Manner
from sonique_cli.model_options import ModelOptions

DescriptionFile = Annotated[
    Path | None,
    typer.Option("--description", "-d", metavar="FILE", readable=False, help="A description, from sonique describe."),
]


def describe(
    file: options.Input,
    *,
    timeline: groups.Timeline,
    engine: options.Engine = "",
    out: options.Out = None,
    engines: groups.Engines,
    force: options.Force = False,
    manner: Manner,
) -> None:
    """Say what a film or a range of a timeline shows.

    Prints a sentence for each shot.
    With -o the description goes into a JSON document, to be edited and handed to [bold]sonique tag[/].
    With --json every event is printed as a line; [bold]sonique tag[/] reads that too.
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import to_json
    from sonique_cli.inputs import read_input
    from sonique_cli.outputs import require_free
    from sonique_cli.results import run_job
    from sonique_cli.shots import shot_list

    require_free([out] if out else [], force=force)
    request = scoring_pb2.DescribeRequest(timeline=read_input(file, timeline), engine=engine)
    engines.put(request)
    result = run_job(request, manner)
    if result is not None and result.description is not None:
        shown = to_json(result.description) if out else shot_list(result.description)
        _hand_over(shown, out, manner, force=force)


def tag(
    *,
    description: DescriptionFile = None,
    engine: options.Engine = "",
    brief: groups.Brief,
    out: options.Out = None,
    engines: groups.Engines,
    force: options.Force = False,
    manner: Manner,
) -> None:
    """Turn a description and your wishes into musical tags.

    Prints the tags as a JSON document, to be edited and handed to [bold]sonique generate[/].
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import read_description, to_json
    from sonique_cli.outputs import require_free
    from sonique_cli.results import run_job
    from sonique_cli.wishes import read_brief

    require_free([out] if out else [], force=force)
    request = scoring_pb2.TagRequest(
        description=read_description(description) if description else None, brief=read_brief(brief), engine=engine
    )
    engines.put(request)
    result = run_job(request, manner)
    if result is not None and result.tags is not None:
        _hand_over(to_json(result.tags), out, manner, force=force)


def generate(
    *,
    tags: Annotated[Path, typer.Option("--tags", "-t", metavar="FILE", readable=False, help="Tags, from sonique tag.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", readable=False, help="Where to: a .wav file.")],
    description: DescriptionFile = None,
    duration: Annotated[
        str, typer.Option("--duration", metavar="LENGTH", help="32s, 1:10 or 2min. Without it, the description's.")
    ] = "",
    cue: groups.Cue,
    files: groups.TakeFiles,
    delivery: groups.Delivery,
    ducking: Ducking,
    engine: options.Engine = "",
    model: ModelOptions,
    engines: groups.Engines,
    force: options.Force = False,
    manner: Manner,
) -> None:
    """Make music from tags; with a description, on its cuts."""
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import read_description, read_tags
    from sonique_cli.outputs import Outputs
    from sonique_cli.results import make_takes
    from sonique_cli.wishes import read_delivery, read_length

    if not duration and description is None:
        raise CommandError("How long? Give --duration 32s, or the --description of a range.", Exit.USAGE)
    request = scoring_pb2.GenerateRequest(
        tags=read_tags(tags),
        duration=read_length(duration) if duration else None,
        description=read_description(description) if description else None,
        delivery=read_delivery(delivery, stems=files.stems, ducking=ducking.asked(keyframes=False)),
        engine=engine,
    )
    for group in (model, cue, engines):
        group.put(request)
    make_takes(request, Outputs.beside(out, files), manner, film=None, force=force)


def _hand_over(text: str, out: Path | None, manner: Manner, *, force: bool) -> None:
    """Writes what a stage made to ``out``, or prints it where events are not printed."""
    from sonique_cli.outputs import write_text
    from sonique_cli.results import print_result

    if out:
        write_text(out, text + "\n", force=force)
    elif not manner.json_lines:
        print_result(text)
