"""A small workbench: OTIO pieces by short names, files that stand for media, and a probe that knows them."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import MediaUnreadable
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.probe import MediaInfo
from sonique_daemon.timeline.roots import Roots


def frames(first: float, count: float, rate: float = 24) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(count, rate))


@dataclass
class Bench:
    """Builds timelines over stand-in media and conforms them."""

    folder: Path
    known: dict[Path, MediaInfo] = field(default_factory=dict)

    def media(self, name: str, duration: float = 100, rate: float = 24, **facts: Any) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        held = {"start_timecode": None, "has_picture": True, "has_sound": False, **facts}
        self.known[path] = MediaInfo(path, Fraction(duration), Fraction(rate), 160, 90, rotation=0, **held)
        return str(path)

    def probe(self, path: Path) -> MediaInfo:
        if path not in self.known:
            raise MediaUnreadable(f"“{path.name}” is not a video that can be read.")
        return self.known[path]

    def clip(self, name: str, first: float = 0, count: float = 24, rate: float = 24, **more: Any) -> Any:
        """A clip of ``count`` frames from media ``name``, which is made where it is new."""
        path = self.folder / f"{name}.mov"
        if path not in self.known:
            self.media(path.name)
        reference = otio.schema.ExternalReference(str(path), more.pop("available", None))
        enabled = more.pop("enabled", True)
        clip = otio.schema.Clip(name, reference, frames(first, count, rate), **more)
        clip.enabled = enabled
        return clip

    def frames(self, first: float, count: float, rate: float = 24) -> Any:
        return frames(first, count, rate)

    def told(self, picture: Picture) -> list[tuple[str, float, float]]:
        """The shots as (name, start, end) in seconds."""
        return [(shot.name, float(shot.record.start), float(shot.record.end)) for shot in picture.shots]

    def gap(self, count: float, rate: float = 24) -> Any:
        return otio.schema.Gap(source_range=frames(0, count, rate))

    def dissolve(self, before: float, after: float, rate: float = 24) -> Any:
        offsets = (otio.opentime.RationalTime(count, rate) for count in (before, after))
        return otio.schema.Transition("", otio.schema.TransitionTypes.SMPTE_Dissolve, *offsets)

    def track(self, *items: Any, **more: Any) -> Any:
        return otio.schema.Track(children=list(items), **more)

    def timeline(self, *tracks: Any, start: Any = None) -> Any:
        timeline = otio.schema.Timeline("edit", global_start_time=start)
        timeline.tracks.extend(list(tracks))
        return timeline

    def conform(self, *tracks: Any, within: TimeRange | None = None, text: str = "", start: Any = None) -> Picture:
        return self.conform_document(self.timeline(*tracks, start=start), within=within, text=text)

    def conform_document(self, document: Any, within: TimeRange | None = None, text: str = "") -> Picture:
        request = Timeline(document.to_json_string(), within, text, str(self.folder))
        return conform(request, MediaLocator.for_request(request, Roots(())), self.probe)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """One for all examples of a property."""
    return Bench(tmp_path_factory.mktemp("media"))
