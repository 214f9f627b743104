"""Resolve's errors as exit codes of the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from sonique_resolve.errors import NothingMarked, NotPlaced, OtioRefused, ResolveError
from sonique_resolve.install import NotInstalled

from sonique_cli.exits import CommandError, Exit

_EXITS: dict[type[ResolveError], Exit] = {
    NothingMarked: Exit.USAGE,
    NotPlaced: Exit.OUTPUT,
    NotInstalled: Exit.OUTPUT,
    OtioRefused: Exit.INPUT,
}


@contextmanager
def telling() -> Iterator[None]:
    """Around all that speaks with Resolve: what goes wrong becomes one sentence with its exit code.

    Raises:
        CommandError: something went wrong.
    """
    try:
        yield
    except ResolveError as error:
        raise CommandError(error.sentence, _EXITS.get(type(error), Exit.FAILED)) from error
