"""Metres in figures: “3/4”, “7/8”, “in 6/8”."""

import re

from sonique_daemon.domain.form import METRES

_SAID = re.compile(
    r"(?<![\d./:,])(?:in\s+)?(\d{1,2})\s?/\s?(2|4|8|16)(?![\d./:])(?:\s+(?:time|metre|meter|beat)\b)?", re.IGNORECASE
)
_BARS = {2: "2/4", 3: "3/4", 4: "4/4", 5: "5/4", 6: "3/4", 7: "7/4", 8: "4/4", 9: "3/4", 12: "4/4"}
_PLAIN = {"2/4", "3/4", "4/4", "5/4", "7/4", "2/2", *(name for name, metre in METRES.items() if metre.threes)}
_COUNTED = {"2/4": "two", "3/4": "three", "4/4": "four", "5/4": "five", "7/4": "seven"}


def metres_in(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The metres that a free text names, as tags of form say them; sentences on what is played otherwise; the rest."""
    found: list[str] = []
    notes: list[str] = []

    def take(match: re.Match[str]) -> str:
        bars = _BARS.get(int(match[1]))
        if bars is None:
            return match[0]
        said = f"{int(match[1])}/{match[2]}"
        found.append(said if said in METRES else bars)
        if said not in _PLAIN:
            notes.append(f"“{said}” is played in bars of {_COUNTED[bars]} beats.")
        return " , "

    rest = _SAID.sub(take, text)
    return tuple(found), tuple(notes), rest
