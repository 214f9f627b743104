"""Fixtures of the whole folder.

``wav(seconds, ...)``  writes a WAV file below tmp_path and answers its path: sound to import, or that was scored.
``cutting_room(...)``  makes a fake Resolve: any of ``Settings``' fields; its timeline holds ten seconds of one film
                       with linked sound, and nothing is marked. Answers the ``World``; what a script gets is
                       ``world.resolve``, what this client gets is ``FakeDesk(world)``.
``shoot(name, ...)``    makes a real film: grey frames that grow lighter, with sound where it is wanted.
``score(world, ...)``  places one cue of so many frames on a world's timeline, from a frame on.
``desk_of(world)``     a desk on a world, through one bridge after the other: the test runs once for each.
``live(world)``        the live objects of a world by their common names: ``project``, ``pool``, ``timeline``...
"""

import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from sonique_resolve.calls import Desk
from sonique_resolve.fake import FakeDesk, Settings, World
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.placer import place
from sonique_resolve.reader import read
from sonique_resolve.timeline import TimelineRange

from tests.resolve.bridge_desks import DESKS

FILM_SECONDS = 10


@pytest.fixture
def wav(tmp_path: Path) -> Callable[..., Path]:
    def write(
        seconds: float | Fraction, *, name: str = "music.wav", channels: int = 2, sample_rate: int = 48_000
    ) -> Path:
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(sample_rate)
            file.writeframes(bytes(2 * channels * round(seconds * sample_rate)))
        return path

    return write


@pytest.fixture
def cutting_room() -> Callable[..., World]:
    def make(**settings: Any) -> World:
        world = World(Settings(**settings))
        frames = int(FILM_SECONDS * world.timeline.clock.fps)
        film = world.film("/films/edit.mov", frames=2 * frames)
        world.put(film, at=0, frames=frames, kind="both")
        return world

    return make


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, frames: int, rate: Fraction | int = 24, *, sound: bool = False, timecode: str = "") -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            if timecode:
                container.metadata["timecode"] = timecode
            video = container.add_stream("mpeg4", rate=Fraction(rate))
            video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
            audio = container.add_stream("pcm_s16le", rate=48_000, layout="mono") if sound else None
            for index in range(frames):
                image = np.full((90, 160, 3), index * 200 // frames + 20, np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(video.encode(None))
            if audio is not None:
                tone = (np.sin(np.arange(int(frames / rate * 48_000)) * 0.05) * 9000).astype(np.int16)[None]
                block = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
                block.sample_rate = 48_000
                container.mux(audio.encode(block))
                container.mux(audio.encode(None))
        return path

    return make


@pytest.fixture
def score(wav: Callable[..., Path]) -> Callable[..., Placed]:
    def make(world: World, at: int = 48, frames: int = 96, *, job: str = "job1", **more: Any) -> Placed:
        desk = FakeDesk(world)
        timeline = read(desk)
        seconds = frames / timeline.rate.fps + Fraction(1, 5)
        take = Take(wav(seconds, name=f"cue [{job}].wav"), seed=7)
        span = TimelineRange(timeline.start_frame + at, frames)
        return place(desk, timeline, Placement(span, (take,), job, **more))

    return make


@pytest.fixture(params=DESKS)
def desk_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[World], Desk]]:
    make = DESKS[request.param]
    folder = tmp_path / "bridge"
    folder.mkdir()
    with ExitStack() as stack:

        def open_desk(world: World) -> Desk:
            desk: Desk = make(world, folder)
            stack.callback(desk.close)
            return desk

        yield open_desk


@dataclass(frozen=True)
class Live:
    """The live objects of a world."""

    world: World
    resolve: Any = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "resolve", self.world.resolve)

    @property
    def projects(self) -> Any:
        return self.resolve.GetProjectManager()

    @property
    def project(self) -> Any:
        return self.projects.GetCurrentProject()

    @property
    def pool(self) -> Any:
        return self.project.GetMediaPool()

    @property
    def timeline(self) -> Any:
        return self.project.GetCurrentTimeline()

    def brought(self, path: Path) -> Any:
        """The one file, imported."""
        (item,) = self.pool.ImportMedia([str(path)])
        return item

    def add_track(self, subtype: str = "stereo") -> int:
        """A new audio track's number."""
        assert self.timeline.AddTrack("audio", subtype)
        count = self.timeline.GetTrackCount("audio")
        assert isinstance(count, int)
        return count

    def append(self, media: Any, track: int, record: float, frames: float) -> Any:
        """One append of the first ``frames`` source frames, their end exclusive, at an absolute record frame."""
        entry = {"mediaPoolItem": media, "startFrame": 0, "endFrame": frames, "mediaType": 2}
        return self.pool.AppendToTimeline([entry | {"trackIndex": track, "recordFrame": record}])

    def on_track(self, number: int) -> list[tuple[int, int]]:
        """Start and duration of what stands on an audio track."""
        items = self.timeline.GetItemListInTrack("audio", number)
        return [(item.GetStart(), item.GetDuration()) for item in items]


@pytest.fixture
def live() -> Callable[[World], Live]:
    return Live
