"""The head of the figure: what the cue is, and the few numbers that an editor looks for first."""

from collections.abc import Iterator
from fractions import Fraction

from sonique_cli.report import svg
from sonique_cli.report.facts import Facts, Verdict
from sonique_cli.report.sheet import DIM, FAINT, INK, MARGIN, PANEL, VERDICTS, WIDTH

_TILE, _GAP = 150, 12


def head(facts: Facts) -> Iterator[str]:
    """Title, place and tiles."""
    yield svg.text(MARGIN, 50, facts.title[:60], INK, 30, font_weight="600")
    yield svg.text(MARGIN, 77, " · ".join(_character(facts)), DIM, 15)
    end = facts.start + Fraction(facts.seconds)
    place = f"{facts.timecode(facts.start)} – {facts.timecode(end)}   {facts.seconds:.2f} s"
    yield svg.text(MARGIN, 100, place, FAINT, 13)
    tiles = list(_tiles(facts))
    left = WIDTH - MARGIN - len(tiles) * (_TILE + _GAP) + _GAP
    for number, (value, words, colour) in enumerate(tiles):
        x = left + number * (_TILE + _GAP)
        yield svg.rect(x, 24, _TILE, 78, PANEL, rx=8)
        yield svg.text(x + 14, 62, value.replace("-", "−"), colour, 28, font_weight="600")
        yield svg.text(x + 14, 86, words, DIM, 12)


def _character(facts: Facts) -> Iterator[str]:
    if facts.tags is not None and facts.tags.style:
        yield facts.tags.style
    if facts.key:
        yield facts.key
    if facts.take.tempo_map.bpm:
        yield f"{facts.take.tempo_map.bpm:.1f} bpm"
    yield f"{facts.take.engine or 'engine unknown'}, seed {facts.take.seed}"


def _tiles(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Value, words and colour of each tile."""
    measures = facts.take.measures
    meant = [point for point in facts.hit_points() if point.verdict is not Verdict.LEFT]
    if meant:
        met = sum(point.verdict is Verdict.MET for point in meant)
        yield (
            f"{met} of {len(meant)}",
            "hit points met",
            VERDICTS[Verdict.MET if met * 2 >= len(meant) else Verdict.NEAR],
        )
        excess = 100 * (measures.hit_share - measures.chance_share)
        yield f"{excess:+.0f}", "points above chance", INK
    if measures.HasField("energy"):
        yield f"{measures.energy.value - measures.energy.chance + 0.0:+.2f}", "energy with picture", INK
    yield f"{measures.loudness_lufs:.1f}", "LUFS integrated", INK
    yield f"{measures.true_peak_dbtp:.1f}", "dBTP true peak", INK
