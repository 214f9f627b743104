from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.events import Event, Progress, Stage, StageStarted, Warned
from sonique_daemon.jobs.pace import PacedEmitter


def progress(done: float, total: float = 100.0, left: float | None = None) -> Progress:
    return Progress(Stage.GENERATE, done, total, "s of audio", left)


@dataclass
class Watch:
    """A clock that shows what it is set to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def paced() -> tuple[PacedEmitter, list[Event], Watch]:
    sent: list[Event] = []
    watch = Watch()
    return PacedEmitter(sent.append, watch), sent, watch


@given(st.lists(st.floats(0.0, 0.3), min_size=1, max_size=200))
def test_a_stage_sends_at_most_ten_progress_events_a_second_and_always_its_last(pauses: list[float]) -> None:
    now = [0.0]
    sent: list[tuple[float, Event]] = []
    emit = PacedEmitter(lambda event: sent.append((now[0], event)), lambda: now[0])
    for number, pause in enumerate(pauses):
        now[0] += pause
        emit(progress(number, len(pauses)))
    emit.close()
    moments = [moment for moment, _ in sent]
    for index, moment in enumerate(moments):
        assert sum(moment <= other < moment + 1.0 for other in moments[index:]) <= 10
    last = sent[-1][1]
    assert isinstance(last, Progress)
    assert last.done == len(pauses) - 1


def test_what_was_kept_back_comes_out_before_the_next_stage() -> None:
    emit, sent, _ = paced()
    for number in range(5):
        emit(progress(number))
    emit(StageStarted(Stage.DELIVER))
    assert [event.done for event in sent if isinstance(event, Progress)] == [0, 4]
    assert isinstance(sent[-1], StageStarted)


def test_other_events_are_never_kept_back() -> None:
    emit, sent, _ = paced()
    for number in range(50):
        emit(Warned(str(number)))
    assert len(sent) == 50


def test_the_time_left_follows_from_the_pace() -> None:
    emit, sent, watch = paced()
    emit(StageStarted(Stage.GENERATE))
    watch.now = 2.0
    emit(progress(25.0))
    event = sent[-1]
    assert isinstance(event, Progress)
    assert event.seconds_left == 6.0


def test_a_stage_that_knows_the_time_left_is_believed() -> None:
    emit, sent, watch = paced()
    emit(StageStarted(Stage.GENERATE))
    watch.now = 2.0
    emit(progress(25.0, left=1.5))
    assert sent[-1] == progress(25.0, left=1.5)


def test_no_time_left_is_told_where_the_whole_is_unknown() -> None:
    emit, sent, watch = paced()
    emit(StageStarted(Stage.GENERATE))
    watch.now = 2.0
    emit(progress(25.0, total=0.0))
    assert sent[-1] == progress(25.0, total=0.0)


def expecting(seconds: float | None) -> tuple[PacedEmitter, list[Event], Watch]:
    sent: list[Event] = []
    watch = Watch()
    return PacedEmitter(sent.append, watch, lambda _: seconds), sent, watch


def seconds_left(sent: list[Event]) -> float | None:
    event = sent[-1]
    assert isinstance(event, Progress)
    return event.seconds_left


def test_before_the_pace_shows_what_was_learned_tells_the_time_left() -> None:
    emit, sent, _ = expecting(40.0)
    emit(StageStarted(Stage.GENERATE))
    emit(progress(0.0))
    assert seconds_left(sent) == 40.0


def test_the_pace_weighs_the_more_the_further_the_stage_is() -> None:
    emit, sent, watch = expecting(40.0)
    emit(StageStarted(Stage.GENERATE))
    watch.now = 2.0
    emit(progress(25.0))
    assert seconds_left(sent) == 0.75 * 30.0 + 0.25 * 6.0
    watch.now = 4.0
    emit(progress(75.0))
    assert seconds_left(sent) == pytest.approx(0.25 * 10.0 + 0.75 * 4.0 / 3.0)
    emit(progress(100.0))
    emit.close()
    assert seconds_left(sent) == 0.0


def test_where_the_whole_is_unknown_what_was_learned_runs_down() -> None:
    emit, sent, watch = expecting(40.0)
    emit(StageStarted(Stage.GENERATE))
    watch.now = 15.0
    emit(progress(25.0, total=0.0))
    assert seconds_left(sent) == 25.0
    watch.now = 90.0
    emit(progress(26.0, total=0.0))
    assert seconds_left(sent) == 0.0


def test_a_tick_sends_what_is_due() -> None:
    emit, sent, watch = paced()
    emit(progress(1.0))
    watch.now = 0.01
    emit(progress(2.0))
    emit.tick()
    assert len(sent) == 1
    watch.now = 0.2
    emit.tick()
    assert [event.done for event in sent if isinstance(event, Progress)] == [1.0, 2.0]
