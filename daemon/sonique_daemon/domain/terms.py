"""Terms: what the licence of an engine and its model lets a user do with the music."""

from dataclasses import dataclass
from enum import StrEnum


class Commercial(StrEnum):
    """Whether the music may be used to earn money."""

    YES = "yes"
    LIMITED = "limited"
    """Below a bound, such as a yearly revenue, or after a registration; the terms' ``note`` says which."""
    NO = "no"
    UNKNOWN = "unknown"
    """The user's own model, of which nothing was said."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be done with what an engine makes.

    Attributes:
        licence: SPDX id, or the licence's own name where it has none.
        commercial: whether it may be used to earn money.
        note: one sentence on the bound or the duty; "" where there is none.
        attribution: what has to be named beside the music; "" where nothing has to.
    """

    licence: str
    commercial: Commercial = Commercial.YES
    note: str = ""
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Licensed:
    """An engine that took part in a take, and what may be done with what it made.

    Attributes:
        engine: its full name.
        model: name of its model, or "".
        revision: version of the engine and its weights.
        terms: what it allows.
    """

    engine: str
    model: str
    revision: str
    terms: Terms
