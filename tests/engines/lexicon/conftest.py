"""Tagging with nothing but a brief, or with a made-up description."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Curve, CurveKind, Description, Look, ShotDescription
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.lexicon.engine import LexiconEngine


@pytest.fixture(scope="session")
def tag() -> Callable[..., Tags]:
    """Tags for a brief given by its fields; ``description`` goes beside it."""

    def run(*, description: Description | None = None, **fields: object) -> Tags:
        brief = Brief(**fields)  # type: ignore[arg-type]
        return LexiconEngine().run(TagRequest(brief, description), RecordedReport())

    return run


@pytest.fixture(scope="session")
def describe() -> Callable[..., Description]:
    """A description of shots of equal length that all look the same."""

    def run(
        *,
        seconds: int = 30,
        shots: int = 5,
        look: Look | None = None,
        summary: str = "",
        speech: tuple[tuple[int, int], ...] = (),
        motion: tuple[float, ...] = (),
    ) -> Description:
        length = Fraction(seconds, shots)
        seen = look or Look(0.5, light=0.5, saturation=0.5)
        return Description(
            duration=Fraction(seconds),
            summary=summary,
            shots=tuple(ShotDescription(TimeRange(length * place, length), "", seen) for place in range(shots)),
            curves=(Curve(CurveKind.MOTION, Fraction(1), motion),) if motion else (),
            speech=tuple(TimeRange(Fraction(start), Fraction(span)) for start, span in speech),
        )

    return run
