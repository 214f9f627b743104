"""Choice of the style: the user's genre decides; without one, scenes, moods, instruments and the picture vote."""

import math
from collections.abc import Sequence

from sonique_daemon.engines.composer.style import Style, styles
from sonique_daemon.engines.lexicon.advice import NONE, Advice
from sonique_daemon.engines.lexicon.ban import Ban
from sonique_daemon.engines.lexicon.concept import ConceptKind, profile, rank_weight
from sonique_daemon.engines.lexicon.feeling import asked_feeling, distance
from sonique_daemon.engines.lexicon.intent import Intent
from sonique_daemon.engines.lexicon.pace import Pace
from sonique_daemon.engines.lexicon.reading import Finding, Polarity
from sonique_daemon.engines.lexicon.sight import Sight
from sonique_daemon.errors import InvalidBrief

_VOTES = {
    ConceptKind.GENRE: 3.0,
    ConceptKind.SCENE: 1.0,
    ConceptKind.MOOD: 0.8,
    ConceptKind.TEXTURE: 0.5,
    ConceptKind.FORM: 0.5,
    ConceptKind.INSTRUMENT: 0.5,
}
"""How much a word of each kind weighs in the vote."""

_NAMED_VOTE = 12.0
"""How much a genre weighs that stands in the brief's list of genres."""

_SEEN_VOTE = 0.4
"""How much a scene weighs that only the description speaks of."""

_ADVISED_VOTE = 2.5
"""How much the style weighs that an adviser chose: more than a scene and a mood, less than a genre."""

_ALONE_VOTE = 1.5
"""How much an instrument weighs that is to play alone."""

_OWN = 0.7
"""From this weight on a style is so much the word's own that ruling the word out counts against it."""

_NEARNESS_VOTE = 0.8
"""How much it weighs that the mood lies near the style's own; half of that where words speak for styles."""

_TEMPO_VOTE = 1.5
"""How much each doubling weighs that the asked tempo lies outside the style's."""

_HOME_STYLE = "cinematic"
"""What is played where nothing speaks for anything."""


def choose_style(said: Intent, wanted: Sequence[Finding], banned: Ban, seen: Sight, advice: Advice = NONE) -> Style:
    """The style with the most votes of those that are not ruled out; where no genre was asked for, advice has a vote.

    Raises:
        InvalidBrief: every style is ruled out.
    """
    allowed = [style for style in styles().values() if style.id not in banned.styles]
    if not allowed:
        raise InvalidBrief("The negatives rule out every style; leave at least one. `sonique styles` lists them.")
    votes = _votes(said, wanted, seen)
    if advice.style and not any(finding.concept.kind is ConceptKind.GENRE for finding in wanted):
        votes[advice.style] = votes.get(advice.style, 0.0) + _ADVISED_VOTE
    pace = said.paces[0] if said.paces else None
    nearness = _NEARNESS_VOTE * (0.5 if max(votes.values(), default=0.0) >= 0.5 else 1.0)
    target = asked_feeling(wanted, said.denied) or seen.leaning
    score = {
        style.id: votes.get(style.id, 0.0)
        + nearness * (1 - distance(profile(style.id).feel, target))
        - profile(style.id).reserve * max(0.0, 1.0 - votes.get(style.id, 0.0))
        - _TEMPO_VOTE * _tempo_gap(style, pace)
        + (0.1 if style.id == _HOME_STYLE else 0.0)
        for style in allowed
    }
    return max(allowed, key=lambda style: (score[style.id], -allowed.index(style)))


def _votes(said: Intent, wanted: Sequence[Finding], seen: Sight) -> dict[str, float]:
    votes: dict[str, float] = {}
    ranks: dict[ConceptKind, int] = {}
    for finding in wanted:
        kind = finding.concept.kind
        rank = ranks.get(kind, 0)
        ranks[kind] = rank + 1
        named = kind is ConceptKind.GENRE and finding.concept.name in said.named
        vote = _NAMED_VOTE if named else _ALONE_VOTE if finding.alone else _VOTES.get(kind, 0.0)
        weight = vote * rank_weight(rank) * finding.strength
        _vote(votes, finding, weight)
    for finding in said.denied:
        share = 1.0 if finding.polarity is Polarity.DENIED else 0.5
        _vote(votes, finding, -share * _VOTES.get(finding.concept.kind, 0.0), _OWN)
    for rank, finding in enumerate(seen.scenes):
        _vote(votes, finding, _SEEN_VOTE * rank_weight(rank))
    return votes


def _vote(votes: dict[str, float], finding: Finding, weight: float, least: float = 0.0) -> None:
    """Adds the word's votes for every style for which it speaks at least so much."""
    for style, share in finding.concept.styles.items():
        if share >= least:
            votes[style] = votes.get(style, 0.0) + weight * share


def _tempo_gap(style: Style, pace: Pace | None) -> float:
    """How far outside the style's tempi an asked tempo lies, in doublings, at most 1; 0 inside."""
    if pace is None:
        return 0.0
    low, high = (pace.bpm, pace.bpm) if pace.bpm is not None else (pace.low, pace.high)
    if low <= style.fastest and high >= style.slowest:
        return 0.0
    return min(1.0, math.log2(low / style.fastest) if low > style.fastest else math.log2(style.slowest / high))
