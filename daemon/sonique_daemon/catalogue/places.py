"""Places: where weights and the user's own entries stand; the environment may name others, and tells workers."""

import os
from pathlib import Path

WEIGHTS = "SONIQUE_WEIGHTS"
MODELS = "SONIQUE_MODELS"
PROFILES = "SONIQUE_PROFILES"


def weights_folder() -> Path:
    """The folder of all weights, each model in a folder of its own: the user's data folder, or ``SONIQUE_WEIGHTS``."""
    named = os.environ.get(WEIGHTS)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("sonique", appauthor=False).absolute() / "weights"


def models_file() -> Path:
    """The user's own entries: ``models.toml`` in the user's configuration folder, or ``SONIQUE_MODELS``."""
    named = os.environ.get(MODELS)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_config_path

    return user_config_path("sonique", appauthor=False).absolute() / "models.toml"


def profiles_file() -> Path:
    """The user's own profiles: ``profiles.toml`` in the user's configuration folder, or ``SONIQUE_PROFILES``."""
    named = os.environ.get(PROFILES)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_config_path

    return user_config_path("sonique", appauthor=False).absolute() / "profiles.toml"
