"""The signal engine, through its one method, on real media."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.domain.description import CurveKind, Description, ShotDescription
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.picture import JoinKind, Marker, Picture, Shot, SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import DescribeEngine, DescribeRequest, RecordedReport
from sonique_daemon.engines.signal.engine import SignalEngine
from sonique_daemon.errors import Cancelled, NothingToSee

Film = Callable[..., Path]
Scene = Callable[[int], Any]
Images = list[NDArray[np.uint8]]


def plain(color: tuple[int, int, int], count: int) -> Images:
    return [np.full((90, 160, 3), color, np.uint8)] * count


def pan(image: NDArray[np.uint8], count: int, right: int, down: int = 0) -> Images:
    """A camera move: what the frame shows goes ``right`` and ``down`` by so many pixels for each frame."""
    row = np.concatenate([image, image[:, ::-1]], axis=1)
    whole = np.concatenate([row, row[::-1]], axis=0)
    return [np.roll(whole, (down * index, right * index), axis=(0, 1))[:90, :160] for index in range(count)]


def shot(path: Path, record: Fraction, duration: Fraction, start: Fraction = Fraction(0), speed: str = "1") -> Shot:
    return Shot(TimeRange(record, duration), path.stem, Source(str(path), start, Fraction(speed)))


def picture(*shots: Shot, **more: Any) -> Picture:
    return Picture(Fraction(24), Fraction(0), shots[-1].record.end, shots, **more)


def one(path: Path, seconds: int | Fraction) -> Picture:
    return picture(shot(path, Fraction(0), Fraction(seconds)))


def describe(of: Picture, *, detect_cuts: bool, report: RecordedReport | None = None) -> Description:
    engine: DescribeEngine = SignalEngine()
    return engine.run(DescribeRequest(of, detect_cuts), report or RecordedReport())


def records(shots: tuple[ShotDescription, ...]) -> list[tuple[Fraction, Fraction]]:
    return [(each.record.start, each.record.duration) for each in shots]


def test_the_descriptor_answers() -> None:
    descriptor = SignalEngine.descriptor
    assert (descriptor.name, descriptor.stage, descriptor.licence) == ("signal", Stage.DESCRIBE, "GPL-3.0-or-later")
    assert descriptor.weights_present


def test_cuts_inside_a_shot_are_found_and_told_in_record_time(film: Film, scene: Scene) -> None:
    images = [image for number, length in enumerate((30, 42, 24)) for image in pan(scene(number), length, 1)]
    path = film("a.mp4", images)
    report = RecordedReport()
    of = picture(shot(path, Fraction(0), Fraction(2)), shot(path, Fraction(2), Fraction(2), Fraction(2)))
    found = describe(of, detect_cuts=True, report=report)
    assert records(found.shots) == [
        (Fraction(0), Fraction(5, 4)),
        (Fraction(5, 4), Fraction(3, 4)),
        (Fraction(2), Fraction(1)),
        (Fraction(3), Fraction(1)),
    ]
    assert [index for index, _ in report.shots] == [0, 1, 2, 3]
    assert tuple(each for _, each in report.shots) == found.shots
    assert [each.change > 0.2 for each in found.shots] == [False, True, False, True]
    assert report.steps[-1] == (4.0, 4.0, "seconds of picture")
    assert all(early[0] <= late[0] for early, late in pairwise(report.steps))


@pytest.mark.parametrize(("speed", "start", "cut"), [("2", "0", "5/8"), ("-1", "4", "11/4"), ("1/2", "0", "5/2")])
def test_cuts_follow_the_speed_of_the_shot(film: Film, scene: Scene, speed: str, start: str, cut: str) -> None:
    path = film("a.mp4", pan(scene(1), 30, 1) + pan(scene(2), 66, 1))
    length = 4 / abs(Fraction(speed))
    found = describe(picture(shot(path, Fraction(0), length, Fraction(start), speed)), detect_cuts=True)
    assert [each.record.start for each in found.shots] == [0, Fraction(cut)]
    assert found.shots[-1].record.end == length


def test_a_dissolve_is_one_join(film: Film, scene: Scene) -> None:
    shares = (np.arange(12) + 1) / 13
    mixed = [np.asarray(scene(1) * (1 - share) + scene(2) * share, np.uint8) for share in shares]
    path = film("a.mp4", [scene(1)] * 36 + mixed + [scene(2)] * 36)
    found = describe(one(path, Fraction(84, 24)), detect_cuts=True)
    assert [each.join for each in found.shots] == [JoinKind.CUT, JoinKind.DISSOLVE]
    assert abs(found.shots[1].record.start - Fraction(42, 24)) <= Fraction(2, 24)
    assert "dissolve" in found.shots[1].sentence.lower()


def test_known_cuts_are_kept_and_none_is_added(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [image for number in range(4) for image in pan(scene(number), 24, 1)])
    join = replace(shot(path, Fraction(2), Fraction(2), Fraction(2)), join=JoinKind.DISSOLVE)
    found = describe(picture(shot(path, Fraction(0), Fraction(2)), join), detect_cuts=False)
    assert records(found.shots) == [(Fraction(0), Fraction(2)), (Fraction(2), Fraction(2))]
    assert found.shots[1].join is JoinKind.DISSOLVE


@pytest.mark.parametrize("detect_cuts", [True, False])
def test_light_colour_and_warmth_are_measured(film: Film, detect_cuts: bool) -> None:
    path = film("a.mp4", plain((10, 20, 90), 48) + plain((240, 170, 60), 48))
    of = picture(*(shot(path, Fraction(at), Fraction(2), Fraction(at)) for at in (0, 2)))
    night, day = (each.look for each in describe(of, detect_cuts=detect_cuts).shots)
    assert night.light < 0.2
    assert day.light > 0.5
    assert night.warmth < -0.3
    assert day.warmth > 0.3
    assert min(night.saturation, day.saturation) > 0.3
    assert max(night.contrast, day.contrast, night.motion, day.motion) < 0.1
    red, _, blue = (int(night.palette[0][at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 60
    assert red < 30


@pytest.mark.parametrize("detect_cuts", [True, False])
@pytest.mark.parametrize(("right", "down"), [(2, 0), (-2, 0), (0, 2), (0, -2)])
def test_a_camera_move_has_its_direction(film: Film, scene: Scene, detect_cuts: bool, right: int, down: int) -> None:
    path = film("a.mp4", pan(scene(3), 60, right, down))
    [found] = describe(one(path, Fraction(60, 24)), detect_cuts=detect_cuts).shots
    assert found.look.motion > 0.3
    assert found.look.camera > 0.7
    assert (round(found.look.motion_x), round(found.look.motion_y)) == (np.sign(right), -np.sign(down))
    word = {(2, 0): "right", (-2, 0): "left", (0, 2): "down", (0, -2): "up"}[right, down]
    assert word in found.sentence


def test_a_reversed_move_goes_the_other_way(film: Film, scene: Scene) -> None:
    path = film("a.mp4", pan(scene(3), 60, 2))
    of = picture(shot(path, Fraction(0), Fraction(2), Fraction(2), "-1"))
    assert describe(of, detect_cuts=False).shots[0].look.motion_x < -0.7


def test_something_moving_in_a_steady_frame_is_not_the_camera(film: Film, scene: Scene) -> None:
    images = [scene(5).copy() for _ in range(60)]
    for index, image in enumerate(images):
        left = 10 + 2 * index
        image[30:60, left : left + 24] = (250, 250, 240)
    [found] = describe(one(film("a.mp4", images), Fraction(60, 24)), detect_cuts=True).shots
    assert found.look.motion > 0.1
    assert found.look.camera < 0.4


def test_faster_is_more_motion_and_a_still_is_none(film: Film, scene: Scene) -> None:
    amounts = []
    for step in (0, 1, 4):
        path = film(f"{step}.mp4", pan(scene(3), 48, step))
        amounts.append(describe(one(path, 2), detect_cuts=False).shots[0].look.motion)
    assert amounts[0] < 0.05
    assert amounts[0] < amounts[1] - 0.1 < amounts[2] - 0.2
    assert amounts[2] <= 1


def test_a_reversed_shot_ends_with_what_the_film_begins_with(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [scene(1)] * 96 + [scene(2)] * 96)
    backwards = shot(path, Fraction(0), Fraction(8), Fraction(8), "-1")
    found = describe(picture(backwards, shot(path, Fraction(8), Fraction(2))), detect_cuts=False)
    assert found.shots[1].change < 0.1


def test_black_is_called_black(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [scene(1)] * 24)
    gap = Shot(TimeRange(Fraction(1), Fraction(1)), "gap", None)
    found = describe(picture(shot(path, Fraction(0), Fraction(1)), gap), detect_cuts=False)
    assert found.shots[1].sentence == "Black."
    assert found.shots[1].look.light == 0
    assert found.shots[1].change > 0.3


def test_a_range_of_black_alone_is_described() -> None:
    title = Shot(TimeRange(Fraction(0), Fraction(2)), "title", None)
    for detect_cuts in (True, False):
        assert [each.sentence for each in describe(picture(title), detect_cuts=detect_cuts).shots] == ["Black."]


def test_a_freeze_is_still(film: Film, scene: Scene) -> None:
    path = film("a.mp4", pan(scene(1), 48, 3))
    of = picture(shot(path, Fraction(0), Fraction(5), Fraction(1), "0"))
    for detect_cuts in (True, False):
        [found] = describe(of, detect_cuts=detect_cuts).shots
        assert found.look.motion == 0
        assert found.look.light > 0


def test_a_shot_of_one_frame_is_described(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [scene(1)] * 24)
    of = picture(shot(path, Fraction(0), Fraction(1, 24)))
    assert describe(of, detect_cuts=True).shots[0].look.light > 0.1
    assert describe(of, detect_cuts=False).shots[0].look.light > 0.1


def test_a_picture_of_one_pixel_is_described(film: Film) -> None:
    path = film("a.mkv", [np.full((1, 1, 3), 200, np.uint8)] * 24, codec="ffv1", pixels="bgr0")
    for detect_cuts in (True, False):
        [found] = describe(one(path, 1), detect_cuts=detect_cuts).shots
        assert found.look.light > 0.7
        assert found.look.motion == 0


def test_curves_follow_the_picture_half_second_by_half_second(film: Film) -> None:
    dark, bright = plain((20, 20, 20), 96), plain((220, 220, 220), 96)
    found = describe(one(film("a.mp4", dark + bright), 8), detect_cuts=True)
    light = found.curve(CurveKind.LIGHT)
    assert light is not None
    assert light.step == Fraction(1, 2)
    assert max(light.values[:8]) < 0.2
    assert min(light.values[8:]) > 0.7
    assert len(light.values) == 16
    rate = found.curve(CurveKind.CUT_RATE)
    assert rate is not None
    assert max(rate.values) == max(rate.values[7:10]) > 0
    assert found.curve(CurveKind.LOUDNESS) is None


def test_a_long_range_keeps_its_curves_short(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [scene(1)] * 24)
    long = picture(shot(path, Fraction(0), Fraction(1)), Shot(TimeRange(Fraction(1), Fraction(35_999)), "gap", None))
    found = describe(long, detect_cuts=False)
    assert {len(curve.values) <= 2000 for curve in found.curves} == {True}
    assert found.curves[0].step * len(found.curves[0].values) >= 36_000


def test_markers_and_rate_are_carried_over(film: Film, scene: Scene) -> None:
    markers = (Marker(Fraction(1, 2), "hit", "red"),)
    of = picture(shot(film("a.mp4", [scene(1)] * 24), Fraction(0), Fraction(1)), markers=markers)
    found = describe(of, detect_cuts=False)
    assert (found.markers, found.rate, found.duration) == (markers, Fraction(24), Fraction(1))
    assert not found.drop_frame
    assert describe(replace(of, drop_frame=True), detect_cuts=False).drop_frame


def test_the_sound_of_the_picture_is_heard(film: Film, scene: Scene) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 96_000).astype(np.float32)
    path = film("a.mp4", [scene(1)] * 96, sound=np.concatenate([noise * 0, noise]))
    record = TimeRange(Fraction(0), Fraction(4))
    of = picture(shot(path, Fraction(0), Fraction(4)), sound=(SoundClip(record, Source(str(path), Fraction(0))),))
    found = describe(of, detect_cuts=True)
    assert found.loudness_lufs is not None
    assert -25 < found.loudness_lufs < -10
    loudness = found.curve(CurveKind.LOUDNESS)
    assert loudness is not None
    assert loudness.values[0] < loudness.values[-1]


def test_what_cannot_be_read_is_told_and_the_rest_described(film: Film, scene: Scene, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("no film")
    good = film("good.mp4", [scene(1)] * 24)
    of = picture(shot(good, Fraction(0), Fraction(1)), shot(bad, Fraction(1), Fraction(1)))
    for detect_cuts in (True, False):
        report = RecordedReport()
        found = describe(of, detect_cuts=detect_cuts, report=report)
        assert found.shots[0].look.light > 0.1
        assert found.shots[1].sentence == "Black."
        assert any("bad.mp4" in sentence for sentence in report.warnings)


def test_a_truncated_file_is_described_as_far_as_it_goes_and_told(film: Film, scene: Scene) -> None:
    path = film("a.ts", pan(scene(1), 96, 1), options={"g": "12"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    report = RecordedReport()
    [found] = describe(one(path, 4), detect_cuts=True, report=report).shots
    assert found.record.duration == 4
    assert any("a.ts" in sentence for sentence in report.warnings)


def test_shots_past_the_end_of_a_truncated_file_are_black_and_told(film: Film, scene: Scene) -> None:
    path = film("a.ts", pan(scene(1), 240, 1), options={"g": "12"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    report = RecordedReport()
    of = picture(*(shot(path, Fraction(at), Fraction(2), Fraction(at)) for at in (0, 2, 4, 6, 8)))
    found = describe(of, detect_cuts=False, report=report)
    assert found.shots[0].look.light > 0.1
    assert found.shots[4].sentence == "Black."
    assert any("a.ts" in sentence for sentence in report.warnings)


def test_a_still_image_lasts_as_long_as_it_must(film: Film, scene: Scene) -> None:
    path = film("a.png", [scene(1)], codec="png", pixels="rgb24")
    for detect_cuts in (True, False):
        report = RecordedReport()
        [found] = describe(one(path, 30), detect_cuts=detect_cuts, report=report).shots
        assert found.look.light > 0.1
        assert report.warnings == []


def test_nothing_to_see_is_an_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.mp4"
    bad.write_text("no film")
    for detect_cuts in (True, False):
        with pytest.raises(NothingToSee, match="could be read"):
            describe(one(bad, 1), detect_cuts=detect_cuts)


@pytest.mark.parametrize("detect_cuts", [True, False])
def test_a_cancelled_job_ends_and_leaves_no_thread_behind(film: Film, scene: Scene, detect_cuts: bool) -> None:
    class Impatient(RecordedReport):
        def progress(self, done: float, total: float, unit: str) -> None:
            self.cancelled = True
            super().progress(done, total, unit)

    path = film("a.mp4", [scene(1)] * 24 * 8)
    shots = [shot(path, Fraction(at), Fraction(1), Fraction(at)) for at in range(8)]
    before = threading.active_count()
    with pytest.raises(Cancelled):
        describe(picture(*shots), detect_cuts=detect_cuts, report=Impatient())
    assert threading.active_count() == before


def test_the_same_picture_gives_the_same_description(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [image for number in range(4) for image in pan(scene(number), 24, number)])
    for detect_cuts in (True, False):
        first, second = (describe(one(path, 4), detect_cuts=detect_cuts) for _ in range(2))
        assert first == second


def test_scanning_and_glimpsing_tell_much_the_same(film: Film, scene: Scene) -> None:
    path = film("a.mp4", pan(scene(1), 48, 2) + pan(scene(2), 48, 0))
    scanned = describe(one(path, 4), detect_cuts=True)
    known = picture(*(shot(path, each.record.start, each.record.duration, each.record.start) for each in scanned.shots))
    glimpsed = describe(known, detect_cuts=False)
    for one_way, other in zip(scanned.shots, glimpsed.shots, strict=True):
        for name in ("motion", "motion_x", "light", "contrast", "saturation", "warmth"):
            assert abs(getattr(one_way.look, name) - getattr(other.look, name)) < 0.12, name


def test_no_sentence_names_a_thing(film: Film, scene: Scene) -> None:
    path = film("a.mp4", [image for number in range(12) for image in pan(scene(number), 24, number % 4)])
    found = describe(one(path, 12), detect_cuts=True)
    things = r"\b(man|woman|person|people|face|car|sea|sky|tree|house|street|animal|water|sun|city)s?\b"
    for text in [found.summary, *(each.sentence for each in found.shots)]:
        assert not re.search(things, text, re.IGNORECASE)
        assert text.endswith(".")
        assert text[0].isupper() or text[0].isdigit()
    assert len({each.sentence for each in found.shots}) > 8
