"""What a figure shows, and that nothing which it is told can break it."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from sonique_cli.report.facts import Facts, Verdict, timecode
from sonique_cli.report.figure import figure, moments
from sonique_cli.report.page import page
from sonique_cli.report.sheet import GUTTER, PLOT, VERDICTS
from sonique_cli.report.sound import Outline

Tell = Callable[..., Facts]

SVG = "{http://www.w3.org/2000/svg}"
FLAT = Outline(*(np.full(50, value, np.float32) for value in (-0.5, 0.5, 0.2)))
PIXEL = "data:image/jpeg;base64,AAAA"


def words(drawn: str) -> str:
    return " ".join(element.text or "" for element in ET.fromstring(drawn).iter(f"{SVG}text"))  # noqa: S314 - our own


def test_a_hit_is_met_near_missed_or_left_alone_by_what_is_heard(told: Tell) -> None:
    facts = told()
    assert [point.verdict for point in facts.hit_points()] == [Verdict.MET, Verdict.MISSED, Verdict.LEFT]
    facts.take.measures.hits[1].error_seconds = 0.06
    assert facts.hit_points()[1].verdict is Verdict.NEAR


def test_without_anything_measured_the_grid_speaks(told: Tell) -> None:
    facts = told()
    del facts.take.measures.hits[:]
    facts.take.tempo_map.hits[0].beat = 8
    assert [point.verdict for point in facts.hit_points()] == [Verdict.MET, Verdict.MISSED, Verdict.LEFT]


def test_a_line_stands_where_its_hit_is_in_the_colour_of_its_verdict(told: Tell) -> None:
    drawn = ET.fromstring(figure(told(), FLAT, {}))  # noqa: S314 - our own
    places = {line.get("stroke"): float(line.get("x1", "")) for line in drawn.iter(f"{SVG}line") if line.get("opacity")}
    assert places[VERDICTS[Verdict.MET]] == pytest.approx(GUTTER + PLOT * 4 / 12, abs=0.01)
    assert places[VERDICTS[Verdict.MISSED]] == pytest.approx(GUTTER + PLOT * 7 / 12, abs=0.01)


def test_it_tells_the_numbers_that_an_editor_looks_for(told: Tell) -> None:
    shown = words(figure(told(), FLAT, {}))
    for expected in ("1 of 2", "−20.0", "120.0 bpm", "D minor", "01:00:00:00", "01:00:12:00", "the door", "-5 f"):
        assert expected in shown


@pytest.mark.parametrize("name", ['<script>alert("x")</script>', "a & b", "\x00\x1b[31m", "𝄞 \u202e", "]]>"])
def test_no_name_can_break_out_of_it(told: Tell, name: str) -> None:
    facts = told(marker=name, provenance={"PROMPT": name, "MACHINE_MADE": name}, notes=(name,))
    facts.tags.tags[0].text = name  # type: ignore[union-attr]
    drawn = figure(facts, FLAT, {})
    ET.fromstring(drawn)  # noqa: S314 - our own
    written = page(facts, drawn, b"sound")
    assert "<script>alert" not in written
    assert "\x00" not in written


def test_a_colour_that_is_none_is_not_drawn(told: Tell) -> None:
    facts = told()
    facts.description.shots[0].look.palette[:] = ['"/><script>', "#12345g"]  # type: ignore[union-attr]
    drawn = figure(facts, FLAT, {})
    assert "12345g" not in drawn
    assert "script" not in drawn


def test_every_picture_that_was_had_is_shown_in_its_shot(told: Tell) -> None:
    facts = told()
    wanted = list(moments(facts))
    drawn = ET.fromstring(figure(facts, FLAT, {wanted[-1]: PIXEL}))  # noqa: S314 - our own
    (image,) = drawn.iter(f"{SVG}image")
    assert float(image.get("x", "")) > GUTTER + PLOT * 8 / 12
    assert [moment.seconds for moment in wanted] == sorted(moment.seconds for moment in wanted)


def test_music_alone_has_a_report_too(told: Tell) -> None:
    facts = replace(told(), description=None, tags=None)
    facts.take.tempo_map.Clear()
    shown = words(figure(facts, FLAT, {}))
    assert "Music alone" in shown
    assert "hit points met" not in shown


def test_a_page_needs_nothing_but_itself(told: Tell) -> None:
    facts = told()
    written = page(facts, figure(facts, FLAT, {}), b"sound")
    addresses = re.findall(r'(?:src|href)="([^"]*)"', written)
    assert addresses == ["data:audio/webm;base64,c291bmQ="]
    assert "default-src 'none'" in written
    assert written.count("data-seconds=") == 3


def test_timecode_counts_frames_of_the_nominal_rate() -> None:
    assert timecode(3661.5, Fraction(24)) == "01:01:01:12"
    assert timecode(Fraction(1001, 1000), Fraction(24000, 1001)) == "00:00:01:00"


@pytest.mark.parametrize(
    ("rate", "frame", "shown"),
    [
        (Fraction(30_000, 1001), 1799, "00:00:59;29"),
        (Fraction(30_000, 1001), 1800, "00:01:00;02"),
        (Fraction(30_000, 1001), 17_982, "00:10:00;00"),
        (Fraction(30_000, 1001), 107_892, "01:00:00;00"),
        (Fraction(60_000, 1001), 3600, "00:01:00;04"),
        (Fraction(60_000, 1001), 215_784, "01:00:00;00"),
        (Fraction(25), 1500, "00:01:00:00"),
    ],
)
def test_timecode_that_drops_frame_numbers_is_counted_so(rate: Fraction, frame: int, shown: str) -> None:
    assert timecode(frame / rate, rate, drop_frame=True) == shown


def test_timecode_of_a_varying_rate_shows_true_seconds() -> None:
    assert timecode(300.5, Fraction(2987, 100)) == "00:05:00:14"
