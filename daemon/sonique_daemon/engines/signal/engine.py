"""The signal engine: describes a picture by measuring it. It needs no model, and claims to recognise nothing."""

import queue
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from fractions import Fraction

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.engines.engine import DescribeRequest, Descriptor, Report
from sonique_daemon.engines.signal.curves import draw_curves
from sonique_daemon.engines.signal.cutting import cut_shot
from sonique_daemon.engines.signal.glimpses import glimpse_shots
from sonique_daemon.engines.signal.portrait import describe_shot
from sonique_daemon.engines.signal.views import Views, source_span
from sonique_daemon.engines.signal.wording import summary
from sonique_daemon.errors import Cancelled, NothingToSee
from sonique_daemon.timeline.soundtrack import Soundtrack, hear

_LOOKERS = 2
_PATIENCE = 0.05
_UNIT = "seconds of picture"


class SignalEngine:
    """The embedded describe engine; see ``engine.DescribeEngine``."""

    descriptor = Descriptor(
        name="signal",
        stage=Stage.DESCRIBE,
        summary="Measures shots, motion, light, colour, pace and speech, and writes what it measured as sentences.",
        licence="GPL-3.0-or-later",
        version="1",
        memory_bytes=250_000_000,
    )

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """Describes; raises ``NothingToSee`` where nothing at all could be read.

        Decoding goes on in threads of its own; ``report`` is spoken to from the caller's thread alone.
        """
        report.check()
        desk = _Desk(request.picture, report)
        with ThreadPoolExecutor(_LOOKERS + 1) as pool:
            try:
                hearing = pool.submit(hear, request.picture, desk.warnings.append, desk.check)
                if request.detect_cuts:
                    desk.follow([pool.submit(_cut_all, request.picture.shots, desk)])
                else:
                    desk.follow([pool.submit(_look_at, share, desk) for share in _shares(request.picture.shots)])
                soundtrack = desk.wait_for(hearing)
            finally:
                desk.stopped.set()
        return desk.description(soundtrack)


@dataclass(slots=True)
class _Desk:
    """Where what the threads see comes together, in order, and is told to the report.

    Attributes:
        picture: what is described.
        report: spoken to from the engine's thread alone.
        stopped: set where the threads are to stop.
        arrivals: views of each shot of the picture by its number, as they come; or seconds done, with no views.
        warnings: what the soundtrack could not read.
        views: of every shot told so far, in order.
        shots: their descriptions.
    """

    picture: Picture
    report: Report
    stopped: threading.Event = field(default_factory=threading.Event)
    arrivals: "queue.Queue[tuple[int, Fraction, list[Views]]]" = field(default_factory=queue.Queue)
    warnings: list[str] = field(default_factory=list)
    views: list[Views] = field(default_factory=list)
    shots: list[ShotDescription] = field(default_factory=list)
    _waiting: dict[int, list[Views]] = field(default_factory=dict)
    _next: int = 0
    _done: Fraction = Fraction(0)
    _told: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Ends a thread where the engine stopped."""
        if self.stopped.is_set():
            raise Cancelled

    def follow(self, futures: "list[Future[None]]") -> None:
        """Tells the report what arrives until the threads have ended."""
        while True:
            ended = all(future.done() for future in futures)
            self._receive()
            if ended and self.arrivals.empty():
                break
            self.report.check()
        for future in futures:
            future.result()

    def wait_for(self, hearing: "Future[Soundtrack]") -> Soundtrack:
        """The soundtrack, once it is heard."""
        while not wait([hearing], _PATIENCE).done:
            self.report.check()
        soundtrack = hearing.result()
        for sentence in self.warnings:
            self._warn(sentence)
        return soundtrack

    def description(self, soundtrack: Soundtrack) -> Description:
        """All of it together.

        Raises:
            NothingToSee: there is footage, and none of it could be read.
        """
        picture = self.picture
        if not any(views.seen for views in self.views):
            raise NothingToSee(
                f"Nothing of “{picture.name or 'the range'}” could be read; "
                "check that its clips are online and play, or choose another range."
            )
        talk = float(sum(span.duration for span in soundtrack.speech))
        return Description(
            duration=picture.duration,
            summary=summary(self.shots, float(picture.duration), talk),
            shots=tuple(self.shots),
            curves=draw_curves(picture, self.views, soundtrack),
            markers=picture.markers,
            speech=soundtrack.speech,
            loudness_lufs=soundtrack.loudness_lufs,
            rate=picture.rate,
        )

    def _receive(self) -> None:
        try:
            index, seconds, views = self.arrivals.get(timeout=_PATIENCE)
        except queue.Empty:
            return
        self._done = min(self._done + seconds, self.picture.duration)
        if views:
            self._waiting[index] = views
        while self._next in self._waiting:
            for each in self._waiting.pop(self._next):
                self._tell(each)
            self._next += 1
        self.report.progress(float(self._done), float(self.picture.duration), _UNIT)

    def _tell(self, views: Views) -> None:
        if views.complaint:
            self._warn(views.complaint)
        before = self.shots[-1] if self.shots else None
        previous = self.views[-1] if self.views else None
        self.shots.append(describe_shot(views, before, previous, len(self.shots)))
        self.views.append(views)
        self.report.shot(len(self.shots) - 1, self.shots[-1])

    def _warn(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.report.warn(sentence)


def _cut_all(shots: Iterable[Shot], desk: _Desk) -> None:
    """Cuts every shot into what it is made of, in order."""
    for index, shot in enumerate(shots):
        done = _Done(index, desk)
        views = cut_shot(shot, desk.check, done.until)
        desk.arrivals.put((index, shot.record.duration - done.seconds, views))


def _look_at(shots: Iterable[tuple[int, Shot]], desk: _Desk) -> None:
    """Glimpses into shots whose cuts are known."""
    for index, views in glimpse_shots(shots, desk.check):
        desk.arrivals.put((index, views.shot.record.duration, [views]))


@dataclass(slots=True)
class _Done:
    """How much of one shot is done, told onwards as it grows."""

    index: int
    desk: _Desk
    seconds: Fraction = Fraction(0)

    def until(self, seconds: Fraction) -> None:
        """So many record seconds of the shot are done."""
        if seconds > self.seconds:
            self.desk.arrivals.put((self.index, seconds - self.seconds, []))
            self.seconds = seconds


def _shares(shots: Iterable[Shot]) -> list[list[tuple[int, Shot]]]:
    """The shots with their numbers, in the order of their media, dealt to the threads in runs."""
    ordered = sorted(enumerate(shots), key=_place)
    size = -(-len(ordered) // _LOOKERS) or 1
    return [ordered[at : at + size] for at in range(0, len(ordered), size)]


def _place(numbered: tuple[int, Shot]) -> tuple[str, Fraction, int]:
    index, shot = numbered
    return (shot.source.path if shot.source is not None else "", source_span(shot)[0], index)
