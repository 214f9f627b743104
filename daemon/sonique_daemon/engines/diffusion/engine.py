"""The engine of the family ``diffusers``: whichever of its pipelines stands in the model's folder."""

from importlib import import_module
from typing import Any

from sonique_daemon.catalogue.layouts import pipeline_of
from sonique_daemon.catalogue.model import MusicFacts
from sonique_daemon.engines.diffusion.loading import pipeline_name, read_pipeline
from sonique_daemon.engines.music.engine import MusicEngine
from sonique_daemon.engines.music.player import Player
from sonique_daemon.errors import EngineUnavailable

SMALLER_PIECES, IN_TURN = 1, 2
"""From how many of the family's savings on each is in force."""


class DiffusionEngine(MusicEngine):
    """Runs a pipeline of diffusers."""

    def opened(self) -> Player:
        """Loads the pipeline, and puts the player of its kind before it."""
        folder = pipeline_of(self.folder)
        name = pipeline_name(self.model.name, folder)
        if name not in _PLAYERS:
            raise EngineUnavailable(
                f"“{self.model.name}” is a {name[:60]} of diffusers, which is not run here; "
                f"there is {', '.join(_PLAYERS)}."
            )
        return player_of(read_pipeline(self.model, folder, self.quantisation, self.device), self.facts)


_PLAYERS = {
    "StableAudio3Pipeline": "stable_audio_3:StableAudio3Player",
    "StableAudioPipeline": "stable_audio_open:StableAudioOpenPlayer",
    "AceStepPipeline": "ace_step:AceStepPlayer",
}
"""By the pipeline's class, module and class of its player beside this file."""


def player_of(pipeline: Any, facts: MusicFacts) -> Player:
    """The player of a pipeline in memory, which is one of those that there are."""
    module, _, name = _PLAYERS[type(pipeline).__name__].partition(":")
    player: Player = getattr(import_module(f"sonique_daemon.engines.diffusion.{module}"), name)(pipeline, facts)
    return player
