"""Kits: which sound each drum number has, where it stands, and how loud it is in its set (General MIDI numbers)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Note
from sonique_daemon.engines.composer.playing import metals, skins
from sonique_daemon.engines.composer.playing.cache import SOUNDS
from sonique_daemon.engines.composer.playing.envelope import damping
from sonique_daemon.engines.composer.playing.strike import Render, Strike, layer_of, loudness_of
from sonique_daemon.engines.composer.playing.tone import Tone
from sonique_daemon.engines.composer.playing.voice import Recorded, Voice


@dataclass(frozen=True, slots=True)
class Drum:
    """One sound of a kit.

    Attributes:
        render: makes it, at peak 1.
        seconds: its length.
        level_db: peak in its kit.
        place: -1 (left) to 1 (right).
        number: what it is made as, where several numbers share it; 0 for their own.
    """

    render: Render
    seconds: float
    level_db: float
    place: float = 0.0
    number: int = 0


def _toms(level_db: float) -> dict[int, Drum]:
    places = {41: 0.40, 43: 0.28, 45: 0.12, 47: -0.05, 48: -0.18, 50: -0.32}
    return {number: Drum(skins.tom, 1.0, level_db, place) for number, place in places.items()}


_HAND_PLACES = {60: -0.3, 61: -0.2, 62: 0.15, 63: 0.2, 64: 0.3, 65: -0.35, 66: -0.25}
_HANDS = {
    54: Drum(metals.tambourine, 0.4, -13, 0.25),
    56: Drum(metals.cowbell, 0.5, -11, 0.2),
    **{number: Drum(skins.hand_drum, 0.7, -4, place) for number, place in _HAND_PLACES.items()},
    67: Drum(metals.agogo, 0.7, -11, -0.3),
    68: Drum(metals.agogo, 0.7, -11, -0.3),
    69: Drum(metals.shaker, 0.25, -14, 0.3, 69),
    70: Drum(metals.shaker, 0.25, -14, 0.35, 70),
    75: Drum(metals.claves, 0.25, -12, -0.25),
    76: Drum(metals.woodblock, 0.25, -9, -0.2),
    77: Drum(metals.woodblock, 0.25, -9, -0.1),
    80: Drum(metals.muted_triangle, 0.3, -16, 0.3),
    81: Drum(metals.triangle, 2.4, -16, 0.3),
    82: Drum(metals.shaker, 0.25, -14, 0.35, 70),
}

_CYMBALS = {
    49: Drum(metals.crash, 3.2, -7, -0.35),
    51: Drum(metals.ride, 2.4, -15, 0.35, 51),
    52: Drum(metals.crash, 3.2, -7, 0.4),
    53: Drum(metals.bell_of_ride, 2.0, -15, 0.35),
    55: Drum(metals.crash, 1.6, -9, -0.2),
    57: Drum(metals.crash, 3.2, -7, 0.3),
    59: Drum(metals.ride, 2.4, -15, 0.3, 51),
}

_KICK = Drum(partial(skins.skin, drum=skins.KICK), 0.6, 0, 0.0, 36)
_SNARE = Drum(skins.snare, 0.5, -3, 0.04, 38)

ACOUSTIC: Mapping[int, Drum] = {
    **_HANDS,
    **_CYMBALS,
    **_toms(-3),
    35: _KICK,
    36: _KICK,
    37: Drum(skins.rim, 0.2, -9, 0.06),
    38: _SNARE,
    39: Drum(skins.clap, 0.4, -8),
    40: _SNARE,
    42: Drum(metals.closed_hat, 0.35, -15, 0.3),
    44: Drum(metals.pedal_hat, 0.25, -18, 0.3),
    46: Drum(metals.open_hat, 1.2, -16, 0.3),
}

_BRUSH = Drum(skins.brush, 0.5, -8, 0.04, 38)
_SOFT_KICK = Drum(partial(skins.skin, drum=skins.SOFT_KICK), 0.5, -4, 0.0, 36)
BRUSHES: Mapping[int, Drum] = {
    **ACOUSTIC,
    **_toms(-8),
    35: _SOFT_KICK,
    36: _SOFT_KICK,
    38: _BRUSH,
    39: _BRUSH,
    40: _BRUSH,
    42: Drum(metals.closed_hat, 0.35, -19, 0.3),
    44: Drum(metals.pedal_hat, 0.25, -18, 0.3),
    46: Drum(metals.open_hat, 1.2, -20, 0.3),
    49: Drum(metals.crash, 3.2, -13, -0.35),
}

_MACHINE_KICK = Drum(partial(skins.skin, drum=skins.MACHINE_KICK), 0.9, 0, 0.0, 36)
_MACHINE_SNARE = Drum(skins.machine_snare, 0.4, -3, 0.0, 38)
MACHINE: Mapping[int, Drum] = {
    **ACOUSTIC,
    35: _MACHINE_KICK,
    36: _MACHINE_KICK,
    38: _MACHINE_SNARE,
    39: Drum(skins.clap, 0.4, -5),
    40: _MACHINE_SNARE,
    42: Drum(metals.machine_hat, 0.25, -15, 0.2),
    44: Drum(metals.machine_hat, 0.25, -18, 0.2),
    46: Drum(metals.machine_open_hat, 1.0, -16, 0.2),
}

HANDS: Mapping[int, Drum] = {
    **ACOUSTIC,
    **{number: Drum(skins.hand_drum, 0.8, -3, 0.1) for number in (35, 36)},
    **{number: Drum(skins.hand_drum, 0.6, -5, -0.1) for number in (38, 40)},
}

_RIM = Drum(skins.rim, 0.2, -8, 0.1)
TAIKO: Mapping[int, Drum] = {
    **{number: Drum(skins.taiko, 1.8, -1, (number - 41) / 40) for number in range(35, 61) if number != 37},
    37: _RIM,
    **{number: drum for number, drum in _CYMBALS.items() if number in {49, 57}},
    75: _RIM,
}


_ALIKE: Mapping[int, int] = {
    **dict.fromkeys(range(35), 36),
    58: 54,
    71: 70,
    72: 70,
    73: 69,
    74: 69,
    78: 61,
    79: 64,
    83: 54,
    84: 81,
    85: 76,
    86: 41,
    87: 41,
    **dict.fromkeys(range(88, 128), 81),
}
"""Numbers without a sound of their own, and what comes near: vibraslap, whistles, guiros, cuicas, bells, surdos."""


@dataclass(frozen=True, slots=True)
class Kit:
    """A player of many unpitched sounds.

    Attributes:
        name: unique among the players.
        drums: by number; a number that is not there is played by one that is like it.
    """

    name: str
    drums: Mapping[int, Drum]

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:  # noqa: ARG002 - a kept sound is the same for all seeds
        """The struck drum, which rings as long as it does."""
        wanted = _ALIKE.get(note.pitch, note.pitch)
        number = min(self.drums, key=lambda known: (abs(known - wanted), known))
        drum = self.drums[number]
        made_as = drum.number or number
        strike = Strike(self.name, made_as, layer_of(note.velocity), drum.seconds, note.variant & 1, tone)
        sound = SOUNDS.get(strike, lambda: drum.render(strike))
        gain = loudness_of(note.velocity) * 10 ** (drum.level_db / 20)
        return Recorded(sound, gain, -0.7 * drum.place, round(drum.seconds * SAMPLE_RATE), damping(0.02))
