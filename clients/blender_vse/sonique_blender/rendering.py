"""Rendering: where Blender alone can show a range, a Blender of its own makes a small film of it.

It works on a copy of the file as it is now, saved or not, so that the editor goes on working meanwhile.
"""

import secrets
from pathlib import Path

import bpy

from .core.child import Child, RenderOrder, child_environment, command
from .core.errors import RenderFailed
from .core.reading import Reading, rendered
from .placing import scene_of
from .provenance import JOB_KEY

_SCRIPT = Path(__file__).with_name("render_child.py")


class Rendering:
    """A range on its way through a child process. Nothing here waits but the saving of the copy.

    Attributes:
        folder: where the film and the sound are; whoever needs them no longer removes what ``stop`` leaves.
    """

    def __init__(self, reading: Reading, folder: Path) -> None:
        """Saves a copy of the file and starts the child.

        Args:
            reading: which ``needs_render`` or ``needs_mixdown``.
            folder: in which a folder of its own is made.

        Raises:
            RenderFailed: the folder cannot be written, or Blender cannot be started.
            SceneGone: the scene is no longer there.
        """
        self._reading = reading
        self.folder = folder / f"range-{secrets.token_hex(6)}"
        self._film = self.folder / "film.mp4" if reading.needs_render else None
        self._sound = self.folder / "sound.wav" if reading.needs_mixdown else None
        copy = self.folder / "copy.blend"
        scene = scene_of(reading.scene_uid)
        try:
            self.folder.mkdir(parents=True)
            bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True, check_existing=False)
        except (OSError, RuntimeError) as error:
            raise RenderFailed(f"The folder “{folder}” cannot be written ({error}); choose another one.") from error
        order = RenderOrder(
            blend=str(copy),
            scene=scene.name,
            start=reading.span.start,
            end=reading.span.end,
            film=str(self._film or ""),
            sound=str(self._sound or ""),
            silent=JOB_KEY,
        )
        words = command(bpy.app.binary_path, _SCRIPT, str(copy))
        self._child = Child(self.folder, order, words, child_environment())

    @property
    def share(self) -> float:
        """How much is rendered, 0 to 1."""
        return self._child.share

    def poll(self) -> Reading | None:
        """The reading with what was rendered in it, or None as long as that goes on.

        Raises:
            RenderFailed: it could not be rendered.
        """
        return rendered(self._reading, self._film, self._sound) if self._child.poll() else None

    def stop(self) -> Child:
        """Has it end, where it is not done; its folder is left with all that it made."""
        self._child.stop()
        return self._child
