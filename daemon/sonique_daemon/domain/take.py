"""Takes: what generation makes and what delivery makes of it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sonique_daemon.domain.alignment import Alignment
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.ducking import SpeechGain
from sonique_daemon.domain.measures import Hearing
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.domain.terms import Licensed


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a generate engine returns: audio before delivery.

    Attributes:
        mix: the whole, at any level.
        stems: named layers that add up to the mix sample by sample (within 1e-4); may be empty.
        midi: a Standard MIDI File, or None for an engine that has no notes.
    """

    mix: RawAudio
    stems: tuple[tuple[str, RawAudio], ...] = ()
    midi: bytes | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """What the delivered mix measures.

    Attributes:
        loudness_lufs: integrated loudness (BS.1770-4).
        true_peak_dbtp: highest true peak.
        hit_share: weighted share of hit points within ±40 ms of a beat or strong onset that is heard.
        chance_share: mean of the same share over 200 circular shifts of what is heard.
        heard: all else that is heard; None for a take of an older release.
    """

    loudness_lufs: float
    true_peak_dbtp: float
    hit_share: float = 0.0
    chance_share: float = 0.0
    heard: Hearing | None = None

    def with_heard(self, heard: Hearing) -> "Measures":
        """These measures, with what is heard."""
        window = heard.window("40 ms")
        if window is None:
            return replace(self, heard=heard)
        return replace(self, hit_share=window.share, chance_share=window.chance, heard=heard)


class FileKind(StrEnum):
    """What a take's file holds."""

    WAV = "wav"
    MIDI = "midi"


@dataclass(frozen=True, slots=True)
class TakeFile:
    """One finished file of a take in the store.

    Attributes:
        name: "mix", a stem's name, or "score" for the MIDI file.
        kind: what it holds.
        path: where it stands in the store.
        size: bytes.
        sha256: of the whole file, lower-case hexadecimal.
    """

    name: str
    kind: FileKind
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Take:
    """One rendition of a cue, finished.

    Attributes:
        id: unique in the store; letters, digits, ``-`` and ``_``.
        seed: what it was made from.
        engine: the generate engine's name.
        samples: length of every WAV of it, in samples at 48 kHz.
        files: the mix first, then stems, then the score.
        tempo_map: its grid and the hits that it meets.
        measures: of the mix.
        speech_gain: its gain under speech, or None where it keeps its level.
        alignment: how it was brought to the cuts; None where its engine plays the tempo map itself.
        licences: the engines and models that took part, the generating one first, and what each allows.
    """

    id: str
    seed: int
    engine: str
    samples: int
    files: tuple[TakeFile, ...]
    tempo_map: TempoMap
    measures: Measures
    speech_gain: SpeechGain | None = None
    alignment: Alignment | None = None
    licences: tuple[Licensed, ...] = ()
