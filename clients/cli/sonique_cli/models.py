"""``sonique models``: which models there are, and bringing, checking, taking and removing their weights."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options
from sonique_cli.command_line import CommandLine

if TYPE_CHECKING:
    from sonique.v1 import models_pb2, models_pb2_grpc, terms_pb2

    from sonique_cli.display import Display

app = CommandLine(help="Models: list them, and pull, check, add or remove their weights.", no_args_is_help=True)


def _plain(name: str) -> str:
    """The model's own name of what the list shows, ``llm:qwen3-4b``, or of an engine, ``llm:qwen3-4b@nf4``."""
    return name.rpartition(":")[2].partition("@")[0]


Name = Annotated[
    str, typer.Argument(metavar="MODEL", callback=_plain, help="A model's name, as sonique models list shows it.")
]

_COMMERCIAL = {1: "yes", 2: "limited", 3: "no"}


@app.command("list")
def list_models(
    here: Annotated[bool, typer.Option("--here", help="Only models whose weights are here.")] = False,
    json_lines: options.JsonRows = False,
) -> None:
    """List models: what they do and need, what their licence allows, and whether their weights are here.

    MEMORY is what one needs in its usual form; --json tells of all forms, of gates, and of what was checked.

      sonique models list

      sonique models list --here
    """
    from sonique.v1 import models_pb2

    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result

    with _speaking() as (models, _):
        found = models.List(models_pb2.ListModelsRequest())
    listed = [model for model in found.models if model.weights_present or not here]
    if json_lines:
        for model in listed:
            print_result(to_line(model))
    else:
        _print(listed, found)


@app.command()
def pull(
    name: Name,
    update: Annotated[
        bool, typer.Option("--update", help="Take what is published now, not what was pulled at first.")
    ] = False,
    quiet: options.QuietOption = False,
) -> None:
    """Bring a model's weights to this machine; goes on where it broke off.

    Where a model's terms have to be accepted first, accept them on its page.
    Then give a token of your account in HF_TOKEN where the daemon starts, or as `hf auth login` keeps it.
    """
    from sonique.v1 import models_pb2

    request = models_pb2.PullRequest(name=name, update=update)
    _follow(lambda models: models.Pull(request), f"Pulling {name}", quiet=quiet)


@app.command()
def verify(name: Name, quiet: options.QuietOption = False) -> None:
    """Read a model's weights whole, and hold them against what was pulled."""
    from sonique.v1 import models_pb2

    _follow(lambda models: models.Verify(models_pb2.VerifyRequest(name=name)), f"Checking {name}", quiet=quiet)


@app.command()
def add(
    name: Name,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A folder with its files, or one file of weights.")],
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The configuration that belongs to a single file.")
    ] = None,
    quiet: options.QuietOption = False,
) -> None:
    """Take weights that are on this machine already.

    A folder of safetensors serves where it stands, and nothing in it is ever changed.
    A checkpoint (.ckpt, .bin) is converted once, into the model's own folder; one that carries code is refused.
    Stable Audio 3 as its makers publish it is converted likewise.
    """
    from sonique.v1 import models_pb2

    request = models_pb2.AddRequest(
        name=name, path=str(path.absolute()), config=str(config.absolute()) if config else ""
    )
    _follow(lambda models: models.Add(request), f"Taking {name}", quiet=quiet)


@app.command("rm")
def remove(name: Name) -> None:
    """Remove a model's weights. A folder of yours that serves is left alone."""
    from sonique.v1 import models_pb2

    from sonique_cli.quantities import size_text
    from sonique_cli.tables import print_line

    with _speaking() as (models, _):
        here = any(
            model.weights_present for model in models.List(models_pb2.ListModelsRequest()).models if model.name == name
        )
        gone = models.Remove(models_pb2.RemoveRequest(name=name))
    if gone.freed_bytes:
        print_line(f"{name}: {size_text(gone.freed_bytes)} freed.")
    else:
        print_line(f"{name}: {'your folder is left alone' if here else 'there were no weights of it here'}.")


class _speaking:  # noqa: N801 - used as a function is
    """The Models service of the daemon, and the display, for the body of a ``with``."""

    def __init__(self, *, quiet: bool = True) -> None:
        from contextlib import ExitStack

        self._stack, self._quiet = ExitStack(), quiet

    def __enter__(self) -> "tuple[models_pb2_grpc.ModelsStub, Display]":
        from sonique.v1 import models_pb2_grpc

        from sonique_cli.display import open_display
        from sonique_cli.session import open_session

        display = self._stack.enter_context(open_display(json_lines=False, quiet=self._quiet))
        session = self._stack.enter_context(open_session(display))
        return models_pb2_grpc.ModelsStub(session.connection.channel), display

    def __exit__(self, *error: object) -> bool | None:
        return self._stack.__exit__(*error)  # type: ignore[arg-type]


def _follow(
    call: "Callable[[models_pb2_grpc.ModelsStub], Iterator[models_pb2.ModelProgress]]", title: str, *, quiet: bool
) -> None:
    from sonique_cli.quantities import size_text
    from sonique_cli.tables import print_line

    model = None
    with _speaking(quiet=quiet) as (models, display):
        for told in call(models):
            if told.HasField("model"):
                model = told.model
            elif told.total_bytes:
                how_far = f"{title}: {size_text(told.done_bytes)} of {size_text(told.total_bytes)}"
                display.working(how_far if display_moves(display) else title, told.done_bytes / told.total_bytes)
    if model is not None and not quiet:
        print_line(f"{model.name}: {size_text(model.weights_bytes)} in {model.folder}")
        _print_terms(model)


def display_moves(display: "Display") -> bool:
    """Whether the display writes over what it wrote before."""
    from sonique_cli.display import Bar

    return isinstance(display, Bar)


def _print(models: "list[models_pb2.Model]", found: "models_pb2.ListModelsResponse") -> None:
    from sonique_cli.quantities import size_text
    from sonique_cli.tables import Column, print_line, print_table

    columns = (
        Column("ENGINE"),
        Column("DOES"),
        Column("MEMORY", right=True),
        Column("COMMERCIAL"),
        Column("LICENCE", gives=True),
        Column("HERE"),
        Column("WHAT", gives=True),
    )
    print_table(columns, [_row(model) for model in models])
    print_line()
    print_line(f"Weights stand in {found.folder}; its disk has {size_text(found.free_bytes)} free.")
    print_line("“limited” is below a bound or after a registration: sonique models list --json tells.")


def _row(model: "models_pb2.Model") -> tuple[str, ...]:
    from sonique.v1 import events_pb2

    from sonique_cli.quantities import size_text

    need = model.needs[0]
    stages = "+".join(events_pb2.Stage.Name(stage).removeprefix("STAGE_").lower() for stage in model.stages)
    return (
        f"{model.family}:{model.name}",
        stages,
        f"{size_text(need.weights_bytes + need.working_bytes)} {need.quantisation}",
        commercial_text(model.terms),
        model.terms.licence + (" (gated)" if model.gated else ""),
        size_text(model.weights_bytes) if model.weights_present else ("part" if model.weights_bytes else ""),
        model.summary,
    )


def commercial_text(terms: "terms_pb2.Terms") -> str:
    """Whether music may be used to earn money, in a word."""
    return _COMMERCIAL.get(terms.commercial, "unknown")


def _print_terms(model: "models_pb2.Model") -> None:
    from sonique_cli.tables import print_line

    terms = model.terms
    credit = f" Credit: {terms.attribution}." if terms.attribution else ""
    print_line(f"Licence: {terms.licence}; commercial use: {commercial_text(terms)}. {terms.note}{credit}".strip())
