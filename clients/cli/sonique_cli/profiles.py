"""``sonique profiles``: which engines go by one name, what they would hold in memory here, and what they lack."""

from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options

if TYPE_CHECKING:
    from sonique.v1 import events_pb2, models_pb2


def profiles(
    plan: Annotated[
        bool, typer.Option("--plan", help="Say for each what will be in memory when, with numbers.")
    ] = False,
    json_lines: options.JsonRows = False,
) -> None:
    """List profiles: one engine for each stage under one name, and what each lacks on this machine.

    Your own stand in profiles.toml in the configuration folder (docs/models.md).

      sonique profiles

      sonique profiles --plan
    """
    from sonique.v1 import models_pb2, models_pb2_grpc

    from sonique_cli.display import open_display
    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result
    from sonique_cli.session import open_session

    with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
        stub = models_pb2_grpc.ModelsStub(session.connection.channel)
        found = stub.ListProfiles(models_pb2.ListProfilesRequest()).profiles
    if json_lines:
        for profile in found:
            print_result(to_line(profile))
        return
    for profile in found:
        _print(profile, plan=plan)


def _print(profile: "models_pb2.Profile", *, plan: bool) -> None:
    from sonique_cli.tables import print_line

    mark = " (the daemon's)" if profile.chosen else ""
    print_line(f"{profile.name}{mark}: {profile.summary}")
    engines = {stage_word(engine): engine.engine for engine in profile.plan.engines}
    print_line("    " + ", ".join(f"{stage}: {name}" for stage, name in engines.items()))
    if plan:
        for line in plan_lines(profile.plan):
            print_line(f"    {line}")
    for sentence in profile.missing:
        print_line(f"    lacks: {sentence}")
    if not profile.missing:
        print_line("    ready")


def plan_lines(plan: "events_pb2.Planned") -> list[str]:
    """What will be in memory when, a line each; the first gives the numbers."""
    from sonique_cli.quantities import size_text

    place = "the card" if plan.place == "card" else "this machine (no card that Sonique can use)"
    room = f"{size_text(plan.total_bytes)} on {place}, of which {size_text(plan.kept_bytes)} stay free for the editor"
    return [f"memory: {size_text(plan.peak_bytes)} at the fullest; {room}", *plan.sentences]


def stage_word(engine: "events_pb2.PlannedEngine") -> str:
    """The stage of a planned engine: "describe"."""
    from sonique.v1 import events_pb2

    return events_pb2.Stage.Name(engine.stage).removeprefix("STAGE_").lower()
