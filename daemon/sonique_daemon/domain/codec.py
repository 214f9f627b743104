"""Values as bytes: how frozen values are stored, sent to workers, and told apart.

MessagePack by ``msgspec``. Fractions travel as text ("30000/1001"), paths as text, everything else as it is. The same
value always gives the same bytes. What comes back is checked against its type.

A path whose bytes are no UTF-8 is text with lone surrogates in Python, which MessagePack does not take. A value that
holds such text is stored under a mark of its own, with the odd characters spelled out.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


class Undecodable(Exception):
    """The bytes are no value of that type."""


def encode(value: object) -> bytes:
    """``value`` as bytes: a frozen dataclass, or a tuple or plain value of what one may hold."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return _SPELLED + _ENCODER.encode(_respelled(_built_in(value), _spell))


def decode(kind: type[Value], data: bytes) -> Value:
    """The value of type ``kind`` that ``encode`` made ``data`` of.

    Raises:
        Undecodable: it is none.
    """
    try:
        if data[:1] == _SPELLED:
            return msgspec.convert(_unspelled(data), kind, dec_hook=_revive)
        return msgspec.msgpack.decode(data, type=kind, dec_hook=_revive)
    except _UNREADABLE as error:
        raise Undecodable(f"The bytes are no {kind.__name__}: {error}.") from None


def encode_one_of(value: object) -> bytes:
    """``value`` with the name of its class, for ``decode_one_of``."""
    name = type(value).__name__
    try:
        return _ENCODER.encode((name, msgspec.Raw(_ENCODER.encode(value))))
    except UnicodeEncodeError:
        return encode((name, value))


def decode_one_of(kinds: Mapping[str, type[Any]], data: bytes) -> Any:
    """The value that ``encode_one_of`` made ``data`` of; its class is one of ``kinds``, which stand by name.

    Raises:
        Undecodable: it is none of them.
    """
    name, body = _named(data)
    if name not in kinds:
        raise Undecodable(f"The bytes hold a “{name[:60]}”, which is not known here.")
    if isinstance(body, msgspec.Raw):
        return decode(kinds[name], bytes(body))
    try:
        return msgspec.convert(body, kinds[name], dec_hook=_revive)
    except _UNREADABLE as error:
        raise Undecodable(f"The bytes are no {name}: {error}.") from None


def digest(*values: object) -> bytes:
    """SHA-256 over ``values`` in order; the same for the same values, in every process and release."""
    return hashlib.sha256(encode(values)).digest()


def _named(data: bytes) -> tuple[str, Any]:
    """The name and the body: ``Raw``, or built-in values where it was spelled out."""
    try:
        if data[:1] == _SPELLED:
            return msgspec.convert(_unspelled(data), tuple[str, Any])
        return msgspec.msgpack.decode(data, type=tuple[str, msgspec.Raw])
    except _UNREADABLE as error:
        raise Undecodable(f"The bytes name no class: {error}.") from None


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction | Path):
        return str(value)
    raise NotImplementedError(f"A {type(value).__name__} cannot be stored.")


def _revive(kind: type[Any], plain: Any) -> Any:
    if kind is Fraction:
        return Fraction(plain)
    if issubclass(kind, Path):
        return Path(plain)
    raise NotImplementedError(f"A {kind.__name__} cannot be read back.")


def _built_in(value: object) -> Any:
    """``value`` in dictionaries, lists and plain values."""
    return msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_plain)


def _unspelled(data: bytes) -> Any:
    return _respelled(msgspec.msgpack.decode(data[len(_SPELLED) :]), _unspell)


def _respelled(value: Any, spell: Callable[[str], str]) -> Any:
    """Built-in values with every text in them put through ``spell``."""
    if isinstance(value, str):
        return spell(value)
    if isinstance(value, dict):
        return {_respelled(key, spell): _respelled(item, spell) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_respelled(item, spell) for item in value]
    return value


def _spell(text: str) -> str:
    return _ODD.sub(lambda odd: f"\0{ord(odd[0]):04x}", text)


def _unspell(text: str) -> str:
    return _SPELLING.sub(lambda odd: chr(int(odd[1], 16)), text)


_SPELLED = b"\xc1"
"""What never begins a MessagePack value begins one with odd text."""

_ODD = re.compile("[\0\ud800-\udfff]")
_SPELLING = re.compile("\0([0-9a-f]{4})")

_UNREADABLE = (msgspec.DecodeError, ValueError, ZeroDivisionError, TypeError, OverflowError, RecursionError)

_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)
