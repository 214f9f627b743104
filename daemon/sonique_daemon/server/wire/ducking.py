"""Ducking, and the gain that comes of it, on the wire."""

from sonique.v1 import take_pb2

from sonique_daemon.domain.ducking import Ducking, DuckingManner, SpeechGain
from sonique_daemon.server.wire.fields import chosen, within

_MANNERS = {
    take_pb2.DUCKING_MANNER_UNSPECIFIED: DuckingManner.BAKED,
    take_pb2.DUCKING_MANNER_BAKED: DuckingManner.BAKED,
    take_pb2.DUCKING_MANNER_ENVELOPE: DuckingManner.ENVELOPE,
}
_MANNER_NUMBERS = {
    DuckingManner.BAKED: take_pb2.DUCKING_MANNER_BAKED,
    DuckingManner.ENVELOPE: take_pb2.DUCKING_MANNER_ENVELOPE,
}
_BOUNDS = {
    "depth_db": (0.0, 60.0),
    "look_ahead_seconds": (0.0, 5.0),
    "attack_seconds": (0.01, 5.0),
    "hold_seconds": (0.0, 10.0),
    "release_seconds": (0.05, 10.0),
}
"""Lowest and highest value of each field."""


def read_ducking(message: take_pb2.Ducking) -> Ducking:
    """How the music makes room; raises ``InvalidRequest``."""
    usual = Ducking()
    return Ducking(
        depth_db=_number(message, "depth_db", usual.depth_db),
        look_ahead=_number(message, "look_ahead_seconds", usual.look_ahead),
        attack=_number(message, "attack_seconds", usual.attack),
        hold=_number(message, "hold_seconds", usual.hold),
        release=_number(message, "release_seconds", usual.release),
        manner=chosen(_MANNERS, message.manner, "delivery.ducking.manner"),
    )


def write_ducking(ducking: Ducking) -> take_pb2.Ducking:
    """How the music makes room."""
    return take_pb2.Ducking(
        depth_db=ducking.depth_db,
        look_ahead_seconds=ducking.look_ahead,
        attack_seconds=ducking.attack,
        hold_seconds=ducking.hold,
        release_seconds=ducking.release,
        manner=_MANNER_NUMBERS[ducking.manner],
    )


def write_speech_gain(gain: SpeechGain) -> take_pb2.SpeechGain:
    """The gain of a take under speech."""
    points = [take_pb2.GainPoint(seconds=point.seconds, db=point.db) for point in gain.points]
    return take_pb2.SpeechGain(points=points, baked=gain.baked)


def _number(message: take_pb2.Ducking, field: str, usual: float) -> float:
    value = getattr(message, field) if message.HasField(field) else usual  # type: ignore[arg-type]
    return within(value, f"delivery.ducking.{field}", *_BOUNDS[field])
