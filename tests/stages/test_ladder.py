"""Music of an engine that plays no tempo map is brought to the cuts, and the take says how."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.domain.alignment import LARGEST_STRETCH, Alignment, Rung
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Event, TakeReady, Warned
from sonique_daemon.domain.measures import Hearing
from sonique_daemon.domain.request import GenerateJob
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Take
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.registry import Registry, Shelf, embedded
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.stages.cache import MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.results import Results
from sonique_daemon.workers.executor import ThreadExecutor
from sonique_daemon.workers.workbench import Workbench

from tests.stages.conftest import CountingExecutor, own_style

CUTS = (Fraction(7, 2), Fraction(8), Fraction(25, 2), Fraction(18), Fraction(47, 2), Fraction(28), Fraction(34))
TAGS = Tags("rock", (), Tempo(110.0, 100.0, 125.0), Key(0, "ionian"), hit_strength=1.0)


def never() -> None:
    return None


def picture(cuts: tuple[Fraction, ...] = CUTS) -> Description:
    edges = (Fraction(0), *cuts, Fraction(40))
    shots = tuple(
        ShotDescription(TimeRange(start, end - start), "A shot.", Look(), change=0.5) for start, end in pairwise(edges)
    )
    return Description(Fraction(40), "Shots.", shots)


JOB = GenerateJob(TAGS, Fraction(40), picture(), engine="drummer")


def made(chain: Chain, job: GenerateJob) -> tuple[Take, list[Event]]:
    events: list[Event] = []
    chain.run(job, events.append, never)
    return next(event.take for event in events if isinstance(event, TakeReady)), events


def alignment(take: Take) -> Alignment:
    assert take.alignment is not None
    return take.alignment


def heard(take: Take) -> Hearing:
    assert take.measures.heard is not None
    return take.measures.heard


def test_a_rhythm_at_a_wrong_tempo_and_phase_meets_the_cuts_within_40_ms(chain: Chain) -> None:
    take, _ = made(chain, JOB)
    assert alignment(take).before < 0.4
    assert alignment(take).met
    assert {Rung.TEMPO, Rung.CANDIDATES, Rung.STRETCH} <= set(alignment(take).rungs)
    assert abs(alignment(take).stretch) <= LARGEST_STRETCH + 1e-6
    errors = [hit.error for hit in heard(take).hits]
    assert sum(error is not None and abs(error) <= 0.04 for error in errors) >= len(CUTS) - 1


def test_the_ladder_stops_where_the_target_is_met(chain: Chain) -> None:
    take, _ = made(chain, JOB)
    assert Rung.INPAINT not in alignment(take).rungs


def test_what_still_misses_is_made_anew_round_its_cuts(chain: Chain) -> None:
    crowded = tuple(
        Fraction(n, 24) for n in np.cumsum([29, 37, 23, 43, 31, 59, 27, 33, 47, 25, 41, 22, 53, 35, 28, 39])
    )
    take, _ = made(chain, replace(JOB, description=picture(tuple(c for c in crowded if c < 39)), candidates=1))
    assert Rung.INPAINT in alignment(take).rungs
    assert alignment(take).after > alignment(take).before


def test_candidates_are_made_in_one_batch_and_told(chain: Chain, executor: CountingExecutor) -> None:
    take, _ = made(chain, replace(JOB, candidates=3))
    assert alignment(take).candidates == 3
    assert [name for name, engine in executor.asked if engine == "drummer"] == ["generate_batch"]


def test_without_cuts_nothing_is_aligned(chain: Chain, executor: CountingExecutor) -> None:
    take, _ = made(chain, replace(JOB, description=None))
    assert take.alignment is None
    assert "align" not in executor.tasks


def test_an_engine_that_plays_the_map_needs_no_ladder(chain: Chain, executor: CountingExecutor) -> None:
    take, _ = made(chain, replace(JOB, engine="tone"))
    assert take.alignment is None
    assert "align" not in executor.tasks


def test_a_miss_is_told_with_its_number_and_the_way_out(chain: Chain) -> None:
    random = np.random.Generator(np.random.PCG64(1))
    crowded = tuple(sorted({Fraction(int(frame), 24) for frame in random.integers(12, 950, 90)}))
    take, events = made(chain, replace(JOB, description=picture(crowded)))
    sentences = [event.sentence for event in events if isinstance(event, Warned)]
    assert any("of 100 above chance" in sentence for sentence in sentences)
    assert not alignment(take).met


def test_the_file_says_how_it_was_brought_to_the_cuts(chain: Chain) -> None:
    take, _ = made(chain, JOB)
    assert b"<ALIGNMENT>tempo, candidates, stretch" in Path(take.files[0].path).read_bytes()


def test_the_same_request_gives_the_same_file(chain: Chain, guided: Chain) -> None:
    first, second = (
        made(chain, JOB)[0],
        made(replace(guided, cues=replace(guided.cues, results=Results(MemoryCache()))), JOB)[0],
    )
    assert first.files[0].sha256 == second.files[0].sha256


def test_a_guide_lies_on_the_cuts_and_a_little_noise_keeps_it_there(guided: Chain) -> None:
    take, _ = made(guided, replace(JOB, guide=0.1, candidates=1))
    assert alignment(take).rungs[:2] == (Rung.TEMPO, Rung.GUIDE)
    assert alignment(take).before > 0.5


def test_a_take_over_a_draft_is_made_anew_once_its_composer_has_other_styles(
    guided: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = replace(JOB, duration=Fraction(4), description=None, guide=0.1)
    first, _ = made(guided, job)
    assert made(guided, job)[0].id == first.id
    monkeypatch.setenv("SONIQUE_CONFIG", str(own_style(tmp_path)))
    assert made(guided, job)[0].id != first.id


def test_a_guide_needs_an_engine_that_starts_from_audio(guided: Chain) -> None:
    with pytest.raises(InvalidRequest, match="leave the guide out"):
        made(guided, replace(JOB, engine="composer", guide=0.5))


@pytest.fixture
def guided(chain: Chain, registry: Registry) -> Chain:
    """The chain with the composer beside the fakes, and in the place of the tone."""
    others = {name: offer for name, offer in registry.generators.offers.items() if name != "tone"}
    every = {**others, **embedded().generators.offers}
    both = Registry(registry.describers, registry.taggers, Shelf(registry.generators.stage, every))
    executor = ThreadExecutor(Workbench(both))
    casting, cues = replace(chain.casting, registry=both), replace(chain.cues, registry=both, executor=executor)
    return replace(chain, registry=both, executor=executor, casting=casting, cues=cues)
