import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from fractions import Fraction
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.domain.codec import Undecodable, decode, decode_one_of, digest, encode, encode_one_of
from sonique_daemon.domain.events import EVENTS, Conformed, Done, Progress, Stage, Warned
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.picture import Picture, Shot, Source
from sonique_daemon.domain.request import JOBS, Ticket
from sonique_daemon.domain.time import TimeRange

KINDS: dict[str, type[Any]] = {**EVENTS, **JOBS}

PLAIN = st.text("ab ö“\0", max_size=8)
ODD = st.text(st.characters() | st.sampled_from("\0\ud800\udcff\udfff"), max_size=8)
"""Whatever Python takes for text, lone surrogates among it."""


def values(kind: Any, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Values of a type as the domain's dataclasses name them, with ``text`` wherever they hold text."""
    leaves: dict[Any, st.SearchStrategy[Any]] = {
        str: text,
        Path: text.map(lambda name: Path("/", name.replace("\0", ""))),
        int: st.integers(-(2**63), 2**63 - 1),
        float: st.floats(allow_nan=False),
        bool: st.booleans(),
        bytes: st.binary(max_size=8),
        Fraction: st.fractions(),
        NoneType: st.none(),
    }
    arguments = get_args(kind)
    if kind in leaves:
        return leaves[kind]
    if get_origin(kind) in (Union, UnionType):
        return st.one_of([values(choice, text) for choice in arguments])
    if get_origin(kind) is tuple and arguments[-1] is ...:
        return st.lists(values(arguments[0], text), max_size=2).map(tuple)
    if get_origin(kind) is tuple:
        return st.tuples(*(values(part, text) for part in arguments))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(hints[field.name], text) for field in fields(kind)})


@pytest.mark.parametrize("text", [PLAIN, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("kind", KINDS.values())
def test_every_event_and_job_comes_back_as_it_was(kind: type[Any], text: st.SearchStrategy[str]) -> None:
    @settings(max_examples=12)
    @given(values(kind, text))
    def check(value: Any) -> None:
        data = encode_one_of(value)
        found = decode_one_of(KINDS, data)
        assert (found, type(found)) == (value, kind)
        assert encode_one_of(found) == data
        assert decode(kind, encode(value)) == value
        assert digest(value) == digest(found)

    check()


@given(ODD)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert decode(str, encode(text)) == text
    note = Note(NoteKind.SHOT, 3, b"\xc1\x00\xff")
    assert decode(tuple[str, Note], encode((text, note))) == (text, note)


@given(ODD, ODD)
def test_no_two_texts_are_stored_alike(one: str, other: str) -> None:
    assert (encode(Warned(one)) == encode(Warned(other))) == (one == other)
    assert (digest(one, other) == digest(other, one)) == (one == other)


def test_a_path_with_odd_bytes_is_stored_inside_a_picture() -> None:
    source = Source(str(Path("/media", b"\xff\xfe.mov".decode("utf-8", "surrogateescape"))), Fraction(1, 3))
    shot = Shot(TimeRange(Fraction(0), Fraction(4)), "A003", source)
    event = Conformed(Picture(Fraction(30000, 1001), Fraction(3610), Fraction(4), (shot,), name="Reel \udcff"))
    assert decode_one_of(EVENTS, encode_one_of(event)) == event


def test_infinite_and_undefined_numbers_come_back() -> None:
    found = decode(Progress, encode(Progress(Stage.TAG, math.inf, math.nan, "bars")))
    assert found.done == math.inf
    assert math.isnan(found.total)


def test_a_digest_is_the_same_in_every_process() -> None:
    here = digest("composer", Fraction(1, 3), Ticket("resolve"), ("a", "b"), None, b"x", "odd \udcff").hex()
    code = (
        "from fractions import Fraction; from sonique_daemon.domain.codec import digest;"
        "from sonique_daemon.domain.request import Ticket;"
        "print(digest('composer', Fraction(1, 3), Ticket('resolve'), ('a', 'b'), None, b'x', 'odd \\udcff').hex())"
    )
    for seed in ("1", "2"):
        there = subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, text=True)
        assert there.strip() == here
    assert len(here) == 64


@given(st.binary(max_size=40))
def test_broken_bytes_are_told_from_values(data: bytes) -> None:
    for read in readers():
        try:
            read(data)
        except Undecodable as error:
            assert str(error).startswith("The bytes ")  # noqa: PT017 - most broken bytes are no value, some are one


@pytest.mark.parametrize("kind", KINDS.values())
def test_bytes_that_were_changed_are_a_value_or_undecodable(kind: type[Any]) -> None:
    @settings(max_examples=12)
    @given(values(kind, ODD), st.data())
    def check(value: Any, data: st.DataObject) -> None:
        changed = bytearray(encode_one_of(value))
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(changed)))
        for broken in (bytes(changed), bytes(changed[:cut])):
            try:
                assert type(decode_one_of(KINDS, broken)) in KINDS.values()
            except Undecodable:
                continue

    check()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\xc1\xc1",
        b"\xc1\x92\xa4Done",
        b"\x92\xa4Done\x81\xa1",
        b"\x91" * 5000,
        b"\xc1" + b"\x91" * 5000,
        b"\x92\xa8Progress" + b"\x81\xa1x" * 5000,
        b"\x92\xa6Nobody\x80",
        b"\x92\xa6Queued\x82\xa8position\xa1x\xa6reason\xa0",
    ],
)
def test_what_is_no_value_is_refused(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode_one_of(EVENTS, data)


@pytest.mark.parametrize("text", ["1/0", "x", "", "1/2/3", "nan", "inf"])
def test_a_fraction_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Undecodable, match="no Fraction"):
        decode(Fraction, encode(text))


def test_a_value_of_another_kind_is_refused() -> None:
    with pytest.raises(Undecodable, match="“Done”, which is not known here"):
        decode_one_of(JOBS, encode_one_of(Done()))
    with pytest.raises(Undecodable, match="no Warned"):
        decode(Warned, encode(3))


def test_what_is_no_value_of_ours_is_not_stored() -> None:
    @dataclass(frozen=True)
    class Holder:
        thing: object

    with pytest.raises(NotImplementedError, match="cannot be stored"):
        encode(Holder(object()))


def readers() -> tuple[Callable[[bytes], object], ...]:
    return (
        lambda data: decode_one_of(KINDS, data),
        lambda data: decode(Picture, data),
        lambda data: decode(Path, data),
        lambda data: decode(Fraction, data),
    )
