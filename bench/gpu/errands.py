"""Errands: which processes measure what, each with a limit of time of its own, so that one that hangs costs the others
nothing.

The limits are for an H200 with a disk that writes 1 GB/s. All of ``describe tag chain`` stay within ten minutes
together, and so do all of ``generate batch compile``: two runs of ten minutes give the whole table. One gives the
figures of the models that the profile ``14gb`` names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

SEEING = ("qwen3-vl-4b@nf4", "qwen3-vl-8b@int8")
WRITING = ("qwen3-vl-4b@nf4", "mistral-7b-instruct-v0.3@nf4")
BATCHING = ("stable-audio-3-medium@bf16", "stable-audio-open-1.0@bf16", "ace-step-1.5-turbo@bf16")
PLAYING = (*BATCHING, "musicgen-small@bf16", "stable-audio-open-small@fp32", "sonique@fp32")
PROFILES = ("8gb", "14gb", "24gb")

SECTIONS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "describe": dict(zip(SEEING, (75, 130), strict=True)),
        "tag": dict(zip(WRITING, (45, 55), strict=True)),
        "chain": dict(zip(PROFILES, (70, 65, 110), strict=True)),
        "generate": dict(zip(PLAYING, (45, 45, 45, 90, 30, 75), strict=True)),
        "batch": dict(zip(BATCHING, (15, 40, 20), strict=True)),
        "compile": dict(zip(BATCHING, (60, 50, 60), strict=True)),
    }
)
"""For each section what it measures, and how many seconds each may take."""

FIGURES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "describe": {SEEING[0]: 100},
        "tag": {WRITING[0]: 50},
        "chain": {"14gb": 90, "8gb": 80},
        "generate": {BATCHING[0]: 50},
        "batch": {BATCHING[0]: 20},
        "compile": {BATCHING[0]: 180},
    }
)
"""The same of what has a figure to reach, for the models that are used unless others are named."""

_TOGETHER = (("describe", "tag"), ("chain",), ("generate", "batch"), ("compile",))
"""Sections that measure a model in one process, loaded once."""

_OTHERS_SECONDS = 90

MARK = "@row "
"""Begins the lines of a process that are rows; libraries print others."""
REST = "all that does not stand above"
"""What a row says was not measured where a section ended early."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What one process measures.

    Attributes:
        sections: of the benchmark, in order.
        subject: a model as it is held, ``name@quantisation``, or a profile.
        seconds: how long it may take.
    """

    sections: tuple[str, ...]
    subject: str
    seconds: float


def errands(
    sections: Sequence[str],
    subjects: Sequence[str],
    patience: float = 1.0,
    table: Mapping[str, Mapping[str, int]] = SECTIONS,
) -> Iterator[Errand]:
    """The errands of those sections, on ``subjects`` or, where there are none, on those of ``table``.

    Each may take ``patience`` times as long as stands there.
    """
    for group in _TOGETHER:
        wanted = [section for section in group if section in sections]
        every = dict.fromkeys(subject for section in wanted for subject in (subjects or table[section]))
        for subject in every:
            asked = tuple(section for section in wanted if subjects or subject in table[section])
            seconds = sum(table[section].get(subject, _OTHERS_SECONDS) for section in asked)
            yield Errand(asked, subject, patience * seconds)


@dataclass(frozen=True, slots=True)
class Order:
    """What to measure.

    Attributes:
        sections: of the benchmark.
        subject: a model as it is held, or a profile.
        shelf: folder of the models' files.
        device: ``auto``, ``cpu``, or a card as ``cuda:0``.
        tiny: whether the models are tiny.
        seconds: lengths of the audio that is made; the first is that of the film too.
    """

    sections: tuple[str, ...]
    subject: str
    shelf: str
    device: str
    tiny: bool
    seconds: tuple[int, ...]
