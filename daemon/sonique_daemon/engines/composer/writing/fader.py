"""The fader: the level of the whole follows the picture's energy between the steps that the sections make."""

from sonique_daemon.domain.form import Course, course
from sonique_daemon.engines.composer.writing.endings import Ending
from sonique_daemon.engines.engine import GenerateRequest
from sonique_daemon.sync.energy import STEP, energy_curve

Ride = tuple[tuple[float, float], ...]
"""Levels of the whole: seconds and decibels, by time; level between them goes straight."""

SWING_DB = 14.0
"""Decibels for a whole unit of energy; what players do by touch and number comes on top (reference: 20 dB in all)."""

MOST_DB = 5.0


def ride(request: GenerateRequest, ending: Ending) -> Ride:
    """How the level moves; nothing without a picture, unless a course was asked for.

    The ending rings at the level at which it is struck.

    Under speech the level is never above the middle.
    """
    if request.description is None and course(request.tags) == Course():
        return ()
    tempo_map = request.tempo_map
    energies = energy_curve(request.tags, tempo_map.duration, request.description)
    middle, last = sum(energies) / len(energies), tempo_map.time_at(ending.beat)
    spans = request.description.speech if request.description is not None else ()
    speech = [(float(span.start), float(span.end)) for span in spans]
    found: list[tuple[float, float]] = []
    for index, energy in enumerate(energies):
        time = float(index * STEP)
        if time > last:
            break
        level = min(max(SWING_DB * (energy - middle), -MOST_DB), MOST_DB)
        spoken = any(start <= time <= end for start, end in speech)
        found.append((time, min(level, 0.0) if spoken else level))
    return tuple((time, round(level, 3)) for time, level in found)
