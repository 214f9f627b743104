"""What is to be placed on a sequence."""

from dataclasses import dataclass, field
from pathlib import Path

from .strips import Span


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where music comes from, kept on its strip and saved with the blend file.

    Attributes:
        job: the id of the job that made it.
        take: the take's id in the daemon's store.
        seed: what it was made from; another seed is another take.
        engine: the generate engine's name.
        tags: the musical tags as JSON, ready to be edited and sent again; "" where they are not known.
        brief: what was asked for, as JSON; "" where it is not known.
        prompt: in the editor's own words.
    """

    job: str
    take: str = ""
    seed: int = 0
    engine: str = ""
    tags: str = ""
    brief: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """One take's sound.

    Attributes:
        mix: its WAV file, whole frames long.
        provenance: where it comes from.
        stems: its stems by name ("drums"), where they are wanted on channels of their own in place of the mix.
        begins: seconds from where the first music of its strip begins to where this one does; other than 0 where music
            was made anew for a strip whose handles had been moved, and not for where it had begun.
        number: counts the takes of one strip, from 1, in the order in which they came to it; 0 before it has.
    """

    mix: Path
    provenance: Provenance
    stems: tuple[tuple[str, Path], ...] = ()
    begins: float = 0.0
    number: int = 0


@dataclass(frozen=True, slots=True)
class GainPoint:
    """A point of a gain envelope: seconds after the range's start, and decibels; straight lines lie between points."""

    seconds: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class Placement:
    """Music that is to stand on a sequence.

    Attributes:
        span: exactly where, in timeline frames.
        take: what plays.
        others: further takes that are kept with the strip, so that one can be swapped in.
        name: the strip's name.
        channel: the channel to try first, upwards from there; 0 for the lowest above all that sounds or shows there.
        color: Blender's strip colour tag ("COLOR_05"), or "NONE".
        volume: of the strip, 1 leaves it as it is.
        fade_in: frames.
        fade_out: frames.
        ducking: gain over time, as keyframes of the volume; empty for none.
    """

    span: Span
    take: Take
    others: tuple[Take, ...] = ()
    name: str = "Sonique"
    channel: int = 0
    color: str = "COLOR_05"
    volume: float = 1.0
    fade_in: int = 0
    fade_out: int = 0
    ducking: tuple[GainPoint, ...] = field(default=())
