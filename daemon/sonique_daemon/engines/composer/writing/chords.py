"""Chords: roman numerals read in a key and mode.

A numeral without an accidental is a degree of the mode's own scale and takes the quality that the mode gives it,
unless its case differs from what the plain major (or natural minor) scale would give: then the case is meant (``V`` in
minor is the major dominant). ``b`` and ``#`` count from the major scale. Suffixes name the kind of chord; ``/3 /5 /7``
put a chord tone in the bass and ``/1`` the tonic (a pedal).
"""

import re
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

MODES = MappingProxyType(
    {
        "ionian": (0, 2, 4, 5, 7, 9, 11),
        "dorian": (0, 2, 3, 5, 7, 9, 10),
        "phrygian": (0, 1, 3, 5, 7, 8, 10),
        "lydian": (0, 2, 4, 6, 7, 9, 11),
        "mixolydian": (0, 2, 4, 5, 7, 9, 10),
        "aeolian": (0, 2, 3, 5, 7, 8, 10),
        "locrian": (0, 1, 3, 5, 6, 8, 10),
    }
)
MAJOR_MODES = ("ionian", "lydian", "mixolydian")

_DEGREES = MappingProxyType({"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6})
_NUMERAL = re.compile(r"^([b#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)([^/]*)(?:/([1357]))?$")
_KINDS = MappingProxyType(
    {
        "dim": (0, 3, 6),
        "dim7": (0, 3, 6, 9),
        "aug": (0, 4, 8),
        "ø7": (0, 3, 6, 10),
        "m": (0, 3, 7),
        "5": (0, 7),
        "sus4": (0, 5, 7),
        "sus2": (0, 2, 7),
        "7b9": (0, 4, 7, 10, 13),
        "13": (0, 4, 7, 10, 14, 21),
    }
)
_ADDED = MappingProxyType(
    {"6": (9,), "69": (9, 14), "add9": (14,), "maj7": (11,), "maj9": (11, 14), "7": (10,), "9": (10, 14)}
)
_SUBSTITUTES = MappingProxyType(
    {
        ("ionian", 6): 4,
        ("lydian", 3): 1,
        ("mixolydian", 2): 4,
        ("dorian", 5): 3,
        ("aeolian", 1): 3,
        ("phrygian", 4): 1,
        ("locrian", 0): 0,
    }
)
"""Where a mode puts a diminished triad on a degree that a progression asks for, the degree that serves instead."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord.

    Attributes:
        symbol: the numeral that it was read from.
        root: pitch class.
        tones: semitones above the root, ascending; the triad (or fifth) first.
        bass: pitch class of the bass note.
    """

    symbol: str
    root: int
    tones: tuple[int, ...]
    bass: int

    @property
    def classes(self) -> tuple[int, ...]:
        """Pitch classes in the order of ``tones``."""
        return tuple((self.root + tone) % 12 for tone in self.tones)

    def with_bass(self, pitch_class: int) -> "Chord":
        """The same chord over another bass note."""
        return Chord(self.symbol, self.root, self.tones, pitch_class)


@cache
def read(numeral: str, tonic: int, mode: str, extension: int) -> Chord:
    """The chord that ``numeral`` names in that key, with sevenths (1) or ninths (2) where it has no suffix.

    Raises:
        ValueError: not a numeral of this notation.
    """
    match = _NUMERAL.match(numeral)
    if match is None:
        raise ValueError(f"“{numeral}” is not a chord; write a roman numeral such as IV, bVII7 or V/3")
    accidental, name, suffix, slash = match.groups()
    root, triad = _triad(accidental, name, mode, suffix)
    tones = _tones(triad, suffix, root, mode, extension)
    bass = {"1": -root, "3": tones[1 % len(tones)], "5": tones[2 % len(tones)], "7": tones[-1]}.get(slash or "", 0)
    pitch = (tonic + root) % 12
    return Chord(numeral, pitch, tones, (pitch + bass) % 12)


@cache
def scale(tonic: int, mode: str, chord: Chord | None = None) -> tuple[int, ...]:
    """Pitch classes of the mode, bent to hold the chord's own tones (a raised leading note replaces the plain one)."""
    plain = [(tonic + step) % 12 for step in MODES[mode]]
    if chord is None:
        return tuple(plain)
    foreign = [tone for tone in chord.classes if tone not in plain]
    kept = [
        tone for tone in plain if tone in chord.classes or not any((tone - other) % 12 in (1, 11) for other in foreign)
    ]
    return tuple(sorted({*kept, *foreign}))


def pentatonic(tonic: int, mode: str) -> tuple[int, ...]:
    """The five-note scale of a mode's family."""
    steps = (0, 2, 4, 7, 9) if mode in MAJOR_MODES else (0, 3, 5, 7, 10)
    return tuple((tonic + step) % 12 for step in steps)


def _triad(accidental: str, name: str, mode: str, suffix: str) -> tuple[int, tuple[int, ...]]:
    degree = _DEGREES[name.lower()]
    major = name.isupper()
    if accidental:
        root = (MODES["ionian"][degree] + (-1 if accidental == "b" else 1)) % 12
        return root, (0, 4, 7) if major else (0, 3, 7)
    family = "ionian" if mode in MAJOR_MODES else "aeolian"
    meant = major != (_diatonic(family, degree)[1] == 4)
    if meant and _diatonic(family, degree) != (0, 3, 6):
        return MODES[mode][degree], (0, 4, 7) if major else (0, 3, 7)
    if not suffix.startswith(("dim", "ø")) and _diatonic(mode, degree) == (0, 3, 6):
        degree = _SUBSTITUTES[mode, degree]
    triad = _diatonic(mode, degree)
    if meant:
        triad = (0, 4, 7) if major else (0, 3, 7)
    return MODES[mode][degree], (0, 3, 7) if triad == (0, 3, 6) else triad


def _diatonic(mode: str, degree: int) -> tuple[int, ...]:
    steps = MODES[mode]
    return tuple((steps[(degree + skip) % 7] - steps[degree]) % 12 for skip in (0, 2, 4))


def _tones(triad: tuple[int, ...], suffix: str, root: int, mode: str, extension: int) -> tuple[int, ...]:
    if suffix in _KINDS:
        return _KINDS[suffix]
    if suffix in _ADDED:
        return (*triad, *_ADDED[suffix])
    return (*triad, *_extensions(triad, root, mode, extension))


def _extensions(triad: tuple[int, ...], root: int, mode: str, extension: int) -> tuple[int, ...]:
    steps = MODES[mode]
    if extension == 0 or root not in steps:
        return ()
    degree = steps.index(root)
    seventh = (steps[(degree + 6) % 7] - root) % 12
    if triad[1] == 4 and seventh == 10 and root == 0:
        return (14,) if extension == 2 else ()
    ninth = (steps[(degree + 1) % 7] - root) % 12
    return (seventh, 14) if extension == 2 and ninth == 2 else (seventh,)
