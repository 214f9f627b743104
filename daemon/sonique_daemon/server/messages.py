"""Events as messages, each written once for all who watch."""

import asyncio
from collections import OrderedDict

from sonique.v1 import events_pb2

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Described, Event, Fitted, TakeReady
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.jobs.log import Entry
from sonique_daemon.server.turns import Turns
from sonique_daemon.server.wire.events import write_event

_BOUND_BYTES = 4 * 2**20
"""What the messages that are kept may have on the wire, together."""
_SMALLEST_BYTES = 512
"""What a message counts at least, because objects are larger than what they say."""
_LIGHT = 50
"""Parts that are written within the loop: half a millisecond, and less than it costs to have another thread do it."""
_SMALL = 200
"""Numbers that take as long to write as one part."""

Key = tuple[str, int, int]


class Messages:
    """Writes events; keeps the latest used ones. Belongs to one event loop; its messages are not to be changed.

    Args:
        turns: those of all who follow jobs.
        bound_bytes: what the messages that are kept may have on the wire, together.
    """

    def __init__(self, turns: Turns, bound_bytes: int = _BOUND_BYTES) -> None:
        self._bound = bound_bytes
        self._turns = turns
        self._kept: OrderedDict[Key, events_pb2.JobEvent] = OrderedDict()
        self._bytes = 0
        self._coming: dict[Key, asyncio.Future[events_pb2.JobEvent]] = {}

    async def in_turn(self, job_id: str, entry: Entry) -> events_pb2.JobEvent:
        """The same, when it is the caller's turn among all who follow jobs."""
        await self._turns.take()
        return await self.of(job_id, entry)

    async def of(self, job_id: str, entry: Entry) -> events_pb2.JobEvent:
        """The message of one event. What may take long is written beside the loop, and once however many ask."""
        key = (job_id, entry.seq, entry.time_ns)  # a job that is deleted and asked for again has other times
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        if _is_heavy(entry.event):
            return await self._aside(key, entry)
        return self._keep(key, write_event(job_id, entry))

    async def _aside(self, key: Key, entry: Entry) -> events_pb2.JobEvent:
        coming = self._coming.get(key)
        if coming is None:
            coming = asyncio.ensure_future(asyncio.to_thread(write_event, key[0], entry))
            coming.add_done_callback(lambda _: self._coming.pop(key))
            self._coming[key] = coming
        return self._keep(key, await asyncio.shield(coming))

    def _keep(self, key: Key, message: events_pb2.JobEvent) -> events_pb2.JobEvent:
        if key not in self._kept:
            self._kept[key] = message
            self._bytes += _weight(message)
        while self._bytes > self._bound:
            self._bytes -= _weight(self._kept.popitem(last=False)[1])
        return message


def _weight(message: events_pb2.JobEvent) -> int:
    return max(_SMALLEST_BYTES, message.ByteSize())


def _is_heavy(event: Event) -> bool:
    """Whether it takes long to write: the events of a long range have thousands of shots, hits or beats."""
    match event:
        case Described(description):
            return _parts_of_description(description) > _LIGHT
        case Fitted(tempo_map):
            return _parts_of_map(tempo_map) > _LIGHT
        case TakeReady(take=take):
            points = 0 if take.speech_gain is None else len(take.speech_gain.points)
            return 2 * _parts_of_map(take.tempo_map) + points > _LIGHT  # what is heard at each hit is told besides
    return False


def _parts_of_description(description: Description) -> int:
    values = sum(len(curve.values) for curve in description.curves)
    return len(description.shots) + len(description.markers) + len(description.speech) + values // _SMALL


def _parts_of_map(tempo_map: TempoMap) -> int:
    return len(tempo_map.hits) + len(tempo_map.sections) + len(tempo_map.beats) // _SMALL
