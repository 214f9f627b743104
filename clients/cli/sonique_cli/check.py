"""``sonique check``: how a piece of music meets a picture, whoever made it."""

from pathlib import Path
from typing import Annotated

import typer

from sonique_cli import options
from sonique_cli.groups import Timeline
from sonique_cli.manner import Manner


def check(
    cue: Annotated[Path, typer.Argument(metavar="CUE.wav", readable=False, help="Music as a sound file of any kind.")],
    against: Annotated[
        Path, typer.Option("--against", metavar="FILE", readable=False, help="The film or timeline that it is to meet.")
    ],
    *,
    timeline: Timeline,
    hit_strength: options.HitStrength = None,
    json_lines: options.JsonDocument = False,
    quiet: options.QuietOption = False,
) -> None:
    """Measure how music meets the cuts of a film or timeline, from its sound alone.

    The music begins where the range does. Read “above chance”: what is met less what any shift of it would meet.

      sonique check cue.wav --against edit.otio --range 01:00:10:00-01:00:42:12
    """
    from sonique.v1 import scoring_pb2

    from sonique_cli.documents import to_json
    from sonique_cli.inputs import read_input
    from sonique_cli.measures import lines_of
    from sonique_cli.named_files import readable
    from sonique_cli.printable import printable
    from sonique_cli.results import print_result, run_job

    request = scoring_pb2.DescribeRequest()
    request.cue.CopyFrom(scoring_pb2.Cue(path=readable(request, cue), hit_strength=hit_strength))
    request.timeline.CopyFrom(read_input(against, timeline))
    result = run_job(request, Manner(quiet=quiet or json_lines))
    if result is not None and result.measures is not None:
        print_result(to_json(result.measures) if json_lines else "\n".join(map(printable, lines_of(result.measures))))
