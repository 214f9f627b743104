"""Recipes of the sustained sounds: strings, choir, pads, drone, air and vinyl."""

import numpy as np

from sonique_daemon.engines.composer.playing.loop import Levels, LoopRecipe
from sonique_daemon.engines.composer.playing.tone import Numbers
from sonique_daemon.engines.composer.playing.voice import Contour


def sloped(power: float, corner: float, order: float = 2.0) -> Levels:
    """Harmonics that fall with their number, and faster above ``corner`` Hz."""

    def levels(frequency: Numbers, fundamental: float) -> Numbers:
        return np.asarray((frequency / fundamental) ** -power / (1 + (frequency / corner) ** order))

    return levels


def _resonant(power: float, corner: float, peaks: tuple[tuple[float, float, float], ...], floor: float) -> Levels:
    """The same times a sum of resonances (Hz, bandwidth in Hz, strength) over a floor."""
    plain = sloped(power, corner)

    def levels(frequency: Numbers, fundamental: float) -> Numbers:
        body = np.full_like(frequency, floor)
        for centre, width, strength in peaks:
            body += strength / (1 + ((frequency - centre) / width) ** 2)
        return plain(frequency, fundamental) * body

    return levels


def _glassy(frequency: Numbers, fundamental: float) -> Numbers:
    number = np.round(frequency / fundamental)
    chosen = np.isin(number, (1, 2, 3, 5, 8, 12, 16))
    return np.where(chosen, number**-0.8, 1e-4) / (1 + (frequency / 5200) ** 2)


_VIOLINS = ((480.0, 160.0, 0.8), (1100.0, 300.0, 0.7), (2600.0, 700.0, 0.6))
_OOH = ((360.0, 90.0, 1.0), (800.0, 120.0, 0.35), (2500.0, 250.0, 0.05))
_AAH = ((750.0, 130.0, 1.0), (1150.0, 150.0, 0.6), (2750.0, 250.0, 0.25), (3400.0, 300.0, 0.15))

_STRINGS_DARK = _resonant(1.0, 1500, _VIOLINS, 0.7)
_STRINGS_BRIGHT = _resonant(0.75, 5200, _VIOLINS, 0.6)
STRINGS = LoopRecipe(
    "strings", _STRINGS_DARK, _STRINGS_BRIGHT, 24, 70, players=4, player_share=0.55, breath=0.012, vibrato_cents=10
)
STRINGS_CONTOUR = Contour(0.30, 0.45, 3.0, bright=0.95, opening=0.5, wander=0.12, wander_hz=0.21, spread=0.6)
SPICCATO_CONTOUR = Contour(0.018, 0.16, settle=0.09, sustain=0.35, bright=1.0, opening=0.02, spread=0.55)

CHOIR = LoopRecipe(
    "choir",
    _resonant(0.6, 2600, _OOH, 0.03),
    _resonant(0.5, 4200, _AAH, 0.03),
    34,
    70,
    players=4,
    player_share=0.5,
    vibrato_cents=14,
    breath=0.004,
    breath_band=(2500, 8000),
)
CHOIR_CONTOUR = Contour(0.42, 0.6, 2.5, bright=0.85, opening=0.8, wander=0.15, wander_hz=0.11, spread=0.65)

WARM_PAD = LoopRecipe(
    "warm pad",
    sloped(1.5, 700),
    sloped(1.05, 2400),
    18,
    60,
    players=3,
    player_share=0.7,
    vibrato_cents=3,
    breath=0.003,
    breath_band=(1800, 9000),
)
WARM_CONTOUR = Contour(0.8, 1.6, 2.0, bright=0.9, opening=1.6, wander=0.45, wander_hz=0.073, spread=0.38)

GLASS_PAD = LoopRecipe(
    "glass pad",
    sloped(2.0, 1500),
    _glassy,
    12,
    16,
    players=2,
    player_share=0.6,
    vibrato_cents=2,
    intervals=((0.0, 1.0), (12.0, 0.45)),
)
GLASS_CONTOUR = Contour(0.5, 2.0, 1.5, bright=1.0, opening=0.9, wander=0.5, wander_hz=0.11, spread=0.55)

DRONE = LoopRecipe(
    "drone",
    sloped(1.3, 240),
    sloped(0.9, 1100),
    14,
    70,
    players=2,
    player_share=0.7,
    vibrato_cents=1,
    intervals=((0.0, 1.0), (7.0, 0.35), (12.0, 0.4)),
)
DRONE_CONTOUR = Contour(1.8, 2.5, 1.0, bright=0.9, opening=3.0, wander=0.7, wander_hz=0.047, spread=0.6)

AIR = LoopRecipe(
    "air", sloped(1.0, 900), sloped(0.8, 4000), 700, 12, intervals=((0.0, 1.0),), breath=0.85, breath_band=(700, 7000)
)
AIR_CONTOUR = Contour(1.5, 2.0, 3.0, bright=0.9, opening=2.0, wander=0.6, wander_hz=0.09, spread=0.7)
