"""A description for people: the summary, then a line for each shot."""

from sonique.v1 import description_pb2, time_pb2

_JOINS = {description_pb2.JOIN_DISSOLVE: "dissolve", description_pb2.JOIN_FADE: "fade"}


def shot_list(description: description_pb2.Description) -> str:
    """The description as text."""
    lines = [description.summary, ""]
    for number, shot in enumerate(description.shots, 1):
        join = f" ({_JOINS[shot.join]})" if shot.join in _JOINS else ""
        start, length = _seconds(shot.record.start), _seconds(shot.record.duration)
        lines.append(f"{number:4d}  {_clock(start)}  {length:7.2f} s{join}  {shot.sentence}")
    if description.speech:
        spoken = sum(_seconds(span.duration) for span in description.speech)
        count = len(description.speech)
        lines += ["", f"Speech: {count} span{'' if count == 1 else 's'}, {spoken:.1f} s."]
    return "\n".join(lines)


def _seconds(time: time_pb2.RationalTime) -> float:
    if not time.rate_numerator:
        return 0.0
    return time.value * (time.rate_denominator or 1) / time.rate_numerator


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes):3d}:{rest:05.2f}"
