"""Stand-ins for the daemon, the machine and Blender: for tests of whatever uses these seams."""

import hashlib
import shutil
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .copying import copied
from .errors import BlenderError, Busy
from .gateway import (
    Begins,
    End,
    Ends,
    Gateway,
    Gone,
    MadeFile,
    MadeTake,
    Memory,
    Moves,
    Pending,
    Refused,
    Stage,
    Told,
    Unanswered,
    Unusable,
    Vocabulary,
    Word,
)
from .link import Caller, Launch
from .orders import Again, Order
from .placement import Placement
from .targets import Desk

Answer = TypeVar("Answer")


@dataclass
class FakeDaemon:
    """A daemon in memory: each poll of a job lets it say its next word.

    Attributes:
        store: folder for the takes' files.
        seconds: how much sound each take has.
        jobs: the words that each job has said.
        orders: what was ordered.
        refusals: what the next submissions are answered with.
        deaf: how many of the next calls go unanswered.
        alive: whether anybody answers.
    """

    store: Path
    seconds: float = 1.0
    jobs: dict[str, list[Word]] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    refusals: list[Refused] = field(default_factory=list)
    deaf: int = 0
    alive: bool = True
    release: str = "1.0"
    local: bool = True
    _paths: dict[tuple[str, str], Path] = field(default_factory=dict)
    _coming: dict[str, list[Word]] = field(default_factory=dict)
    _outcomes: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def submit(self, job_id: str, order: Order, seconds: float = 0.0) -> None:
        """Takes a job in; the same one again changes nothing."""
        self._answer(lambda: self._submitted(job_id, order), seconds, "submit", job_id, order)

    def poll(self, job_id: str, after_seq: int, seconds: float = 0.0) -> Told:
        """What it said, and one more word."""
        return self._answer(lambda: self._polled(job_id, after_seq), seconds, "poll", job_id, after_seq)

    def cancel(self, job_id: str, seconds: float = 0.0) -> None:
        """The job's next word is its last."""
        self._answer(lambda: self._cancelled(job_id), seconds, "cancel", job_id)

    def fetch(self, take_id: str, file: MadeFile, target: Path, seconds: float = 0.0) -> Path:
        """Copies the file, as the real one does."""
        return self._answer(lambda: self._fetched(take_id, file, target), seconds, "fetch", take_id, file, target)

    def memory(self, seconds: float = 0.0) -> Memory:
        """A hundred megabytes in one worker."""
        return self._answer(lambda: Memory(100 * 2**20, 1), seconds, "memory")

    def vocabulary(self, seconds: float = 0.0) -> Vocabulary:
        """A few words."""
        return self._answer(lambda: Vocabulary(("ambient", "jazz"), ("calm",), ("piano",)), seconds, "vocabulary")

    def free_memory(self, seconds: float = 0.0) -> None:
        """Nothing is held."""
        self._answer(lambda: None, seconds, "free memory")

    def close(self) -> None:
        """Nothing is open."""

    @property
    def running(self) -> list[str]:
        """Jobs that have not ended."""
        return [job for job, said in self.jobs.items() if not (said and isinstance(said[-1], Ends))]

    def greet(self) -> None:
        """Answers, unless it is deaf or gone."""
        if not self.alive:
            raise Gone
        if self.deaf > 0:
            self.deaf -= 1
            raise Unanswered

    def take_back(self, target: Path) -> None:
        """What a fetch to that target wrote whose answer nobody has heard is gone."""
        for call in [call for call in self._outcomes if call[0] == "fetch" and call[3] == target]:
            found = self._outcomes.pop(call)
            if isinstance(found, Path):
                found.unlink()

    def _answer(self, deed: Callable[[], Answer], seconds: float, *call: object) -> Answer:
        """Does it when it is first asked to; where there was no time to wait, the answer is there for the second."""
        if not self.alive:
            raise Gone
        if call not in self._outcomes:
            self._outcomes[call] = self._outcome(deed)
            if seconds <= 0:
                raise Pending
        found = self._outcomes.pop(call)
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]

    def _outcome(self, deed: Callable[[], object]) -> Any:
        try:
            self.greet()
            return deed()
        except (Unanswered, Refused, BlenderError) as failure:
            return failure

    def _submitted(self, job_id: str, order: Order) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        if job_id in self.jobs:
            if self.orders[job_id] != order:
                raise Refused(f"The job “{job_id}” is another one.", "JOB_EXISTS")
            return
        self.jobs[job_id], self.orders[job_id] = [], order
        self._coming[job_id] = list(self._words(job_id, order))

    def _polled(self, job_id: str, after_seq: int) -> Told:
        said = self._said(job_id)
        if self._coming[job_id]:
            said.append(self._coming[job_id].pop(0))
        return Told(tuple(said[after_seq:]), len(said))

    def _cancelled(self, job_id: str) -> None:
        said = self._said(job_id)
        if not (said and isinstance(said[-1], Ends)):
            self._coming[job_id] = [Ends(End.CANCELLED)]

    def _fetched(self, take_id: str, file: MadeFile, target: Path) -> Path:
        if (take_id, file.name) not in self._paths:
            raise Refused(f"There is no take “{take_id}” with “{file.name}”.", "TAKE_NOT_FOUND")
        return copied(self._paths[take_id, file.name], target, file.size, file.sha256)

    def _said(self, job_id: str) -> list[Word]:
        if job_id not in self.jobs:
            raise Refused(f"There is no job “{job_id}”.", "JOB_NOT_FOUND")
        return self.jobs[job_id]

    def _words(self, job_id: str, order: Order) -> Iterable[Word]:
        first = Stage.GENERATE if isinstance(order, Again) else Stage.DESCRIBE
        yield Begins(first)
        for number in range(order.wishes.takes):
            several = order.wishes.takes > 1
            yield Begins(Stage.GENERATE, which=f", take {number + 1} of {order.wishes.takes}" if several else "")
            yield Moves(Stage.GENERATE, 0.5, 3.0)
            yield self._take(f"{job_id}-{number}", order.wishes.seed + number, stems=order.wishes.stems)
        yield Ends(End.DONE)

    def _take(self, take_id: str, seed: int, *, stems: bool) -> MadeTake:
        names = ("mix", "drums", "bass") if stems else ("mix",)
        return MadeTake(take_id, seed, "composer", tuple(self._file(take_id, name) for name in names))

    def _file(self, take_id: str, name: str) -> MadeFile:
        data = silence(self.seconds)
        path = self.store / f"{take_id}-{name}.wav"
        path.write_bytes(data)
        self._paths[take_id, name] = path
        return MadeFile(name, len(data), hashlib.sha256(data).hexdigest())


@dataclass
class FakeDoors:
    """A machine on which a daemon runs, or may be started.

    Attributes:
        daemon: it.
        running: whether it runs; its process ends where this is set to False.
        startable: whether one can be started; a sentence that says why not.
        stillborn: why one that is started ends before it listens; "" where it does not.
        refuses: why it cannot be used; "" where it can.
        starts: how often one was started.
        hired: whether somebody is there who can call it.
        generation: counts its processes.
    """

    daemon: FakeDaemon
    running: bool = True
    startable: str = ""
    stillborn: str = ""
    refuses: str = ""
    starts: int = 0
    hired: bool = True
    generation: int = 1

    def hire(self) -> bool:
        """Has somebody there."""
        new, self.hired = not self.hired, True
        return new

    def dismiss(self) -> None:
        """Lets whoever is there go."""
        self.hired = False

    def there(self) -> str | None:
        """Which process runs."""
        return f"process {self.generation}" if self.running else None

    def start(self) -> Launch:
        """Starts one, which listens at the second look."""
        if self.running:
            raise AssertionError("a daemon was started beside one that lives")
        if self.startable:
            raise Unusable(self.startable)
        self.starts += 1
        return _FakeLaunch(self)

    def discard(self, folder: Path) -> bool:
        """Removes it."""
        if self.hired:
            shutil.rmtree(folder)
        return self.hired

    def take_back(self, target: Path) -> bool:
        """Removes what was fetched there last."""
        if self.hired:
            self.daemon.take_back(target)
        return self.hired

    def call(self) -> Caller:
        """Calls it."""
        if not self.hired:
            raise Unusable("Nobody speaks to the daemon; press Start.")
        return _FakeCaller(self)


@dataclass
class _FakeLaunch:
    doors: FakeDoors
    looks: int = 0

    def look(self) -> bool:
        """It listens at the second look."""
        self.looks += 1
        if self.doors.stillborn:
            raise Unusable(self.doors.stillborn)
        if self.looks > 1:
            self.doors.running = self.doors.daemon.alive = True
            self.doors.generation += 1
        return self.looks > 1


@dataclass
class _FakeCaller:
    doors: FakeDoors

    def greeted(self) -> Gateway | None:
        """The daemon, unless it is deaf."""
        if self.doors.refuses:
            raise Unusable(self.doors.refuses)
        self.doors.daemon.greet()
        return self.doors.daemon

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeBlender:
    """Blender with scenes and what was placed in them.

    Attributes:
        open_desk: what lies open.
        placed: scene's session id, the strip that was swapped or "", and what was placed.
        busy: whether it renders.
        refuses: why nothing can be placed, or None.
        meanwhile: what happens in Blender before each step of placing.
        steps: in how many of them music is placed.
        half: what stands there unfinished, as in ``placed``.
    """

    open_desk: Desk = field(default_factory=lambda: Desk(1, "", (("Scene", 11),)))
    placed: list[tuple[int, str, Placement]] = field(default_factory=list)
    busy: bool = False
    refuses: BlenderError | None = None
    meanwhile: Callable[[], None] = lambda: None
    steps: int = 1
    half: list[tuple[int, str, Placement]] = field(default_factory=list)

    def desk(self) -> Desk:
        """What lies open."""
        return self.open_desk

    def free(self) -> bool:
        """Whether it may be touched."""
        return not self.busy

    def begin(self, scene_uid: int, strip: str, placement: Placement) -> "FakePlacing":
        """Begins."""
        return FakePlacing(self, (scene_uid, strip, placement))


@dataclass
class FakePlacing:
    """Music on its way into a ``FakeBlender``."""

    blender: FakeBlender
    music: tuple[int, str, Placement]
    _taken: int = 0

    def step(self) -> bool:
        """Stands there unfinished from the first step on, and is remembered at the last."""
        self.blender.meanwhile()
        if self.blender.busy:
            raise Busy("Blender renders.")
        self.blender.half = []
        if self.blender.refuses is not None:
            raise self.blender.refuses
        self._taken += 1
        if self._taken < self.blender.steps:
            self.blender.half = [self.music]
            return False
        self.blender.placed.append(self.music)
        return True

    def stop(self) -> None:
        """Nothing stands there any more."""
        self.blender.half = []


def silence(seconds: float) -> bytes:
    """A WAV file: stereo, 24 bits, 48 kHz."""
    sound = bytes(round(seconds * 48_000) * 6)
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, 48_000, 288_000, 6, 24)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", len(body)) + body
