"""Results: what stages found out, kept in the cache with the warnings that came with it."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from sonique_daemon.domain.codec import Undecodable, decode, encode
from sonique_daemon.domain.events import Stage
from sonique_daemon.errors import StoreFull
from sonique_daemon.stages.cache import Cache, Remembered

Value = TypeVar("Value")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result(Generic[Value]):
    """A stage's result.

    Attributes:
        value: what it found out.
        warnings: what the user was told meanwhile, to be told whenever the result serves again.
    """

    value: Value
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Stored:
    """A ``Result`` as the cache holds it."""

    value: bytes
    warnings: tuple[str, ...]


def entry(key: bytes, stage: Stage, result: Result[Value], seconds: float, files: Sequence[str] = ()) -> Remembered:
    """What the cache keeps of ``result``, which took ``seconds`` and names audio of those digests."""
    return Remembered(key, stage, encode(_Stored(encode(result.value), result.warnings)), tuple(files), seconds)


@dataclass(frozen=True, slots=True)
class Results:
    """Results by key. What cannot be kept is only found out again, so that a full disk fails no job here."""

    cache: Cache

    def recall(self, key: bytes, kind: type[Value]) -> Result[Value] | None:
        """The result of that key, whose value is a ``kind``; None where it is not known."""
        data = self.cache.recall([key]).get(key)
        if data is None:
            return None
        with suppress(Undecodable):  # another release wrote it
            stored = decode(_Stored, data)
            return Result(decode(kind, stored.value), stored.warnings)
        return None

    def remember(self, results: Sequence[Remembered]) -> None:
        """Keeps ``results``."""
        try:
            self.cache.remember(results)
        except StoreFull as error:
            _logger.warning("What was found out is not kept: %s", error.sentence)
