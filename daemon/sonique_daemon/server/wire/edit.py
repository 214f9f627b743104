"""Edits on the wire."""

from fractions import Fraction

from sonique.v1 import edit_pb2, scoring_pb2

from sonique_daemon.domain.edit import Bars, Change, Swap
from sonique_daemon.errors import InvalidRange, InvalidRequest, LimitExceeded
from sonique_daemon.server.wire.fields import counted, limited, within
from sonique_daemon.server.wire.time import read_time, write_time

CHANGES_LIMIT = 32
ENTRIES_LIMIT = 64
NAME_LIMIT = 100
_LAST_SEED = 2**63 - 1
_SHORTEST, _LONGEST = 2, 30 * 60


def read_edit(message: scoring_pb2.GenerateRequest) -> tuple[Change, ...]:
    """The changes that a request asks for; raises ``InvalidRequest``, ``InvalidRange`` or ``LimitExceeded``."""
    counted(message.edit.changes, "edit.changes", CHANGES_LIMIT)
    return tuple(map(_change, message.edit.changes))


def write_edit(changes: tuple[Change, ...]) -> edit_pb2.Edit | None:
    """The changes; None where there are none."""
    return edit_pb2.Edit(changes=map(_write, changes)) if changes else None


def _change(message: edit_pb2.Change) -> Change:
    counted(message.keep, "edit.keep", ENTRIES_LIMIT)
    counted(message.swaps, "edit.swaps", ENTRIES_LIMIT)
    usual = Change()
    return Change(
        keep=tuple(map(_bars, message.keep)),
        seed=within_seeds(message.seed) if message.HasField("seed") else None,
        duration=_duration(message) if message.HasField("duration") else None,
        swaps=tuple(map(_swap, message.swaps)),
        calm_from=read_time(message.calm_from, "edit.calm_from") if message.HasField("calm_from") else None,
        calm=within(message.calm, "edit.calm", 0.0, 1.0) if message.HasField("calm") else usual.calm,
    )


def within_seeds(seed: int) -> int:
    """A seed that one may have, else ``InvalidRequest``."""
    if not 0 <= seed <= _LAST_SEED:
        raise InvalidRequest(f"The seed {seed} is out of bounds; it must lie in 0 to 2^63-1.")
    return seed


def _bars(message: edit_pb2.BarRange) -> Bars:
    if not 0 <= message.first <= message.last:
        first, last = message.first + 1, message.last + 1
        raise InvalidRequest(f"Bars {first} to {last} are no range of bars; the first comes first, and is 1 or later.")
    return Bars(message.first, message.last)


def _swap(message: edit_pb2.Swap) -> Swap:
    names = [limited(name, "edit.swaps", NAME_LIMIT).strip() for name in (message.old, message.new)]
    if not all(names):
        raise InvalidRequest("A swap names no instrument; it needs the old one and the new one.")
    return Swap(names[0], names[1])


def _duration(message: edit_pb2.Change) -> Fraction:
    duration = read_time(message.duration, "edit.duration")
    if duration < _SHORTEST:
        raise InvalidRange(f"The new length is {float(duration):g} s; music needs at least {_SHORTEST} s.")
    if duration > _LONGEST:
        raise LimitExceeded(f"The new length is {float(duration):g} s; at most {_LONGEST} s (30 min) are made at once.")
    return duration


def _write(change: Change) -> edit_pb2.Change:
    return edit_pb2.Change(
        keep=[edit_pb2.BarRange(first=bars.first, last=bars.last) for bars in change.keep],
        seed=change.seed,
        duration=None if change.duration is None else write_time(change.duration),
        swaps=[edit_pb2.Swap(old=swap.old, new=swap.new) for swap in change.swaps],
        calm_from=None if change.calm_from is None else write_time(change.calm_from),
        calm=change.calm,
    )
