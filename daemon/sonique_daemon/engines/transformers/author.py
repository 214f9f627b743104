"""The author: has a language model answer a conversation, held to a grammar where its tokenizer allows that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sonique_daemon.engines.engine import Report
from sonique_daemon.engines.transformers import chat
from sonique_daemon.engines.transformers.chat import Turn
from sonique_daemon.engines.transformers.constraint import constraint
from sonique_daemon.engines.transformers.fitting import MOST_READ, fitted, room_beside
from sonique_daemon.engines.transformers.loading import Loaded
from sonique_daemon.engines.transformers.tagprompt import SYSTEM
from sonique_daemon.engines.transformers.tagschema import ANSWER_TOKENS, schema
from sonique_daemon.engines.transformers.writing import Order, write

Question = Callable[[Sequence[str]], Sequence[Turn]]
"""Gives the conversation with some lines about shots."""


class Author(Protocol):
    """Answers a conversation about the music of a film."""

    @property
    def name(self) -> str:
        """The model's."""

    def answer(self, lines: Sequence[str], question: Question, report: Report) -> str:
        """The answer to ``question`` of as many of ``lines`` as the model reads; raises ``Cancelled``."""


@dataclass(frozen=True, slots=True)
class ModelAuthor:
    """Answers with a model.

    Attributes:
        held: the model.
        most_read: tokens that it is given to read at the most.
    """

    held: Loaded
    most_read: int = MOST_READ

    @property
    def name(self) -> str:
        """The model's."""
        return self.held.name

    def answer(self, lines: Sequence[str], question: Question, report: Report) -> str:
        """See ``Author``."""

        def wording(some: Sequence[str]) -> str:
            return chat.written_out(self.held, question(some), SYSTEM)

        room = room_beside(self.held, ANSWER_TOKENS, self.most_read)
        inputs = chat.tokens(self.held, fitted(self.held, lines, wording, room, report))
        held_to = constraint(self.held, schema(), inputs["input_ids"].shape[1])
        order = Order(
            inputs,
            ANSWER_TOKENS,
            lambda _, text: report.wording(None, text),
            lambda share: report.progress(100.0 * share, 100.0, "%"),
            held_to,
        )
        (text,) = write(self.held, order, report)
        return text.text


@dataclass(slots=True)
class ScriptedAuthor:
    """Gives answers that were written beforehand, in order; stands in for a model.

    Attributes:
        answers: what it says.
        asked: the conversations that it was shown.
    """

    answers: list[str]
    name: str = "scripted"
    asked: list[tuple[Turn, ...]] = field(default_factory=list)

    def answer(self, lines: Sequence[str], question: Question, report: Report) -> str:
        """The next of ``answers``."""
        report.check()
        self.asked.append(tuple(question(lines)))
        return self.answers.pop(0)
