"""Fitting: a text of many lines made to fit what a model reads, by whole lines and never in silence."""

from collections.abc import Callable, Sequence

from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.transformers import chat
from sonique_daemon.engines.transformers.loading import Loaded
from sonique_daemon.engines.transformers.sentences import thinned
from sonique_daemon.errors import LimitExceeded

MOST_READ = 12_288
"""Tokens that a model is given to read at the most: memory grows with them, and they are 400 shots and more."""


def room_beside(held: Loaded, limit: int, most: int = MOST_READ) -> int:
    """Tokens that the model may be given to read where it is to write ``limit``; ``most`` at the most."""
    return min(held.context - limit, most)


def fitted(
    held: Loaded, lines: Sequence[str], wording: Callable[[Sequence[str]], str], room: int, report: Report
) -> str:
    """``wording`` of as many of the lines, spread evenly, as fit into ``room`` tokens.

    What is left out is told.

    Raises:
        LimitExceeded: it does not fit without any of the lines.
    """
    whole = wording(lines)
    size = chat.count(held, whole)
    if size <= room:
        return whole
    kept = len(lines)
    while kept > 0:
        kept = min(kept - 1, int(kept * room / size))
        text = wording(thinned(lines, kept))
        size = chat.count(held, text)
        if size <= room:
            report.warn(
                f"The description is longer than “{held.name}” reads ({chat.count(held, whole)} tokens, and {room} "
                f"fit), so it read {kept} of {len(lines)} shots, spread evenly."
            )
            return text
    raise LimitExceeded(
        f"What “{held.name}” is asked has {size} tokens, and {room} fit; shorten the prompt, or choose a model that "
        "reads more."
    )
