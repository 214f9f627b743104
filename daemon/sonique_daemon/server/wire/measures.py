"""What is measured of a take, and how it was brought to the cuts, on the wire."""

from sonique.v1 import take_pb2

from sonique_daemon.domain.alignment import Alignment, Rung
from sonique_daemon.domain.measures import (
    Correlation,
    EndingKind,
    HeardHit,
    Hearing,
    HitWindow,
    Rhythm,
    TempoError,
)
from sonique_daemon.domain.take import Measures
from sonique_daemon.server.wire.fields import sendable
from sonique_daemon.server.wire.time import write_time

_ENDINGS = {
    EndingKind.RING_OUT: take_pb2.ENDING_KIND_RING_OUT,
    EndingKind.FADE: take_pb2.ENDING_KIND_FADE,
    EndingKind.BUTTON: take_pb2.ENDING_KIND_BUTTON,
    EndingKind.CUT: take_pb2.ENDING_KIND_CUT,
}

_RUNGS = {
    Rung.TEMPO: take_pb2.RUNG_TEMPO,
    Rung.GUIDE: take_pb2.RUNG_GUIDE,
    Rung.CANDIDATES: take_pb2.RUNG_CANDIDATES,
    Rung.SHIFT: take_pb2.RUNG_SHIFT,
    Rung.STRETCH: take_pb2.RUNG_STRETCH,
    Rung.INPAINT: take_pb2.RUNG_INPAINT,
}


def write_measures(measures: Measures) -> take_pb2.Measures:
    """What a mix measures."""
    message = take_pb2.Measures(
        loudness_lufs=measures.loudness_lufs,
        true_peak_dbtp=measures.true_peak_dbtp,
        hit_share=measures.hit_share,
        chance_share=measures.chance_share,
    )
    if measures.heard is not None:
        message.MergeFrom(_write_heard(measures.heard))
    return message


def write_alignment(alignment: Alignment | None) -> take_pb2.Alignment | None:
    """How it was brought to the cuts."""
    if alignment is None:
        return None
    return take_pb2.Alignment(
        rungs=[_RUNGS[rung] for rung in alignment.rungs],
        candidates=alignment.candidates,
        shift_seconds=alignment.shift,
        stretch=alignment.stretch,
        excess_before=alignment.before,
        excess_after=alignment.after,
    )


def _write_heard(heard: Hearing) -> take_pb2.Measures:
    return take_pb2.Measures(
        windows=[_write_window(window) for window in heard.windows],
        hits=[_write_hit(hit) for hit in heard.hits],
        rhythm=_write_rhythm(heard.rhythm),
        tempo=_write_tempo(heard.tempo),
        energy=_write_energy(heard.energy),
        silence_share=heard.silence_share,
        noise_dbfs=heard.noise_dbfs,
        ending=take_pb2.Ending(kind=_ENDINGS[heard.ending.kind], level_db=heard.ending.level_db),
        repetition=take_pb2.Repetition(
            self_similarity=heard.repetition.self_similarity,
            identical_seconds=heard.repetition.identical_seconds,
            identical_bars=heard.repetition.identical_bars,
        ),
    )


def _write_window(window: HitWindow) -> take_pb2.HitWindow:
    return take_pb2.HitWindow(
        name=window.name,
        seconds=window.seconds,
        share=window.share,
        chance=window.chance,
        spread=window.spread,
        beat_share=window.beat_share,
        beat_chance=window.beat_chance,
    )


def _write_hit(hit: HeardHit) -> take_pb2.HeardHit:
    return take_pb2.HeardHit(
        time=write_time(hit.time), weight=hit.weight, label=sendable(hit.label), error_seconds=hit.error
    )


def _write_rhythm(rhythm: Rhythm) -> take_pb2.Rhythm:
    return take_pb2.Rhythm(
        bpm=rhythm.bpm, beat_seconds=rhythm.beats, downbeats=rhythm.downbeats, onset_seconds=rhythm.onsets
    )


def _write_tempo(tempo: TempoError | None) -> take_pb2.TempoError | None:
    return None if tempo is None else take_pb2.TempoError(share=tempo.share, octave=tempo.octave)


def _write_energy(energy: Correlation | None) -> take_pb2.Correlation | None:
    if energy is None:
        return None
    return take_pb2.Correlation(value=energy.value, chance=energy.chance, spread=energy.spread)
