"""The surface of a record: hiss, and crackle that comes round."""

import numpy as np

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Note
from sonique_daemon.engines.composer.playing.cache import SOUNDS
from sonique_daemon.engines.composer.playing.chance import draw
from sonique_daemon.engines.composer.playing.envelope import decay
from sonique_daemon.engines.composer.playing.loop import LOOP
from sonique_daemon.engines.composer.playing.noise import band, coloured
from sonique_daemon.engines.composer.playing.strike import loudness_of
from sonique_daemon.engines.composer.playing.tone import Samples, Tone
from sonique_daemon.engines.composer.playing.voice import Contour, Sustained, Voice

_TURNS = 3
_CLICKS_A_SECOND = 6.0
_CONTOUR = Contour(0.4, 0.5, bright=1.0, opening=0.1, wander=0.2, wander_hz=0.13, spread=0.5)


class Record:
    """A player of surface noise: the harder, the more crackle over the hiss."""

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:
        """The surface, entered at a place of its own."""
        loop = SOUNDS.get(("vinyl", tone), lambda: _surface(tone))
        place = draw("vinyl", seed, note.part, round(note.start * 1000)).random(2)
        held = max(round(note.duration * SAMPLE_RATE), 1)
        gain = loudness_of(note.velocity)
        velocity = min(note.velocity, 1.0)
        return Sustained(loop, _CONTOUR, gain, velocity, held, int(place[0] * loop.shape[-1]), float(place[1]))


def _surface(tone: Tone) -> Samples:
    chance = draw("vinyl")
    count = _TURNS * LOOP
    hiss = coloured(count, band(500, 5000), chance)
    crackle = np.zeros(count, np.float32)
    for place in chance.integers(0, count - 4800, int(_CLICKS_A_SECOND * count / SAMPLE_RATE)):
        tau = chance.uniform(0.0002, 0.0012)
        click = chance.standard_normal(480).astype(np.float32) * decay(480, tau)
        crackle[place : place + 480] += click * np.float32(min(chance.exponential(2.0), 7.0))
    layers = np.stack((hiss, np.float32(0.8) * hiss + crackle))
    return tone.filtered(layers)
