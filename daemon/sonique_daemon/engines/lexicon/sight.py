"""Sight: what the description says to the music, as a small push on the mood and on how much plays."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sonique_daemon.domain.description import CurveKind, Description
from sonique_daemon.domain.tags import Affect
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, mean_affect, rank_weight
from sonique_daemon.engines.lexicon.reading import Finding, read

LIMIT = 0.3
"""How far the picture may move valence, arousal and tension, added up."""

_USUAL_CUT_RATE = 0.2
"""Cuts per second that call for neither more nor less to play."""

_CUT_DENSITY = 0.12
"""Density for each doubling of the cut rate, up to 0.8 doublings."""

_TEXT_LIMIT = 8000
"""Characters of the description's sentences that are read."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the picture says.

    Attributes:
        push: what it adds to the mood, at most ``LIMIT`` in all.
        leaning: the same before it was limited, to choose a style by where nobody asked for one.
        density: what it adds to density.
        speech: share of the range that is speech, 0..1.
        scenes: scenes that its sentences speak of, in order.
        digest: a number that depends on the picture alone.
    """

    push: Affect = field(default_factory=Affect)
    leaning: Affect = field(default_factory=Affect)
    density: float = 0.0
    speech: float = 0.0
    scenes: tuple[Finding, ...] = ()
    digest: int = 0


def sight(description: Description | None) -> Sight:
    """What the description says; nothing at all without one."""
    if description is None:
        return Sight(digest=_digest(b""))
    scenes = _scenes(description)
    leaning = _leaning(description, scenes)
    return Sight(
        push=_limited(leaning),
        leaning=leaning,
        density=_cut_density(description),
        speech=_speech(description),
        scenes=scenes,
        digest=_digest(_marks(description)),
    )


def _leaning(description: Description, scenes: Sequence[Finding]) -> Affect:
    """Motion to arousal, light and colour to valence, unsteady darkness to tension; conventions with small weights."""
    motion, light = _mean(description, CurveKind.MOTION), _mean(description, CurveKind.LIGHT)
    colour, warmth = _mean(description, CurveKind.SATURATION), _mean(description, CurveKind.WARMTH)
    camera = _look_mean(description, "camera", 0.0)
    told = mean_affect([(scene.concept.feel or Affect(), rank_weight(rank)) for rank, scene in enumerate(scenes)])
    return Affect(
        0.4 * (light - 0.5) + 0.2 * (colour - 0.5) + 0.25 * warmth + 0.3 * told.valence,
        0.6 * (motion - 0.5) + 0.2 * (colour - 0.5) + 0.3 * told.arousal,
        0.2 * motion * camera + 0.2 * max(0.0, 0.4 - light) + 0.3 * told.tension,
    )


def _limited(leaning: Affect) -> Affect:
    total = abs(leaning.valence) + abs(leaning.arousal) + abs(leaning.tension)
    share = min(1.0, LIMIT / total) if total > 0 else 0.0
    return Affect(leaning.valence * share, leaning.arousal * share, leaning.tension * share)


def _mean(description: Description, kind: CurveKind) -> float:
    """The mean of a curve, or of the shots' looks where there is no such curve; neutral where there is neither."""
    neutral = 0.0 if kind is CurveKind.WARMTH else 0.5
    curve = description.curve(kind)
    values = [value for value in curve.values if math.isfinite(value)] if curve else []
    if values:
        return _bounded(math.fsum(values) / len(values))
    return _look_mean(description, kind.value, neutral)


def _look_mean(description: Description, measure: str, neutral: float) -> float:
    """The mean of a measure of the shots' looks, each shot weighing its length."""
    pairs = [(float(getattr(shot.look, measure)), float(shot.record.duration)) for shot in description.shots]
    known = [(value, length) for value, length in pairs if math.isfinite(value) and length > 0]
    total = math.fsum(length for _, length in known)
    return _bounded(math.fsum(value * length for value, length in known) / total) if total > 0 else neutral


def _bounded(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _cut_density(description: Description) -> float:
    """Fast cutting lets more play, slow cutting less; one shot alone says nothing."""
    cuts = len(description.shots) - 1
    if cuts < 1 or description.duration <= 0:
        return 0.0
    doublings = math.log2(cuts / float(description.duration) / _USUAL_CUT_RATE)
    return _CUT_DENSITY * max(-0.8, min(0.8, doublings))


def _speech(description: Description) -> float:
    if description.duration <= 0:
        return 0.0
    spoken = sum((span.duration for span in description.speech), Fraction(0))
    return float(max(Fraction(0), min(Fraction(1), spoken / description.duration)))


def _scenes(description: Description) -> tuple[Finding, ...]:
    """Scenes that the sentences name, each once; what a sentence says is not there is not there."""
    text = ". ".join(dict.fromkeys((description.summary, *(shot.sentence for shot in description.shots))))
    found = read(text[:_TEXT_LIMIT], ConceptKind.SCENE).findings
    scenes: dict[Concept, Finding] = {}
    for finding in found:
        if _is_scene(finding):
            scenes.setdefault(finding.concept, finding)
    return tuple(scenes.values())


def _is_scene(finding: Finding) -> bool:
    return finding.wanted and finding.concept.kind is ConceptKind.SCENE


def _marks(description: Description) -> bytes:
    """What tells this picture from another: its length and its colours."""
    palettes = "|".join(",".join(shot.look.palette) for shot in description.shots)
    return f"{description.duration}|{palettes}".encode("utf-8", "surrogatepass")


def _digest(marks: bytes) -> int:
    return int.from_bytes(hashlib.sha256(marks).digest()[:8], "big")


def added(parts: Iterable[Affect]) -> Affect:
    """The sum of several pushes, each of the three held to -1..1."""
    listed = list(parts)
    return Affect(
        _bounded(math.fsum(part.valence for part in listed)),
        _bounded(math.fsum(part.arousal for part in listed)),
        _bounded(math.fsum(part.tension for part in listed)),
    )
