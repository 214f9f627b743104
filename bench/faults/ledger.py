"""The ledger: what clients have seen of jobs, held against what the daemon says later."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from sonique.v1 import events_pb2

from bench.faults.calls import TERMINAL, kind


@dataclass
class Ledger:
    """Every event that any client has seen, by job and sequence number, and each breach of what a log promises.

    Safe to call from several threads.
    """

    seen: dict[str, dict[int, bytes]] = field(default_factory=dict)
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, event: events_pb2.JobEvent, after: int) -> None:
        """Notes one event that came right after event ``after`` of its job.

        Breaches: another number than the next one; other bytes than those seen before under that number; anything
        after the terminal event; a second terminal event.
        """
        data = event.SerializeToString(deterministic=True)
        with self._lock:
            if event.seq != after + 1:
                self.breaches.append(f"{event.job_id}: event {event.seq} came after event {after}")
            known = self.seen.setdefault(event.job_id, {}).setdefault(event.seq, data)
            if known != data:
                self.breaches.append(f"{event.job_id}: event {event.seq} was another before ({kind(event)})")
            self._note_end(event)

    def note_all(self, events: Iterable[events_pb2.JobEvent], after: int = 0) -> int:
        """Notes events as they come, the first one right after event ``after``; gives the last number."""
        for event in events:
            self.note(event, after)
            after = event.seq
        return after

    def _note_end(self, event: events_pb2.JobEvent) -> None:
        end = self.ends.get(event.job_id)
        if kind(event) in TERMINAL:
            if end is not None and end != (event.seq, kind(event)):
                self.breaches.append(f"{event.job_id}: ended twice, {end} and {(event.seq, kind(event))}")
            self.ends[event.job_id] = (event.seq, kind(event))
        elif end is not None and event.seq > end[0]:
            self.breaches.append(f"{event.job_id}: event {event.seq} came after its end")

    def verify(self, job_id: str, log: Iterable[events_pb2.JobEvent]) -> None:
        """Holds a whole log against what was seen: all of that must be in it, byte by byte, and no number missing."""
        last = self.note_all(log)
        lost = [number for number in self.seen.get(job_id, {}) if number > last]
        if lost:
            self.breach(f"{job_id}: events {min(lost)} to {max(lost)} were seen and are lost; the log ends at {last}")

    def breach(self, sentence: str) -> None:
        """Notes a breach that someone else found."""
        with self._lock:
            self.breaches.append(sentence)

    def tally(self) -> str:
        """How the jobs ended, in words."""
        counts = Counter(how for _, how in self.ends.values())
        return ", ".join(f"{count} {how}" for how, count in sorted(counts.items()))
