from dataclasses import replace
from typing import Any

import pytest
from sonique_daemon.domain.events import Described, Event, ShotDescribed, Stage, StageStarted, Warned
from sonique_daemon.domain.request import CutSource, DescribeJob, Timeline
from sonique_daemon.errors import Cancelled, EngineFailed, StoreFull
from sonique_daemon.stages.cache import MemoryCache, Remembered
from sonique_daemon.stages.chain import Chain

JOB = DescribeJob(Timeline("{}"))


def never() -> None:
    return None


@pytest.fixture
def warm(chain: Chain, describer: Any, executor: Any) -> Chain:
    """A chain that has described the picture once."""
    chain.run(JOB, lambda _: None, never)
    describer.looked_at.clear()
    executor.asked.clear()
    return chain


def test_a_picture_that_is_known_is_not_looked_at(warm: Chain, events: list[Event], executor: Any) -> None:
    warm.run(JOB, events.append, never)
    assert executor.tasks == ["conform"]
    assert [type(event) for event in events[2:]] == [StageStarted, Described]
    assert events[2] == StageStarted(Stage.DESCRIBE, "noting", cached=True)


def test_a_picture_is_known_wherever_its_range_stands_and_whatever_it_is_called(
    warm: Chain, events: list[Event], executor: Any
) -> None:
    picture = replace(executor.reading.picture, name="other", start=0, warnings=("One.",))
    executor.reading = replace(executor.reading, picture=picture)
    warm.run(JOB, events.append, never)
    assert executor.tasks == ["conform"]
    assert Warned("One.") in events


def test_one_trimmed_clip_is_one_shot_and_one_sound(
    warm: Chain, events: list[Event], executor: Any, describer: Any, read: Any
) -> None:
    executor.reading = read(("a", 10, 1), ("b", 20, 3))
    warm.run(JOB, events.append, never)
    assert describer.looked_at == ["shot a at 10", "sound a at 10"]
    assert [event.cached for event in events if isinstance(event, ShotDescribed)] == [False, True]
    assert StageStarted(Stage.DESCRIBE, "noting") in events


@pytest.mark.parametrize(
    "spans",
    [
        (("b", 20, 3), ("a", 10, 2)),
        (("a", 10, 2), ("a", 10, 2), ("b", 20, 3)),
        (("b", 20, 3), ("b", 20, 3)),
    ],
)
def test_clips_are_known_in_any_order_and_any_number(
    warm: Chain, executor: Any, describer: Any, read: Any, spans: Any
) -> None:
    executor.reading = read(*spans)
    events: list[Event] = []
    warm.run(JOB, events.append, never)
    assert not describer.looked_at
    assert all(event.cached for event in events if isinstance(event, ShotDescribed))


def test_changed_media_is_looked_at_again(warm: Chain, executor: Any, describer: Any, read: Any) -> None:
    executor.reading = read(("a", 10, 2), ("b", 20, 3), digest=b"2" * 32)
    warm.run(JOB, lambda _: None, never)
    assert len(describer.looked_at) == 4


def test_another_way_of_cutting_looks_again(warm: Chain, describer: Any) -> None:
    warm.run(DescribeJob(Timeline("{}", cuts=CutSource.DETECT)), lambda _: None, never)
    assert len(describer.looked_at) == 4


def test_another_version_of_the_engine_looks_again(warm: Chain, describer: Any, registry: Any) -> None:
    offer = registry.describers.offers["noting"]
    registry.describers.offers["noting"] = replace(offer, descriptor=replace(offer.descriptor, version="2"))
    warm.run(JOB, lambda _: None, never)
    assert len(describer.looked_at) == 4


def test_media_without_a_fingerprint_is_never_known(chain: Chain, executor: Any, describer: Any, cache: Any) -> None:
    executor.reading = replace(executor.reading, fingerprints=executor.reading.fingerprints[:1])
    for _ in range(2):
        chain.run(JOB, lambda _: None, never)
    assert describer.looked_at.count("shot a at 10") == 1
    assert describer.looked_at.count("shot b at 20") == 2
    assert len(cache.results) == 2


@pytest.mark.parametrize("end", [Cancelled(), EngineFailed("It broke.")])
def test_what_was_looked_at_stays_known_where_the_job_ends_early(chain: Chain, describer: Any, end: Exception) -> None:
    def stop() -> None:
        if len(describer.looked_at) == 3:
            raise end

    describer.between = stop
    with pytest.raises(type(end)):
        chain.run(JOB, lambda _: None, never)
    describer.between = never
    chain.run(JOB, lambda _: None, never)
    assert describer.looked_at[3:] == ["sound b at 20"]


def test_notes_are_kept_while_the_engine_still_looks(
    chain: Chain, executor: Any, describer: Any, cache: MemoryCache, read: Any
) -> None:
    kept: list[int] = []
    describer.between = lambda: kept.append(len(cache.results))
    executor.reading = read(*(("a", at, 1) for at in range(20)))
    chain.run(JOB, lambda _: None, never)
    assert 16 <= kept[-1] < 40


def test_notes_that_no_request_can_carry_are_found_out_again(
    warm: Chain, executor: Any, describer: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor.reading = read(("b", 20, 3), ("c", 0, 1), ("a", 10, 2))
    monkeypatch.setattr("sonique_daemon.stages.describer._MOST_KNOWN", 150)
    warm.run(JOB, lambda _: None, never)
    assert "shot b at 20" not in describer.looked_at
    assert {"shot a at 10", "shot c at 0"} <= set(describer.looked_at)


def test_a_picture_with_complaints_is_not_known_as_a_whole(chain: Chain, events: list[Event], describer: Any) -> None:
    describer.complaint = "Part of “a” is damaged."
    chain.run(JOB, lambda _: None, never)
    chain.run(JOB, events.append, never)
    assert Warned(describer.complaint) in events
    assert StageStarted(Stage.DESCRIBE, "noting") in events


def test_a_full_disk_costs_only_the_memory(chain: Chain, events: list[Event]) -> None:
    class Full(MemoryCache):
        def remember(self, results: Any) -> None:  # noqa: ARG002 - the seam's name
            raise StoreFull("The disk is full.")

    full = replace(chain, describer=replace(chain.describer, results=replace(chain.describer.results, cache=Full())))
    full.run(JOB, events.append, never)
    assert isinstance(events[-1], Described)


def test_what_another_release_wrote_is_found_out_again(warm: Chain, events: list[Event], cache: MemoryCache) -> None:
    for key, result in list(cache.results.items()):
        if len(result.value) > 200:  # the description; notes are the engine's own matter
            cache.results[key] = Remembered(key, result.stage, b"\x93no description")
    warm.run(JOB, events.append, never)
    assert StageStarted(Stage.DESCRIBE, "noting") in events
    assert isinstance(events[-1], Described)
