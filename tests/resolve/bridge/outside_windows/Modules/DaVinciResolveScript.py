"""Resolve's scripting module with windows, played in the very process that loads it; its user does what is written."""

import os

from sonique_resolve.fake import World
from sonique_resolve.fake.windows import UIDispatcher

_world = World()
assert _world.ui is not None
_world.ui.ticks = not os.environ.get("FAKE_RESOLVE_SILENT")
for _name in filter(None, os.environ.get("FAKE_RESOLVE_CLICKS", "").split()):
    _world.ui.click(_name)

scriptapp = _world.scriptapp
__all__ = ["UIDispatcher", "scriptapp"]
