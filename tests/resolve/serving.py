"""A real server of the daemon's whose jobs are scripts, and what a session with it told."""

import asyncio
import os
import struct
import threading
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from sonique.runtime_file import CONTRACT, RuntimeFile
from sonique.v1.events_pb2 import JobEvent
from sonique_daemon.domain.events import Stage, TakeReady, Warned
from sonique_daemon.domain.request import Job, ScoreJob
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import sample_count
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.errors import EngineNotFound
from sonique_daemon.jobs.runner import FakeRunner, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.server.activity import Activity
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.ending import Ending
from sonique_daemon.server.server import Parts, build
from sonique_daemon.server.uploads import Uploads
from sonique_daemon.timeline.roots import Roots
from sonique_resolve.fake import World
from sonique_resolve.session import Display

Room = Callable[..., World]
STEMS = ("drums", "bass", "lead")


class NoEngines:
    """A catalogue and a pool without engines and workers."""

    def descriptors(self) -> tuple[Descriptor, ...]:
        return ()

    def descriptor(self, stage: Stage, name: str) -> Descriptor:
        raise EngineNotFound(f"No engine “{name}” can {stage}.")

    def workers(self) -> tuple[()]:
        return ()

    def loaded(self, descriptor: Descriptor) -> bool:
        return bool(descriptor.name)

    def load(self, descriptor: Descriptor) -> None:
        raise EngineNotFound(descriptor.name)

    unload = load


@dataclass
class Served:
    """A running server; its jobs do what ``before`` says and then make their takes."""

    folder: Path
    before: Callable[[Job], Iterable[Step]] = lambda _: ()
    jobs: list[ScoreJob] = field(default_factory=list)
    runtime: RuntimeFile = field(default_factory=lambda: RuntimeFile("", "", "token", os.getpid(), "1.0", CONTRACT))
    ending: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def play(self, job: Job) -> Iterable[Step]:
        assert isinstance(job, ScoreJob)
        self.jobs.append(job)
        yield Warned("It begins.")
        yield from self.before(job)
        for number in range(job.takes):
            yield TakeReady(number, self.take(job, number))

    def take(self, job: ScoreJob, number: int) -> Take:
        """A take as a real one would be: padded to whole frames."""
        wanted, rate = job.timeline.range, job.delivery.pad_to_frames
        assert wanted is not None
        assert rate is not None
        samples = sample_count(wanted.duration)
        names = ("mix", *(STEMS if job.delivery.stems else ()))
        files = tuple(self.file(name, samples, number) for name in names)
        grid = TempoMap(wanted.duration, (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
        return Take(
            f"take-{len(self.jobs)}-{number}",
            job.seed + number,
            "composer",
            samples,
            files,
            grid,
            Measures(-20.0, -1.5),
        )

    def file(self, name: str, samples: int, number: int) -> TakeFile:
        audio = self.folder / "store" / "audio"
        audio.mkdir(mode=0o700, parents=True, exist_ok=True)
        body = struct.pack("<h", 1 + number + len(name)) * 2 * samples
        scratch = audio / "scratch.wav"
        with wave.open(str(scratch), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes(body)
        digest = sha256(scratch.read_bytes()).hexdigest()
        path = scratch.rename(audio / f"{digest}.wav")
        return TakeFile(name, FileKind.WAV, path, path.stat().st_size, digest)

    async def serve(self, kept: Store, ready: threading.Event) -> None:
        jobs = JobService(FakeRunner(self.play), kept)
        identity = Identity("1.0", self.folder, (self.folder,), self.folder / "a.log", 10**9, 10**9)
        uploads, roots, nobody = Uploads(kept.uploads), Roots((self.folder,)), NoEngines()
        parts = Parts(("token",), identity, jobs, kept, uploads, roots, nobody, nobody, Ending(1.0), Activity())
        server = (await build(parts)).server
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        self.runtime = replace(self.runtime, address=f"127.0.0.1:{port}")
        ready.set()
        await asyncio.to_thread(self.ending.wait)
        await server.stop(0.2)
        self.ended.set()
        await jobs.close()


@dataclass
class Watching:
    """What a session told."""

    said: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    worked: dict[str, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def display(self) -> Display:
        def show(event: JobEvent) -> None:
            self.events.append(str(event.WhichOneof("event")))

        return Display(
            say=self.said.append,
            show=show,
            chosen=lambda _, chosen: self.chosen.append(chosen.sentence),
            cancelled=self.stop.is_set,
            working=self.worked.__setitem__,
        )


def standing(world: World) -> dict[str, list[tuple[int, int]]]:
    """Start and length of what stands on each of our tracks."""
    start = world.timeline.start_frame
    own = [track for track in world.timeline.tracks["audio"] if track.name.startswith("Sonique")]
    return {track.name: [(item.start - start, item.frames) for item in track.items] for track in own}
