"""Form: passages with their letter, energy and key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sonique_daemon.domain.form import EVEN, course
from sonique_daemon.domain.tags import Key, Origin, Tags
from sonique_daemon.domain.tempo import HitKind, TempoMap
from sonique_daemon.engines.composer.style import Style
from sonique_daemon.engines.composer.writing.chords import MAJOR_MODES
from sonique_daemon.engines.composer.writing.dice import Dice
from sonique_daemon.engines.composer.writing.endings import Ending
from sonique_daemon.engines.composer.writing.grid import Bar

BLOCK_SECONDS = 75.0
"""Long cues are chains of blocks of about this length; each starts thinner and differs in key, mode or texture."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of bars with one character.

    Attributes:
        index: counts from 0.
        bars: its bars.
        letter: intro, a, b, break, peak or outro.
        energy: 0..1.
        statement: how often the letter was heard before.
        block: which block of a long cue it lies in.
        tonic: pitch class of its key.
        mode: mode of its key.
    """

    index: int
    bars: tuple[Bar, ...]
    letter: str
    energy: float
    statement: int = 0
    block: int = 0
    tonic: int = 0
    mode: str = "ionian"


def passages(
    bars: Sequence[Bar], ending: Ending, *, style: Style, tags: Tags, tempo_map: TempoMap, dice: Dice
) -> tuple[Passage, ...]:
    """The piece's passages: the tempo map's sections, long ones divided, with energies and letters."""
    groups = _groups(bars, ending, tempo_map)
    energies = _energies(groups, tags)
    letters = _letters(groups, energies, style)
    found: list[Passage] = []
    for index, (group, energy, letter) in enumerate(zip(groups, energies, letters, strict=True)):
        statement = sum(1 for one in found if one.letter == letter)
        block = max(0, int(group[0].time // BLOCK_SECONDS)) if float(tempo_map.duration) > 1.4 * BLOCK_SECONDS else 0
        found.append(Passage(index, tuple(group), letter, energy, statement, block))
    return _keyed(found, tags.key, style, dice)


def _groups(bars: Sequence[Bar], ending: Ending, tempo_map: TempoMap) -> list[list[Bar]]:
    """Sections divided into passages of four to eleven bars; intro and coda are split off a long first and last one."""
    sections: list[list[Bar]] = []
    for bar in bars:
        if sections and sections[-1][-1].section == bar.section:
            sections[-1].append(bar)
        else:
            sections.append([bar])
    groups = [group for section in sections for group in _divided(section)]
    first = groups[0]
    if len(bars) >= 9 and len(first) >= 7:
        size = 4 if len(first) >= 8 and len(bars) >= 20 else 2
        groups[:1] = [first[:size], first[size:]]
    last = groups[-1]
    if len(bars) >= 20 and len(last) >= 6 and ending.kind in ("ring", "fade", "open"):
        groups[-1:] = [last[:-4], last[-4:]] if len(last) >= 8 else [last[:-2], last[-2:]]
    return [part for group in groups for part in _turned(group, tempo_map)]


def _divided(section: list[Bar]) -> list[list[Bar]]:
    parts: list[list[Bar]] = []
    while len(section) > 11:
        parts.append(section[:8])
        section = section[8:]
    return [*parts, section]


def _turned(group: list[Bar], tempo_map: TempoMap) -> list[list[Bar]]:
    """Divides a passage at a turn that falls within half a beat of one of its inner bars."""
    turns = [met.beat for met in tempo_map.hits if met.hit.kind is HitKind.TURN and met.beat is not None]
    for place in range(2, len(group) - 1):
        if any(abs(group[place].start - beat) <= 0.5 for beat in turns):
            return [group[:place], *_turned(group[place:], tempo_map)]
    return [group]


def _energies(groups: Sequence[Sequence[Bar]], tags: Tags) -> list[float]:
    """The sections' energies, given an arc of their own where they are flat and a slow rise where they are long."""
    raw = [group[0].energy for group in groups]
    shift = 0.4 * (tags.density - 0.5)
    flat = max(raw) - min(raw) < 0.12 and course(tags) != EVEN
    begin, end = groups[0][0].time, groups[-1][-1].time + groups[-1][-1].seconds
    found: list[float] = []
    for index, (group, energy) in enumerate(zip(groups, raw, strict=True)):
        position = (group[0].time - begin) / max(end - begin, 1e-6)
        same = index > 0 and groups[index - 1][0].section == group[0].section
        rise = min(found[-1] - energy - shift + 0.05, 0.12) if same and not flat else 0.0
        arc = _arc(position, end - begin) if flat else rise
        found.append(min(max(energy + shift + arc, 0.05), 1.0))
    return found


def _arc(position: float, length: float) -> float:
    """Added energy at a relative position: from thin to a peak at about 0.7; long cues rise once per block too."""
    if length < 20:
        return 0.06 * position
    slow = -0.2 + 0.34 * min(position / 0.7, 1.0) - (0.25 if position > 0.84 else 0.0)
    if length < 1.4 * BLOCK_SECONDS:
        return slow
    inside = (position * length / BLOCK_SECONDS) % 1.0
    return 0.6 * slow + 0.26 * inside - 0.16


def _letters(groups: Sequence[Sequence[Bar]], energies: Sequence[float], style: Style) -> list[str]:
    count = len(groups)
    letters = ["a"] * count
    main = [index for index in range(count) if not (index == 0 and count > 2 and len(groups[0]) <= 4)]
    home = energies[main[0]] if main else 0.5
    cycle = ("a", "a", "b") if style.tune.share > 0.45 else ("a", "b")
    for place, index in enumerate(main):
        energy = energies[index]
        letters[index] = cycle[place % len(cycle)]
        if place and energy >= home + 0.2:
            letters[index] = "b"
        elif place and energy <= home - 0.25:
            letters[index] = "break"
    if count > 2 and main and main[0] != 0:
        letters[0] = "intro"
    if count >= 4:
        letters[max(range(1, count), key=lambda index: (energies[index], index))] = "peak"
    if count >= 4 and energies[-1] < max(energies) - 0.12 and letters[-1] != "peak":
        letters[-1] = "outro"
    return letters


def _keyed(found: Sequence[Passage], key: Key, style: Style, dice: Dice) -> tuple[Passage, ...]:
    """Gives each block its key: home first and last, between them a near key; a user's tonic stays."""
    last = found[-1].block
    keyed = []
    for passage in found:
        tonic, mode = key.tonic, key.mode
        if 0 < passage.block < last or (passage.block and passage.letter == "peak"):
            tonic, mode = _near(key, style, dice, passage.block)
        keyed.append(replace(passage, tonic=tonic, mode=mode))
    return tuple(keyed)


def _near(key: Key, style: Style, dice: Dice, block: int) -> tuple[int, str]:
    roll = dice.at("key", block)
    major = key.mode in MAJOR_MODES
    parallel = {"ionian": "mixolydian", "aeolian": "dorian", "dorian": "aeolian", "mixolydian": "ionian"}
    if key.origin is Origin.USER or not style.harmony.cadence:
        return key.tonic, parallel.get(key.mode, key.mode) if block % 2 else key.mode
    relative = (key.tonic + 9) % 12 if major else (key.tonic + 3) % 12
    choices = [
        (relative, "aeolian" if major else "ionian"),
        ((key.tonic + 5) % 12, key.mode),
        ((key.tonic + 2) % 12, key.mode),
        (key.tonic, parallel.get(key.mode, key.mode)),
    ]
    return choices[(block + roll.below(2)) % len(choices)]
