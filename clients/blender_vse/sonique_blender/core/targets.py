"""Where music goes: a scene of a blend file, known by names and numbers and never by a pointer."""

from dataclasses import dataclass, replace

from .strips import Span


@dataclass(frozen=True, slots=True)
class Target:
    """A range of a scene.

    Attributes:
        opening: counts the blend files that were opened since Blender started; session ids hold within one alone.
        file: absolute path of the blend file; "" where it was never saved.
        scene: the scene's name.
        scene_uid: its session id.
        span: the range in timeline frames.
    """

    opening: int
    file: str
    scene: str
    scene_uid: int
    span: Span

    def in_file(self, file: str) -> "Target":
        """The same, the file saved under another path."""
        return replace(self, file=file)


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies open in Blender now.

    Attributes:
        opening: as in ``Target``.
        file: absolute path of the blend file; "" where it was never saved.
        scenes: session ids of its scenes by name.
    """

    opening: int
    file: str
    scenes: tuple[tuple[str, int], ...]

    def where(self, target: Target) -> int | None:
        """The session id of the target's scene as it is now; None where it is not there.

        In the opening in which it was chosen, a scene may have got another name. In a later one, only a scene of the
        same name in the very same file is the same: a file that was never saved never comes back.
        """
        if target.opening == self.opening:
            return next((uid for _, uid in self.scenes if uid == target.scene_uid), None)
        if not target.file or target.file != self.file:
            return None
        return dict(self.scenes).get(target.scene)
