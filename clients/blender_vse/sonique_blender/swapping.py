"""Swapping: another take in the place of the one that plays; all of it is one undo step."""

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from typing import Any

import bpy

from . import busy, compat, provenance
from .core.errors import Busy, NotPlaced, StripGone
from .core.placement import Take
from .placing import as_blender_keeps, check_file, placed, scene_of, strip_of


class Swap:
    """Another take on its way into the place of the one that a strip plays.

    Its sounds are read one at a step, and nothing shows before all of them are there.

    Args:
        scene_uid: session id of the strip's scene.
        strip: the strip's id.
        take: what is to play.
        others: takes that are kept with the strip from then on, beside those that it has.
    """

    def __init__(self, scene_uid: int, strip: str, take: Take, others: tuple[Take, ...] = ()) -> None:
        self._scene, self._strip, self._take, self._others = scene_uid, strip, take, others
        self._read: dict[str, int] = {}
        """Files that were read, and the session ids of the sounds that were made for them; 0 where one was there."""

    def step(self) -> bool:
        """Goes on a little; True once the take plays.

        Raises:
            Busy: not now.
            BlenderError: it cannot be swapped in; the timeline is as it was.
        """
        try:
            busy.check()
            return self._go_on(strip_of(scene_of(self._scene), self._strip))
        except Busy:
            raise
        except Exception:
            self.stop()
            raise

    def stop(self) -> None:
        """Lets the sounds go that were read and that nothing plays."""
        made = set(self._read.values())
        for sound in [sound for sound in bpy.data.sounds if sound.users == 0 and sound.session_uid in made]:
            bpy.data.sounds.remove(sound)

    def _go_on(self, strip: Any) -> bool:
        path = next((path for _, path in _files(strip, self._take) if path not in self._read), None)
        if path is None:
            swap(strip, self._take, self._others)
            return True
        count = len(bpy.data.sounds)
        sound = _loaded(path)
        self._read[path] = sound.session_uid if len(bpy.data.sounds) > count else 0
        return False


def swap(strip: Any, take: Take, others: tuple[Take, ...] = ()) -> None:
    """Plays another take in the place of the one that ``strip`` plays; its handles, fades and channel stay.

    Where ``strip`` is a stem, its fellows are swapped too. A take that was made for other handles begins elsewhere, and
    does so under these ones.

    Args:
        strip: music of Sonique.
        take: what is to play.
        others: takes that are kept with the strip from then on, beside those that it has.

    Raises:
        Busy: Blender renders or saves; try again later.
        StripGone: the strip is no music of Sonique.
        NotPlaced: the take's file is no longer there or cannot be read, or it has no such stem.
    """
    busy.check()
    kept = tuple(each for each in (*provenance.takes_of(strip), *others) if each != take)
    sounds = [(each, _loaded(path)) for each, path in _files(strip, take)]
    rate = compat.frame_rate(strip.id_data)
    later = round((take.begins - provenance.takes_of(strip)[0].begins) * rate)
    for each, sound in sounds:
        each.sound = sound
        if later:
            compat.slide_content(each, later)
        provenance.write(each, take, kept, provenance.stem_of(each))
    bpy.ops.ed.undo_push(message="Swap Sonique Take")


def _files(strip: Any, take: Take) -> list[tuple[Any, str]]:
    """What is to be swapped with ``strip``, and the file that each of them is to play then, as Blender keeps it."""
    held = provenance.takes_of(strip)
    if not held:
        raise StripGone(f"“{strip.name}” is no music of Sonique; select a strip that Sonique placed.")
    return [(each, as_blender_keeps(_file_of(take, each))) for each in _fellows(strip, held[0])]


def _file_of(take: Take, strip: Any) -> Path:
    """The file that ``strip`` is to play of ``take``: beside the one that it plays, as the project may have moved
    since, else where it was made.
    """
    stem = provenance.stem_of(strip)
    path = dict(take.stems).get(stem) if stem else take.mix
    if path is None:
        raise NotPlaced(f"The other take has no stem “{stem}”; score the range again with stems.")
    moved = beside(strip, path)
    if moved is not None and moved.is_file():
        return moved
    check_file(path)
    return path


def beside(strip: Any, path: Path) -> Path | None:
    """Where a file of that name would be in the folder of what ``strip`` plays, on whatever system it was made; None
    where the strip plays nothing.
    """
    name = PureWindowsPath(path).name  # which reads the paths of all systems, and none of our names has a backslash
    return Path(bpy.path.abspath(strip.sound.filepath)).with_name(name) if strip.sound else None


def _loaded(path: str) -> Any:
    try:
        return bpy.data.sounds.load(path, check_existing=True)
    except RuntimeError as error:
        raise NotPlaced(
            f"Blender cannot read “{path}” ({str(error).strip()}); make the music again with Redo."
        ) from error


def _fellows(strip: Any, playing: Take) -> Iterator[Any]:
    """All strips that play stems of the same take in the same place."""
    if not provenance.stem_of(strip):
        yield strip
        return
    where = compat.span(strip)
    for each in placed(strip.id_data, provenance.job_of(strip)):
        if compat.span(each) == where and provenance.takes_of(each)[:1] == (playing,):
            yield each
