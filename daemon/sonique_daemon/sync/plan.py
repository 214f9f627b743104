"""The plan of a cue: its hit points are spotted, and the tempo map is fitted to them."""

from fractions import Fraction

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.form import metre_of
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.sync.energy import energy_curve
from sonique_daemon.sync.fit import fit
from sonique_daemon.sync.spotting import Spotting, spot


def plan(tags: Tags, duration: Fraction, description: Description | None, seed: int) -> TempoMap:
    """The tempo map of a cue.

    Args:
        tags: tempo, metre, mood, course and hit strength of the music.
        duration: length of the cue in seconds.
        description: what the picture does, or None for music without one.
        seed: decides every choice that is left.
    """
    hits = spot(description, duration, tags.hit_strength, Spotting(drive=_drive(tags)))
    curve = energy_curve(tags, duration, description)
    return fit(hits, duration, tags.tempo, tags.hit_strength, curve, metre=metre_of(tags), seed=seed)


def _drive(tags: Tags) -> float:
    """How eagerly music of that mood meets the picture: 0 where it is calm, 1 where it is excited."""
    return min(1.0, max(0.0, 0.5 + 0.5 * tags.affect.arousal))
