"""Mutation: requests as a broken or hostile client sends them, made from good ones."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import EncodeError, Message

Mutation = Callable[[Message, random.Random], bytes]
"""Bytes of a request that went wrong; may change the message that it is given."""

WORDS = (
    "",
    "\x00",
    "a" * 65,
    "../../etc/passwd",
    "/etc/shadow",
    "..",
    ".",
    "/proc/self/environ",
    "\\\\server\\share",
    "C:\\boot.ini",
    "file:///etc/passwd",
    "http://127.0.0.1:1/x",
    "concat:/etc/passwd|/etc/shadow",
    "%s%n%x",
    "{0}{1}",
    "\U0001f3b5" * 40,
    "\u202e\u0000\ufeff",
    "' OR 1=1 --",
    "01:00:00:00-00:00:00:00",
    "1e999-1e999",
    "x" * 100_000,
)
WHOLE = (0, 1, -1, 2, 8, 9, 255, 1000, 1001, 65_536, 2**31 - 1, -(2**31), 2**53, 2**63 - 1, -(2**63))
REAL = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-300, 1e300, -1e300, float("nan"), float("inf"), float("-inf"), 20.0, 300.0)

_VARINTS = (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64)
_UNSIGNED = (FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64)


def mutants(message: Message, dice: random.Random, count: int) -> Iterator[bytes]:
    """``count`` mutants of ``message``, which stays as it is."""
    for _ in range(count):
        copy = type(message)()
        copy.CopyFrom(message)
        try:
            yield dice.choice(MUTATIONS)(copy, dice)
        except EncodeError:
            yield b"\xff"


def _flip(message: Message, dice: random.Random) -> bytes:
    data = bytearray(message.SerializeToString() or dice.randbytes(8))
    for _ in range(dice.randint(1, 6)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def _splice(message: Message, dice: random.Random) -> bytes:
    data = bytearray(message.SerializeToString() or dice.randbytes(8))
    place = dice.randrange(len(data))
    match dice.randrange(4):
        case 0:
            return bytes(data[:place])
        case 1:
            data[place:place] = dice.randbytes(dice.randint(1, 12))
        case 2:
            del data[place : place + dice.randint(1, 12)]
        case _:
            data[place:place] = data[: dice.randrange(len(data))]
    return bytes(data)


def _field(message: Message, dice: random.Random) -> bytes:
    """One to three fields anywhere in it get values that nobody means."""
    for _ in range(dice.randint(1, 3)):
        _spoil(_descend(message, dice), dice)
    return message.SerializeToString()


def _descend(message: Message, dice: random.Random) -> Message:
    """The message itself, or one inside it; now and then one that was not there."""
    inside = [field for field in message.DESCRIPTOR.fields if field.message_type is not None]
    if not inside or dice.random() < 0.35:
        return message
    field = dice.choice(inside)
    held: Any = getattr(message, field.name)
    if field.is_repeated:
        return _descend(held[dice.randrange(len(held))] if held and dice.random() < 0.8 else held.add(), dice)
    held.SetInParent()
    return _descend(held, dice)


def _spoil(message: Message, dice: random.Random) -> None:
    if not message.DESCRIPTOR.fields:
        return
    field: Any = dice.choice(message.DESCRIPTOR.fields)
    if dice.random() < 0.15:
        message.ClearField(field.name)
    elif field.is_repeated:
        _spoil_many(message, field, dice)
    elif field.message_type is not None:
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, _value(field, dice))


def _spoil_many(message: Message, field: FieldDescriptor, dice: random.Random) -> None:
    held: Any = getattr(message, field.name)
    for _ in range(dice.choice((1, 2, 65, 300))):
        if field.message_type is not None:
            held.add()
        else:
            held.append(_value(field, dice))


def _value(field: FieldDescriptor, dice: random.Random) -> Any:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            word = dice.choice(WORDS)
            return word.encode() if field.type == FieldDescriptor.TYPE_BYTES else word
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return dice.choice(REAL)
        case FieldDescriptor.CPPTYPE_BOOL:
            return dice.random() < 0.5
        case FieldDescriptor.CPPTYPE_ENUM:
            return dice.choice((-1, 0, 1, 2, 3, 99, 2**31 - 1))
        case kind if kind in _VARINTS or kind in _UNSIGNED:
            bits = 31 if kind in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_UINT32} else 63
            low = 0 if kind in _UNSIGNED else -(2**bits)
            return dice.choice([number for number in WHOLE if low <= number < 2**bits])
    raise AssertionError(field.cpp_type)


def _wire(message: Message, dice: random.Random) -> bytes:
    """Wire-level nonsense before, inside or after good bytes."""
    data = message.SerializeToString()
    number = dice.choice([field.number for field in message.DESCRIPTOR.fields] or [1])
    odd = dice.choice(_ODDITIES)(number, dice)
    place = dice.choice((0, len(data), dice.randint(0, len(data))))
    return data[:place] + odd + data[place:]


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


_ODDITIES: tuple[Callable[[int, random.Random], bytes], ...] = (
    lambda number, _: _tag(number, 0) + b"\xff" * 11,  # a varint without an end
    lambda number, _: _tag(number, 0) + b"\xff" * 9 + b"\x01",
    lambda number, _: _tag(number, 2) + _varint(2**31 - 1),  # a length that is not there
    lambda number, _: _tag(number, 2) + _varint(2**63),
    lambda number, dice: _tag(number, dice.randrange(8)) + dice.randbytes(6),  # another wire type
    lambda number, dice: _tag(number, 3) * dice.choice((1, 99, 5000)),  # groups that do not end
    lambda number, _: _tag(number, 2) + b"\x04\xff\xfe\xfd\xfc",  # no UTF-8
    lambda _, dice: _tag(0, dice.randrange(6)),  # field 0
    lambda _, dice: _tag(2**29 - 1, 2) + b"\x02ab" * dice.choice((1, 2000)),  # unknown fields
    lambda number, _: _nested(number, 200),
    lambda number, _: _nested(number, 20_000),
)


def _nested(number: int, depth: int) -> bytes:
    """A message in a message in a message; 20,000 deep is cut off at 100 kB."""
    data = b""
    for _ in range(depth):
        data = _tag(number, 2) + _varint(len(data)) + data
        if len(data) > 20_000:
            break
    return data


def _noise(_: Message, dice: random.Random) -> bytes:
    return dice.randbytes(dice.choice((1, 2, 5, 40, 300, 5000)))


MUTATIONS: tuple[Mutation, ...] = (_field, _field, _field, _flip, _splice, _wire, _noise)
