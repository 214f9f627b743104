"""Files that the user named beside the film: they are there, and can be told to the daemon."""

from pathlib import Path

from sonique.v1 import scoring_pb2

from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable


def readable(
    request: scoring_pb2.DescribeRequest | scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest, named: Path
) -> str:
    """The whole path of a file that the user named, which ``request`` lets the daemon read wherever it lies.

    Raises:
        CommandError: there is no such file.
    """
    if not named.exists():
        raise CommandError(f"“{named}” is not there.", Exit.INPUT)
    if not named.is_file():
        raise CommandError(f"“{named}” is no file; name one.", Exit.INPUT)
    whole = named.resolve()
    require_text(whole)
    request.media_roots.append(str(whole.parent))
    return str(whole)


def require_text(path: Path) -> None:
    """Checks that a path can be told to the daemon, which is spoken to in UTF-8.

    Raises:
        CommandError: a name in it was written in another encoding, as an old disk may have it.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise CommandError(f"“{printable(str(path))}” has a name that is not UTF-8; rename it.", Exit.INPUT) from None
