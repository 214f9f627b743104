from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.ducking import Ducking, DuckingManner, SpeechGain
from sonique_daemon.domain.events import Event, Fitted, Stage, StageStarted, TakeReady, Warned
from sonique_daemon.domain.request import Delivery, GenerateJob
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.fake import ToneGenerator
from sonique_daemon.errors import Cancelled, EngineFailed, MediaNotFound, StoreFull
from sonique_daemon.server.wire.fields import TAKE_ID
from sonique_daemon.stages.cache import FolderLibrary
from sonique_daemon.stages.chain import Chain

JOB = GenerateJob(Tags("ambient", (), Tempo(60.0, 55.0, 70.0), Key(0, "ionian")), Fraction(3), seed=5)


def never() -> None:
    return None


def made(chain: Chain, job: GenerateJob, events: list[Event]) -> list[TakeReady]:
    chain.run(job, events.append, never)
    return [event for event in events if isinstance(event, TakeReady)]


def test_the_same_wish_gets_the_very_same_take(chain: Chain, events: list[Event], executor: Any) -> None:
    (first,) = made(chain, JOB, [])
    executor.asked.clear()
    (again,) = made(chain, JOB, events)
    assert again == first
    assert not executor.asked
    grid = Fitted(first.take.tempo_map)
    steps = ((Stage.FIT, ""), (Stage.GENERATE, "tone"), (Stage.DELIVER, ""))
    fitted, *sounded = (StageStarted(stage, engine, cached=True, take=0, job_takes=1) for stage, engine in steps)
    assert events == [fitted, grid, *sounded, first]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 6},
        {"delivery": Delivery(stems=True)},
        {"tags": replace(JOB.tags, style="folk")},
    ],
)
def test_another_wish_gets_another_take(chain: Chain, executor: Any, change: dict[str, Any], library: Any) -> None:
    recipes = replace(chain.cues, recipe=lambda job: repr(job).encode())
    chain = replace(chain, cues=recipes)
    (first,) = made(chain, JOB, [])
    (other,) = made(chain, replace(JOB, **change), [])
    assert other.take.id != first.take.id
    assert executor.tasks.count("generate") == 2
    assert library.folder.exists()


def test_a_take_that_was_made_with_stems_is_known_where_none_are_wanted(chain: Chain, executor: Any) -> None:
    (full,) = made(chain, replace(JOB, delivery=Delivery(stems=True)), [])
    executor.asked.clear()
    (plain,) = made(chain, JOB, [])
    assert not executor.asked
    assert [file.name for file in plain.take.files if file.name not in ("mix", "score")] == []
    assert [file for file in full.take.files if file.name in ("mix", "score")] == list(plain.take.files)
    assert plain.take.id != full.take.id  # whose stems are still to be read
    full.take.files[0].path.unlink()
    (anew,) = made(chain, JOB, [])
    assert (anew.take.files[0].sha256, anew.take.id == full.take.id) == (full.take.files[0].sha256, False)


def test_several_takes_are_known_one_by_one(chain: Chain, executor: Any) -> None:
    (first,) = made(chain, JOB, [])
    executor.asked.clear()
    several = made(chain, replace(JOB, takes=3), [])
    assert several[0].take == first.take
    assert executor.tasks == ["fit", "generate", "deliver"] * 2


def test_a_take_whose_file_is_gone_is_made_again_with_the_same_bytes(chain: Chain) -> None:
    (first,) = made(chain, JOB, [])
    first.take.files[0].path.unlink()
    (again,) = made(chain, JOB, [])
    assert again.take.id != first.take.id
    assert [file.sha256 for file in again.take.files] == [file.sha256 for file in first.take.files]
    assert all(file.path.is_file() for file in again.take.files)


def spoken(manner: DuckingManner) -> GenerateJob:
    speech = (TimeRange(Fraction(1), Fraction(1)),)
    description = Description(Fraction(3), "Somebody talks.", (), speech=speech)
    return replace(JOB, description=description, delivery=Delivery(ducking=Ducking(6.0, manner=manner)))


def test_a_take_tells_its_gain_under_speech_and_whether_its_file_holds_it(chain: Chain) -> None:
    chain = replace(chain, cues=replace(chain.cues, recipe=lambda job: repr(job).encode()))
    (plain,) = made(chain, replace(JOB, description=spoken(DuckingManner.BAKED).description), [])
    (baked,) = made(chain, spoken(DuckingManner.BAKED), [])
    (told,) = made(chain, spoken(DuckingManner.ENVELOPE), [])
    for take, holds in ((baked.take, True), (told.take, False)):
        assert take.speech_gain is not None
        assert take.speech_gain.baked is holds
        assert [point.db for point in take.speech_gain.points] == [0.0, -6.0, -6.0, pytest.approx(-1.5)]
    assert plain.take.speech_gain is None
    assert baked.take.measures.loudness_lufs < told.take.measures.loudness_lufs
    assert told.take.measures.loudness_lufs == pytest.approx(plain.take.measures.loudness_lufs)


def test_ducking_without_a_description_is_told_to_be_for_nothing(chain: Chain, events: list[Event]) -> None:
    (ready,) = made(chain, replace(JOB, delivery=Delivery(ducking=Ducking())), events)
    assert ready.take.speech_gain == SpeechGain((), baked=True)
    assert [event.sentence for event in events if isinstance(event, Warned)] == [
        "Nothing is turned down under speech: without a description nobody knows where it is."
    ]


def test_what_the_result_needs_of_the_library_is_told_to_the_cache(chain: Chain, cache: Any) -> None:
    (ready,) = made(chain, replace(JOB, delivery=Delivery(stems=True)), [])
    (kept,) = (result for result in cache.results.values() if result.stage is Stage.GENERATE)
    assert kept.files == tuple(file.sha256 for file in ready.take.files)


def test_a_library_that_cannot_be_written_is_told_as_such(chain: Chain, library: FolderLibrary) -> None:
    class Full(FolderLibrary):
        def admit(self, *_: object) -> Path:
            raise OSError(28, "No space left on device")

    full = replace(chain, cues=replace(chain.cues, library=Full(library.folder)))
    with pytest.raises(StoreFull, match="No space left on device"):
        made(full, JOB, [])
    assert not list(library.scratch.iterdir())


def test_a_job_that_is_cancelled_right_after_delivery_keeps_no_audio(chain: Chain, library: FolderLibrary) -> None:
    def check() -> None:
        if list(library.scratch.glob("*/files/mix.wav")):
            raise Cancelled

    with pytest.raises(Cancelled):
        chain.run(JOB, lambda _: None, check)
    assert not list(library.scratch.iterdir())
    assert not list(library.folder.glob("audio/*"))


def test_an_engine_that_breaks_leaves_nothing_behind(chain: Chain, library: FolderLibrary, executor: Any) -> None:
    generators = executor.bench.bench.registry.generators

    class Broken:
        descriptor = generators.descriptor("")

        def run(self, request: Any, _: Any) -> Any:
            (request.workspace / "half.raw").write_bytes(b"half")
            raise EngineFailed("It broke.")

    generators.offers["tone"] = replace(generators.offers["tone"], make=Broken)
    with pytest.raises(EngineFailed):
        made(chain, JOB, [])
    assert not list(library.scratch.iterdir())
    assert not list(library.folder.glob("audio/*"))


def test_what_was_warned_of_is_told_whenever_the_take_serves_again(chain: Chain, executor: Any) -> None:
    generators = executor.bench.bench.registry.generators

    class Uneasy:
        descriptor = generators.descriptor("")

        def run(self, request: Any, report: Any) -> Any:
            report.warn("The ending is short.")
            return ToneGenerator().run(request, report)

    generators.offers["tone"] = replace(generators.offers["tone"], make=Uneasy)
    for known in (False, True):
        events: list[Event] = []
        made(chain, JOB, events)
        assert events.count(Warned("The ending is short.")) == 1
        assert StageStarted(Stage.GENERATE, "tone", cached=known, take=0, job_takes=1) in events


@pytest.mark.parametrize("style", ["hip hop, soul", "../../etc", "x" * 100, "日本"])
def test_a_take_of_any_style_has_an_id_that_can_be_asked_for(chain: Chain, style: str) -> None:
    job = replace(JOB, tags=replace(JOB.tags, style=style), seed=2**63 - 1)
    (ready,) = made(chain, job, [])
    assert TAKE_ID.fullmatch(ready.take.id)


def test_a_soundfont_that_goes_between_two_takes_is_told(chain: Chain, tmp_path: Path) -> None:
    font = tmp_path / "strings.sf2"
    font.write_bytes(b"x")

    def emit(event: Event) -> None:
        if isinstance(event, TakeReady):
            font.unlink()

    chain = replace(chain, media_roots=(tmp_path,))
    with pytest.raises(MediaNotFound, match="not there any more"):
        chain.run(replace(JOB, soundfont=str(font), takes=2), emit, never)
