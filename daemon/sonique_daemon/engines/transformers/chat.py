"""Chat: what a model is told, in the form of its own chat template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sonique_daemon.engines.transformers.loading import Loaded


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation.

    Attributes:
        role: ``user`` or ``assistant``.
        text: what is said.
        video: whether a video comes before the text.
    """

    role: str
    text: str
    video: bool = False


def written_out(held: Loaded, turns: Sequence[Turn], system: str = "") -> str:
    """The conversation as the model was trained to read it, up to where its answer begins.

    Where its template has no place for a ``system`` text, or leaves it out, that stands before the first turn's text.
    """
    if system:
        try:
            text = _templated(held, [_message(held, Turn("system", system)), *(_message(held, turn) for turn in turns)])
        except Exception:  # noqa: BLE001 - a template says in its own way that it knows no such role
            text = ""
        if system in text:
            return text
    first = turns[0]
    opening = f"{system}\n\n{first.text}" if system else first.text
    told = [Turn(first.role, opening, first.video), *turns[1:]]
    return _templated(held, [_message(held, turn) for turn in told])


def _message(held: Loaded, turn: Turn) -> dict[str, Any]:
    if held.processor is None:
        return {"role": turn.role, "content": turn.text}
    parts: list[dict[str, str]] = [{"type": "text", "text": turn.text}]
    return {"role": turn.role, "content": [{"type": "video"}, *parts] if turn.video else parts}


def _templated(held: Loaded, messages: list[dict[str, Any]]) -> str:
    source = held.processor if held.processor is not None and held.processor.chat_template else held.tokenizer
    quiet = {"enable_thinking": False} if held.thinking else {}
    return str(source.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **quiet))


def tokens(held: Loaded, text: str) -> dict[str, Any]:
    """A conversation that was written out, as what the network takes; the template has set its own beginning."""
    encoded = held.tokenizer(text, return_tensors="pt", add_special_tokens=False)
    return {name: tensor.to(held.device) for name, tensor in encoded.items() if name != "token_type_ids"}


def count(held: Loaded, text: str) -> int:
    """How many tokens a text has."""
    return len(held.tokenizer(text, add_special_tokens=False)["input_ids"])
