"""Calls of the daemon over gRPC, each with a deadline, as the courier makes them. No stream, no future."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import json_format
from sonique.v1 import engines_pb2, events_pb2, jobs_pb2, take_pb2, takes_pb2
from sonique_client.errors import from_rpc, speaks_for_itself, status_of
from sonique_client.stages import which_text

from .gateway import (
    Begins,
    End,
    Ends,
    Gone,
    MadeFile,
    MadeTake,
    Memory,
    Moves,
    Refused,
    Stage,
    Tagged,
    Told,
    Unanswered,
    Vocabulary,
    Waits,
    Warns,
    Word,
)
from .orders import Order
from .requests import to_request

if TYPE_CHECKING:
    from sonique_client.connection import Connection

_STAGES = {
    events_pb2.STAGE_CONFORM: Stage.CONFORM,
    events_pb2.STAGE_DESCRIBE: Stage.DESCRIBE,
    events_pb2.STAGE_TAG: Stage.TAG,
    events_pb2.STAGE_FIT: Stage.FIT,
    events_pb2.STAGE_GENERATE: Stage.GENERATE,
    events_pb2.STAGE_DELIVER: Stage.DELIVER,
}
_MOST_EVENTS = 64
"""Of one poll: Blender takes them all in within one tick, and asks for what came after them with the next."""
_NOT_IN_TIME = ("DEADLINE_EXCEEDED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class GrpcGateway:
    """A daemon over a connection that it has answered on.

    Attributes:
        connection: the connection; it is this one's from here on.
    """

    connection: "Connection"

    @property
    def release(self) -> str:
        """The daemon's release."""
        return str(self.connection.info.version)

    @property
    def local(self) -> bool:
        """Whether its store lies on this machine."""
        return self.connection.local

    def submit(self, job_id: str, order: Order, seconds: float) -> None:
        """Takes a job in."""
        with _telling():
            self.connection.scoring.Submit(to_request(job_id, order), timeout=seconds)

    def poll(self, job_id: str, after_seq: int, seconds: float) -> Told:
        """What the job said after ``after_seq``."""
        with _telling():
            answer = self.connection.jobs.Poll(
                jobs_pb2.PollRequest(job_id=job_id, after_seq=after_seq), timeout=seconds
            )
        events = answer.events[:_MOST_EVENTS]
        words = tuple(word for event in events if (word := _word(event)) is not None)
        return Told(words, events[-1].seq if events else after_seq)

    def cancel(self, job_id: str, seconds: float) -> None:
        """Tells the job to stop."""
        with _telling():
            self.connection.jobs.Cancel(jobs_pb2.CancelRequest(job_id=job_id), timeout=seconds)

    def locate(self, take_id: str, name: str, seconds: float) -> str:
        """Where a finished file stands in the store."""
        with _telling():
            asked = takes_pb2.LocateRequest(take_id=take_id, stem=name)
            return str(self.connection.takes.Locate(asked, timeout=seconds).path)

    def memory(self, seconds: float) -> Memory:
        """What daemon and workers hold."""
        with _telling():
            told = self.connection.engines.ListWorkers(engines_pb2.ListWorkersRequest(), timeout=seconds)
        return Memory(told.memory_in_use_bytes, len(told.workers))

    def vocabulary(self, seconds: float) -> Vocabulary:
        """The words that a brief may use."""
        with _telling():
            told = self.connection.engines.ListVocabulary(engines_pb2.ListVocabularyRequest(), timeout=seconds)
        return Vocabulary(tuple(style.id for style in told.styles), tuple(told.moods), tuple(told.instruments))

    def free_memory(self, seconds: float) -> None:
        """Lets all engines go that are loaded; one that works keeps its memory until it is done."""
        with _telling():
            engines = self.connection.engines
            for engine in engines.List(engines_pb2.ListEnginesRequest(), timeout=seconds).engines:
                if engine.loaded:
                    engines.Unload(engines_pb2.UnloadRequest(stage=engine.stage, name=engine.name), timeout=seconds)

    def close(self) -> None:
        """Lets the connection go."""
        self.connection.close()


@contextmanager
def _telling() -> Iterator[None]:
    """Around calls: what gRPC raises becomes one of the seam's three."""
    try:
        yield
    except grpc.RpcError as error:
        if speaks_for_itself(error):
            told = from_rpc(error)
            raise Refused(told.sentence, told.code, told.retry_seconds) from None
        if status_of(error) in _NOT_IN_TIME:
            raise Unanswered from None
        if status_of(error) == "UNAVAILABLE":
            raise Gone from None
        told = from_rpc(error)
        raise Refused(told.sentence, told.code) from None


def _word(event: events_pb2.JobEvent) -> Word | None:
    """What an event says, as far as an editor is told; None for what is left out."""
    kind = event.WhichOneof("event") or ""
    read = _READERS.get(kind)
    return None if read is None else read(getattr(event, kind))


def _progress(told: events_pb2.Progress) -> Word:
    share = min(1.0, max(0.0, told.done / told.total)) if told.total > 0 else None
    left = max(0.0, told.seconds_left) if told.HasField("seconds_left") else None
    return Moves(_STAGES.get(told.stage, Stage.OTHER), share, left)


def _take(told: take_pb2.Take) -> Word:
    files = (file for file in told.files if file.format != take_pb2.FILE_FORMAT_MIDI)
    return MadeTake(
        told.id,
        told.seed,
        told.engine,
        tuple(MadeFile(file.name, file.size, file.sha256) for file in files),
        tuple((point.seconds, point.db) for point in told.speech_gain.points),
    )


def _tags(told: Any) -> Word:
    return Tagged(json_format.MessageToJson(told, indent=None, preserving_proto_field_name=True))


_READERS: dict[str, Any] = {
    "queued": lambda told: Waits(max(0, told.position)),
    "stage_started": lambda told: Begins(_STAGES.get(told.stage, Stage.OTHER), told.cached, which_text(told)),
    "progress": _progress,
    "tags": _tags,
    "take_ready": lambda told: _take(told.take),
    "warning": lambda told: Warns(told.sentence),
    "done": lambda _: Ends(End.DONE),
    "failed": lambda told: Ends(End.FAILED, told.sentence, told.code),
    "cancelled": lambda _: Ends(End.CANCELLED),
}
