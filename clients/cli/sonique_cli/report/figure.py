"""The figure: everything about a cue over one axis of time, as SVG."""

from collections.abc import Iterator, Mapping

from sonique.v1 import description_pb2

from sonique_cli.report import svg
from sonique_cli.report.facts import Facts, HitPoint, Verdict, seconds_of
from sonique_cli.report.figure_foot import foot
from sonique_cli.report.figure_head import head
from sonique_cli.report.footage import Moment
from sonique_cli.report.sheet import (
    CURVES,
    DIM,
    DUCK,
    EDGE,
    ENERGY,
    FAINT,
    GRID,
    GROUND,
    GUTTER,
    HEIGHT,
    HITS,
    INK,
    LOUDNESS,
    MARGIN,
    MOTION,
    PANEL,
    PLOT,
    ROWS,
    RULER,
    SOUND,
    SPEECH,
    STRIP,
    VERDICTS,
    VOICE,
    WAVE,
    WAVE_SOFT,
    WIDTH,
    Scale,
    spread,
)
from sonique_cli.report.sound import Outline

_TILE = STRIP.height * 16 / 9
_STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_QUIETEST_LUFS = -50.0
_HALO = {"stroke": PANEL, "stroke_width": 3.0, "paint_order": "stroke"}
"""What keeps words readable on lines."""


def figure(facts: Facts, outline: Outline, pictures: Mapping[Moment, str]) -> str:
    """The whole figure.

    Args:
        facts: what is told.
        outline: the sound, one value for each column.
        pictures: what ``moments`` asked for, as far as it could be had.
    """
    scale = Scale(facts.seconds)
    parts = [
        *_ground(),
        *head(facts),
        *_ruler(facts, scale),
        *_strip(facts, scale, pictures),
        *_sections(facts, scale),
        *_curves(facts, scale),
        *_beats(facts, scale),
        *_wave(outline),
        *_voice(facts, scale),
        *_hits(facts, scale),
        *foot(facts),
    ]
    shape = f'viewBox="0 0 {WIDTH} {svg.number(HEIGHT)}" width="{WIDTH}" height="{svg.number(HEIGHT)}"'
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {shape} font-family="{svg.FONT}" role="img">\n{body}\n</svg>\n'


def moments(facts: Facts) -> Iterator[Moment]:
    """The pictures that the film strip wants: one for each tile that a shot has room for."""
    if facts.description is None:
        return
    scale = Scale(facts.seconds)
    for shot in facts.description.shots:
        start, length = float(seconds_of(shot.record.start)), float(seconds_of(shot.record.duration))
        tiles = max(1, round(scale.width(length) / _TILE))
        for tile in range(tiles):
            earliest = start + length * tile / tiles
            yield Moment(earliest + length / tiles * 0.5, earliest + min(0.15, length / tiles * 0.2))


def _ground() -> Iterator[str]:
    yield svg.rect(0, 0, WIDTH, HEIGHT, GROUND)
    for row in ROWS:
        yield svg.rect(GUTTER, row.top, PLOT, row.height, PANEL)
        yield svg.text(GUTTER - 14, row.top + row.height / 2 + 4, row.title, DIM, 13, text_anchor="end")


def _ruler(facts: Facts, scale: Scale) -> Iterator[str]:
    step = next((step for step in _STEPS if scale.width(step) >= 110), _STEPS[-1])
    count = int(facts.seconds / step)
    for tick in range(count + 1):
        at = tick * step
        x = scale.x(at)
        yield svg.line(x, RULER.bottom - 6, x, VOICE.bottom, GRID)
        anchor = "start" if tick == 0 else "middle"
        if x < WIDTH - MARGIN - 130:
            yield svg.text(x, RULER.bottom - 10, facts.timecode(float(facts.start) + at), FAINT, 11, text_anchor=anchor)
    end = facts.timecode(float(facts.start) + facts.seconds)
    yield svg.text(WIDTH - MARGIN, RULER.bottom - 10, end, FAINT, 11, text_anchor="end")


def _strip(facts: Facts, scale: Scale, pictures: Mapping[Moment, str]) -> Iterator[str]:
    """The shots: their pictures, or where there are none their main colours; each with its number."""
    if facts.description is None:
        yield svg.text(GUTTER + 12, STRIP.top + 48, "Music alone: there is no picture to meet.", FAINT, 13)
        return
    wanted = iter(list(moments(facts)))
    for index, shot in enumerate(facts.description.shots):
        start, length = float(seconds_of(shot.record.start)), float(seconds_of(shot.record.duration))
        left, width = scale.x(start), scale.width(length)
        tiles = max(1, round(width / _TILE))
        yield from _colours(shot, left, width)
        for tile in range(tiles):
            data = pictures.get(next(wanted))
            if data is not None:
                x, size, name = left + width * tile / tiles, width / tiles, f"t{index}-{tile}"
                yield svg.clip_path(name, x, STRIP.top, size, STRIP.height)
                yield svg.image(x, STRIP.top, max(size, 1), STRIP.height, data, name)
        if index:
            yield svg.line(left, STRIP.top - 4, left, STRIP.bottom, INK, stroke_width=1.5)
        if width > 22:
            yield svg.rect(left + 3, STRIP.bottom - 17, 9 + 7 * len(str(index + 1)), 14, "#000", opacity=0.55, rx=3)
            yield svg.text(left + 7, STRIP.bottom - 6, str(index + 1), INK, 11)


def _colours(shot: description_pb2.ShotDescription, left: float, width: float) -> Iterator[str]:
    palette = [colour for colour in shot.look.palette if _is_colour(colour)] or [EDGE]
    height = STRIP.height / len(palette)
    for place, colour in enumerate(palette):
        yield svg.rect(left, STRIP.top + place * height, width, height + 0.5, colour)


def _is_colour(text: str) -> bool:
    return len(text) == 7 and text[0] == "#" and all(sign in "0123456789abcdefABCDEF" for sign in text[1:])


def _sections(facts: Facts, scale: Scale) -> Iterator[str]:
    """The energy that the music was asked for, section by section, behind the curves."""
    grid = facts.take.tempo_map
    for section in grid.sections:
        start, end = _bar_seconds(facts, section.bar), _bar_seconds(facts, section.bar + section.bars)
        left, right = scale.x(start), scale.x(end)
        height = (CURVES.height - 8) * min(max(section.energy, 0.0), 1.0)
        yield svg.rect(left + 1, CURVES.bottom - 4 - height, right - left - 2, height, ENERGY, rx=2)


def _bar_seconds(facts: Facts, bar: int) -> float:
    grid = facts.take.tempo_map
    if bar >= len(grid.downbeats):
        return facts.seconds
    return max(0.0, grid.beat_seconds[grid.downbeats[bar]])


def _curves(facts: Facts, scale: Scale) -> Iterator[str]:
    """Motion, and how loud the production's own sound is."""
    for curve in facts.description.curves if facts.description is not None else ():
        step = float(seconds_of(curve.step))
        timed = [((index + 0.5) * step, value) for index, value in enumerate(curve.values)]
        if curve.kind == description_pb2.CURVE_KIND_MOTION:
            top = max((value for _, value in timed), default=0.0) or 1.0
            scaled = [(at, value / max(top, 0.25)) for at, value in timed]
            yield svg.path(spread(CURVES, scaled, scale), stroke=MOTION, stroke_width=2.0, stroke_linejoin="round")
        elif curve.kind == description_pb2.CURVE_KIND_LOUDNESS and any(value > -69 for _, value in timed):
            scaled = [(at, (value - _QUIETEST_LUFS) / -_QUIETEST_LUFS) for at, value in timed]
            yield svg.path(spread(CURVES, scaled, scale), stroke=LOUDNESS, stroke_width=1.5, stroke_dasharray="5 3")


def _beats(facts: Facts, scale: Scale) -> Iterator[str]:
    """The grid: a tick for each beat, a line and a number for each bar."""
    beats = facts.beats()
    crowded = len(beats) > PLOT / 5
    bars = [seconds for seconds, first in beats if first]
    every = next((every for every in (1, 2, 4, 8, 16, 32) if len(bars) / every < PLOT / 34), 64)
    offset = sum(1 for index in facts.take.tempo_map.downbeats if facts.take.tempo_map.beat_seconds[index] < 0)
    for number, seconds in enumerate(bars):
        x = scale.x(seconds)
        yield svg.line(x, SOUND.top, x, SOUND.bottom, EDGE if number % every == 0 else GRID, stroke_width=1.0)
        if number % every == 0:
            yield svg.text(x + 3, SOUND.top + 12, str(number + offset + 1), DIM, 10)
    for seconds, first in beats if not crowded else ():
        if not first:
            yield svg.line(scale.x(seconds), SOUND.bottom - 10, scale.x(seconds), SOUND.bottom, FAINT, stroke_width=1.0)


def _wave(outline: Outline) -> Iterator[str]:
    columns = len(outline.level)
    peak = max(float(max(abs(outline.low).max(initial=0), outline.high.max(initial=0))), 1e-6)
    middle, half = SOUND.top + SOUND.height / 2 + 3, SOUND.height / 2 - 16
    places = [GUTTER + PLOT * (column + 0.5) / max(columns, 1) for column in range(columns)]
    for upper, lower, colour, strength in (
        (outline.high, outline.low, WAVE, 0.85),
        (outline.level, -outline.level, WAVE_SOFT, 0.9),
    ):
        over = [(x, middle - half * float(value) / peak) for x, value in zip(places, upper, strict=True)]
        under = [(x, middle - half * float(value) / peak) for x, value in zip(places, lower, strict=True)]
        yield svg.path([*over, *reversed(under)], fill=colour, fill_opacity=strength)


def _voice(facts: Facts, scale: Scale) -> Iterator[str]:
    """Where somebody speaks, and how far the music goes down for it."""
    spans = facts.description.speech if facts.description is not None else ()
    for span in spans:
        start, length = float(seconds_of(span.start)), float(seconds_of(span.duration))
        yield svg.rect(
            scale.x(start), VOICE.top + 6, scale.width(length), VOICE.height - 12, SPEECH, opacity=0.32, rx=3
        )
    gain = facts.take.speech_gain
    points = [(point.seconds, point.db) for point in gain.points]
    if not points:
        words = "No speech was found." if not spans else "The music keeps its level under speech."
        yield svg.text(GUTTER + 12, VOICE.top + VOICE.height / 2 + 4, words, FAINT, 12)
        return
    deepest = min(db for _, db in points)
    line = [(0.0, points[0][1]), *points, (facts.seconds, points[-1][1])]
    drawn = [(scale.x(at), VOICE.top + 10 + (VOICE.height - 20) * db / min(deepest, -1.0)) for at, db in line]
    yield svg.path(drawn, stroke=DUCK, stroke_width=2.0, stroke_linejoin="round")
    held = "in the file" if gain.baked else "for the client"
    yield svg.text(GUTTER - 14, VOICE.bottom - 8, f"{deepest:.0f} dB {held}", FAINT, 11, text_anchor="end")


def _hits(facts: Facts, scale: Scale) -> Iterator[str]:
    """The hit points: a line down to the music where it was meant to meet one, and what came of it."""
    points = facts.hit_points()
    taken = 0.0
    for point in points:
        x, colour = scale.x(point.seconds), VERDICTS[point.verdict]
        strong = point.verdict is not Verdict.LEFT
        yield svg.line(
            x,
            STRIP.bottom,
            x,
            SOUND.bottom if strong else HITS.bottom,
            colour,
            stroke_width=1.5 if strong else 1.0,
            opacity=0.75 if strong else 0.5,
            **({} if point.verdict is Verdict.MET else {"stroke_dasharray": "4 3"}),
        )
        yield _sign(point, x, colour)
        words = " ".join(filter(None, (point.label[:28], _lateness(point, facts))))
        if words and x > taken:
            yield svg.text(x + 8, HITS.bottom - 7, words, INK if point.label else DIM, 11, **_HALO)
            taken = x + 14 + svg.width(words, 11)


def _lateness(point: HitPoint, facts: Facts) -> str:
    """By how many frames the music is late ("+2 f") or early, where it does not meet the hit."""
    if point.verdict in (Verdict.MET, Verdict.LEFT):
        return ""
    return "nothing near" if point.error is None else f"{point.error * float(facts.rate):+.0f} f"


def _sign(point: HitPoint, x: float, colour: str) -> str:
    """A mark that grows with the hit's weight: full where it is met, hollow where it is not."""
    size, y = 4.5 + 5.0 * point.weight, HITS.top + 15
    full = point.verdict in (Verdict.MET, Verdict.NEAR)
    shape = [(x, y + size), (x - size, y - size * 0.8), (x + size, y - size * 0.8), (x, y + size)]
    return svg.path(shape, fill=colour if full else GROUND, stroke=colour, stroke_width=1.8)
