"""Sending: what a daemon on another machine must be given of a timeline before it can score it.

The daemon is asked for each media file. What it does not see is sent: not the camera original, but a small proxy, or
the file itself where that is smaller. The timeline that is then submitted names what was sent; its cuts, times and
markers stay.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sonique.v1 import timeline_pb2
from sonique_client.connection import Connection
from sonique_client.errors import ClientError, OutputUnwritable

if TYPE_CHECKING:
    from fractions import Fraction

    from sonique_sending.cache import ProxyCache
    from sonique_sending.footage import Footage
    from sonique_sending.proxy import Part

_SMALL_BYTES, _SMALL_RATE = 65_536, 8_000
"""A file of at most so many bytes, or bytes per second of the part that is needed, is sent as it is."""


class Progress(Protocol):
    """What is told meanwhile."""

    def say(self, sentence: str) -> None:
        """Is told a sentence."""

    def working(self, title: str, share: float) -> None:
        """Is told what is being done, and how much of it, 0 to 1; often. What it raises ends the sending."""


def prepared(connection: Connection, timeline: timeline_pb2.Timeline, progress: Progress) -> timeline_pb2.Timeline:
    """The timeline as the daemon can read it, its media sent where they had to be.

    The user's own daemon on this machine sees what the user sees: for it the timeline stays as it is, and what lies
    outside its folders it refuses by itself. So does a timeline that cannot be read, since the daemon says why.

    Raises:
        ClientError: none of the media can be read, the daemon is gone, or does not take a file.
        OutputUnwritable: no proxy can be written.
    """
    if connection.local:
        return timeline
    from sonique_sending.document import pin_clock, read_document
    from sonique_sending.finder import Finder
    from sonique_sending.footage import Gathering

    document = read_document(timeline.otio_json)
    if document is None:
        return timeline
    roots = [Path(root) for root in timeline.media_roots]
    try:
        gathering = Gathering(document, Finder(Path(timeline.folder or "."), roots))
    except (ValueError, ArithmeticError, MemoryError):  # a rate, a time or a number of digits that is none
        return timeline
    _tell_failures(gathering.failures, progress, some=bool(gathering.footage))
    pin_clock(document, gathering.clock)
    sending = _Sending(connection, progress, gathering.clock, len(gathering.footage))
    for footage in gathering.footage:
        sending.send(footage)
    told = timeline_pb2.Timeline()
    told.CopyFrom(timeline)
    told.otio_json = document.to_json_string()
    if not sending.shares_a_disk:  # the folders are this computer's own affair
        told.folder = ""
        del told.media_roots[:]
    return told


def sent_file(connection: Connection, path: str, progress: Progress) -> str:
    """The path of a file as the daemon can read it: its own, or the name of what was sent.

    Raises:
        ClientError: the file cannot be read, or the daemon does not take it.
    """
    from sonique_client.upload import TARGET_URL, sees, upload

    if connection.local or path.startswith(TARGET_URL) or sees(connection, Path(path)):
        return path
    title = f"Sending “{Path(path).name}”"
    return upload(connection, Path(path), lambda done, size: progress.working(title, done / size))


def _tell_failures(failures: dict[str, None], progress: Progress, *, some: bool) -> None:
    if failures and not some:
        raise _unreadable(next(iter(failures)))
    for sentence in failures:
        progress.say(sentence)


def _unreadable(sentence: str) -> ClientError:
    return ClientError(sentence, "MEDIA_UNREADABLE", "FAILED_PRECONDITION")


class _Sending:
    """Sends footage to one daemon.

    Attributes:
        shares_a_disk: whether the daemon saw some of it by itself.
    """

    def __init__(self, connection: Connection, progress: Progress, clock: "Fraction", count: int) -> None:
        self._connection, self._progress, self._clock, self._count = connection, progress, clock, count
        self._number = 0
        self.shares_a_disk = False

    def send(self, footage: "Footage") -> None:
        """Sends what the daemon does not see of the footage, and tells its clips."""
        self._number += 1
        for use in footage.uses:
            use.clip.name = use.clip.name or footage.media.path.name
        if self._seen(footage):
            self.shares_a_disk = True
            _tell_seen(footage)
            return
        if footage.images is None and footage.media.still:
            self._send_still(footage)
        else:
            self._send_part(footage)

    def _seen(self, footage: "Footage") -> bool:
        from sonique_client.upload import sees

        ends = dict.fromkeys((footage.files[0], footage.files[-1]))
        return all(sees(self._connection, path) for path in ends)

    def _send_still(self, footage: "Footage") -> None:
        from sonique_sending.proxy import Part, make_still, shows_through
        from sonique_sending.uses import tell, tell_clear

        path, media = footage.media.path, footage.media
        clear = shows_through(media)
        if path.stat().st_size > _SMALL_BYTES:
            path = self._cached(footage, Part(media.duration, media.duration), lambda target: make_still(media, target))
        target_url = self._upload(path, footage)
        for use in footage.uses:
            tell(use, target_url)
            if clear:
                tell_clear(use)

    def _send_part(self, footage: "Footage") -> None:
        from sonique_sending.uses import part_used, tell, tell_of_part

        part = part_used(footage.uses, footage.media, self._clock)
        if footage.images is None and footage.media.path.stat().st_size <= _as_it_is(part):
            small = footage.media.path
        else:
            small = self._cached(footage, part, self._maker(footage, part))
        if footage.images is None and small.stat().st_size >= footage.media.path.stat().st_size:
            small = footage.media.path
        target_url = self._upload(small, footage)
        for use in footage.uses:
            if small == footage.media.path:
                tell(use, target_url)
            else:
                tell_of_part(use, target_url, part, footage.media, self._clock)

    def _maker(self, footage: "Footage", part: "Part") -> Callable[[Path], None]:
        from sonique_sending.proxy import make_proxy, make_sequence

        title = self._title("Making a small copy of", footage)
        media, images = footage.media, footage.images

        def tell(share: float) -> None:
            self._progress.working(title, share)

        if images is None:
            return lambda target: make_proxy(media, part, target, tell)
        return lambda target: make_sequence(media, images.files, part, target, tell)

    def _cached(self, footage: "Footage", part: "Part", make: Callable[[Path], None]) -> Path:
        from sonique_sending.cache import key_of
        from sonique_sending.media import Unreadable

        try:
            return _cache().get(key_of(footage.files, part), make)
        except Unreadable as error:
            raise _unreadable(str(error)) from error
        except OSError as error:
            sentence = f"No small copy of “{footage.media.path.name}” can be made: {error.strerror or error}."
            raise OutputUnwritable(sentence) from error

    def _upload(self, path: Path, footage: "Footage") -> str:
        from sonique_client.upload import upload

        title = self._title("Sending", footage)
        return upload(self._connection, path, lambda done, size: self._progress.working(title, done / size))

    def _title(self, doing: str, footage: "Footage") -> str:
        which = f" ({self._number} of {self._count})" if self._count > 1 else ""
        return f"{doing} “{footage.media.path.name}”{which}"


def _cache() -> "ProxyCache":
    from sonique_sending.cache import ProxyCache, cache_folder

    return ProxyCache(cache_folder())


def _as_it_is(part: "Part") -> float:
    return max(_SMALL_BYTES, _SMALL_RATE * float(part.length))


def _tell_seen(footage: "Footage") -> None:
    """Names the footage by its absolute path, under which the daemon has it too."""
    from sonique_sending.uses import tell

    for use in footage.uses:
        if footage.images is None:
            tell(use, footage.media.path.as_uri())
        else:
            use.reference.target_url_base = f"{footage.images.folder.resolve().as_uri()}/"
