"""``sonique check``: how a piece of music meets a picture, whoever made it."""

from pathlib import Path
from typing import Annotated

import typer

from sonique_cli import options


def check(
    cue: Annotated[Path, typer.Argument(metavar="CUE.wav", readable=False, help="Music as a sound file of any kind.")],
    against: Annotated[
        Path, typer.Option("--against", metavar="FILE", readable=False, help="The film or timeline that it is to meet.")
    ],
    range_text: options.Range = "",
    hit_strength: options.HitStrength = None,
    media_root: options.MediaRoot = [],
    cuts: options.Cuts = options.CutsChoice.AUTO,
    rate: options.Rate = None,
    json_lines: options.JsonDocument = False,
    quiet: options.QuietOption = False,
) -> None:
    """Measure how music meets the cuts of a film or timeline, from its sound alone.

    The music begins where the range does. Read “above chance”: what is met less what any shift of it would meet.

      sonique check cue.wav --against edit.otio --range 01:00:10:00-01:00:42:12
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import to_json
    from sonique_cli.inputs import read_input, readable
    from sonique_cli.manner import Manner
    from sonique_cli.measures import lines_of
    from sonique_cli.results import print_result, run_job

    request = scoring_pb2.DescribeRequest()
    request.cue.CopyFrom(scoring_pb2.Cue(path=readable(request, cue), hit_strength=hit_strength))
    request.timeline.CopyFrom(read_input(against, range_text=range_text, media_roots=media_root, cuts=cuts, rate=rate))
    manner = Manner.read(
        json_lines=False,
        quiet=quiet or json_lines,
        priority=options.PriorityChoice.NORMAL,
        wait=options.WAIT,
        detach=False,
    )
    result = run_job(request, manner)
    if result is not None and result.measures is not None:
        print_result(to_json(result.measures) if json_lines else "\n".join(lines_of(result.measures)))
