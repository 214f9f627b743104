"""Keys: digests of exactly what each result depends on, under which the cache keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sonique_daemon import __version__
from sonique_daemon.domain.codec import digest
from sonique_daemon.domain.note import NoteKind
from sonique_daemon.domain.picture import Picture, Source
from sonique_daemon.domain.terms import Licensed
from sonique_daemon.engines.composer.style import own_styles, user_folder
from sonique_daemon.engines.engine import Descriptor, TagRequest
from sonique_daemon.workers.task import Reading


@dataclass(frozen=True, slots=True)
class LookingKeys:
    """Keys of what one describe engine finds out about one picture.

    Attributes:
        engine: the engine.
        detect: whether it looks for cuts inside shots.
        picture: what it describes.
        versions: digest of each media file by its path; what leans on a file that is not in here has no key.
    """

    engine: Descriptor
    detect: bool
    picture: Picture
    versions: Mapping[str, bytes]

    @classmethod
    def of(cls, engine: Descriptor, reading: Reading, *, detect: bool) -> "LookingKeys":
        """The keys for the picture of ``reading``."""
        versions = {fingerprint.path: fingerprint.digest for fingerprint in reading.fingerprints}
        return cls(engine, detect, reading.picture, versions)

    def whole(self) -> bytes | None:
        """The key of the description; where the picture stands and what it is called play no part in that."""
        picture = self.picture
        sources = (*(shot.source for shot in picture.shots), *(clip.source for clip in picture.sound))
        paths = {source.path for source in sources if source is not None}
        if not paths <= self.versions.keys():
            return None
        nameless = replace(picture, name="", start=Fraction(0), warnings=())
        return self._digest("whole", nameless, sorted(self.versions.items()))

    def notes(self) -> dict[tuple[NoteKind, int], bytes]:
        """The key of each note that can be made, by kind and number."""
        shots = ((shot.source, shot.record.duration, shot.join_duration) for shot in self.picture.shots)
        sounds = ((clip.source, clip.record.duration, Fraction(0)) for clip in self.picture.sound)
        return {
            (kind, index): self._of_span(kind, source, duration, join)
            for kind, spans in ((NoteKind.SHOT, shots), (NoteKind.SOUND, sounds))
            for index, (source, duration, join) in enumerate(spans)
            if source is not None and source.path in self.versions
        }

    def _of_span(self, kind: NoteKind, source: Source, duration: Fraction, join: Fraction) -> bytes:
        span = (source.start, source.speed, source.rate, source.first_frame, duration, join)
        return self._digest(kind, self.versions[source.path], *span)

    def _digest(self, *values: object) -> bytes:
        return digest("describe", self.engine.name, self.engine.version, self.detect, *values)


def tag_key(engine: Descriptor, request: TagRequest) -> bytes:
    """The key of the tags that ``engine`` answers with, who chooses among all styles, the user's own included."""
    return digest("tag", engine.name, engine.version, own_styles(user_folder()).mark, request)


def take_key(
    engine: Descriptor, recipe: bytes, licences: tuple[Licensed, ...], *, stems: bool, drafter: Descriptor | None = None
) -> bytes:
    """The key of the take that this release makes of ``recipe``; licences and stems stand in no recipe.

    Where ``engine`` starts from a draft, the version of its ``drafter`` counts as well.
    """
    drafted = () if drafter is None else (drafter.name, drafter.version)
    return digest("take", engine.name, engine.version, __version__, recipe, licences, stems, *drafted)
