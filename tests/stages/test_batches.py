"""Several takes of an engine that makes several at once go together, and each is what it is alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Event, Fitted, Progress, Stage, StageStarted, TakeReady, Warned
from sonique_daemon.domain.request import Choosing, GenerateJob
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import Batching, Descriptor, GenerateRequest, Report
from sonique_daemon.engines.fake import MimicGenerator
from sonique_daemon.errors import Cancelled, EngineFailed, OutOfMemory, SoniqueError
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.finished import Finished
from sonique_daemon.stages.results import Results
from sonique_daemon.workers.room import CARD, MACHINE, Room
from sonique_daemon.workers.task import GENERATE, GENERATE_BATCH, Batch

GB = 10**9
TAGS = Tags("ambient", (), Tempo(60.0, 55.0, 70.0), Key(0, "ionian"))
JOB = GenerateJob(TAGS, Fraction(3), engine="mimic", seed=5, takes=4)


def never() -> None:
    return None


@dataclass(slots=True)
class Cramped:
    """Mimics, with memory for so many takes at once, and breaks at some seeds."""

    room: int = 4
    breaks_at: tuple[int, ...] = ()
    asked: list[list[int]] = field(default_factory=list)
    descriptor: Descriptor = field(default_factory=lambda: replace(MimicGenerator().descriptor, model="mimic"))

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        return self.run_batch((request,), report)[0]

    def run_batch(self, requests: Sequence[GenerateRequest], report: Report) -> tuple[Rendering, ...]:
        self.asked.append([request.seed for request in requests])
        report.warn("It hums.")
        made = MimicGenerator().run_batch(requests, report)
        if len(requests) > self.room:
            raise OutOfMemory("There is too little memory; take fewer takes.")
        if set(self.breaks_at) & set(self.asked[-1]):
            raise EngineFailed("What “mimic” made is silence; try another seed.")
        return made


@pytest.fixture
def cramped(executor: Any) -> Cramped:
    """In the place of the mimic."""
    engine = Cramped()
    generators = executor.bench.bench.registry.generators
    generators.offers["mimic"] = replace(generators.offers["mimic"], descriptor=engine.descriptor, make=lambda: engine)
    assert isinstance(engine, Batching)
    return engine


def run(chain: Chain, job: GenerateJob, finished: Finished | None = None) -> list[Event]:
    events: list[Event] = []
    chain.run(job, events.append, never, finished or Finished())
    return events


def broken(chain: Chain, job: GenerateJob) -> tuple[list[Event], SoniqueError]:
    events: list[Event] = []
    with pytest.raises(SoniqueError) as caught:
        chain.run(job, events.append, never)
    return events, caught.value


def ready(events: Sequence[Event]) -> list[TakeReady]:
    return [event for event in events if isinstance(event, TakeReady)]


def sentences(events: Sequence[Event]) -> list[str]:
    return [event.sentence for event in events if isinstance(event, Warned)]


def digests(events: Sequence[Event]) -> list[str]:
    return [event.take.files[0].sha256 for event in ready(events)]


def batches(executor: Any) -> list[int]:
    """How many renderings each call of an engine was for."""
    return [
        len(request.requests) if isinstance(request, Batch) else 1
        for (task, _), request in zip(executor.asked, executor.requests, strict=True)
        if task in {GENERATE.name, GENERATE_BATCH.name}
    ]


def forgetful(chain: Chain) -> Chain:
    """The chain with nothing in its cache."""
    return replace(chain, cues=replace(chain.cues, results=Results(MemoryCache())))


def cut(seconds: int = 3) -> Description:
    """Two cuts, so that candidates are chosen from."""
    edges = (Fraction(0), Fraction(1), Fraction(2), Fraction(seconds))
    shots = tuple(
        ShotDescription(TimeRange(start, end - start), "A shot.", Look(), change=0.5) for start, end in pairwise(edges)
    )
    return Description(Fraction(seconds), "Shots.", shots)


def test_takes_go_in_batches_of_as_many_as_the_engine_makes_at_once(chain: Chain, executor: Any) -> None:
    events = run(chain, replace(JOB, takes=6))
    assert batches(executor) == [4, 2]
    assert [event.index for event in ready(events)] == list(range(6))
    assert [event.take.seed for event in ready(events)] == list(range(5, 11))


def test_an_engine_that_makes_one_at_a_time_is_asked_for_one_at_a_time(chain: Chain, executor: Any) -> None:
    run(chain, replace(JOB, engine="tone", takes=3))
    assert executor.tasks == ["fit", "generate", "deliver"] * 3


def test_every_stage_of_a_take_says_which_of_how_many_it_is_about(chain: Chain) -> None:
    events = run(chain, replace(JOB, engine="tone", takes=3))
    begun = [event for event in events if isinstance(event, StageStarted)]
    assert [(event.take, event.job_takes) for event in begun] == [(take, 3) for take in range(3) for _ in range(3)]


def test_a_batch_says_for_how_many_takes_it_is_and_how_far_it_is(chain: Chain) -> None:
    events = run(chain, JOB)
    (begun,) = (event for event in events if isinstance(event, StageStarted) and event.stage is Stage.GENERATE)
    assert (begun.takes, begun.take, begun.job_takes) == (4, None, 4)
    assert [(e.done, e.total) for e in events if isinstance(e, Progress) and e.stage is Stage.GENERATE][-1] == (8, 8)


def test_each_take_of_a_batch_is_the_take_of_its_seed_alone(chain: Chain) -> None:
    together = digests(run(chain, JOB))
    alone = [digests(run(forgetful(chain), replace(JOB, seed=5 + index, takes=1)))[0] for index in range(4)]
    assert together == alone
    assert len(set(together)) == 4


def test_a_take_that_is_known_is_not_made_again(chain: Chain, cramped: Cramped) -> None:
    chain = replace(chain, cues=replace(chain.cues, recipe=lambda job: repr(job).encode()))
    (known,) = ready(run(chain, replace(JOB, seed=6, takes=1)))
    cramped.asked.clear()
    events = run(chain, JOB)
    assert cramped.asked == [[5, 7, 8]]
    assert ready(events)[1].take == known.take
    assert [event.take for event in events if isinstance(event, Fitted)] == [0, 1, 2, 3]


def test_candidates_of_several_takes_share_a_batch(chain: Chain, executor: Any) -> None:
    job = replace(JOB, description=cut(), engine="drummer", candidates=2)
    events = run(chain, job)
    assert batches(executor)[:1] == [4]
    assert [event.take.alignment.candidates for event in ready(events) if event.take.alignment] == [2] * 4


def test_the_usual_candidates_of_one_take_fill_a_batch(chain: Chain, executor: Any) -> None:
    run(chain, replace(JOB, description=cut(), engine="drummer", takes=2))
    assert [count for count in batches(executor) if count > 1] == [4, 4]


def in_room(chain: Chain, gigabytes: float, place: str = CARD) -> Chain:
    """The chain where models may hold so much."""
    room = Room(place, 99 * GB, int(gigabytes * GB))
    return replace(chain, casting=replace(chain.casting, room=room))


def needy(executor: Any, name: str) -> None:
    """Has that engine need 3 GB, of which each take takes one."""
    offers = executor.bench.bench.registry.generators.offers
    descriptor = replace(offers[name].descriptor, model=name, memory_bytes=3 * GB, take_bytes=GB)
    offers[name] = replace(offers[name], descriptor=descriptor)


def test_no_more_takes_go_together_than_there_is_room_for(chain: Chain, executor: Any, cramped: Cramped) -> None:
    needy(executor, "mimic")
    events = run(in_room(chain, 4.5), replace(JOB, takes=6))
    assert [len(seeds) for seeds in cramped.asked] == [2, 2, 2]
    assert [event.index for event in ready(events)] == list(range(6))
    assert not [sentence for sentence in sentences(events) if "memory" in sentence]


def test_want_of_room_takes_no_candidate_away(chain: Chain, executor: Any) -> None:
    needy(executor, "drummer")
    events = run(in_room(chain, 4), replace(JOB, description=cut(), engine="drummer", takes=1))
    assert batches(executor)[:2] == [2, 2]
    assert [event.take.alignment.candidates for event in ready(events) if event.take.alignment] == [4]


def test_without_a_card_there_is_one_candidate_unless_somebody_asks_for_more(chain: Chain, executor: Any) -> None:
    needy(executor, "drummer")
    job = replace(JOB, description=cut(), engine="drummer", takes=1)
    for wanted, made in ((0, 1), (3, 3)):
        events = run(forgetful(in_room(chain, 99, MACHINE)), replace(job, candidates=wanted))
        assert [event.take.alignment.candidates for event in ready(events) if event.take.alignment] == [made]


def test_where_memory_runs_out_half_as_many_go_together_and_that_is_told(chain: Chain, cramped: Cramped) -> None:
    cramped.room = 1
    events = run(chain, replace(JOB, takes=6))
    assert [len(seeds) for seeds in cramped.asked] == [4, 2, *[1] * 6]
    assert "“mimic” ran out of memory with 4 at once; it goes on with 2 at a time." in sentences(events)
    assert "“mimic” ran out of memory with 2 at once; it goes on with 1 at a time." in sentences(events)
    assert len(ready(events)) == 6


def test_where_one_take_does_not_fit_that_is_the_error(chain: Chain, cramped: Cramped) -> None:
    cramped.room = 0
    events, error = broken(chain, JOB)
    assert isinstance(error, OutOfMemory)
    assert not ready(events)
    assert cramped.asked == [[5, 6, 7, 8], [5, 6], [5]]


@pytest.mark.parametrize("bad", range(4))
def test_the_takes_before_the_one_that_fails_are_there_and_its_error_is_told(
    chain: Chain, cramped: Cramped, library: FolderLibrary, bad: int
) -> None:
    cramped.breaks_at = (5 + bad,)
    events, error = broken(chain, JOB)
    assert error.sentence == "What “mimic” made is silence; try another seed."
    assert [event.index for event in ready(events)] == list(range(bad))
    assert not list(library.scratch.iterdir())


def test_the_embedded_engine_makes_what_a_batch_left(chain: Chain, cramped: Cramped) -> None:
    cramped.breaks_at = (7,)
    events = run(chain, replace(JOB, choosing=Choosing(fallback=True)))
    assert [event.take.engine for event in ready(events)] == ["mimic", "mimic", "tone", "tone"]
    assert [event.index for event in ready(events)] == [0, 1, 2, 3]
    assert [event.take for event in events if isinstance(event, Fitted)] == [0, 1, 2, 3]


def test_a_sentence_about_a_batch_is_told_once_and_with_each_of_its_takes_again(chain: Chain, cramped: Cramped) -> None:
    chain = replace(chain, cues=replace(chain.cues, recipe=lambda job: repr(job).encode()))
    assert sentences(run(chain, JOB)) == ["It hums."]
    cramped.asked.clear()
    assert sentences(run(chain, replace(JOB, seed=8, takes=1))) == ["It hums."]
    assert not cramped.asked


def test_a_batch_is_cancelled_within_a_step_and_leaves_nothing(chain: Chain, library: FolderLibrary) -> None:
    events: list[Event] = []

    def check() -> None:
        if sum(isinstance(event, Progress) for event in events) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        chain.run(JOB, events.append, check)
    assert sum(isinstance(event, Progress) for event in events) == 3
    assert not list(library.scratch.iterdir())
    assert not list(library.folder.glob("audio/*"))


def test_wherever_a_daemon_ends_the_next_makes_the_takes_that_are_missing_and_no_other(
    chain: Chain, cramped: Cramped
) -> None:
    whole = run(chain, JOB)
    for length in range(len(whole)):
        cramped.asked.clear()
        finished = Finished.of(whole[:length])
        rest = run(forgetful(chain), JOB, finished)
        missing = [index for index in range(4) if index not in finished.takes]
        assert [event.index for event in ready(rest)] == missing
        assert [seed for seeds in cramped.asked for seed in seeds] == [5 + index for index in missing]
        fitted = [event.take for event in (*whole[:length], *rest) if isinstance(event, Fitted)]
        assert fitted == [0, 1, 2, 3]
        assert digests((*whole[:length], *rest)) == digests(whole)
