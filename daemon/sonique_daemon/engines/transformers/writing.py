"""Writing: a model writes, token by token; every step can be cancelled, counted and shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from sonique_daemon.engines.devices import starved
from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.transformers.loading import Loaded
from sonique_daemon.errors import OutOfMemory

_SHOWN_SECONDS = 0.25
"""How often text that is being written is shown."""
_LOOKED_TOKENS = 4
"""How often it is looked whether there is enough of it."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a model wrote.

    Attributes:
        text: without the marks of the conversation.
        tokens: their numbers, without those that pad and those that end.
        ended: whether it ended by itself; False where it came to the limit.
    """

    text: str
    tokens: tuple[int, ...]
    ended: bool


class Guide(Protocol):
    """Knows what must follow in a text; ``constraint.Constraint`` is one."""

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The odds of the next token, of what was written and its odds."""

    def forced(self, written: Any) -> tuple[int, ...]:
        """The tokens that must follow on ``written``, ``[1, n]`` with the prompt; () where there is a choice."""

    def over(self, written: Any) -> bool:
        """Whether the text may not go on."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written.

    Attributes:
        inputs: what the network takes: as many rows as texts are wanted, padded on the left.
        limit: most tokens of each text.
        shown: takes the number of a row and its text so far.
        step: takes the share of the limit that is written, 0..1; it may raise ``Cancelled``.
        guide: holds the text, one alone, to a form; or None.
        penalty: how much less likely a token is that was there before; 1 is none.
        enough: whether a text so far holds all that will be kept of it, so that the rest need not be written; or None.
    """

    inputs: Mapping[str, Any]
    limit: int
    shown: Callable[[int, str], None]
    step: Callable[[float], None]
    guide: Guide | None = None
    penalty: float = 1.0
    enough: Callable[[str], bool] | None = None


def write(held: Loaded, order: Order, report: Report) -> list[Text]:
    """Has the model write; always the most likely token, so that the same order gives the same texts.

    Raises:
        OutOfMemory: the work does not fit.
        Cancelled: ``report`` or ``order.step`` said so, at the next token at the latest.
    """
    import torch

    report.check()
    begin = order.inputs["input_ids"].shape[1]
    pen = _Pen(held, order, report, begin)
    with torch.inference_mode(), _memory_told(held.name):
        written = _written(pen, order.inputs, order.limit) if order.guide is None else _guided(pen, order.guide)
    texts = [_text(held, row[begin : pen.stopped.get(number)].tolist()) for number, row in enumerate(written)]
    for row, text in enumerate(texts):
        order.shown(row, text.text)
    return texts


def _written(pen: "_Pen", inputs: Mapping[str, Any], limit: int, *processors: Any, **more: Any) -> Any:
    """``[rows, tokens]``: what ``inputs`` hold, and up to ``limit`` more."""
    from transformers import LogitsProcessorList, StoppingCriteriaList

    held = pen.held
    return held.model.generate(
        **inputs,
        max_new_tokens=limit,
        do_sample=False,
        num_beams=1,
        repetition_penalty=pen.order.penalty,
        pad_token_id=held.tokenizer.pad_token_id,
        eos_token_id=sorted(endings(held)),
        stopping_criteria=StoppingCriteriaList([pen]),
        logits_processor=LogitsProcessorList(processors),
        **more,
    )


def _guided(pen: "_Pen", guide: Guide) -> Any:
    """What ``guide`` holds to its form: what leaves no choice is set by it and read by the model in one go.

    Most of an answer's tokens are names of fields and the rest of words, so the model is asked for few of them; a
    token that is asked for costs as much time as many that are read.
    """
    from transformers import DynamicCache

    inputs, ends = dict(pen.order.inputs), endings(pen.held)
    most = pen.begin + pen.order.limit
    cache = DynamicCache(config=pen.held.model.config.get_text_config(decoder=True))
    while True:
        inputs = _with_more(inputs, guide.forced(inputs["input_ids"]))
        written = inputs["input_ids"]
        if guide.over(written) or written.shape[1] >= most:
            return written[:, :most]
        written = _written(pen, inputs, most - written.shape[1], guide, cache=cache)
        inputs = _with_more(inputs, written[0, inputs["input_ids"].shape[1] :].tolist())
        if int(written[0, -1]) in ends:
            return written


def _with_more(inputs: Mapping[str, Any], tokens: Sequence[int]) -> dict[str, Any]:
    """``inputs`` of one row with ``tokens`` behind it."""
    import torch

    row, mask = inputs["input_ids"], inputs["attention_mask"]
    more = torch.tensor([list(tokens)], dtype=row.dtype, device=row.device)
    return {
        **inputs,
        "input_ids": torch.cat((row, more), dim=1),
        "attention_mask": torch.cat((mask, mask.new_ones(more.shape)), dim=1),
    }


def endings(held: Loaded) -> frozenset[int]:
    """The tokens with which the model ends what it writes."""
    told = held.model.generation_config.eos_token_id
    listed = told if isinstance(told, list) else [told]
    return frozenset(token for token in (*listed, held.tokenizer.eos_token_id) if token is not None)


@dataclass(slots=True)
class _Pen:
    """Called by the library after each token, as a criterion for stopping; it may raise.

    It stops where a guide goes on by itself, and a row where that has enough; ``stopped`` says at which token of the
    whole row that was.
    """

    held: Loaded
    order: Order
    report: Report
    begin: int
    shown: float = field(default_factory=monotonic)
    stopped: dict[int, int] = field(default_factory=dict)

    def __call__(self, input_ids: Any, _: Any, **__: Any) -> Any:
        import torch

        self.report.check()
        count, length = input_ids.shape
        self.order.step(min(1.0, (length - self.begin) / self.order.limit))
        if monotonic() - self.shown >= _SHOWN_SECONDS:
            self.shown = monotonic()
            for row in set(range(count)) - self.stopped.keys():
                self.order.shown(row, self._so_far(input_ids, row))
        if self.order.enough is not None and (length - self.begin) % _LOOKED_TOKENS == 0:
            self._look(input_ids, self.order.enough)
        every = self.order.guide is not None and self._set(self.order.guide, input_ids)
        stops = [every or row in self.stopped for row in range(count)]
        return torch.tensor(stops, dtype=torch.bool, device=input_ids.device)

    def _look(self, written: Any, enough: Callable[[str], bool]) -> None:
        for row in set(range(written.shape[0])) - self.stopped.keys():
            if enough(self._so_far(written, row)):
                self.stopped[row] = written.shape[1]

    def _so_far(self, written: Any, row: int) -> str:
        return _text(self.held, written[row, self.begin :].tolist()).text

    def _set(self, guide: Guide, written: Any) -> bool:
        """Whether what follows is set."""
        return bool(guide.forced(written)) or guide.over(written)


def _text(held: Loaded, tokens: Sequence[int]) -> Text:
    ends = endings(held)
    end = next((place for place, token in enumerate(tokens) if token in ends), None)
    own = tuple(tokens if end is None else tokens[:end])
    return Text(str(held.tokenizer.decode(list(own), skip_special_tokens=True)), own, end is not None)


@contextmanager
def _memory_told(name: str) -> Iterator[None]:
    """Tells want of memory, of a card's too, as what it is."""
    try:
        yield
    except RuntimeError as error:
        if starved(error):
            raise OutOfMemory(f"“{name}” has too little memory for this work; choose a smaller model.") from error
        raise
