"""``python -m bench [PART …]``: measures on the machine at hand and prints one table.

Parts: commands, composing, sampling, cuts, other-cuts, exactness, blender-ticks, blender-reading, speech. Without any,
all of them (half an hour on two cores, most of it the encoding of films and the scoring of 120 edits).
"""

import argparse
import os
import platform
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import blender_reading, blender_ticks, commands, composing, cuts, exactness, sampling, speech
from bench.table import to_markdown

PARTS = {
    "commands": commands.rows,
    "composing": composing.rows,
    "sampling": sampling.rows,
    "cuts": cuts.rows,
    "other-cuts": cuts.other_rows,
    "exactness": exactness.rows,
    "blender-ticks": blender_ticks.rows,
    "blender-reading": blender_reading.rows,
    "speech": speech.rows,
}


def main() -> None:
    """Runs the parts that were named and prints their rows."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    wanted = parser.parse_args().parts or list(PARTS)
    with TemporaryDirectory(prefix="sonique-bench-") as folder:
        rows = [row for part in wanted for row in PARTS[part](Path(folder))]
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print(to_markdown(rows))


if __name__ == "__main__":
    main()
