"""A real daemon, a catalogue of the user's own with tiny models in it, and jobs from a client."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from sonique.v1 import brief_pb2, engines_pb2, events_pb2, jobs_pb2, scoring_pb2
from sonique_client import scoring
from sonique_client.connection import Connection, connect
from sonique_client.errors import JobFailed
from sonique_daemon.engines.registry import EVERYTHING

from bench.faults import asks
from bench.faults.home import Home, home
from bench.tiny.chatting import save_chatting
from bench.tiny.seeing import save_seeing
from bench.tiny.shelf import entries, record, tiny_model

Event = events_pb2.JobEvent
SEES, CHATS, SPOILT, ABSENT = "vlm:seer@nf4", "llm:chatter@bf16", "llm:spoilt@bf16", "llm:absent@bf16"


@dataclass(frozen=True)
class Here:
    """A daemon, how to speak to it, and a film."""

    home: Home
    connection: Connection
    film: Path

    def describe(self, job_id: str, shots: int = 4, engine: str = SEES) -> scoring_pb2.DescribeRequest:
        return scoring_pb2.DescribeRequest(job_id=job_id, timeline=asks.timeline(self.film, shots), engine=engine)

    def events(self, request: scoring_pb2.DescribeRequest | scoring_pb2.TagRequest) -> list[Event]:
        return list(scoring.run(self.connection, request))

    def worker(self, name: str) -> engines_pb2.Worker | None:
        workers = self.connection.engines.ListWorkers(engines_pb2.ListWorkersRequest()).workers
        return next((worker for worker in workers if worker.name == name), None)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    folder = tmp_path_factory.mktemp("models")
    models = [tiny_model("seer", "vlm"), *(tiny_model(name, "llm") for name in ("chatter", "spoilt", "absent"))]
    save_seeing("qwen3-vl", folder / "seer")
    save_chatting("mistral", folder / "chatter")
    shutil.copytree(folder / "chatter", folder / "spoilt")
    (folder / "spoilt" / "config.json").write_text("{}")
    for model in models[:3]:
        record(model, folder / model.name, folder / "weights")
    (folder / "models.toml").write_text(entries(models))
    own = {"SONIQUE_WEIGHTS": str(folder / "weights"), "SONIQUE_MODELS": str(folder / "models.toml")}
    film = asks.make_film(folder / "film.mp4", [2.0] * 6)
    with home(folder / "home", "--registry", EVERYTHING, **own) as running, pytest.MonkeyPatch.context() as patch:
        running.start()
        for name, value in running.variables.items():
            patch.setenv(name, value)
        with connect(start=None) as connection:
            yield Here(running, connection, film)


def of_kind(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event.WhichOneof("event") == kind]


def test_a_description_comes_shot_by_shot_word_by_word_and_with_progress(here: Here) -> None:
    events = here.events(here.describe("describe"))
    (described,) = of_kind(events, "description")
    assert [event.shot_described.shot.sentence for event in of_kind(events, "shot_described")] == [
        shot.sentence for shot in described.description.shots
    ]
    assert len(described.description.shots) == 4
    assert all(shot.sentence for shot in described.description.shots)
    words = [event.wording for event in of_kind(events, "wording")]
    assert {word.shot if word.HasField("shot") else None for word in words} == {0, 1, 2, 3, None}
    assert all(word.stage == events_pb2.STAGE_DESCRIBE for word in words)
    assert len(of_kind(events, "progress")) >= 3
    assert events[-1].WhichOneof("event") == "done"


def test_the_model_that_described_tags_in_the_same_worker(here: Here) -> None:
    (described,) = of_kind(here.events(here.describe("both-describe")), "description")
    before = here.worker("seer@nf4")
    request = scoring_pb2.TagRequest(job_id="both-tag", description=described.description, engine=SEES)
    (tagged,) = of_kind(here.events(request), "tags")
    after = here.worker("seer@nf4")
    assert tagged.tags.style
    assert before is not None
    assert after is not None
    assert after.pid == before.pid


def test_a_chat_model_tags_and_the_users_word_wins(here: Here) -> None:
    brief = brief_pb2.Brief(genres=["jazz"], bpm=120.0)
    events = here.events(scoring_pb2.TagRequest(job_id="tag", brief=brief, engine=CHATS))
    (tagged,) = of_kind(events, "tags")
    assert (tagged.tags.style, tagged.tags.tempo.bpm) == ("jazz", 120.0)
    assert of_kind(events, "wording")[-1].wording.text.endswith("}")


def test_a_job_is_cancelled_in_mid_sentence_and_the_next_one_runs_on_the_same_worker(here: Here) -> None:
    request = here.describe("cancelled", shots=6)
    before = here.worker("seer@nf4")
    ended = ""
    for event in _until_words(here, request):
        ended = event.WhichOneof("event") or ""
    assert ended == "cancelled"
    assert of_kind(here.events(here.describe("after", shots=5)), "done")
    after = here.worker("seer@nf4")
    assert before is not None
    assert after is not None
    assert after.pid == before.pid


def _until_words(here: Here, request: scoring_pb2.DescribeRequest) -> Iterator[Event]:
    """The events of a job that is cancelled as soon as it has its first words."""
    cancelled = False
    for event in here.connection.scoring.Describe(request):
        if not cancelled and event.WhichOneof("event") in {"wording", "shot_described"}:
            cancelled = True
            here.connection.jobs.Cancel(jobs_pb2.CancelRequest(job_id=request.job_id))
        yield event


def test_memory_comes_back_when_the_model_is_let_go(here: Here) -> None:
    here.events(here.describe("let-go"))
    worker = here.worker("seer@nf4")
    assert worker is not None
    here.connection.engines.Unload(engines_pb2.UnloadRequest(stage=events_pb2.STAGE_DESCRIBE, name=SEES))
    psutil.wait_procs([psutil.Process(worker.pid)] if psutil.pid_exists(worker.pid) else [], timeout=60)
    assert not psutil.pid_exists(worker.pid)
    assert here.worker("seer@nf4") is None


def test_a_description_that_is_known_is_not_written_again(here: Here) -> None:
    here.events(here.describe("known-1", shots=3))
    events = here.events(here.describe("known-2", shots=3))
    assert not of_kind(events, "wording")
    assert any(event.stage_started.cached for event in of_kind(events, "stage_started"))


@pytest.mark.parametrize(
    ("engine", "code", "words"),
    [
        (SPOILT, "WEIGHTS_DAMAGED", "do not fit each other"),
        (ABSENT, "WEIGHTS_MISSING", "are not on this machine"),
        ("llm:xyzzy", "ENGINE_NOT_FOUND", "No engine “llm:xyzzy”"),
    ],
)
def test_what_cannot_be_had_fails_with_a_sentence(here: Here, engine: str, code: str, words: str) -> None:
    request = scoring_pb2.TagRequest(job_id=code.lower(), engine=engine)
    with pytest.raises(JobFailed, match=words) as failed:
        here.events(request)
    assert failed.value.code == code
