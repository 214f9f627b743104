"""Feeling: the mood as numbers, from the style, the user's words and the picture.

Moods are averaged with weights that fall with their rank and then everything that colours them is added, since cues to
emotion in music add up nearly linearly (Eerola, Friberg & Bresin 2013).
"""

import math
from collections.abc import Sequence

from sonique_daemon.domain.tags import Affect
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, mean_affect, moods, profile, rank_weight
from sonique_daemon.engines.lexicon.reading import Finding, Polarity
from sonique_daemon.engines.lexicon.sight import Sight, added

_WEIGHTS = {ConceptKind.MOOD: 1.0, ConceptKind.SCENE: 0.7, ConceptKind.GENRE: 0.4}
"""How much each kind of word weighs in the mean of moods."""

_HOME_WEIGHT = 0.35
"""How much the style's own mood weighs against the user's first mood."""

_COLOUR = 0.6
"""Share of a texture's or a tempo word's feel that is added."""

_DENIAL = {Polarity.DENIED: -0.4, Polarity.HALF_DENIED: -0.2}
"""Share of a mood's feel that ruling it out adds."""

_PUSH = 0.5
"""Share of the picture's push that is left where the user's words set a mood."""


def asked_feeling(wanted: Sequence[Finding], denied: Sequence[Finding]) -> Affect | None:
    """The mood that the words ask for by themselves; None where they say nothing of moods."""
    weighted = _weighted(wanted)
    colours = _colours(wanted, denied)
    if not weighted and not colours:
        return None
    return added([mean_affect(weighted), *colours])


def feeling(
    style: str, wanted: Sequence[Finding], denied: Sequence[Finding], seen: Sight, advised: Affect | None = None
) -> Affect:
    """The mood of the cue, rounded to a thousandth; an adviser's mood weighs little beside the user's words."""
    weighted = _weighted(wanted)
    share = _PUSH if weighted else 1.0
    if advised is not None:
        weighted = [*weighted, (advised, _HOME_WEIGHT if weighted else 1.0)]
    base = mean_affect([(profile(style).feel, _HOME_WEIGHT), *weighted])
    push = _scaled(seen.push, share)
    total = added([base, *_colours(wanted, denied), push])
    return Affect(round(total.valence, 3), round(total.arousal, 3), round(total.tension, 3))


def nearest_moods(affect: Affect) -> list[Concept]:
    """The common moods, the one that lies nearest to that mood first."""
    common = [mood for mood in moods().values() if mood.common]
    return sorted(common, key=lambda mood: (distance(mood.feel or Affect(), affect), mood.name))


def distance(one: Affect, other: Affect) -> float:
    """How far two moods lie apart; tension counts a little less than the other two."""
    parts = (one.valence - other.valence, one.arousal - other.arousal, 0.8 * (one.tension - other.tension))
    return math.hypot(*parts)


def _weighted(wanted: Sequence[Finding]) -> list[tuple[Affect, float]]:
    """The feels of moods, scenes and genres, moods first, each with its weight and moved by its strength."""
    listed: list[tuple[Affect, float]] = []
    for kind, weight in _WEIGHTS.items():
        found = [finding for finding in wanted if finding.concept.kind is kind and finding.concept.feel]
        for rank, finding in enumerate(found):
            feel = finding.concept.feel or Affect()
            listed.append((_scaled(feel, finding.strength), weight * rank_weight(rank)))
    return listed


def _colours(wanted: Sequence[Finding], denied: Sequence[Finding]) -> list[Affect]:
    """What textures, tempo and mode words add, and what ruling things out adds."""
    colours = [
        _scaled(finding.concept.feel, _COLOUR * finding.strength)
        for finding in wanted
        if finding.concept.feel and finding.concept.kind not in _WEIGHTS
    ]
    away = [_scaled(finding.concept.feel, _DENIAL[finding.polarity]) for finding in denied if finding.concept.feel]
    return colours + away


def _scaled(affect: Affect, factor: float) -> Affect:
    return added([Affect(affect.valence * factor, affect.arousal * factor, affect.tension * factor)])
