"""Time on the wire is rational; inside, it is ``Fraction`` seconds."""

from fractions import Fraction

from sonique.v1 import time_pb2

from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import InvalidRequest, LimitExceeded
from sonique_daemon.server.wire.fields import present

_INT32 = 2**31 - 1
_INT64 = 2**63 - 1
LONGEST = Fraction(2**31)
"""Seconds; no time on the wire lies further out."""
SLOWEST_RATE, FASTEST_RATE = Fraction(1), Fraction(1000)
"""Frames per second."""


def read_time(message: time_pb2.RationalTime, field: str) -> Fraction:
    """Seconds, 0 or more.

    Raises:
        InvalidRequest: a rate that is none, or a negative time.
        LimitExceeded: too far out.
    """
    if message.rate_numerator == 0 and message.value == 0:
        return Fraction(0)
    if message.rate_numerator <= 0 or message.rate_denominator < 0:
        rate = f"{message.rate_numerator}/{message.rate_denominator}"
        raise InvalidRequest(f"{field} has the rate {rate}; both numbers must be above zero.")
    seconds = Fraction(message.value * (message.rate_denominator or 1), message.rate_numerator)
    if seconds < 0:
        raise InvalidRequest(f"{field} is negative; it must be 0 or later.")
    if seconds > LONGEST:
        raise LimitExceeded(f"{field} is {float(seconds):g} s; at most {int(LONGEST)} s are taken.")
    return seconds


def write_time(seconds: Fraction) -> time_pb2.RationalTime:
    """``seconds`` exactly, as long as its denominator fits the wire (2^31-1); else the nearest time that does."""
    whole = int(abs(seconds)) + 1
    nearest = seconds.limit_denominator(max(1, min(_INT32, _INT64 // whole)))
    value = min(max(nearest.numerator, -_INT64), _INT64)
    return time_pb2.RationalTime(value=value, rate_numerator=nearest.denominator, rate_denominator=1)


def read_range(message: time_pb2.TimeRange, field: str) -> TimeRange:
    """A range with a duration above zero; raises ``InvalidRequest``."""
    present(message.HasField("duration"), f"{field}.duration")
    duration = read_time(message.duration, f"{field}.duration")
    if duration == 0:
        raise InvalidRequest(f"{field}.duration is zero; it must be above zero.")
    return TimeRange(read_time(message.start, f"{field}.start"), duration)


def write_range(span: TimeRange) -> time_pb2.TimeRange:
    """The range."""
    return time_pb2.TimeRange(start=write_time(span.start), duration=write_time(span.duration))


def read_rate(message: time_pb2.FrameRate, field: str) -> Fraction:
    """Frames per second, 1 to 1000; raises ``InvalidRequest``."""
    if message.numerator <= 0 or message.denominator <= 0:
        raise InvalidRequest(f"{field} is {message.numerator}/{message.denominator}; both must be above zero.")
    rate = Fraction(message.numerator, message.denominator)
    if not SLOWEST_RATE <= rate <= FASTEST_RATE:
        raise InvalidRequest(f"{field} is {float(rate):g} frames per second; it must lie between 1 and 1000.")
    return rate


def write_rate(rate: Fraction) -> time_pb2.FrameRate:
    """The frame rate; one that is not a handful of digits long is rounded to what the wire holds."""
    nearest = rate.limit_denominator(1_000_000)
    return time_pb2.FrameRate(numerator=nearest.numerator, denominator=nearest.denominator)
