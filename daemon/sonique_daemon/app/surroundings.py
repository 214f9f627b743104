"""Surroundings: what the daemon says in its environment while it runs, for workers inherit that."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sonique_daemon.app.configfile import config_path
from sonique_daemon.app.settings import Settings
from sonique_daemon.catalogue.places import MODELS, PROFILES, WEIGHTS, models_file, profiles_file
from sonique_daemon.engines.environments import ENGINES, environments_folder
from sonique_daemon.engines.models import DEVICE


@contextmanager
def surroundings(settings: Settings) -> Iterator[None]:
    """Says where things are, which a worker with an interpreter of its own cannot ask; takes it back at the end."""
    before = dict(os.environ)
    told = {WEIGHTS: settings.weights, MODELS: models_file(), PROFILES: profiles_file(), ENGINES: environments_folder()}
    os.environ.update({name: str(path) for name, path in told.items()})
    os.environ["SONIQUE_CONFIG"] = str(config_path())
    os.environ[DEVICE] = settings.device
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
