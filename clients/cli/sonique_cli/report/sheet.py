"""The sheet that a figure is drawn on: its measures, its colours, and where a time stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from sonique_cli.report.facts import Verdict

WIDTH = 1600
GUTTER, MARGIN = 132, 28
PLOT = WIDTH - GUTTER - MARGIN

GROUND, PANEL, GRID, EDGE = "#14161a", "#1c2026", "#2b3038", "#3a414c"
INK, DIM, FAINT = "#eceef1", "#9aa3af", "#6b7480"
WAVE, WAVE_SOFT = "#3f7fb5", "#7fbdf0"
MOTION, LOUDNESS, SPEECH, DUCK, ENERGY = "#f0a35e", "#8fa3b8", "#b79cf5", "#e6dcff", "#3d4654"
VERDICTS = {Verdict.MET: "#4fd08f", Verdict.NEAR: "#f5c451", Verdict.MISSED: "#f26d6d", Verdict.LEFT: "#7d8793"}

VERDICT_WORDS = {
    Verdict.MET: "met within 40 ms",
    Verdict.NEAR: "within 70 ms",
    Verdict.MISSED: "missed",
    Verdict.LEFT: "left alone",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A strip of the figure: its title, and where it stands."""

    title: str
    top: float
    height: float
    note: str = ""

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.top + self.height


HEAD = Row("", 0, 122)
RULER = Row("", 122, 26)
STRIP = Row("Picture", 152, 84)
HITS = Row("Hit points", 244, 54)
CURVES = Row("Motion, energy", 306, 82)
SOUND = Row("Music", 396, 150)
VOICE = Row("Speech, gain", 554, 64)
FOOT = Row("", 634, 190)
HEIGHT = FOOT.bottom

ROWS = (STRIP, HITS, CURVES, SOUND, VOICE)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where times stand across a figure of ``seconds``."""

    seconds: float

    def x(self, seconds: float) -> float:
        """The place of a time."""
        return GUTTER + PLOT * min(max(seconds / self.seconds, 0.0), 1.0)

    def width(self, seconds: float) -> float:
        """How wide a span is."""
        return PLOT * seconds / self.seconds


def spread(row: Row, values: Iterable[tuple[float, float]], scale: Scale) -> list[tuple[float, float]]:
    """Points of a curve in a row: (seconds, 0 to 1) from its bottom to its top."""
    return [(scale.x(at), row.bottom - 4 - (row.height - 8) * min(max(value, 0.0), 1.0)) for at, value in values]
