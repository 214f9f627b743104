"""What a panel shows, as plain values: any toolkit draws them, and none is needed to test them."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sonique_client.stages import begun_text, stage_text

if TYPE_CHECKING:
    from sonique.v1.events_pb2 import JobEvent, StageStarted

    from sonique_resolve.placement import Placed

_MOST_MESSAGES = 50


class Phase(Enum):
    """What the panel is at."""

    CONNECTING = "connecting"
    """Resolve is being reached."""
    READY = "ready"
    """It waits for wishes."""
    WORKING = "working"
    """A cue is being made, or a take placed."""
    CANCELLING = "cancelling"
    """It was asked to stop, and comes to it."""
    LOST = "lost"
    """Resolve is not there, or ended; it can be reached anew."""


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A take in the list: its index, what is said of it, and whether it is the one that stands on the timeline."""

    index: int
    text: str
    placed: bool


@dataclass(frozen=True, slots=True)
class View:
    """All that is to be seen.

    Attributes:
        phase: what the panel is at.
        host: which Resolve it is; empty as long as that is not known.
        range_text: which range, and how long it is; or why there is none.
        range_found: whether there is one.
        stage: what is being done, or empty.
        share: how much of it is done, 0 to 1; None where that cannot be told.
        left: how long it takes still, for people; or empty.
        takes: the takes of the last cue.
        styles: words for styles that may be wished for.
        messages: sentences, the newest last.
    """

    phase: Phase = Phase.CONNECTING
    host: str = ""
    range_text: str = ""
    range_found: bool = False
    stage: str = ""
    share: float | None = None
    left: str = ""
    takes: tuple[TakeRow, ...] = ()
    styles: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def can_score(self) -> bool:
        """Whether a cue can be asked for now."""
        return self.phase is Phase.READY and self.range_found

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to cancel."""
        return self.phase is Phase.WORKING

    @property
    def can_place(self) -> bool:
        """Whether another take can be placed now."""
        return self.phase is Phase.READY and len(self.takes) > 1

    @property
    def message(self) -> str:
        """The newest sentence, or empty."""
        return self.messages[-1] if self.messages else ""


def with_message(messages: tuple[str, ...], sentence: str) -> tuple[str, ...]:
    """The sentences with one more; the oldest go."""
    return (*messages, sentence)[-_MOST_MESSAGES:]


def rows_of(placed: "Placed") -> tuple[TakeRow, ...]:
    """The takes of a cue that stands on the timeline."""
    asked = placed.placement
    return tuple(
        TakeRow(index, f"Take {index + 1}, seed {take.seed}", index == asked.chosen)
        for index, take in enumerate(asked.takes)
    )


def progress_of(event: "JobEvent", begun: "StageStarted | None" = None) -> tuple[str, float | None, str] | None:
    """The stage, its share and the time left, as an event tells them; None where it tells nothing of them.

    ``begun`` is the start of a stage that was told last: it alone says which take a stage is about.
    """
    kind = event.WhichOneof("event")
    if kind == "stage_started":
        return begun_text(event.stage_started), None, ""
    if kind == "queued":
        place = "next in line" if event.queued.position <= 0 else f"{event.queued.position} before it"
        return f"Waiting, {place}", None, ""
    if kind != "progress":
        return None
    told = event.progress
    share = min(1.0, max(0.0, told.done / told.total)) if told.total > 0 else None
    left = f"{max(0, round(told.seconds_left))} s left" if told.HasField("seconds_left") else ""
    text = begun_text(begun) if begun is not None and begun.stage == told.stage else stage_text(told.stage)
    return text, share, left
