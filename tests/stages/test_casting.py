"""Which engine plays which stage: profiles, licences, weights that are not there, and what goes on instead."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from sonique_daemon.catalogue.places import WEIGHTS
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Event, Planned, StageStarted, TakeReady, Warned
from sonique_daemon.domain.options import EngineOptions, Melody
from sonique_daemon.domain.request import Choosing, GenerateJob, Job, ScoreJob, TagJob, Timeline
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Rendering
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.engines.pretend import HUNGRY, pretenders
from sonique_daemon.engines.registry import Offer
from sonique_daemon.errors import (
    EngineFailed,
    EngineNotFound,
    EngineUnavailable,
    LicenceRefused,
    OutOfMemory,
    ProfileNotFound,
    WeightsMissing,
)
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.casting import Casting
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.executor import ThreadExecutor
from sonique_daemon.workers.room import Room
from sonique_daemon.workers.workbench import Workbench

from tests.weights_here import put

GB = 10**9
TAG = TagJob(Brief(bpm=90.0))
TAGS = Tags("ambient", (), Tempo(60.0, 55.0, 70.0), Key(0, "ionian"))
GENERATE = GenerateJob(TAGS, Fraction(3))


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    monkeypatch.setenv(WEIGHTS, str(tmp_path / "weights"))
    return Weights.here()


@pytest.fixture
def released() -> list[Descriptor]:
    return []


@pytest.fixture
def casting(weights: Weights, released: list[Descriptor]) -> Casting:
    assert not weights.root.exists()
    registry = pretenders()
    return Casting(registry, registry.profiles, "embedded", Room("card", 10 * GB, 8 * GB), released.append)


@pytest.fixture
def chain(casting: Casting, tmp_path: Path) -> Chain:
    registry, uploads = casting.registry, tmp_path / "uploads"
    uploads.mkdir()
    executor, library = ThreadExecutor(Workbench(registry)), FolderLibrary(tmp_path / "store")
    cache = MemoryCache()
    return assemble(executor, registry, cache, library, uploads, (), lambda job: repr(job).encode(), casting)


def told(chain: Chain, job: Job) -> list[Event]:
    events: list[Event] = []
    chain.run(job, events.append, lambda: None)
    return events


def engines(events: list[Event]) -> list[str]:
    return [event.engine for event in events if isinstance(event, StageStarted) and event.engine]


def warnings(events: list[Event]) -> list[str]:
    return [event.sentence for event in events if isinstance(event, Warned)]


def choosing(job: TagJob, **more: object) -> TagJob:
    return replace(job, choosing=Choosing(**more))  # type: ignore[arg-type]


def test_a_profile_names_what_a_request_leaves_open(chain: Chain, weights: Weights) -> None:
    put(weights, "seer")
    assert engines(told(chain, TAG)) == ["literal"]
    assert engines(told(chain, choosing(TAG, profile="together"))) == ["pretend:seer@nf4"]
    assert engines(told(chain, replace(choosing(TAG, profile="together"), engine="literal"))) == ["literal"]


def test_an_unknown_profile_is_told_with_the_nearest(casting: Casting) -> None:
    with pytest.raises(ProfileNotFound, match="did you mean “together”"):
        casting.cast(choosing(TAG, profile="togeter"))


def test_absent_weights_fail_before_any_work(chain: Chain) -> None:
    events: list[Event] = []
    with pytest.raises(WeightsMissing, match="sonique models pull seer"):
        chain.run(replace(TAG, engine="pretend:seer"), events.append, lambda: None)
    assert events == []


@pytest.mark.parametrize("engine", ["pretend:seer", "pretend:nobody", "absent:lost"])
def test_with_fallback_the_embedded_engine_goes_on_and_it_is_told(chain: Chain, weights: Weights, engine: str) -> None:
    put(weights, "lost")
    events = told(chain, replace(choosing(TAG, fallback=True), engine=engine))
    assert engines(events)[-1] == "literal"
    assert warnings(events)[-1].endswith("The embedded engine “literal” goes on in its place.")


ASKED = replace(GENERATE, melody=Melody("/tunes/hum.wav"), guide=0.3, candidates=3, options=EngineOptions(steps=5))


@pytest.mark.parametrize(
    "job",
    [ASKED, ScoreJob(Timeline("{}"), Brief(), melody=ASKED.melody, guide=0.3, candidates=3, options=ASKED.options)],
)
def test_what_the_embedded_engine_leaves_out_has_warnings_of_its_own(
    casting: Casting, job: GenerateJob | ScoreJob
) -> None:
    engine = {"engine": "pretend:player"} if isinstance(job, GenerateJob) else {"generate_engine": "pretend:player"}
    cast = casting.cast(replace(job, **engine, choosing=Choosing(fallback=True)))  # type: ignore[arg-type]
    assert cast.warnings[-5].endswith("The embedded engine “tone” goes on in its place.")
    assert cast.warnings[-4:] == (
        "The melody plays no part: the engine “tone” starts from none.",
        "The guide plays no part: the engine “tone” writes to the cuts itself.",
        "There are no candidates to choose from: the engine “tone” plays on the cuts.",
        "The engine “tone” has no steps, so that plays no part.",
    )


def test_what_is_left_out_is_told_where_the_engine_fails_at_work_too(chain: Chain) -> None:
    generators = chain.registry.generators
    able = replace(generators.descriptor("mimic"), model="mimic")

    class Broken:
        descriptor = able

        def run(self, *_: object) -> Rendering:
            raise EngineFailed("It broke.")

    generators.offers["mimic"] = Offer(able, Broken)  # type: ignore[index]
    events = told(chain, replace(GENERATE, engine="mimic", guide=0.3, choosing=Choosing(fallback=True)))
    assert "The guide plays no part: the engine “tone” writes to the cuts itself." in warnings(events)


def test_without_fallback_an_engine_that_fails_fails_the_job(chain: Chain, weights: Weights) -> None:
    put(weights, "lost")
    with pytest.raises(EngineUnavailable, match="pip install"):
        told(chain, replace(TAG, engine="absent:lost"))
    with pytest.raises(EngineNotFound):
        told(chain, replace(TAG, engine="pretend:nobody"))


def test_an_engine_that_runs_out_of_memory_may_be_replaced(
    chain: Chain, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(weights, "seer")
    monkeypatch.setenv(HUNGRY, "9")
    with pytest.raises(OutOfMemory):
        told(chain, replace(TAG, engine="pretend:seer"))
    assert engines(told(chain, replace(choosing(TAG, fallback=True), engine="pretend:seer")))[-1] == "literal"


def test_only_engines_for_commercial_use_pass_where_that_is_asked(casting: Casting, weights: Weights) -> None:
    put(weights, "player")
    job = replace(GENERATE, engine="pretend:player")
    assert casting.cast(job)
    with pytest.raises(LicenceRefused, match=r"“pretend:player@nf4” is not for commercial use \(MIT\)"):
        casting.cast(replace(job, choosing=Choosing(commercial_only=True)))
    assert casting.cast(replace(GENERATE, choosing=Choosing(commercial_only=True)))


def test_a_take_says_what_its_models_allow(chain: Chain, weights: Weights) -> None:
    put(weights, "player")
    events = told(chain, replace(GENERATE, engine="pretend:player"))
    take = next(event.take for event in events if isinstance(event, TakeReady))
    (licensed,) = take.licences
    assert (licensed.engine, licensed.model, licensed.terms.commercial) == ("pretend:player@nf4", "player", "no")
    data = take.files[0].path.read_bytes()
    assert b"commercial use: no. Credit: Player by nobody." in data
    assert b"<COMMERCIAL_USE>no</COMMERCIAL_USE>" in data


def test_the_plan_is_told_before_the_first_stage_and_only_where_a_model_runs(chain: Chain, weights: Weights) -> None:
    put(weights, "seer")
    first = told(chain, replace(TAG, engine="pretend:seer"))[0]
    assert isinstance(first, Planned)
    assert (first.place, first.kept_bytes, first.fits) == ("card", 2 * GB, True)
    assert not any(isinstance(event, Planned) for event in told(chain, TAG))


def test_what_does_not_fit_is_refused_before_any_work(casting: Casting, weights: Weights) -> None:
    put(weights, "seer")
    small = replace(casting, room=Room("card", GB, GB // 2))
    with pytest.raises(OutOfMemory, match=r"needs 1.0 GB, and models may hold 0.5 GB on the card: it does not fit"):
        small.cast(replace(TAG, engine="pretend:seer"))


@pytest.mark.parametrize(("profile", "leaves"), [("apart", ["pretend:seer@nf4"]), ("together", [])])
def test_a_model_goes_after_its_last_stage_where_the_plan_says_so(
    casting: Casting, weights: Weights, released: list[Descriptor], profile: str, leaves: list[str]
) -> None:
    put(weights, "seer")
    put(weights, "player")
    cast = casting.cast(ScoreJob(Timeline("{}"), Brief(), choosing=Choosing(profile)))
    for stage in cast.playing:
        cast.play(stage, lambda name: name, lambda _: None)
    assert [engine.name for engine in released] == leaves


def test_the_outlook_of_a_profile_says_what_it_lacks(casting: Casting, weights: Weights) -> None:
    put(weights, "seer")
    outlooks = {outlook.profile.name: outlook for outlook in casting.outlooks()}
    assert outlooks["embedded"].chosen
    assert outlooks["embedded"].missing == ()
    (lack,) = outlooks["together"].missing
    assert "sonique models pull player" in lack
    assert outlooks["apart"].plan.peak_bytes < outlooks["together"].plan.peak_bytes
