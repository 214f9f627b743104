"""What is measured of a take reaches the wire whole."""

from fractions import Fraction

from sonique.v1 import take_pb2
from sonique_daemon.domain.alignment import Alignment, Rung
from sonique_daemon.domain.codec import decode, encode
from sonique_daemon.domain.measures import (
    Correlation,
    Ending,
    EndingKind,
    HeardHit,
    Hearing,
    HitWindow,
    Repetition,
    Rhythm,
    TempoError,
)
from sonique_daemon.domain.take import Measures
from sonique_daemon.server.wire.measures import write_alignment, write_measures

HEARD = Hearing(
    rhythm=Rhythm(100.0, (0.5, 1.1, 1.7), (0,), (0.5, 1.4)),
    ending=Ending(EndingKind.BUTTON, -60.0),
    repetition=Repetition(0.8, 2.0, 1.0),
    windows=(HitWindow("40 ms", 0.04, 0.9, 0.2, 0.1, 0.8, 0.15),),
    hits=(HeardHit(Fraction(1, 2), 0.5, "title", 0.01), HeardHit(Fraction(9), 0.4)),
    tempo=TempoError(0.001, 2.0),
    energy=Correlation(0.5, 0.01, 0.2),
    silence_share=0.1,
    noise_dbfs=-70.0,
)


def test_every_measure_is_told() -> None:
    message = write_measures(Measures(-20.0, -1.0).with_heard(HEARD))
    assert (message.hit_share, message.chance_share) == (0.9, 0.2)
    assert message.windows[0] == take_pb2.HitWindow(
        name="40 ms", seconds=0.04, share=0.9, chance=0.2, spread=0.1, beat_share=0.8, beat_chance=0.15
    )
    assert list(message.rhythm.beat_seconds) == [0.5, 1.1, 1.7]
    assert list(message.rhythm.onset_seconds) == [0.5, 1.4]
    assert message.hits[0].label == "title"
    assert message.hits[0].error_seconds == 0.01
    assert not message.hits[1].HasField("error_seconds")
    assert message.tempo.octave == 2.0
    assert message.energy.value == 0.5
    assert message.ending.kind == take_pb2.ENDING_KIND_BUTTON
    assert message.repetition.identical_bars == 1.0
    assert (message.silence_share, message.noise_dbfs) == (0.1, -70.0)


def test_a_take_that_was_never_heard_tells_its_levels_alone() -> None:
    message = write_measures(Measures(-20.0, -1.0))
    assert message == take_pb2.Measures(loudness_lufs=-20.0, true_peak_dbtp=-1.0)


def test_measures_are_kept_as_they_are() -> None:
    measures = Measures(-20.0, -1.0).with_heard(HEARD)
    assert decode(Measures, encode(measures)) == measures


def test_how_a_take_came_to_the_cuts_is_told() -> None:
    alignment = Alignment((Rung.TEMPO, Rung.STRETCH, Rung.INPAINT), 4, -0.2, 0.021, 0.1, 0.7)
    message = write_alignment(alignment)
    assert message is not None
    assert list(message.rungs) == [take_pb2.RUNG_TEMPO, take_pb2.RUNG_STRETCH, take_pb2.RUNG_INPAINT]
    assert (message.candidates, message.shift_seconds, message.stretch) == (4, -0.2, 0.021)
    assert (message.excess_before, message.excess_after) == (0.1, 0.7)
    assert write_alignment(None) is None
