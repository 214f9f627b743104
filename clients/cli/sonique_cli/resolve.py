"""``sonique resolve``: a range of DaVinci Resolve's timeline, in every edition."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sonique_cli import options, resolve_options
from sonique_cli.command_line import CommandLine
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Brief

if TYPE_CHECKING:
    from sonique_resolve.install import Done

app = CommandLine(
    help="Score a range of DaVinci Resolve's timeline, and see to what that needs.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_NEXT = "In Resolve: Workspace ▸ Scripts ▸ Sonique."


@app.command()
def score(
    *,
    range_text: resolve_options.ResolveRange = "auto",
    brief: Brief,
    seed: options.Seed = 0,
    takes: options.Takes = 1,
    stems: resolve_options.StemsToo = False,
    loudness: options.Loudness = -20.0,
    volume: resolve_options.Volume = 0.0,
    fade_in: resolve_options.FadeIn = 0,
    fade_out: resolve_options.FadeOut = 0,
    folder: resolve_options.Folder = None,
    media_root: options.MediaRoot = [],
    proxy_render: resolve_options.ProxyRender = False,
    transport: resolve_options.Transport = resolve_options.TransportChoice.AUTO,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make music for a range of Resolve's current timeline, and place it there.

    It stands on the track “Sonique”, exactly as long as the range; a second run over the same range replaces it.

      sonique resolve score --prompt "warm, acoustic, no drums" --takes 3
    """
    from sonique_resolve.session import Wishes

    from sonique_cli.resolve_score import run_score, which_range

    wishes = Wishes(
        which=which_range(range_text),
        prompt=brief.prompt,
        genres=tuple(brief.genres),
        moods=tuple(brief.moods),
        instruments=tuple(brief.instruments),
        negatives=tuple(brief.negatives),
        bpm=brief.bpm,
        key=brief.key,
        hit_strength=brief.hit_strength,
        seed=seed,
        takes=takes,
        stems=stems,
        loudness_lufs=loudness,
        volume_db=volume,
        fade_in=fade_in,
        fade_out=fade_out,
        folder=folder,
        media_roots=tuple(media_root),
        proxy_render=proxy_render,
    )
    run_score(wishes, transport.value, json_lines=json_lines, quiet=quiet)


@app.command()
def install(
    home: resolve_options.Home = None,
    edition: resolve_options.Edition = None,
    release: resolve_options.Release = "",
    window: resolve_options.Window = resolve_options.WindowChoice.AUTO,
) -> None:
    """Put Sonique into Resolve's menu Workspace ▸ Scripts.

    Without --edition and --release both scripts are written.
    “Sonique” is for Studio and for Free before 21.1, “Sonique (Free 21.1)” for Free from 21.1 on.
    A file that is not its own is left alone.
    """
    from sonique_resolve.doctor import release_of
    from sonique_resolve.folders import folders_of
    from sonique_resolve.install import install as put_in
    from sonique_resolve.install import wanted
    from sonique_resolve.panel import NO_WINDOW, has_windows

    from sonique_cli.resolve_errors import telling
    from sonique_cli.resolve_scripts import scripts_here

    if release and not release_of(release):
        raise CommandError(f"“{release}” is no release of Resolve; write 21.1.", Exit.USAGE)
    with telling():
        kinds = wanted(edition.value if edition else "", release_of(release))
        done = put_in(folders_of(home), scripts_here(kinds, window.value))
    _tell(done)
    if not has_windows():
        typer.echo(f"Note: {NO_WINDOW}", err=True)
    typer.echo(_NEXT)


@app.command()
def uninstall(home: resolve_options.Home = None) -> None:
    """Take Sonique out of Resolve's menu again; music, jobs and settings stay."""
    from sonique_resolve.folders import folders_of
    from sonique_resolve.install import uninstall as take_out

    from sonique_cli.resolve_errors import telling

    with telling():
        done = take_out(folders_of(home))
    _tell(done)
    if not done.removed:
        typer.echo("Sonique is not in Resolve's menu.")


@app.command()
def doctor(home: resolve_options.Home = None, json_lines: options.JsonRows = False) -> None:
    """Say what stands between Sonique and Resolve, and the one thing to change; exit code 1 where something does."""
    from sonique_cli.resolve_doctor import diagnose

    diagnosis = diagnose(home)
    if json_lines:
        typer.echo(json.dumps(diagnosis.to_data(), ensure_ascii=False))
    else:
        signs = {"good": " ", "note": "·", "bad": "!"}
        for finding in diagnosis.findings:
            name = f"{finding.name}:" if finding.name else ""
            typer.echo(f"{signs[finding.mark.value]} {name:20}{finding.text}")
        typer.echo(f"\nTo do: {diagnosis.change}" if diagnosis.change else "\nNothing needs to be changed.")
    if not diagnosis.well:
        raise typer.Exit(Exit.FAILED)


@app.command()
def selftest(
    out: options.Out = None,
    transport: resolve_options.Transport = resolve_options.TransportChoice.AUTO,
    yes: options.Yes = False,
    force: options.Force = False,
) -> None:
    """Try in Resolve, on projects made for it alone, all that Sonique takes for granted there.

    Your project is saved first, closed for a while and opened again.
    Prints a JSON report, to be sent back; it names nothing of yours.
    """
    from sonique_cli.resolve_score import run_selftest

    if not yes and not typer.confirm("Your project is saved, closed for a while, and opened again. Go on?", err=True):
        raise CommandError("Nothing was tried.", Exit.CANCELLED)
    if not run_selftest(transport.value, out, force=force):
        raise typer.Exit(Exit.FAILED)


@app.command()
def panel(
    transport: resolve_options.Transport = resolve_options.TransportChoice.AUTO,
    window: resolve_options.Window = resolve_options.WindowChoice.AUTO,
) -> None:
    """Open a window with everything in it: wishes, progress, takes to compare."""
    from sonique_resolve.panel import open_panel

    from sonique_cli.resolve_errors import telling

    with telling():
        code = open_panel(transport.value, window.value)
    raise typer.Exit(code)


def _tell(done: "Done") -> None:
    def named(path: Path) -> str:
        return f"“{path}”"

    rows = (("Wrote", done.written), ("Current already:", done.kept), ("Removed", done.removed))
    for word, paths in rows:
        for path in paths:
            typer.echo(f"{word} {named(path)}.")
    for note in done.notes:
        typer.echo(f"Note: {note}", err=True)
