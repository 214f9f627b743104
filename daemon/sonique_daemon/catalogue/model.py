"""Models: everything that is known of one before its weights are there."""

from dataclasses import dataclass
from enum import StrEnum

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.terms import Terms

PLANNED_SECONDS = 120.0
"""Length of the take for which the memory of music models is planned."""


class Quantisation(StrEnum):
    """How a model's weights are held in memory."""

    NF4 = "nf4"
    """Four bits in blocks (NormalFloat 4, double quantisation), computed in bfloat16."""
    INT8 = "int8"
    """Eight bits with outliers in full precision (LLM.int8)."""
    BF16 = "bf16"
    """bfloat16, as most models are published."""
    FP32 = "fp32"
    """Full precision, for processors that compute nothing else well."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a model needs of the memory in which it is computed, the card's where there is one.

    Attributes:
        quantisation: how its weights are held.
        weights_bytes: what they take.
        working_bytes: what its work takes besides, at the request that a profile is planned for: 32 frames and 512
            written tokens for a language model, one take of ``PLANNED_SECONDS`` or of its longest window for a music
            model.
    """

    quantisation: Quantisation
    weights_bytes: int
    working_bytes: int

    @property
    def total_bytes(self) -> int:
        """Weights and work together."""
        return self.weights_bytes + self.working_bytes


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file of a model.

    Attributes:
        path: below the model's folder, with ``/``.
        size: bytes; 0 where it is not known before it is pulled.
        sha256: of the whole file, lower-case hexadecimal; "" where it is not known before it is pulled.
    """

    path: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Another repository that a model needs, such as its text encoder.

    Attributes:
        folder: where it stands below the model's folder.
        hub: the repository.
        revision: branch, tag or commit.
        wanted: patterns of the files that are needed; () for those of its kind.
        gated: whether its terms have to be accepted on the hub first.
    """

    folder: str
    hub: str
    revision: str = "main"
    wanted: tuple[str, ...] = ()
    gated: bool = False


@dataclass(frozen=True, slots=True)
class LanguageFacts:
    """What is particular to a model that writes text.

    Attributes:
        context_tokens: most tokens that it was trained to read and write together.
        thinking: whether it thinks aloud before it answers unless it is told not to.
        frames: most frames that it is shown at once; 0 for a model that sees nothing.
        frame_pixels: most pixels of one frame; 0 for a model that sees nothing.
        timestamps: whether it is told when each frame was.
    """

    context_tokens: int
    thinking: bool = False
    frames: int = 0
    frame_pixels: int = 0
    timestamps: bool = False


@dataclass(frozen=True, slots=True)
class MusicFacts:
    """What is particular to a model that makes audio.

    Attributes:
        window_seconds: the longest audio that it makes at once.
        sample_rate: of its audio in Hz.
        channels: of its audio.
        steps: how many steps it takes where nobody says otherwise; 0 for a model that does not step.
        guidance: the scale that it is guided with where nobody says otherwise; 1.0 is none.
        prompt_form: the form of the tags that it was trained on: ``sonique``, ``labelled``, ``fields`` or ``caption``.
        negatives: whether it heeds a negative prompt.
        melody: whether it takes audio to vary or a melody to follow.
        inpainting: whether it makes spans of given audio anew, which continuation is a case of.
        text_tokens: most tokens of its prompt.
        variable_length: whether it makes any length up to its window; else it always makes the whole window.
        batch: most takes in one call.
    """

    window_seconds: float
    sample_rate: int
    channels: int
    steps: int
    prompt_form: str
    text_tokens: int
    guidance: float = 1.0
    negatives: bool = False
    melody: bool = False
    inpainting: bool = False
    variable_length: bool = False
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue.

    Attributes:
        name: unique; lower-case letters, digits, ``.`` and ``-``.
        family: which engine runs it: ``vlm``, ``llm``, ``stable-audio-tools``, ``diffusers`` or ``musicgen``.
        stages: what it can do.
        summary: one sentence.
        hub: the repository that publishes its weights, as ``owner/name``; "" where none does.
        revision: branch, tag or commit there. What a branch stood for is written down when it is first pulled.
        wanted: patterns of the files that are needed; () for those of its kind.
        files: files whose size or digest is known beforehand; they must be among what is pulled, and match.
        parts: other repositories that it needs.
        gated: whether its terms have to be accepted on the hub first.
        terms: what its licence allows.
        parameters: how many numbers it holds, all parts together.
        needs: memory for each way of holding it; the first is the usual one.
        obtain: where its weights come from where no hub has them, as one sentence; else "".
        checked: what of these facts was checked, and how; one sentence.
        language: facts of a model that writes text, else None.
        music: facts of a model that makes audio, else None.
    """

    name: str
    family: str
    stages: tuple[Stage, ...]
    summary: str
    terms: Terms
    parameters: int
    needs: tuple[Need, ...]
    checked: str
    hub: str = ""
    revision: str = "main"
    wanted: tuple[str, ...] = ()
    files: tuple[WeightFile, ...] = ()
    parts: tuple[Part, ...] = ()
    gated: bool = False
    obtain: str = ""
    language: LanguageFacts | None = None
    music: MusicFacts | None = None

    @property
    def usual(self) -> Quantisation:
        """How it is held where nobody says otherwise."""
        return self.needs[0].quantisation

    def need(self, quantisation: Quantisation) -> Need:
        """What it needs when it is held so; raises ``KeyError`` where it cannot be."""
        for need in self.needs:
            if need.quantisation is quantisation:
                return need
        raise KeyError(quantisation)
