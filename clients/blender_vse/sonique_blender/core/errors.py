"""What can go wrong between this client and Blender's sequencer.

::

    BlenderError
    ├── NoRange          there is no range to score, or it has no length that can be scored
    ├── NoPicture        nothing shows in the range
    ├── Unreadable       the sequencer holds something that cannot be handed on
    ├── RenderFailed     the range could not be rendered
    ├── NoChannel        no channel is free and unlocked for the music
    ├── SceneGone        the scene is no longer there
    ├── StripGone        the strip is no longer there
    ├── Busy             Blender renders, mixes down or saves; the timeline must not be touched
    └── NotPlaced        the music could not be placed
"""

from typing import ClassVar


class BlenderError(Exception):
    """One sentence for an editor, with a stable code; names the thing and the way out."""

    code: ClassVar[str] = "BLENDER_ERROR"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NoRange(BlenderError):
    """There is no range to score, or it has no length that can be scored."""

    code = "NO_RANGE"


class NoPicture(BlenderError):
    """Nothing shows in the range."""

    code = "NO_PICTURE"


class Unreadable(BlenderError):
    """The sequencer holds something that cannot be handed on."""

    code = "UNREADABLE"


class RenderFailed(BlenderError):
    """The range could not be rendered."""

    code = "RENDER_FAILED"


class NoChannel(BlenderError):
    """No channel is free and unlocked for the music."""

    code = "NO_CHANNEL"


class SceneGone(BlenderError):
    """The scene is no longer there."""

    code = "SCENE_GONE"


class StripGone(BlenderError):
    """The strip is no longer there."""

    code = "STRIP_GONE"


class Busy(BlenderError):
    """Blender renders, mixes down or saves; the timeline must not be touched."""

    code = "BUSY"


class NotPlaced(BlenderError):
    """The music could not be placed; the timeline is as it was."""

    code = "NOT_PLACED"
