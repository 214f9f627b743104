"""What can go wrong between this client and Resolve.

::

    ResolveError
    ├── ResolveGone        it ended, or the bridge to it
    ├── ResolveBusy        it does not answer; a dialog is open, most likely
    ├── ResolveRefused     it does not let scripts in
    ├── NothingMarked      there is no range to score
    ├── NotRendered        the range could not be rendered as a proxy
    ├── NotPlaced          the music could not be placed; the timeline is as it was
    └── OtioRefused        a timeline file cannot be taken
"""

from typing import ClassVar


class ResolveError(Exception):
    """One sentence for an editor, with a stable code; names the thing and the way out."""

    code: ClassVar[str] = "RESOLVE_ERROR"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ResolveGone(ResolveError):
    """Resolve ended, or the bridge to it."""

    code = "RESOLVE_GONE"


class ResolveBusy(ResolveError):
    """Resolve does not answer; a dialog is open, most likely."""

    code = "RESOLVE_BUSY"


class ResolveRefused(ResolveError):
    """Resolve does not let scripts in."""

    code = "RESOLVE_REFUSED"


class NothingMarked(ResolveError):
    """There is no range to score."""

    code = "NOTHING_MARKED"


class NotRendered(ResolveError):
    """The range could not be rendered as a proxy; nothing was scored."""

    code = "NOT_RENDERED"


class NotPlaced(ResolveError):
    """The music could not be placed; the timeline is as it was."""

    code = "NOT_PLACED"


class OtioRefused(ResolveError):
    """A timeline file cannot be taken."""

    code = "OTIO_REFUSED"
