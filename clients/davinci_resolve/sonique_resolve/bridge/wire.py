"""A desk's words as the bridge's JSON, and its answers back; see ``interpreter`` for their form."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sonique_resolve.bridge.interpreter import MOST_BYTES, MOST_STEPS
from sonique_resolve.calls import RESOLVE, Argument, Call, Constant, Handle, Ref, Step, Value
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone, ResolveRefused

BUSY = (
    "DaVinci Resolve does not answer: a dialog is open in it, most likely. Close it and try again; "
    "if there is none, restart DaVinci Resolve."
)
GONE = "DaVinci Resolve ended, or the bridge into it. Start it again, open the project, and try again."
RELEASE: dict[str, Any] = {"release": "all"}
LIVENESS: tuple[Step, ...] = (Call(RESOLVE, "GetProjectManager"), Call(Ref(0), "GetCurrentDatabase"))
"""Answers nothing at its end where Resolve runs but is stuck."""

_MARKED = (
    frozenset({"h"}),
    frozenset({"ref"}),
    frozenset({"ref", "entry"}),
    frozenset({"const"}),
    frozenset({"table"}),
)
_KINDS: dict[str, type[ResolveError]] = {"gone": ResolveGone, "busy": ResolveBusy, "refused": ResolveRefused}


def request(steps: Sequence[Step]) -> dict[str, Any]:
    """The request for a batch, without its identity.

    Raises:
        ResolveError: it holds more calls than a batch may.
    """
    if len(steps) > MOST_STEPS:
        raise ResolveError(f"{len(steps)} calls are too many for one batch; send {MOST_STEPS} at most.")
    return {"steps": [_step(step) for step in steps]}


def written(message: dict[str, Any]) -> bytes:
    """A message as JSON in UTF-8; what no UTF-8 can say becomes a question mark.

    Raises:
        ResolveError: it is longer than a bridge takes.
    """
    text = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    if len(text) > MOST_BYTES:
        raise ResolveError("That is more than DaVinci Resolve can be asked at once; send it in several batches.")
    return text


def _step(step: Step) -> dict[str, Any]:
    on: Any = step.on.number if isinstance(step.on, Handle) else _argument(step.on)
    if isinstance(step, Call):
        return {"on": on, "do": step.method, "args": [_argument(each) for each in step.args]}
    return {"on": on, "has": step.method}


def _argument(given: Argument) -> Any:
    match given:
        case Handle() | Ref() | Constant():
            return _marked(given)
        case Mapping():
            table = {key: _argument(each) for key, each in given.items()}
            return {"table": table} if frozenset(table) in _MARKED else table
        case list() | tuple():
            return [_argument(each) for each in given]
    return given


def _marked(given: Handle | Ref | Constant) -> dict[str, Any]:
    match given:
        case Handle(number):
            return {"h": number}
        case Constant(name):
            return {"const": name}
        case Ref(call, None):
            return {"ref": call}
    return {"ref": given.call, "entry": given.entry}


def values(answer: dict[str, Any], steps: Sequence[Step]) -> list[Value]:
    """What a batch answered.

    Raises:
        ResolveError: it failed; of the class that the answer names.
    """
    if "error" in answer:
        raise failure(answer, steps)
    found = answer.get("ok")
    if not isinstance(found, list) or len(found) != len(steps):
        raise ResolveGone("The bridge into DaVinci Resolve answered something else than it was asked. Start it again.")
    return [_value(each) for each in found]


def failure(answer: dict[str, Any], steps: Sequence[Step]) -> ResolveError:
    """The error that an answer names."""
    text = str(answer.get("text", ""))
    kind = _KINDS.get(str(answer.get("error")))
    if kind is ResolveRefused:
        return ResolveRefused(text)
    if kind is not None:
        return kind(BUSY if kind is ResolveBusy else GONE)
    index = answer.get("step")
    named = f" at “{steps[index].method}”" if isinstance(index, int) and 0 <= index < len(steps) else ""
    return ResolveError(f"DaVinci Resolve could not do what it was asked{named}: {text}")


def _value(found: Any) -> Value:
    if isinstance(found, list):
        return [_value(each) for each in found]
    if isinstance(found, str):  # halves of letters, which no file, message or document of ours could hold
        return found if found.isascii() else found.encode("utf-8", "replace").decode("utf-8")
    if not isinstance(found, dict):
        return found  # type: ignore[no-any-return] # JSON has nothing else
    keys = frozenset(found)
    if keys == {"h"}:
        return Handle(found["h"])
    table = found["table"] if keys == {"table"} else found
    return {key: _value(each) for key, each in table.items()}


def says_nothing(answers: Sequence[Value], steps: Sequence[Step]) -> bool:
    """Whether a batch met nothing but silence, as it would in a Resolve that is stuck."""
    told = [answer for answer, step in zip(answers, steps, strict=True) if isinstance(step, Call)]
    return None in told and all(answer is None or isinstance(answer, Handle) for answer in told)
