"""The cache of made sounds: shared by all performances of a process, bounded in bytes, oldest use dropped first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from sonique_daemon.engines.composer.playing.tone import Samples

CAPACITY = 144 * 2**20


class SoundCache:
    """Sounds by what they are. A key says everything that a sound depends on, so a lost sound comes back the same."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._sounds: OrderedDict[Hashable, Samples] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._bytes

    def get(self, key: Hashable, make: Callable[[], Samples]) -> Samples:
        """The sound of ``key``, made if it is not there; it must not be written to."""
        with self._lock:
            if key in self._sounds:
                self._sounds.move_to_end(key)
                return self._sounds[key]
        sound = make()
        sound.flags.writeable = False
        self._keep(key, sound)
        return sound

    def clear(self) -> None:
        """Drops everything."""
        with self._lock:
            self._sounds.clear()
            self._bytes = 0

    def _keep(self, key: Hashable, sound: Samples) -> None:
        with self._lock:
            if key in self._sounds or sound.nbytes > self._capacity // 4:
                return
            self._sounds[key] = sound
            self._bytes += sound.nbytes
            while self._bytes > self._capacity:
                self._bytes -= self._sounds.popitem(last=False)[1].nbytes


SOUNDS = SoundCache()
