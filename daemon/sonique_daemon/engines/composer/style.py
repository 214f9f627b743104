"""Styles: readable data files beside this module, one for each, so that a musician can add one.

A file opens with ``name``, ``words`` and ``tempo``; then come its mix (``room``), its harmony (roman numerals), its
timing, its melody (``tune``), its endings and its ``layers``: who may play, from which energy on, in which patterns.
What each field means stands on the classes below; patterns are strings that read from left to right, one character for
each step of a bar of four beats (8, 12 or 16 steps).
"""

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sonique_daemon.engines.composer.composition import Instrument, Room
from sonique_daemon.engines.composer.style_check import faults


@dataclass(frozen=True, slots=True)
class Pattern:
    """One bar of a layer's rhythm.

    Attributes:
        energy: it is played from this energy on (0..1), until one with a higher threshold takes over.
        rows: steps by row name. Kits have a row for each drum (velocities 0-9, see ``writing/drums.py``), all other
            layers one row "" (see ``writing/figures.py`` and ``writing/bass.py``).
    """

    energy: float
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """One player of a style's band.

    Attributes:
        role: drums, bass, pad, chords, figure, pulse, lead, counter, drone, drops or noise.
        instruments: what may play it, the style's first choice first.
        enters: energy (0..1) from which it plays.
        leaves: energy above which it falls silent again.
        figure: the role's manner, e.g. "walking" (bass), "cluster" or "tremolo" (pad), "rooted" (figure), or "".
        patterns: its rhythms; empty where the role needs none.
        low: lowest note (MIDI), or 0 for the instrument's own comfortable range.
        high: highest note, or 0.
        length: sounding share of the notated length, 0.2 to 1.1.
        gain_db: balance against the other layers.
        pan: -1 (left) to 1 (right).
        send_db: level into the hall.
    """

    role: str
    instruments: tuple[Instrument, ...]
    enters: float = 0.0
    leaves: float = 1.1
    figure: str = ""
    patterns: tuple[Pattern, ...] = ()
    low: int = 0
    high: int = 0
    length: float = 0.9
    gain_db: float = 0.0
    pan: float = 0.0
    send_db: float = -12.0


@dataclass(frozen=True, slots=True)
class Progressions:
    """Roman numerals for one family of modes; each entry is a progression, each word of it one chord.

    Attributes:
        opening: for intros, breaks and codas.
        verse: for the first and returning material.
        lift: for the contrasting material and the peak.
        close: pre-dominant, dominant and final chord of the ending.
    """

    opening: tuple[tuple[str, ...], ...]
    verse: tuple[tuple[str, ...], ...]
    lift: tuple[tuple[str, ...], ...]
    close: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Harmony:
    """How a style's chords behave.

    Attributes:
        extension: 0 for triads, 1 for sevenths, 2 for ninths.
        rate: chords per bar at energy 0 and at energy 1.
        cadence: probability of a dominant at phrase ends, 0..1.
        inversion: share of chord changes with another note than the root in the bass.
        pedal: share of phrases over a held tonic.
        major: progressions for ionian, lydian and mixolydian.
        minor: progressions for aeolian, dorian, phrygian and locrian.
    """

    extension: int
    rate: tuple[float, float]
    cadence: float
    inversion: float
    pedal: float
    major: Progressions
    minor: Progressions


@dataclass(frozen=True, slots=True)
class Timing:
    """How a style's players stand to the grid.

    Attributes:
        spread_ms: standard deviation of onsets by role group: drums, bass, harmony, lead, texture.
        lag_ms: constant lateness (negative is early) by role group, and of the snare.
        swing_unit: 8 or 16: which subdivision swings; 0 for none.
        swing: position of the off-beat within its pair, 0.5 (straight) to 0.75; 0 lets the tempo decide.
    """

    spread_ms: Mapping[str, float]
    lag_ms: Mapping[str, float]
    swing_unit: int
    swing: float


@dataclass(frozen=True, slots=True)
class Tune:
    """How a style's melody behaves.

    Attributes:
        share: share of phrases that carry a melody at middle energy.
        rest: share of silence inside a melodic phrase.
        cells: one-bar rhythms: ``x`` a note, ``-`` held, ``.`` a rest; 8 or 16 steps.
        scale: "mode", "pentatonic", "chromatic" (with chromatic neighbours) or "semitone" (creeping lines).
        leap: probability of a leap as the motif's marked feature rather than a rhythm.
        lift: semitones added to the affect's mean pitch.
    """

    share: float
    rest: float
    cells: tuple[str, ...]
    scale: str
    leap: float
    lift: float


@dataclass(frozen=True, slots=True)
class Style:
    """One style, as its file says it.

    Attributes:
        id: the file's name; what ``Tags.style`` holds.
        name: for people.
        words: other names that people call it by, lower case.
        slowest: lowest tempo in beats per minute.
        fastest: highest tempo.
        tempo: its home tempo.
        room: its mix.
        harmony: its chords.
        timing: its players' timing.
        tune: its melody.
        endings: kinds of ending with weights: button, ring, fade, open, sting, stop.
        effects: which of riser, swell, reverse and impact it may use.
        stops: whether silence before a strong hit belongs to it, 0..1.
        layers: its band, in the order in which it enters.
    """

    id: str
    name: str
    words: tuple[str, ...]
    slowest: float
    fastest: float
    tempo: float
    room: Room
    harmony: Harmony
    timing: Timing
    tune: Tune
    endings: Mapping[str, float]
    effects: tuple[Instrument, ...]
    stops: float
    layers: tuple[Layer, ...]


def styles() -> Mapping[str, Style]:
    """All styles by id, in alphabetical order: those that Sonique brings and those in the user's folder."""
    found = {**shipped(), **own_styles(user_folder()).styles}
    return MappingProxyType(dict(sorted(found.items())))


@cache
def shipped() -> Mapping[str, Style]:
    """The styles that Sonique brings, by id."""
    folder = files("sonique_daemon.engines.composer") / "styles"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    texts = {name.removesuffix(".toml"): (folder / name).read_text(encoding="utf-8") for name in names}
    return MappingProxyType({name: _style(name, tomllib.loads(text)) for name, text in texts.items()})


@dataclass(frozen=True, slots=True)
class OwnStyles:
    """The user's styles.

    Attributes:
        styles: by id, those that can be played.
        faults: a sentence for each fault of the others; it names the file.
        mark: another wherever a style was changed; "" where there is none.
    """

    styles: Mapping[str, Style]
    faults: tuple[str, ...]
    mark: str


def user_folder() -> Path:
    """Where the user's styles stand: ``styles`` beside the configuration file, which ``SONIQUE_CONFIG`` may name."""
    named = os.environ.get("SONIQUE_CONFIG")
    if named:
        return Path(named).expanduser().parent / "styles"
    from platformdirs import user_config_path

    return user_config_path("sonique", appauthor=False) / "styles"


@cache
def own_styles(folder: Path) -> OwnStyles:
    """The styles in ``folder``, one in each ``.toml`` file; read once in a process."""
    found: dict[str, Style] = {}
    told: list[str] = []
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            text = path.read_text(encoding="utf-8")
            data = tomllib.loads(text)
        except (OSError, ValueError, RecursionError) as error:
            told.append(f"The style “{path}” cannot be read: {str(error).rstrip('.')}.")
            continue
        wrong = [*_misnamed(path.stem), *faults(data)]
        told += [f"The style “{path}” is left out. {sentence}" for sentence in wrong]
        if not wrong:
            found[path.stem] = _style(path.stem, data)
            digest.update(f"{path.stem}\0{text}\0".encode())
    return OwnStyles(MappingProxyType(found), tuple(told), digest.hexdigest()[:8] if found else "")


def _misnamed(identity: str) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", identity):
        yield "A style is named by its file: lower-case letters, digits and “-”, such as “night-drive.toml”."
    elif identity in shipped():
        yield f"Sonique brings a style “{identity}”; give the file another name."


def _style(identity: str, data: dict[str, Any]) -> Style:
    slowest, tempo, fastest = data["tempo"]
    return Style(
        id=identity,
        name=data["name"],
        words=tuple(data["words"]),
        slowest=slowest,
        fastest=fastest,
        tempo=tempo,
        room=Room(**data["room"]),
        harmony=_harmony(data["harmony"]),
        timing=_timing(data["timing"]),
        tune=_tune(data["tune"]),
        endings=MappingProxyType(dict(data["endings"])),
        effects=tuple(Instrument(name) for name in data.get("effects", ())),
        stops=data.get("stops", 0.0),
        layers=tuple(_layer(layer) for layer in data["layers"]),
    )


def _harmony(data: dict[str, Any]) -> Harmony:
    families = {name: _progressions(data[name]) for name in ("major", "minor")}
    return Harmony(**{**data, **families, "rate": tuple(data["rate"])})


def _progressions(data: dict[str, list[str]]) -> Progressions:
    return Progressions(**{name: tuple(tuple(line.split()) for line in lines) for name, lines in data.items()})


def _timing(data: dict[str, Any]) -> Timing:
    return Timing(
        spread_ms=MappingProxyType(data["spread_ms"]),
        lag_ms=MappingProxyType(data.get("lag_ms", {})),
        swing_unit=data.get("swing_unit", 0),
        swing=data.get("swing", 0.5),
    )


def _tune(data: dict[str, Any]) -> Tune:
    return Tune(**{**data, "cells": tuple(data["cells"])})


def _layer(data: dict[str, Any]) -> Layer:
    instruments = tuple(Instrument(name) for name in data["instruments"])
    patterns = tuple(_pattern(text) for text in data.get("patterns", ()))
    return Layer(**{**data, "instruments": instruments, "patterns": patterns})


def _pattern(text: str) -> Pattern:
    """Reads ``0.3 K:9000 S:0090`` (a kit) or ``0.3 1.3.2.3.`` (any other layer)."""
    energy, *rows = text.split()
    return Pattern(float(energy), tuple((name, steps) for name, _, steps in (_row(row) for row in rows)))


def _row(text: str) -> tuple[str, str, str]:
    return text.partition(":") if ":" in text else ("", "", text)
