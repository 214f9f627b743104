"""The desk: where what the engine's threads see and hear comes together, in order, and is told to the report."""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.picture import Picture
from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.signal.curves import draw_curves
from sonique_daemon.engines.signal.notes import shot_note, sound_note
from sonique_daemon.engines.signal.portrait import describe_shot
from sonique_daemon.engines.signal.views import Piece, Views, views_of
from sonique_daemon.engines.signal.wording import summary
from sonique_daemon.errors import Cancelled, NothingToSee
from sonique_daemon.timeline.listening import Hearing
from sonique_daemon.timeline.soundtrack import Soundtrack, mixed, unheard

_PATIENCE = 0.05
_UNIT = "seconds of picture"


@dataclass(slots=True)
class Desk:
    """Takes what the threads bring, from any thread; speaks to the report from that of ``follow`` alone.

    Attributes:
        picture: what is described.
        report: is told of it.
        stopped: set where the threads are to stop.
    """

    picture: Picture
    report: Report
    stopped: threading.Event = field(default_factory=threading.Event)
    _arrivals: "queue.SimpleQueue[Callable[[], None]]" = field(default_factory=queue.SimpleQueue)
    _waiting: dict[int, list[Views]] = field(default_factory=dict)
    _hearings: dict[int, Hearing | None] = field(default_factory=dict)
    _views: list[Views] = field(default_factory=list)
    _shots: list[ShotDescription] = field(default_factory=list)
    _next: int = 0
    _done: Fraction = Fraction(0)
    _told: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Ends a thread where the engine stopped."""
        if self.stopped.is_set():
            raise Cancelled

    def know(self, shots: Mapping[int, Sequence[Piece]], sounds: Mapping[int, Hearing]) -> None:
        """Takes what was known before anybody looked."""
        for index, pieces in shots.items():
            self._arrivals.put(partial(self._place, index, pieces, self.picture.shots[index].record.duration))
        self._hearings.update(sounds)

    def bring_seconds(self, seconds: Fraction) -> None:
        """So many seconds more of the picture are done."""
        self._arrivals.put(partial(self._count, seconds))

    def bring_shot(self, index: int, pieces: Sequence[Piece], seconds: Fraction) -> None:
        """What was seen of shot ``index``, of which ``seconds`` were not counted yet."""
        self._arrivals.put(partial(self._note_shot, index, pieces))
        self._arrivals.put(partial(self._place, index, pieces, seconds))

    def bring_sound(self, index: int, hearing: Hearing | None) -> None:
        """What was heard of sound clip ``index``; None where it could not be read."""
        self._arrivals.put(partial(self._hear, index, hearing))

    def follow(self, futures: "Sequence[Future[None]]") -> None:
        """Tells the report what arrives until the threads have ended."""
        for future in futures:
            future.add_done_callback(lambda _: self._arrivals.put(_wake))
        while not (all(future.done() for future in futures) and self._arrivals.empty()):
            with suppress(queue.Empty):
                self._arrivals.get(timeout=_PATIENCE)()
            self.report.check()
        for future in futures:
            future.result()

    def description(self) -> Description:
        """All of it together.

        Raises:
            NothingToSee: there is footage, and none of it could be read.
        """
        picture, soundtrack = self.picture, self._soundtrack()
        if any(shot.source for shot in picture.shots) and not any(views.seen for views in self._views):
            raise NothingToSee(
                f"Nothing of “{picture.name or 'the range'}” could be read; "
                "check that its clips are online and play, or choose another range."
            )
        talk = float(sum(span.duration for span in soundtrack.speech))
        return Description(
            duration=picture.duration,
            summary=summary(self._shots, float(picture.duration), talk),
            shots=tuple(self._shots),
            curves=draw_curves(picture, self._views, soundtrack),
            markers=picture.markers,
            speech=soundtrack.speech,
            loudness_lufs=soundtrack.loudness_lufs,
            rate=picture.rate,
            drop_frame=picture.drop_frame,
        )

    def _soundtrack(self) -> Soundtrack:
        heard = []
        for index, clip in enumerate(self.picture.sound):
            hearing = self._hearings[index]
            if hearing is None:
                self._warn(unheard(clip))
            else:
                heard.append((clip, hearing))
        return mixed(self.picture.duration, heard)

    def _count(self, seconds: Fraction) -> None:
        self._done = min(self._done + seconds, self.picture.duration)
        self.report.progress(float(self._done), float(self.picture.duration), _UNIT)

    def _note_shot(self, index: int, pieces: Sequence[Piece]) -> None:
        """Has the shot known the next time; what was not read in full may be readable then."""
        if self.picture.shots[index].source is not None and not any(piece.impression.complaint for piece in pieces):
            self.report.note(shot_note(index, pieces))

    def _hear(self, index: int, hearing: Hearing | None) -> None:
        self._hearings[index] = hearing
        if hearing is not None:
            self.report.note(sound_note(index, hearing))

    def _place(self, index: int, pieces: Sequence[Piece], seconds: Fraction) -> None:
        self._waiting[index] = views_of(self.picture.shots[index], pieces)
        while self._next in self._waiting:
            for each in self._waiting.pop(self._next):
                self._tell(each)
            self._next += 1
        self._count(seconds)

    def _tell(self, views: Views) -> None:
        if views.complaint:
            self._warn(views.complaint)
        before = self._shots[-1] if self._shots else None
        previous = self._views[-1] if self._views else None
        self._shots.append(describe_shot(views, before, previous, len(self._shots)))
        self._views.append(views)
        self.report.shot(len(self._shots) - 1, self._shots[-1])

    def _warn(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.report.warn(sentence)


def _wake() -> None:
    """Does nothing but end a wait."""
