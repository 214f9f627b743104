"""Descriptions and tags as JSON documents: written for people to edit, read back whole or out of an event log."""

import json
from pathlib import Path
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from sonique.v1 import description_pb2, tags_pb2

from sonique_cli.exits import CommandError, Exit

Document = TypeVar("Document", bound=Message)


def to_json(message: Message) -> str:
    """The message as indented JSON with the contract's own field names."""
    return json_format.MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False, indent=1)


def to_line(message: Message) -> str:
    """The message as one line of JSON with the contract's own field names."""
    return json_format.MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False, indent=None)


def read_description(path: Path) -> description_pb2.Description:
    """Reads a description, alone or as the event ``description`` of a log (``sonique describe --json``).

    Raises:
        CommandError: the file is not there or holds no description.
    """
    return _read(path, description_pb2.Description(), "description")


def read_tags(path: Path) -> tags_pb2.Tags:
    """Reads tags, alone or as the event ``tags`` of a log.

    Raises:
        CommandError: the file is not there or holds no tags.
    """
    return _read(path, tags_pb2.Tags(), "tags")


def _read(path: Path, message: Document, event: str) -> Document:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"“{path}” cannot be read: {_reason(error)}.", Exit.INPUT) from error
    try:
        return json_format.Parse(json.dumps(_find(text, event)), message)
    except (ValueError, json_format.ParseError, RecursionError) as error:
        raise CommandError(f"“{path}” holds no {event}: {_first_line(error)}", Exit.INPUT) from error


def _find(text: str, event: str) -> object:
    """The document itself: the whole text, or what the last line of a log that carries the event says."""
    entries = _entries(text)
    if len(entries) == 1 and "seq" not in entries[0]:
        return entries[0]
    found = [entry[event] for entry in entries if event in entry]
    if not found:
        raise ValueError(f"no event “{event}” is in it.")
    return found[-1]


def _entries(text: str) -> list[dict[str, object]]:
    """The JSON objects of the text: one that may span lines, or one on each line."""
    lines = [line for line in text.splitlines() if line.strip()]
    whole = len(lines) <= 1 or not lines[0].rstrip().endswith("}")
    entries = [json.loads(part) for part in ([text] if whole else lines)]
    if not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("it is no JSON object.")
    return entries


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return str(error.strerror or error) if isinstance(error, OSError) else "it is not text"


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
