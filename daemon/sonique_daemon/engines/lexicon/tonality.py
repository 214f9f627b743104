"""Tonality: the key, from the user or from mood and style."""

from collections.abc import Sequence

from sonique_daemon.domain.tags import Affect, Key, Origin
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, Profile, profile
from sonique_daemon.engines.lexicon.intent import Intent
from sonique_daemon.engines.lexicon.key import BRIGHTNESS, key_name, mode_name
from sonique_daemon.engines.lexicon.reading import Finding, Polarity

_MODES = ("phrygian", "aeolian", "dorian", "mixolydian", "ionian", "lydian")
_DARKEST, _BRIGHTEST = -3, 2
_LYDIAN_MOODS = frozenset({"dreamy", "ethereal", "magical"})
_FAR = 1.5
"""Steps of brightness beyond which the mood overrules what the style likes."""


def choose_key(
    style: str, affect: Affect, said: Intent, wanted: Sequence[Finding], digest: int, *, advised: Key | None = None
) -> Key:
    """The user's key; else the advised one, as far as nothing that he ruled out takes its mode away.

    Else a tonic that lies well for the style, picked by the picture's digest, in the mood's mode.
    """
    words = [finding for finding in wanted if finding.concept.mode]
    if said.keys:
        _note_contradictions(said, words)
        return said.keys[0]
    home = profile(style)
    tonic = home.tonics[digest % len(home.tonics)]
    if words:
        for other in words[1:]:
            if other.concept.mode != words[0].concept.mode:
                said.notes.append(
                    f"“{words[0].words}” and “{other.words}” contradict each other; “{words[0].words}” counts."
                )
        return Key(tonic, words[0].concept.mode, Origin.USER)
    if advised is not None and _is_allowed(advised.mode, said):
        return Key(advised.tonic, advised.mode, Origin.ENGINE)
    return Key(tonic, _mode(home, affect, said, wanted), Origin.ENGINE)


def brightness(affect: Affect) -> float:
    """How bright the mode should be, -3 phrygian to 1 major: bright for happy, dark for tense; see ``BRIGHTNESS``."""
    return min(1.0, max(float(_DARKEST), -0.6 + 2.0 * affect.valence - 0.7 * affect.tension))


def _mode(home: Profile, affect: Affect, said: Intent, wanted: Sequence[Finding]) -> str:
    """The mode nearest to the mood's brightness that the style likes and nobody ruled out."""
    aim = brightness(affect)
    dreamy = any(finding.concept.name in _LYDIAN_MOODS for finding in wanted)
    allowed = [mode for mode in _MODES if _is_allowed(mode, said)] or list(_MODES)
    liked = [
        mode for mode in home.modes if mode in allowed and (mode != "lydian" or dreamy or "ionian" not in home.modes)
    ]
    if dreamy and aim >= 0 and "lydian" in allowed:
        return "lydian"
    best = min(liked, key=lambda mode: (abs(BRIGHTNESS[mode] - aim), mode), default=None)
    if best is not None and abs(BRIGHTNESS[best] - aim) <= _FAR:
        return best
    plain = [mode for mode in allowed if mode != "lydian"] or allowed
    return min(plain, key=lambda mode: (abs(BRIGHTNESS[mode] - aim), mode))


def _is_allowed(mode: str, said: Intent) -> bool:
    """Whether no ruled-out mood or mode takes that mode with it."""
    return not any(_takes(finding.concept, mode) for finding in said.denied if finding.polarity is Polarity.DENIED)


def _takes(concept: Concept, mode: str) -> bool:
    if concept.kind is ConceptKind.MODE:
        minor = {"aeolian", "phrygian", "dorian"}
        return concept.mode == mode or (concept.name == "minor" and mode in minor)
    span = concept.brightness
    return span is not None and span[0] <= BRIGHTNESS[mode] <= span[1]


def _note_contradictions(said: Intent, words: list[Finding]) -> None:
    key = said.keys[0]
    for word in words:
        if word.concept.mode != key.mode:
            said.notes.append(f"“{word.words}” contradicts {key_name(key)}; the key counts ({mode_name(key.mode)}).")
