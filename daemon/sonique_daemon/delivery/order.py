"""The order: how a rendering is to be delivered."""

from dataclasses import dataclass
from fractions import Fraction

from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.ducking import GainPoint
from sonique_daemon.domain.time import SAMPLE_RATE, sample_count


@dataclass(frozen=True, slots=True)
class Order:
    """How a rendering is to be delivered.

    Attributes:
        samples: exact length at 48 kHz.
        provenance: what the files say of themselves.
        recipe: what is needed to make the same take again, any bytes; stands in every file.
        loudness_lufs: integrated loudness of the mix before ``gain``.
        pad_to_frames: frame rate to pad the files with silence to whole frames of, or None for the exact length.
        record_start: the range's start on the record clock in seconds, for the Broadcast Wave time reference.
        stems: whether stems are wanted as files too.
        gain: what is baked into the mix and every stem on top of their level, as ``ducking.envelope`` tells it, or ().
    """

    samples: int
    provenance: Provenance
    recipe: bytes = b""
    loudness_lufs: float = -20.0
    pad_to_frames: Fraction | None = None
    record_start: Fraction = Fraction(0)
    stems: bool = False
    gain: tuple[GainPoint, ...] = ()

    @property
    def length(self) -> int:
        """Samples of every file, padding included."""
        if self.pad_to_frames is None:
            return self.samples
        return whole_frames(self.samples, self.pad_to_frames)


def whole_frames(samples: int, rate: Fraction) -> int:
    """The least length of whole frames at ``rate``, in samples, that holds ``samples``.

    Frame boundaries are rounded to samples as ``sample_count`` does, so that a range of whole frames needs no padding.
    """
    frames = -((Fraction(1, 2) - samples) * rate // SAMPLE_RATE)
    return sample_count(frames / rate)
