"""One errand, in a process of its own: ``python -m bench.gpu.errand ORDER``; tells its rows as lines of JSON.

``ORDER`` is an ``Order`` in JSON. What goes wrong ends a section, and is told as a row of it.
"""

import gc
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.gpu.errands import MARK, REST, Order
from bench.gpu.hushing import hush
from bench.gpu.rows import Row
from bench.gpu.subjects import Subject, subject

_LONGEST = 200


def main() -> None:
    """Runs the order that is given."""
    order = msgspec.json.decode(sys.argv[1], type=Order)
    hush()
    for section in order.sections:
        try:
            for row in _rows(section, order):
                _tell(row)
        except Exception as error:  # noqa: BLE001 - whatever is missing is told, and the rest goes on
            traceback.print_exc()
            why = (str(error).splitlines() or [""])[0][:_LONGEST]
            _tell(Row(section, order.subject, REST, why=f"{type(error).__name__}: {why}"))
        _let_go()


def _let_go() -> None:
    """Gives back what a section held, for the next one."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _tell(row: Row) -> None:
    print(f"{MARK}{msgspec.json.encode(row).decode()}", flush=True)


def _rows(section: str, order: Order) -> Iterator[Row]:
    if section == "chain":
        from bench.gpu.chaining import chain_rows

        yield from chain_rows(order)
        return
    measured = _ready(order)
    spent = measured.made()
    if spent:
        yield Row(section, order.subject, "files written", spent, "s")
    yield from _SECTIONS[section](measured, order.seconds)


def _ready(order: Order) -> Subject:
    from sonique_daemon.engines.devices import chosen_device

    return subject(order.subject, Path(order.shelf), chosen_device(order.device), tiny=order.tiny)


def _describe(measured: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    from bench.gpu.speaking import describe_rows

    yield from describe_rows(measured, seconds)


def _tag(measured: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    from bench.gpu.speaking import tag_rows

    yield from tag_rows(measured, seconds)


def _generate(measured: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    from bench.gpu.generating import generate_rows

    yield from generate_rows(measured, seconds)


def _batch(measured: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    from bench.gpu.generating import batch_rows

    yield from batch_rows(measured, seconds)


def _compile(measured: Subject, seconds: Sequence[int]) -> Iterator[Row]:
    from bench.gpu.generating import compile_rows

    yield from compile_rows(measured, seconds)


_SECTIONS: Mapping[str, Callable[[Subject, Sequence[int]], Iterator[Row]]] = {
    "describe": _describe,
    "tag": _tag,
    "generate": _generate,
    "batch": _batch,
    "compile": _compile,
}
"""Imported only where they run: the environment of stable-audio-tools has not what language models need."""


if __name__ == "__main__":
    main()
