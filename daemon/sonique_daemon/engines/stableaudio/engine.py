"""The engine of the family ``stable-audio-tools``."""

from sonique_daemon.engines.devices import chosen_device
from sonique_daemon.engines.music.engine import MusicEngine
from sonique_daemon.engines.music.player import Player
from sonique_daemon.engines.stableaudio.loading import read_config, read_model
from sonique_daemon.engines.stableaudio.player import StableAudioPlayer
from sonique_daemon.errors import EngineUnavailable

_TYPES = ("diffusion_cond", "diffusion_cond_inpaint")


class StableAudioEngine(MusicEngine):
    """Runs any conditioned diffusion model of the package."""

    def opened(self) -> Player:
        """Loads the model."""
        config = read_config(self.model.name, self.folder)
        if config["model_type"] not in _TYPES:
            raise EngineUnavailable(
                f"“{self.model.name}” is a “{str(config['model_type'])[:60]}”, which makes no music from tags; "
                "choose a model of the type diffusion_cond."
            )
        device = chosen_device(self.device)
        return StableAudioPlayer(read_model(self.model, self.folder, config, device), self.facts, device)
