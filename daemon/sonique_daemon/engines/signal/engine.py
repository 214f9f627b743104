"""The signal engine: describes a picture by measuring it. It needs no model, and claims to recognise nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.picture import Shot, SoundClip
from sonique_daemon.engines.embedded import SIGNAL
from sonique_daemon.engines.engine import DescribeRequest, Report
from sonique_daemon.engines.signal.cutting import cut_shot
from sonique_daemon.engines.signal.desk import Desk
from sonique_daemon.engines.signal.glimpses import glimpse_shots
from sonique_daemon.engines.signal.notes import noted_shots, noted_sounds
from sonique_daemon.engines.signal.views import pieces_of, source_span
from sonique_daemon.timeline.listening import listen_each

_LOOKERS = 2

Item = TypeVar("Item")
Known = TypeVar("Known")


class SignalEngine:
    """The embedded describe engine; see ``engine.DescribeEngine``."""

    descriptor = SIGNAL

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """Describes; raises ``NothingToSee`` where nothing at all could be read.

        What is known is taken from the notes, and no media is opened for it. Decoding goes on in threads of its own;
        ``report`` is spoken to from the caller's thread alone.
        """
        report.check()
        desk = Desk(request.picture, report)
        seen, heard = noted_shots(request.known), noted_sounds(request.known)
        shots = list(_unknown(request.picture.shots, seen))
        with ThreadPoolExecutor(_LOOKERS + 1) as pool:
            try:
                desk.know(seen, heard)
                futures = [pool.submit(_hear_all, list(_unknown(request.picture.sound, heard)), desk)]
                if request.detect_cuts:
                    futures.append(pool.submit(_cut_all, shots, desk))
                else:
                    futures += [pool.submit(_look_at, share, desk) for share in _shares(shots)]
                desk.follow(futures)
            finally:
                desk.stopped.set()
        return desk.description()


def _unknown(items: Iterable[Item], known: Mapping[int, Known]) -> Iterator[tuple[int, Item]]:
    return (numbered for numbered in enumerate(items) if numbered[0] not in known)


def _cut_all(shots: Iterable[tuple[int, Shot]], desk: Desk) -> None:
    """Cuts every shot into what it is made of, in order."""
    for index, shot in shots:
        done = _Done(desk)
        pieces = cut_shot(shot, desk.check, done.until)
        desk.bring_shot(index, pieces, shot.record.duration - done.seconds)


def _look_at(shots: Iterable[tuple[int, Shot]], desk: Desk) -> None:
    """Glimpses into shots whose cuts are known."""
    numbered = dict(shots)
    for index, impression in glimpse_shots(numbered.items(), desk.check):
        shot = numbered[index]
        desk.bring_shot(index, pieces_of(shot, impression), shot.record.duration)


def _hear_all(clips: Iterable[tuple[int, SoundClip]], desk: Desk) -> None:
    """Listens to every clip."""
    for index, hearing in listen_each(clips, desk.check):
        desk.bring_sound(index, hearing)


@dataclass(slots=True)
class _Done:
    """How much of one shot is done, told onwards as it grows."""

    desk: Desk
    seconds: Fraction = Fraction(0)

    def until(self, seconds: Fraction) -> None:
        """So many record seconds of the shot are done."""
        if seconds > self.seconds:
            self.desk.bring_seconds(seconds - self.seconds)
            self.seconds = seconds


def _shares(shots: Collection[tuple[int, Shot]]) -> list[list[tuple[int, Shot]]]:
    """The shots with their numbers, in the order of their media, dealt to the threads in runs."""
    ordered = sorted(shots, key=_place)
    size = -(-len(ordered) // _LOOKERS) or 1
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _place(numbered: tuple[int, Shot]) -> tuple[str, Fraction, int]:
    index, shot = numbered
    return (shot.source.path if shot.source is not None else "", source_span(shot)[0], index)
