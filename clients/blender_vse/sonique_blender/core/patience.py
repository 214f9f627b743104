"""How often a daemon that lives may leave a call unanswered before it is left alone for a while."""

_TRIES = 5
"""Calls in a row, each of which it had two seconds to answer."""


class Patience:
    """Counts calls that went unanswered. All calls are such that they can be made again, so that none is lost."""

    def __init__(self) -> None:
        self._missed = 0

    @property
    def worn(self) -> bool:
        """Whether nobody seems to be there who answers."""
        return self._missed >= _TRIES

    def met(self) -> None:
        """A call was answered."""
        self._missed = 0

    def missed(self) -> None:
        """A call was not answered in time."""
        self._missed += 1
