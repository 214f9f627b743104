"""``sonique demo``: the whole thing on a clip that it makes itself."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from sonique_cli import options


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where demo.mp4 and demo.wav go.")
    ] = Path(),
    prompt: options.Prompt = "",
    seed: options.Seed = 0,
    force: options.Force = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make a short clip of many shots, score it, and leave demo.mp4 and demo.wav here."""
    from sonique.v1 import brief_pb2, scoring_pb2
    from sonique_client.discovery import start_ahead

    from sonique_cli.demo_clip import make_demo_clip
    from sonique_cli.groups import TakeFiles, Timeline
    from sonique_cli.inputs import read_input
    from sonique_cli.manner import Manner
    from sonique_cli.outputs import Outputs, require_free
    from sonique_cli.results import Film, make_takes

    outputs = Outputs.beside(folder / "demo.wav", TakeFiles())
    require_free((outputs.wav, folder / "demo.mp4"), force=force)
    start_ahead()
    with TemporaryDirectory(prefix="sonique-demo-") as scratch:
        clip = Path(scratch) / "demo.mp4"
        make_demo_clip(clip)
        timeline = read_input(clip, Timeline())
        brief = brief_pb2.Brief(prompt=prompt, hit_strength=1.0)  # to show what meeting every cut sounds like
        request = scoring_pb2.ScoreRequest(timeline=timeline, brief=brief, seed=seed)
        film = Film(clip, folder / "demo.mp4")
        make_takes(request, outputs, Manner(quiet=quiet), film=film, force=force)
