"""What a storyline comes to: stretches of files with their place, transitions and markers."""

from dataclasses import dataclass
from fractions import Fraction

from sonique_cli.fcpxml.play import Play
from sonique_cli.fcpxml.resources import Asset

SEEN, HEARD = "seen", "heard"
BOTH = frozenset({SEEN, HEARD})


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file, a generator or a title.

    Attributes:
        play: when, and on the media's clock what of it.
        place: its place among the pictures: a path of lanes, the greater above.
        name: for people.
        sense: SEEN or HEARD.
        asset: its file; None for what has none.
        generator: the kind of a generator or title, else "".
        origin: the elements that it comes from; the same for all pieces of one clip.
        covers: whether it hides what lies below.
    """

    play: Play
    place: tuple[int, ...]
    name: str
    sense: str
    asset: Asset | None
    generator: str
    origin: tuple[int, ...]
    covers: bool = True

    @property
    def lane(self) -> int:
        """The lane of the main timeline in which it stands; 0 is the main storyline."""
        return self.place[0]


@dataclass(frozen=True, slots=True)
class Fade:
    """A transition of pictures: from when to when, and in which lane of the main timeline."""

    start: Fraction
    end: Fraction
    lane: int


@dataclass(frozen=True, slots=True)
class Note:
    """A marker: when, its text and colour."""

    time: Fraction
    text: str
    color: str
