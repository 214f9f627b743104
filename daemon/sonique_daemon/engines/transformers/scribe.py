"""The scribe: shows a model the frames of shots, several shots side by side, and has it write a sentence on each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.transformers import chat
from sonique_daemon.engines.transformers.chat import Turn
from sonique_daemon.engines.transformers.fitting import fitted, room_beside
from sonique_daemon.engines.transformers.loading import Loaded
from sonique_daemon.engines.transformers.sanity import complaint
from sonique_daemon.engines.transformers.sentences import (
    SHOT_QUESTION,
    SHOT_TOKENS,
    SUMMARY_QUESTION,
    SUMMARY_TOKENS,
    complete,
    shot_lines,
    tidied,
)
from sonique_daemon.engines.transformers.watching import View
from sonique_daemon.engines.transformers.writing import Order, Text, write
from sonique_daemon.errors import UnusableOutput

_CLOCK = 1000
"""Ticks a second in which a model is told when frames show."""

_PENALTY = 1.05
"""Keeps small models from going round in circles."""

_SUMMED_UP = 2
"""Sentences that sum up a film."""

_PATIENCE = 4
"""So many shots on which a model writes no text, and none on which it does, are enough."""


@dataclass(frozen=True, slots=True)
class Page:
    """A shot to be written on: its number, what is measured of it, and what the model is shown of it."""

    index: int
    shot: ShotDescription
    view: View


@dataclass(slots=True)
class Scribe:
    """Writes with a model that sees.

    Attributes:
        held: the model.
        processor: its own, which takes video.
        report: is told what is written, and asked whether to go on.
        frames: how many are shown at once; one shot has its own number of them.
    """

    held: Loaded
    processor: Any
    report: Report
    frames: int
    _good: int = 0
    _bad: list[str] = field(default_factory=list)

    def batches(self, pages: Iterable[Page]) -> Iterator[list[Page]]:
        """The pages in order, as many together as are of one form and fit."""
        batch: list[Page] = []
        for page in pages:
            if batch and (page.view.form != batch[0].view.form or not self._fits(page, len(batch) + 1)):
                yield batch
                batch = []
            batch.append(page)
        if batch:
            yield batch

    def _fits(self, page: Page, count: int) -> bool:
        return count * len(page.view.images) <= self.frames

    def sentences(self, pages: Sequence[Page], step: Callable[[float], None]) -> list[str]:
        """A sentence for each page. Where the model writes no text, it is the measured one, and that is told.

        Raises:
            UnusableOutput: it has written no text on any shot so far, and there were enough of them.
            OutOfMemory: the work does not fit.
        """
        question = chat.written_out(self.held, [Turn("user", SHOT_QUESTION, video=True)])
        inputs = self._inputs([question] * len(pages), [page.view for page in pages])
        indices = [page.index for page in pages]
        order = Order(inputs, SHOT_TOKENS, lambda row, text: self.report.wording(indices[row], text), step)
        texts = write(self.held, _sentences(order, 1), self.report)
        return [self._sentence(page, text) for page, text in zip(pages, texts, strict=True)]

    def close(self) -> None:
        """Says at the end where the model wrote no text at all; raises ``UnusableOutput``."""
        if self._bad and not self._good:
            raise UnusableOutput(
                f"“{self.held.name}” wrote {self._bad[0]} instead of a description; it does not work as it is held "
                "here: choose another quantisation or another model."
            )

    def summary(self, shots: Sequence[ShotDescription], measured: str, step: Callable[[float], None]) -> str:
        """A sentence or two on all shots; what is ``measured`` where the model writes no text, which is told."""

        def wording(lines: Sequence[str]) -> str:
            return chat.written_out(self.held, [Turn("user", SUMMARY_QUESTION.format(shots="\n".join(lines)))])

        room = room_beside(self.held, SUMMARY_TOKENS)
        asked = fitted(self.held, shot_lines(shots), wording, room, self.report)
        inputs = chat.tokens(self.held, asked)
        order = Order(inputs, SUMMARY_TOKENS, lambda _, text: self.report.wording(None, text), step)
        (text,) = write(self.held, _sentences(order, _SUMMED_UP), self.report)
        trouble = complaint(text)
        if trouble:
            self.report.warn(f"“{self.held.name}” wrote {trouble} instead of a summary; the measured one stands.")
            return measured
        return tidied(text, _SUMMED_UP)

    def _sentence(self, page: Page, text: Text) -> str:
        trouble = complaint(text)
        if not trouble:
            self._good += 1
            return tidied(text, 1)
        self._bad.append(trouble)
        if len(self._bad) >= _PATIENCE:
            self.close()
        self.report.warn(
            f"“{self.held.name}” wrote {trouble} on shot {page.index + 1}; the measured sentence stands there."
        )
        return page.shot.sentence

    def _inputs(self, texts: list[str], views: Sequence[View]) -> dict[str, Any]:
        import numpy as np

        start = str(getattr(self.held.tokenizer, "bos_token", None) or "")
        encoded = self.processor(
            text=texts,
            videos=[np.stack(view.images) for view in views],
            video_metadata=[_metadata(view) for view in views],
            do_sample_frames=False,
            padding=True,
            return_tensors="pt",
            add_special_tokens=not (start and texts[0].startswith(start)),
        )
        floating = self.held.model.dtype
        moved = {name: value.to(self.held.device) for name, value in encoded.items() if hasattr(value, "to")}
        return {name: value.to(floating) if value.is_floating_point() else value for name, value in moved.items()}


def _sentences(order: Order, count: int) -> Order:
    """The order, for so many sentences: what a model adds to them is not waited for."""
    return replace(order, penalty=_PENALTY, enough=lambda text: complete(text, count))


def _metadata(view: View) -> dict[str, Any]:
    """When the frames show, as the video processors of transformers take it: numbers of ticks of one clock."""
    height, width = view.images[0].shape[:2]
    return {
        "fps": float(_CLOCK),
        "total_num_frames": max(1, round(view.duration * _CLOCK)),
        "frames_indices": [round(second * _CLOCK) for second in view.seconds],
        "duration": view.duration,
        "width": width,
        "height": height,
    }
