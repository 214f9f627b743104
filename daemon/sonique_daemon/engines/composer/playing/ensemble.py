"""The player of sustained sounds: it reads loops that are made once for each pitch."""

from dataclasses import dataclass

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Note
from sonique_daemon.engines.composer.playing.cache import SOUNDS
from sonique_daemon.engines.composer.playing.chance import draw
from sonique_daemon.engines.composer.playing.loop import LoopRecipe, render_loop
from sonique_daemon.engines.composer.playing.strike import loudness_of
from sonique_daemon.engines.composer.playing.tone import Tone
from sonique_daemon.engines.composer.playing.voice import Contour, Sustained, Voice


@dataclass(frozen=True, slots=True)
class Ensemble:
    """A player of endless sounds.

    Attributes:
        recipe: its loop.
        contour: how its notes come and go.
    """

    recipe: LoopRecipe
    contour: Contour

    def voice(self, note: Note, tone: Tone, seed: int) -> Voice:
        """The note's loop, entered at a place of its own."""
        key = (self.recipe.name, note.pitch, tone)
        loop = SOUNDS.get(key, lambda: render_loop(self.recipe, note.pitch, tone))
        place = draw(self.recipe.name, seed, note.part, note.pitch, round(note.start * 1000), note.variant).random(2)
        offset = int(place[0] * loop.shape[-1])
        held = max(round(note.duration * SAMPLE_RATE), 1)
        gain = loudness_of(note.velocity)
        return Sustained(loop, self.contour, gain, min(note.velocity, 1.0), held, offset, float(place[1]))
