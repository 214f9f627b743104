"""The assembly: the chain with its engines, its store and its rules about media, put together once for a daemon."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.engines.registry import Registry, embedded
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.cue import CueMaker, Recipe
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.probe import probe
from sonique_daemon.timeline.roots import Roots
from sonique_daemon.workers.executor import ThreadExecutor

_UPLOAD = re.compile(r'"sonique-upload:([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a daemon runs jobs with."""

    chain: Chain
    registry: Registry

    def warm(self) -> None:
        """Makes every engine of the profile ready, so that the first job finds its libraries imported."""
        self.registry.descriptors()


def assemble(store: Path, media_roots: tuple[Path, ...], encode_recipe: Recipe) -> Assembly:
    """Puts the chain together.

    Args:
        store: the daemon's folder for takes, uploads and audio on its way; made where it is not there.
        media_roots: folders under which media may be opened besides the user's home and the mounted volumes.
        encode_recipe: turns a job for one take into the bytes that its files carry.
    """
    registry = embedded()
    executor = ThreadExecutor(registry)
    cues = CueMaker(
        executor=executor,
        descriptor=lambda name: registry.generate_engine(name).descriptor,
        takes=_folder(store, "takes"),
        scratch=_folder(store, "scratch"),
        recipe=encode_recipe,
    )
    reader = TimelineReader(_folder(store, "uploads"), media_roots)
    return Assembly(Chain(executor, cues, reader.read), registry)


@dataclass(frozen=True, slots=True)
class TimelineReader:
    """Reads timelines under one daemon's rules about media.

    Attributes:
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the defaults.
    """

    uploads: Path
    media_roots: tuple[Path, ...]

    def read(self, timeline: Timeline) -> Picture:
        """The picture that ``timeline`` asks for; raises what ``conform`` raises."""
        roots = Roots.default().including((*self.media_roots, self.uploads))
        otio = _UPLOAD.sub(self._uploaded, timeline.otio)
        return conform(replace(timeline, otio=otio), MediaLocator.for_request(timeline, roots), probe)

    def _uploaded(self, match: re.Match[str]) -> str:
        return json.dumps(str(self.uploads / match[1]))


def _folder(store: Path, name: str) -> Path:
    folder = store / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
