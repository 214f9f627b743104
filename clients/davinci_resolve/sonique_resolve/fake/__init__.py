"""A stateful fake of DaVinci Resolve, so that the client can be proved without it.

Objects with Resolve's method names over plain state, with the documented and the measured behaviours switchable. The
names are checked against independent listings of the real ones; the behaviours are those that people measured and
wrote down. It proves that the client copes with what is known, not that Resolve does nothing else.

::

    world = World(Settings(version="21.0.4", timeline_rate="25"))
    film = world.film("/films/edit.mov", frames=500)
    world.put(film, start=0, frames=250)
    world.mark(25, 124)
    desk = FakeDesk(world)
"""

from sonique_resolve.fake.desk import FakeDesk
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.world import World

__all__ = ["FakeDesk", "Settings", "World"]
