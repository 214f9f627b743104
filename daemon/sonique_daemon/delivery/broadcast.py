"""Provenance as the chunks of a Broadcast Wave file: ``bext``, ``LIST INFO`` and ``iXML``, and back from a file."""

import base64
import binascii
import hashlib
import math
import re
import unicodedata
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.delivery.wav import BroadcastExtension, Loudness, info, read_chunks
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import InvalidRequest

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""

_DAY = 24 * 3600


def chunks(
    name: str, provenance: Provenance, recipe: bytes, record_start: Fraction, loudness: Loudness | None
) -> tuple[tuple[str, bytes], ...]:
    """The chunks of file ``name`` ("mix" or a stem's name).

    Args:
        name: which file of the take.
        provenance: where it comes from.
        recipe: what ``sonique again`` needs, any bytes.
        record_start: seconds from midnight on the record clock at which the file begins.
        loudness: what was measured of it, or None.
    """
    position = time_reference(record_start)
    extension = BroadcastExtension(
        description=_ascii(f"{provenance.machine_made} Licence {provenance.licence}. {provenance.title} ({name})"),
        originator="Sonique",
        reference=_reference(name, provenance, recipe),
        time_reference=position,
        loudness=loudness,
        coding_history=f"A=PCM,F={SAMPLE_RATE},W=24,M=stereo,T={_ascii(provenance.software)}\r\n",
    )
    return (
        ("bext", extension.to_bytes()),
        ("LIST", info(_info_entries(name, provenance))),
        ("iXML", _ixml(name, provenance, recipe, position)),
    )


def time_reference(record_start: Fraction) -> int:
    """Samples from midnight to ``record_start`` seconds; a record clock before 0 or past a day wraps, as clocks do."""
    return math.floor(record_start % _DAY * SAMPLE_RATE + Fraction(1, 2))


def read_recipe(path: Path) -> bytes | None:
    """The recipe that the WAV file at ``path`` carries, or None where it carries none.

    Raises:
        InvalidRequest: not a WAV file, or its provenance is damaged.
    """
    recipe = _sonique_element(path).findtext("RECIPE")
    if not recipe:
        return None
    try:
        return base64.b64decode(recipe, validate=True)
    except binascii.Error as error:
        raise InvalidRequest(f"The recipe in “{path.name}” is damaged.") from error


def read_fields(path: Path) -> dict[str, str]:
    """The facts of provenance in the WAV file at ``path`` by their iXML names; empty where there are none.

    Raises:
        InvalidRequest: not a WAV file, or its provenance is damaged.
    """
    return {child.tag: child.text or "" for child in _sonique_element(path) if child.tag != "RECIPE"}


def _sonique_element(path: Path) -> ET.Element:
    payload = next((chunk.payload for chunk in read_chunks(path) if chunk.id == "iXML"), None)
    if payload is None:
        return ET.Element("SONIQUE")
    if b"<!DOCTYPE" in payload or b"<!ENTITY" in payload:  # entities are how XML is made to explode
        raise InvalidRequest(f"The iXML in “{path.name}” declares a document type, which is not read.")
    try:
        root = ET.fromstring(payload.rstrip(b"\0"))  # noqa: S314 - entities were refused above
    except ET.ParseError as error:
        raise InvalidRequest(f"The iXML in “{path.name}” is damaged.") from error
    found = root.find("SONIQUE")
    return ET.Element("SONIQUE") if found is None else found


def _reference(name: str, provenance: Provenance, recipe: bytes) -> str:
    digest = hashlib.sha256(repr((name, provenance.fields)).encode("utf-8", "replace") + recipe)
    return f"SONIQUE-{digest.hexdigest()[:24]}"


def _info_entries(name: str, provenance: Provenance) -> tuple[tuple[str, str], ...]:
    title = provenance.title if name == "mix" else f"{provenance.title} ({name})"
    return (
        ("INAM", title),
        ("IART", f"Sonique, engine {provenance.engine}"),
        ("ISFT", provenance.software),
        ("ICMT", provenance.machine_made),
        ("ICOP", provenance.rights),
        ("IKEY", "; ".join(provenance.tags)),
    )


def _ixml(name: str, provenance: Provenance, recipe: bytes, position: int) -> bytes:
    root = ET.Element("BWFXML")
    _add(root, "IXML_VERSION", "2.10")
    _add(root, "PROJECT", provenance.title)
    _add(root, "NOTE", provenance.machine_made)
    speed = ET.SubElement(root, "SPEED")
    _add(speed, "FILE_SAMPLE_RATE", str(SAMPLE_RATE))
    _add(speed, "AUDIO_BIT_DEPTH", "24")
    _add(speed, "TIMESTAMP_SAMPLE_RATE", str(SAMPLE_RATE))
    _add(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", str(position >> 32))
    _add(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", str(position & 0xFFFFFFFF))
    tracks = ET.SubElement(root, "TRACK_LIST")
    _add(tracks, "TRACK_COUNT", "2")
    for index, side in enumerate(("L", "R"), 1):
        track = ET.SubElement(tracks, "TRACK")
        for tag, text in (("CHANNEL_INDEX", str(index)), ("INTERLEAVE_INDEX", str(index)), ("NAME", f"{name} {side}")):
            _add(track, tag, text)
    sonique = ET.SubElement(root, "SONIQUE")
    for tag, text in provenance.fields:
        _add(sonique, tag, text)
    _add(sonique, "RECIPE", base64.b64encode(recipe).decode("ascii"))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _FORBIDDEN.sub("", text)


def _ascii(text: str) -> str:
    """``text`` in ASCII, accents dropped."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
