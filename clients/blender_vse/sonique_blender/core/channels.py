"""Channels: where on a sequence there is room for music."""

from collections.abc import Collection, Iterable
from itertools import chain

from .errors import NoChannel
from .strips import Span

LAST = 128
"""Blender's highest channel; the lowest is 1."""

Taken = tuple[int, Span]
"""A channel, and where a strip stands on it."""


def free_channels(taken: Iterable[Taken], closed: Collection[int], span: Span, count: int, first: int = 0) -> int:
    """The lowest of ``count`` adjoining channels that are free over ``span``.

    Args:
        taken: all strips.
        closed: channels that are locked, or muted, where music would not be heard.
        span: what must be free.
        count: how many channels, one above the other.
        first: the channel to try first, and upwards from there; 0 for the lowest above all that stands over ``span``.

    Raises:
        NoChannel: there are not that many.
    """
    full = {channel for channel, where in taken if where.meets(span)}
    begin = first or max((channel for channel in full if channel < LAST), default=0) + 1
    unfit = full | set(closed)
    end = LAST - count + 2
    for lowest in chain(range(begin, end), range(1, min(begin, end))):
        if not any(lowest + index in unfit for index in range(count)):
            return lowest
    room = "No channel is" if count == 1 else f"No {count} adjoining channels are"
    raise NoChannel(
        f"{room} free, unlocked and unmuted from frame {span.start} to {span.end - 1}; unlock one or move a strip."
    )
