"""The recipe that a cue carries: the very request that it was made from."""

from pathlib import Path

from google.protobuf.message import DecodeError
from sonique.v1 import scoring_pb2

from sonique_cli.exits import CommandError, Exit


def read_recipe(cue: Path) -> scoring_pb2.GenerateRequest:
    """The request that ``cue`` was made from.

    Raises:
        CommandError: the file is not there, or is no cue of Sonique's.
    """
    from sonique_client.recipe import read_recipe as read_bytes

    if not cue.is_file():
        raise CommandError(f"“{cue}” is not there.", Exit.INPUT)
    try:
        request = scoring_pb2.GenerateRequest.FromString(read_bytes(cue))
    except OSError as error:
        raise CommandError(f"“{cue}” cannot be read ({error.strerror or error}).", Exit.INPUT) from error
    except (ValueError, DecodeError) as error:
        raise CommandError(f"“{cue}” carries no recipe; name a cue that Sonique wrote.", Exit.INPUT) from error
    del request.media_roots[:]  # what may be read here is for who runs the command to say, not for a file
    return request
