"""What is heard in a take: values that were measured from its audio alone, never from the plan."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class HitWindow:
    """How much of the hit points' weight is met within one window, and how much would be by chance.

    Attributes:
        name: "1 frame", "2 frames", "40 ms" or "70 ms".
        seconds: the window, to either side of a hit point.
        share: weighted share of hit points with a beat or a strong onset inside the window, 0 to 1.
        chance: mean of the same share over 200 circular shifts of the same take.
        spread: standard deviation over those shifts; large where the hit points themselves lie on a grid.
        beat_share: as ``share``, of beats alone.
        beat_chance: as ``chance``, of beats alone.
    """

    name: str
    seconds: float
    share: float
    chance: float
    spread: float
    beat_share: float
    beat_chance: float

    @property
    def excess(self) -> float:
        """Share above chance; the figure to read."""
        return self.share - self.chance


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The pulse as it is heard.

    Attributes:
        bpm: mean tempo over the beats, or 0 where there are fewer than two.
        beats: times in seconds, increasing.
        downbeats: indices into ``beats`` of the first beat of each bar.
        onsets: times in seconds of strong onsets, on beats or not.
    """

    bpm: float = 0.0
    beats: tuple[float, ...] = ()
    downbeats: tuple[int, ...] = ()
    onsets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardHit:
    """A hit point, and what is heard at it.

    Attributes:
        time: seconds from the range's start.
        weight: 0..1, how much it matters.
        label: a marker's name, or "".
        error: seconds by which the nearest beat or strong onset is late (positive) or early; None where none is within
            a quarter of a second.
    """

    time: Fraction
    weight: float
    label: str = ""
    error: float | None = None


@dataclass(frozen=True, slots=True)
class TempoError:
    """The heard tempo against the map's, over the beats that are heard.

    Attributes:
        share: by which it differs, octaves left aside; 0.005 is half a per cent.
        octave: heard tempo over the map's as a power of two: 1 is right, 2 is twice as fast, 0.5 half as fast.
    """

    share: float
    octave: float


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rank correlation, its mean over 200 circular shifts of the take, and their spread."""

    value: float
    chance: float
    spread: float

    @property
    def excess(self) -> float:
        """Correlation above chance."""
        return self.value - self.chance


class EndingKind(StrEnum):
    """How music ends."""

    RING_OUT = "ring-out"
    """Its last sound decays until the end or before it."""
    FADE = "fade"
    """It grows softer over seconds without an end of its own."""
    BUTTON = "button"
    """It stops, with silence after it."""
    CUT = "cut"
    """It is still sounding where the file ends."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ends, and the level of its last tenth of a second before the closing fade, in dB against the whole."""

    kind: EndingKind
    level_db: float


@dataclass(frozen=True, slots=True)
class Repetition:
    """How much of it is heard before.

    Attributes:
        self_similarity: mean over bars of the likeness to the most alike other bar, 0 to 1 (harmony and colour).
        identical_seconds: longest run of samples that is repeated bit for bit later, silence left out.
        identical_bars: the same in bars as they are heard.
    """

    self_similarity: float = 0.0
    identical_seconds: float = 0.0
    identical_bars: float = 0.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """All that is heard.

    Attributes:
        windows: how the hit points are met, the narrowest window first; empty where there are no hit points.
        hits: every hit point inside the take, in order.
        rhythm: the pulse.
        tempo: against the map, or None where there is no map or no pulse.
        energy: loudness in windows of 1 s against the picture's curve; None without a picture that changes.
        silence_share: share of the take below -60 dBFS.
        noise_dbfs: level of the noise floor from 2 to 8 kHz that is there all the time; -120 where there is none.
        ending: how it ends.
        repetition: how much of it is repeated.
    """

    rhythm: Rhythm
    ending: Ending
    repetition: Repetition = Repetition()
    windows: tuple[HitWindow, ...] = ()
    hits: tuple[HeardHit, ...] = ()
    tempo: TempoError | None = None
    energy: Correlation | None = None
    silence_share: float = 0.0
    noise_dbfs: float = -120.0

    def window(self, name: str) -> HitWindow | None:
        """The window of that name, or None."""
        return next((window for window in self.windows if window.name == name), None)
