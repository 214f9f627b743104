"""Tempo maps on the wire; they are handed out only."""

from sonique.v1 import tempo_pb2

from sonique_daemon.domain.tempo import HitKind, MetHit, Section, TempoMap
from sonique_daemon.server.wire.fields import sendable
from sonique_daemon.server.wire.time import write_time

_KIND_NUMBERS = {
    HitKind.HARD: tempo_pb2.HIT_KIND_HARD,
    HitKind.TURN: tempo_pb2.HIT_KIND_TURN,
    HitKind.PHRASE: tempo_pb2.HIT_KIND_PHRASE,
}


def write_tempo_map(tempo_map: TempoMap) -> tempo_pb2.TempoMap:
    """The tempo map."""
    return tempo_pb2.TempoMap(
        duration=write_time(tempo_map.duration),
        beat_seconds=[float(beat) for beat in tempo_map.beats],
        downbeats=[int(downbeat) for downbeat in tempo_map.downbeats],
        bpm=tempo_map.bpm,
        sections=[_write_section(section) for section in tempo_map.sections],
        hits=[_write_hit(hit) for hit in tempo_map.hits],
    )


def _write_section(section: Section) -> tempo_pb2.Section:
    return tempo_pb2.Section(bar=section.bar, bars=section.bars, energy=section.energy)


def _write_hit(met: MetHit) -> tempo_pb2.Hit:
    return tempo_pb2.Hit(
        time=write_time(met.hit.time),
        kind=_KIND_NUMBERS[met.hit.kind],
        weight=met.hit.weight,
        label=sendable(met.hit.label),
        beat=met.beat,
        error_seconds=met.error,
    )
