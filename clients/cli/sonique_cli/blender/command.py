"""``sonique blender``: the extension for Blender's Video Sequence Editor."""

from pathlib import Path
from typing import Annotated

import typer

from sonique_cli.command_line import CommandLine

app = CommandLine(
    help="Build the extension for Blender's sequencer, and install it.", no_args_is_help=True, rich_markup_mode="rich"
)

_Out = Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="Where the zips go.")]
_Platforms = Annotated[
    list[str],
    typer.Option(
        "--platform",
        metavar="NAME",
        help="linux-x64, windows-x64, macos-arm64 or macos-x64; may be given again. Without it, all.",
    ),
]
_Wheels = Annotated[
    Path | None,
    typer.Option("--wheels", metavar="FOLDER", help="A folder with the wheels of the lock; nothing is fetched then."),
]
_Program = Annotated[Path | None, typer.Option("--blender", metavar="FILE", help="Blender's program.")]
_Archive = Annotated[Path | None, typer.Option("--zip", metavar="FILE", help="A zip that was built before.")]
_Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the zips.")]


@app.command()
def build(out: _Out = Path("dist"), platform: _Platforms = [], wheels: _Wheels = None) -> None:
    """Build one zip for each platform, with all that Blender needs inside.

    The wheels of gRPC and protobuf are fetched by pip, each pinned by its digest, and kept for the next build.

      sonique blender build -o zips --platform linux-x64
    """
    from sonique_cli.blender.archive import build as built
    from sonique_cli.blender.platforms import PLATFORMS, platform_named

    wanted = [platform_named(name) for name in platform] or list(PLATFORMS)
    for each in wanted:
        path = built(each, out, wheels)
        typer.echo(f"Wrote “{path}” ({path.stat().st_size / 2**20:.1f} MB).")


@app.command()
def install(blender: _Program = None, archive: _Archive = None, wheels: _Wheels = None) -> None:
    """Build the zip that fits a Blender of this machine, install it there without a window, and enable it.

    Close Blender first: what it has loaded cannot be replaced everywhere.
    """
    from tempfile import TemporaryDirectory

    from sonique_cli.blender.archive import build as built
    from sonique_cli.blender.finding import find
    from sonique_cli.blender.installing import install as put_in
    from sonique_cli.blender.installing import platform_of

    found = find(blender)
    platform = platform_of(found)
    with TemporaryDirectory(prefix="sonique-blender-") as folder:
        put_in(found, archive if archive is not None else built(platform, Path(folder), wheels))
    version = ".".join(map(str, found.version))
    typer.echo(f"Installed into Blender {version} (“{found.path}”). In the sequencer: N, tab Sonique.")


@app.command()
def index(folder: _Folder) -> None:
    """Write index.json for the zips of a folder, which any static file host then offers with updates.

    In Blender: Preferences ▸ Get Extensions ▸ Repositories ▸ Add Remote Repository, the address of that index.json.
    """
    from sonique_cli.blender.index import write_index

    path, count = write_index(folder)
    typer.echo(f"Wrote “{path}” for {count} zip{'' if count == 1 else 's'}.")
