"""Plans on the wire."""

from sonique.v1 import events_pb2

from sonique_daemon.domain.events import Planned, PlannedEngine, Stage
from sonique_daemon.server.wire.fields import sendable

STAGE_NUMBERS = {
    Stage.CONFORM: events_pb2.STAGE_CONFORM,
    Stage.DESCRIBE: events_pb2.STAGE_DESCRIBE,
    Stage.TAG: events_pb2.STAGE_TAG,
    Stage.FIT: events_pb2.STAGE_FIT,
    Stage.GENERATE: events_pb2.STAGE_GENERATE,
    Stage.DELIVER: events_pb2.STAGE_DELIVER,
}
"""The number of each stage."""


def write_planned(planned: Planned) -> events_pb2.Planned:
    """What will be in memory when."""
    return events_pb2.Planned(
        place=planned.place,
        total_bytes=planned.total_bytes,
        kept_bytes=planned.kept_bytes,
        peak_bytes=planned.peak_bytes,
        engines=[_write(engine) for engine in planned.engines],
        sentences=[sendable(sentence) for sentence in planned.sentences],
        fits=planned.fits,
    )


def _write(engine: PlannedEngine) -> events_pb2.PlannedEngine:
    return events_pb2.PlannedEngine(
        stage=STAGE_NUMBERS[engine.stage],
        engine=sendable(engine.engine),
        memory_bytes=engine.memory_bytes,
        resident=engine.resident,
        weights_present=engine.weights_present,
    )
