"""Timing: the tempo and the bounds within which the fit may choose."""

from collections.abc import Sequence

from sonique_daemon.domain.tags import Affect, Origin, Tempo
from sonique_daemon.engines.composer.style import Style
from sonique_daemon.engines.lexicon.concept import ConceptKind, profile
from sonique_daemon.engines.lexicon.intent import Intent
from sonique_daemon.engines.lexicon.pace import FASTEST, SLOWEST, Pace
from sonique_daemon.engines.lexicon.reading import Finding

_ROOM = 0.25
"""How far the bounds lie from a tempo that the engine chose; the fit needs room."""

_STRETCH = 0.15
"""How far the words “slow” and “fast” may leave the style's own tempi."""

_SLOW_AT_MOST, _FAST_AT_LEAST = 115.0, 85.0
"""Beats per minute beyond which a tempo contradicts the word “slow”, or “fast”."""


def choose_tempo(
    style: Style, affect: Affect, said: Intent, wanted: Sequence[Finding], advised: float | None = None
) -> Tempo:
    """What was said in numbers, else by a term (“allegro”), else the style's own tempo, moved by words and mood.

    Where the user has no word for it, an advised tempo stands for the style's own, as far as the style is played so.
    """
    words = _tempo_words(said, wanted)
    if said.paces:
        _note_contradictions(said, words)
        return _said(style, said, said.paces[0])
    term = next((word for word in words if word.concept.bpm), None)
    if term is not None and term.concept.bpm:
        low, high = term.concept.bpm
        return _said(style, said, Pace(None, low, high, term.words))
    direction = _direction(said, words)
    if advised is not None and direction == 1:
        return _outside(_advised(style, said, advised), said.banned_paces)
    return _outside(_moved(style, affect, wanted, direction), said.banned_paces)


def _advised(style: Style, said: Intent, bpm: float) -> Tempo:
    low, high = style.slowest, style.fastest
    kept = min(max(bpm, low), high)
    if kept != bpm:
        said.notes.append(
            f"{bpm:g} bpm were advised; {style.name} is played at {low:g} to {high:g} bpm, so {kept:g} bpm are taken."
        )
    return _tempo(kept, max(low, kept * (1 - _ROOM)), min(high, kept * (1 + _ROOM)), Origin.ENGINE)


def _tempo_words(said: Intent, wanted: Sequence[Finding]) -> list[Finding]:
    """The words for tempo that count: of two that contradict each other, the first."""
    words = [finding for finding in wanted if finding.concept.kind is ConceptKind.TEMPO]
    kept: list[Finding] = []
    for word in words:
        rival = next((other for other in kept if _contradict(word, other)), None)
        if rival is None:
            kept.append(word)
        else:
            said.notes.append(f"“{rival.words}” and “{word.words}” contradict each other; “{rival.words}” counts.")
    return kept


def _contradict(one: Finding, other: Finding) -> bool:
    first, second = _bounds(one), _bounds(other)
    return first[0] >= second[1] or second[0] >= first[1]


def _bounds(word: Finding) -> tuple[float, float]:
    """Beats per minute that a word for tempo goes with."""
    if word.concept.bpm:
        return word.concept.bpm
    if word.concept.tempo < 1:
        return SLOWEST, _SLOW_AT_MOST
    return (_FAST_AT_LEAST + 30, FASTEST) if word.concept.tempo > 1 else (SLOWEST, FASTEST)


def _note_contradictions(said: Intent, words: list[Finding]) -> None:
    pace = said.paces[0]
    low, high = (pace.bpm, pace.bpm) if pace.bpm is not None else (pace.low, pace.high)
    for word in words:
        slow = word.concept.tempo < 1 and low > _SLOW_AT_MOST
        fast = word.concept.tempo > 1 and high < _FAST_AT_LEAST
        term = word.concept.bpm is not None and (low > word.concept.bpm[1] or high < word.concept.bpm[0])
        if slow or fast or term:
            said.notes.append(f"“{word.words}” contradicts “{pace.words}”; the number counts.")
    for banned in said.banned_paces:
        if low >= banned.low and high <= banned.high:
            said.notes.append(f"“{pace.words}” is both asked for and ruled out by “{banned.words}”; it is kept.")


def _said(style: Style, said: Intent, pace: Pace) -> Tempo:
    """The tempo that the user gave; a style that is not usually played so is told, and the user's word kept."""
    low, high = pace.low, pace.high
    if pace.bpm is None and low <= SLOWEST:
        low = min(style.slowest, high * (1 - _ROOM))
    if pace.bpm is None and high >= FASTEST:
        high = max(style.fastest, low * (1 + _ROOM))
    bpm = pace.bpm if pace.bpm is not None else min(max(style.tempo, low), high)
    if not style.slowest <= bpm <= style.fastest:
        said.notes.append(
            f"“{pace.words}” lies outside the {style.slowest:g} to {style.fastest:g} bpm that {style.name} is usually "
            "played at; your tempo is kept."
        )
    return _tempo(bpm, max(low, SLOWEST), min(high, FASTEST), Origin.USER)


def _direction(said: Intent, words: list[Finding]) -> float:
    """What the user's words multiply the tempo by; words that are ruled out push half as far the other way."""
    factor = 1.0
    for word in words:
        factor *= word.concept.tempo**word.strength
    for word in said.denied:
        if word.concept.kind is ConceptKind.TEMPO:
            factor *= word.concept.tempo**-0.5
    return min(max(factor, 0.6), 1.6)


def _moved(style: Style, affect: Affect, wanted: Sequence[Finding], direction: float) -> Tempo:
    """The style's home tempo, times what mood, scenes and the user's words make of it."""
    home = profile(style.id).feel
    lift = 0.45 * (affect.arousal - home.arousal) + 0.08 * (affect.valence - home.valence)
    scenes = 1.0
    for finding in wanted:
        if finding.concept.kind in {ConceptKind.SCENE, ConceptKind.GENRE}:
            scenes *= finding.concept.tempo
    low, high = style.slowest, style.fastest
    bpm = style.tempo * 2.0**lift * scenes
    if direction < 1:
        low, high = low * (1 - _STRETCH), style.tempo * 0.98
        bpm = min(bpm, style.tempo) * direction
    elif direction > 1:
        low, high = style.tempo * 1.02, high * (1 + _STRETCH)
        bpm = max(bpm, style.tempo) * direction
    bpm = min(max(bpm, low), high)
    origin = Origin.ENGINE if direction == 1 else Origin.USER
    return _tempo(bpm, max(low, bpm * (1 - _ROOM)), min(high, bpm * (1 + _ROOM)), origin)


def _outside(tempo: Tempo, banned: Sequence[Pace]) -> Tempo:
    """The tempo moved out of ranges that were ruled out, to the nearer edge."""
    for pace in banned:
        if pace.low <= tempo.bpm <= pace.high:
            up = pace.high - tempo.bpm <= tempo.bpm - pace.low or pace.low <= SLOWEST
            bpm = min(pace.high * 1.02, FASTEST) if up else max(pace.low * 0.98, SLOWEST)
            low, high = (bpm, bpm * (1 + _ROOM)) if up else (bpm * (1 - _ROOM), bpm)
            tempo = _tempo(bpm, max(low, SLOWEST), min(high, FASTEST), Origin.USER)
        elif tempo.low <= pace.high < tempo.bpm:
            tempo = _tempo(tempo.bpm, pace.high, tempo.high, tempo.origin)
        elif tempo.bpm < pace.low <= tempo.high:
            tempo = _tempo(tempo.bpm, tempo.low, pace.low, tempo.origin)
    return tempo


def _tempo(bpm: float, low: float, high: float, origin: Origin) -> Tempo:
    """A tempo in hundredths of a beat per minute, its bounds on either side of it."""
    middle = round(float(bpm), 2)
    return Tempo(middle, min(round(float(low), 2), middle), max(round(float(high), 2), middle), origin)
