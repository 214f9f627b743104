"""Notes: what a describe engine found out about one piece of media, kept so that it need not look there again."""

from dataclasses import dataclass
from enum import StrEnum


class NoteKind(StrEnum):
    """What a note is about."""

    SHOT = "shot"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class Note:
    """What an engine found out about one shot, or one clip of production sound, of a picture.

    It holds for the same span of the same media wherever that stands on a timeline, so nothing in it may depend on the
    record clock or on other shots.

    Attributes:
        kind: whether ``index`` counts the picture's ``shots`` or its ``sound``.
        index: which of them.
        data: the engine's own; read only by the engine of the same name and version.
    """

    kind: NoteKind
    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Tells one version of a media file from another.

    Attributes:
        path: the file's path, or the image sequence's pattern, as the picture's sources name it.
        digest: 32 bytes; another wherever the file was changed.
    """

    path: str
    digest: bytes
