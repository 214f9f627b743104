"""What can be ordered from the daemon: a range scored, or another take of a cue that is there."""

import json
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any, TypeAlias

LOUDNESS_LUFS = -20.0
"""Of a bed of music, unless the editor says otherwise."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an editor asks for.

    Attributes:
        prompt: in their own words.
        genres: styles, the first weighs most.
        moods: moods.
        instruments: that must play.
        negatives: what must not be there.
        bpm: tempo in beats per minute; 0 leaves it to the engine.
        key: "D minor"; "" leaves it to the engine.
        hit_strength: how much the cuts matter, 0 to 1.
        seed: another seed is another take.
        takes: how many, 1 to 8.
        loudness_lufs: of the music, -50 to -8.
        ducking: whether the music goes down under speech, as keyframes of the strip's volume.
        stems: whether the stems are placed on channels of their own.
        fade_in: frames.
        fade_out: frames.
        channel: to try first; 0 for the lowest free one above all that is there.
    """

    prompt: str = ""
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    bpm: float = 0.0
    key: str = ""
    hit_strength: float = 0.5
    seed: int = 0
    takes: int = 1
    loudness_lufs: float = LOUDNESS_LUFS
    ducking: bool = False
    stems: bool = False
    fade_in: int = 0
    fade_out: int = 0
    channel: int = 0

    def to_json(self) -> str:
        """As it is kept on a strip."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Wishes":
        """What ``to_json`` wrote; what this release does not know is passed over, and what is not there is as usual.

        Raises:
            ValueError: the text is no such thing.
        """
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("no wishes")  # noqa: TRY004 - what JSON errors are, too
        usual = cls()
        return cls(**{each.name: _like(getattr(usual, each.name), data, each.name) for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class Score:
    """Asks for music to a range.

    Attributes:
        document: the timeline as OTIO JSON.
        rate: frames per second.
        start: where the range begins on the document's record clock, in frames.
        frames: how long it is.
        roots: folders that hold its media.
        wishes: what is asked for.
    """

    document: str
    rate: Fraction
    start: int
    frames: int
    roots: tuple[str, ...]
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Again:
    """Asks for more of a cue that is there.

    Attributes:
        recipe: what the cue was made from, as its own file carries it.
        wishes: its seed and takes; all else stands in the recipe.
        tags: other tags than those of the recipe, as JSON; "" for the same.
    """

    recipe: bytes
    wishes: Wishes
    tags: str = ""


Order: TypeAlias = Score | Again
"""One job."""


def words_of(text: str) -> tuple[str, ...]:
    """The words or phrases of a list that is typed with commas."""
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)


def _like(usual: Any, data: dict[str, Any], name: str) -> Any:
    """What ``data`` says of ``name``, in the shape of ``usual``; that itself where it says nothing of use."""
    found = data.get(name, usual)
    if isinstance(usual, tuple):
        return tuple(map(str, found)) if isinstance(found, list) else usual
    return found if isinstance(found, type(usual)) or (type(usual) is float and type(found) is int) else usual
