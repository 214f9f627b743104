"""Fingerprints: what tells one version of a media file from another, without reading all of it."""

import hashlib
from pathlib import Path

from sonique_daemon.domain.note import Fingerprint
from sonique_daemon.domain.picture import Picture, Source
from sonique_daemon.timeline.sequence import sequence_file, sequence_numbers

_SAMPLE = 64 * 2**10


def fingerprints(picture: Picture) -> tuple[Fingerprint, ...]:
    """One for each path that the picture's shots and sound name, in order of first use."""
    sources = (*(shot.source for shot in picture.shots), *(clip.source for clip in picture.sound))
    found = {source.path: source for source in sources if source is not None}
    return tuple(Fingerprint(path, _digest(source)) for path, source in found.items())


def _digest(source: Source) -> bytes:
    """Of size, time of change and three samples; of an image sequence, of every image's name, size and time."""
    whole = hashlib.sha256()
    if source.first_frame is None:
        whole.update(_sampled(Path(source.path)))
    else:
        for number in sequence_numbers(source):
            whole.update(_stamp(sequence_file(source.path, number)))
    return whole.digest()


def _sampled(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            parts = [_stamp(path)]
            for place in sorted({0, max(0, size // 2 - _SAMPLE // 2), max(0, size - _SAMPLE)}):
                file.seek(place)
                parts.append(file.read(_SAMPLE))
    except OSError:  # gone since it was probed: its shots will show black, and must not pass for the file
        return b"gone"
    return b"".join(parts)


def _stamp(path: Path) -> bytes:
    try:
        found = path.stat()
    except OSError:
        return b"gone"
    return f"{path.name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode("utf-8", "surrogateescape")
