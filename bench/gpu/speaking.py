"""What is measured of a language model: describing 30 s in 32 frames and tagging, beside the bare calls."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.picture import Picture, Shot, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import DescribeRequest, RecordedReport, TagRequest

from bench.gpu import gauges
from bench.gpu.bare import bare_text
from bench.gpu.gauges import Spent, repeated, timed
from bench.gpu.overhearing import Asked, overheard
from bench.gpu.rows import Row
from bench.gpu.subjects import Subject
from bench.media import RATE, make_film
from bench.tiny.films import description

SHOTS = 8
"""Of 3.75 s in 30 s: four frames each, 32 together."""
_FILM = 8
"""Which of the descriptions of ``films`` is tagged."""


def describe_rows(subject: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    """A film of eight shots, each shown in four frames; as many tokens are written as may be."""
    with TemporaryDirectory() as folder:
        picture = shots_of(Path(folder) / "film.mp4", seconds[0])
        request = DescribeRequest(picture, detect_cuts=False)
        from sonique_daemon.engines.transformers.scribe import Scribe

        yield from _rows("describe", subject, Stage.DESCRIBE, request, (Scribe, ("sentences", "summary")))


def tag_rows(subject: Subject, _: Sequence[int]) -> Iterator[Row]:
    """Tags of a description of three shots, held to the schema."""
    from sonique_daemon.engines.transformers.author import ModelAuthor

    asked: Description = description(_FILM)
    yield from _rows("tag", subject, Stage.TAG, TagRequest(Brief(), asked), (ModelAuthor, ("answer",)))


def shots_of(film: Path, seconds: int) -> Picture:
    """Writes a film of 1080p24 and gives a picture of it in ``SHOTS`` shots of equal length."""
    make_film(film, seconds)
    length = Fraction(seconds, SHOTS)
    shots = tuple(
        Shot(TimeRange(length * number, length), f"shot {number}", Source(str(film), length * number))
        for number in range(SHOTS)
    )
    return Picture(Fraction(RATE), Fraction(0), Fraction(seconds), shots)


def _rows(
    section: str, subject: Subject, stage: Stage, request: Any, inner: tuple[Any, Sequence[str]]
) -> Iterator[Row]:
    row, device = partial(Row, section, subject.name), subject.device
    engine = subject.engine(stage)
    if section == "describe" or Stage.DESCRIBE not in subject.model.stages:
        yield row("load, from files just written", timed(engine.rehearse, device), "s")
    held = engine.holding.loaded()  # what is in memory, to call it without us
    gauges.forget_peak(device)
    work = partial(_run, engine, request)
    yield row("cold", timed(work, device), "s")
    calls, seen = _overheard(held, work)
    warm, spent = _warm(inner, work, device)
    yield row("warm", warm, "s")
    yield row("of it in the model", spent, "s")
    yield row("peak memory", gauges.peak(device), "GB")
    yield row("tokens written", float(_written(calls)), "")
    alone = repeated(partial(bare_text, held, calls, seen), device)
    yield row("the bare calls of the library", alone, "s")
    yield row("our call ÷ the bare library call, same work", spent / alone, most=1.03)


def _run(engine: Any, request: Any) -> None:
    engine.run(request, RecordedReport())


def _overheard(held: Any, work: Callable[[], None]) -> tuple[list[Asked], list[Asked]]:
    """What the model and its processor are asked."""
    with overheard(held.model, "generate") as calls:
        if held.processor is None:
            work()
            return _whole(calls), []
        with overheard(type(held.processor), "__call__") as seen:
            work()
    return _whole(calls), [each for each in seen if each.named.get("videos") is not None]


def _whole(calls: Sequence[Asked]) -> list[Asked]:
    """The calls with those that go on from one cache as one, which writes all that they wrote together."""
    whole: list[Asked] = []
    for asked in calls:
        cache = asked.named.get("cache")
        if whole and cache is not None and whole[-1].named.get("cache") is cache:
            whole[-1] = replace(whole[-1], answer=asked.answer)
        else:
            whole.append(asked)
    return whole


def _warm(inner: tuple[Any, Sequence[str]], work: Callable[[], None], device: str) -> tuple[float, float]:
    """Seconds of a run, and of it in what turns a question into an answer; the rest is measuring and reading films."""
    owner, methods = inner
    spent, runs = Spent(), 0

    def counted() -> None:
        nonlocal runs
        runs += 1
        work()

    with ExitStack() as stack:
        for method in methods:
            stack.enter_context(spent.inside(owner, method, device))
        whole = repeated(counted, device)
    return whole, spent.seconds / runs


def _written(calls: Sequence[Asked]) -> int:
    return sum(
        int(asked.answer.shape[0] * (asked.answer.shape[1] - asked.named["input_ids"].shape[1])) for asked in calls
    )
