"""The reader: a timeline becomes a picture under one daemon's rules about media."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.upload import SCHEME, upload_path
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.media import no_check
from sonique_daemon.timeline.probe import MediaInfo, ProbeMemory
from sonique_daemon.timeline.roots import Roots

_UPLOAD = re.compile(rf'"({SCHEME}[0-9a-f]{{64}})"')
_PROBE = ProbeMemory()
"""Of this process: an editor asks for the same media again and again."""


@dataclass(frozen=True, slots=True)
class TimelineReader:
    """Reads timelines.

    Attributes:
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the defaults.
    """

    uploads: Path
    media_roots: tuple[Path, ...]

    def read(self, timeline: Timeline, check: Callable[[], None] = no_check) -> Picture:
        """The picture that ``timeline`` asks for.

        Args:
            timeline: the document and the range.
            check: called before each file is looked at, and each folder where media is searched by name; what it raises
                ends the reading.

        Raises:
            SoniqueError: what ``conform`` raises.
        """

        def probe(path: Path) -> MediaInfo:
            check()
            return _PROBE(path)

        roots = Roots.default().including((*self.media_roots, self.uploads))
        otio = _UPLOAD.sub(self._uploaded, timeline.otio)
        return conform(replace(timeline, otio=otio), MediaLocator.for_request(timeline, roots, check), probe)

    def _uploaded(self, match: re.Match[str]) -> str:
        return json.dumps(upload_path(match[1], self.uploads))
