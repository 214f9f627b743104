"""The options that several commands share, each with its help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

WAIT = "10min"
"""How long a full queue is tried again, unless the user says otherwise."""

_WISHES = "The music that you want"
_TIMELINE = "The timeline"
_ENGINES = "Engines"
_OUTPUT = "Output"
_QUEUE = "The queue"


class CutsChoice(StrEnum):
    """Where cuts come from."""

    AUTO = "auto"
    TIMELINE = "timeline"
    DETECT = "detect"


class PriorityChoice(StrEnum):
    """How soon a job is wanted."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


Input = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", readable=False, help="A film, or .otio .otioz .otiod .edl .xml .fcpxml .fcpxmld .aaf"
    ),
]

Range = Annotated[
    str,
    typer.Option(
        "--range",
        metavar="FROM-TO",
        help="The range: record timecode 01:00:10:00-01:00:42:12, or seconds 10-42.5, or 1:10-1:42. "
        "Without it, the whole timeline.",
        rich_help_panel=_TIMELINE,
    ),
]
MediaRoot = Annotated[
    list[Path],
    typer.Option(
        "--media-root",
        metavar="FOLDER",
        readable=False,
        help="A folder whose media may be read, and is found by name when it has moved. May be given again.",
        rich_help_panel=_TIMELINE,
    ),
]
Cuts = Annotated[
    CutsChoice,
    typer.Option(
        "--cuts",
        help="Where cuts come from; auto detects them in the media where the range is one single shot.",
        rich_help_panel=_TIMELINE,
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="FPS",
        help="Frame rate of an EDL, which does not say it. Without it 24, or what its timecode shows: 25 or 29.97.",
        rich_help_panel=_TIMELINE,
    ),
]

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="The engine: an embedded one, or a model as vlm:qwen3-vl-4b@nf4 (docs/language.md). Else the profile's.",
    ),
]

Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Which engines run: embedded, 8gb, 14gb, 24gb or one of yours (sonique profiles). Else the daemon's.",
        rich_help_panel=_ENGINES,
    ),
]
Fallback = Annotated[
    bool,
    typer.Option(
        "--fallback",
        help="Go on with the embedded engine where a model cannot be had or fails, and say so.",
        rich_help_panel=_ENGINES,
    ),
]
CommercialOnly = Annotated[
    bool,
    typer.Option(
        "--commercial-only",
        help="Refuse, before any work, a model whose music may not be used commercially.",
        rich_help_panel=_ENGINES,
    ),
]

Prompt = Annotated[
    str, typer.Option("--prompt", "-p", help="In your own words: “tense, sparse, no drums”.", rich_help_panel=_WISHES)
]
Genre = Annotated[
    list[str],
    typer.Option("--genre", "-g", help="A style (sonique styles). May be given again.", rich_help_panel=_WISHES),
]
Mood = Annotated[list[str], typer.Option("--mood", help="A mood. May be given again.", rich_help_panel=_WISHES)]
InstrumentOption = Annotated[
    list[str],
    typer.Option(
        "--instrument", "-i", help="An instrument that must play. May be given again.", rich_help_panel=_WISHES
    ),
]
Without = Annotated[
    list[str],
    typer.Option("--no", metavar="WHAT", help="What must not be there. May be given again.", rich_help_panel=_WISHES),
]
Bpm = Annotated[
    float | None, typer.Option("--bpm", help="Tempo in beats per minute, 20 to 300.", rich_help_panel=_WISHES)
]
KeyOption = Annotated[str, typer.Option("--key", help="A key: “D minor”, “F# dorian”, “Bb”.", rich_help_panel=_WISHES)]
HitStrength = Annotated[
    float | None,
    typer.Option(
        "--hit-strength",
        help="0 ignores the cuts, 0.5 spots as a composer would, 1 meets every cut that the tempo can.",
        min=0.0,
        max=1.0,
        show_default="0.5",
        rich_help_panel=_WISHES,
    ),
]
Guide = Annotated[
    float | None,
    typer.Option(
        "--guide",
        metavar="LEVEL",
        help="Have a model start from the composer's draft, which lies on the cuts, under so much noise: 0 keeps the "
        "draft, 1 keeps nothing of it; 0.6 is a good start.",
        min=0.0,
        max=1.0,
        rich_help_panel=_WISHES,
    ),
]
Candidates = Annotated[
    int,
    typer.Option(
        "--candidates",
        help="How many a model makes, to keep the one that meets the cuts best; 0: four on a card, one else.",
        min=0,
        max=8,
        rich_help_panel=_WISHES,
    ),
]
SoundFont = Annotated[
    Path | None,
    typer.Option(
        "--soundfont",
        metavar="FILE",
        readable=False,
        help="A SoundFont (.sf2) that the parts are played through, where FluidSynth is installed.",
        rich_help_panel=_WISHES,
    ),
]
_LARGEST = 2**63 - 1


def carried(number: int | None) -> int | None:
    """A number that the contract carries; a bound in the help would be longer than the help."""
    if number is not None and number > _LARGEST:
        raise typer.BadParameter(f"It is too large; {_LARGEST} is the largest.")
    return number


Seed = Annotated[
    int,
    typer.Option("--seed", help="Another seed is another take.", min=0, callback=carried, rich_help_panel=_WISHES),
]

Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE", readable=False, help="Where to.", rich_help_panel=_OUTPUT)
]
Takes = Annotated[int, typer.Option("--takes", help="How many takes.", min=1, max=8, rich_help_panel=_OUTPUT)]
Stems = Annotated[bool, typer.Option("--stems", help="Write each stem too, into a folder.", rich_help_panel=_OUTPUT)]
Midi = Annotated[bool, typer.Option("--midi", help="Write the score as a MIDI file too.", rich_help_panel=_OUTPUT)]
Loudness = Annotated[
    float,
    typer.Option(
        "--loudness",
        metavar="LUFS",
        help="Integrated loudness of the music.",
        min=-50.0,
        max=-8.0,
        rich_help_panel=_OUTPUT,
    ),
]
PadToFrames = Annotated[
    float | None,
    typer.Option(
        "--pad-to-frames", metavar="FPS", help="Pad with silence to whole frames of that rate.", rich_help_panel=_OUTPUT
    ),
]
FilmToo = Annotated[
    bool | None,
    typer.Option(
        "--film/--no-film",
        help="Write the film with the music under its sound. By default where FILE is a film and -o is not given.",
        rich_help_panel=_OUTPUT,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.", rich_help_panel=_OUTPUT)]
Json = Annotated[
    bool,
    typer.Option("--json", help="Print every event as a line of JSON on standard output.", rich_help_panel=_OUTPUT),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but notes.", rich_help_panel=_OUTPUT)]

Priority = Annotated[
    PriorityChoice,
    typer.Option("--priority", help="How soon it is wanted; a higher one runs first.", rich_help_panel=_QUEUE),
]
Wait = Annotated[
    str,
    typer.Option(
        "--wait", metavar="SPAN", help="How long to try again while the queue is full.", rich_help_panel=_QUEUE
    ),
]
Detach = Annotated[
    bool,
    typer.Option(
        "--detach",
        help="Print the job's id and leave; sonique watch shows it, sonique fetch saves its takes.",
        rich_help_panel=_QUEUE,
    ),
]

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="A job's id, or its beginning (sonique jobs).")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
JsonDocument = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
JsonRows = Annotated[bool, typer.Option("--json", help="Print JSON, one object on a line, on standard output.")]
