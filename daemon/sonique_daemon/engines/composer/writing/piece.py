"""The piece: the order in which it is written: ending, bars, form, chords, voices, parts, hits, performance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sonique_daemon.domain.form import metre_of
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.engines.composer.composition import Composition, Note, Part
from sonique_daemon.engines.composer.style import Style, styles
from sonique_daemon.engines.composer.writing import (
    affect,
    arrangement,
    bass,
    cast,
    damping,
    drums,
    endings,
    entries,
    fader,
    figures,
    finale,
    form,
    grid,
    harmony,
    hits,
    melody,
    performance,
    textures,
    threes,
    variation,
    voicing,
)
from sonique_daemon.engines.composer.writing.dice import Dice
from sonique_daemon.engines.composer.writing.score import Event, Score
from sonique_daemon.engines.engine import GenerateRequest
from sonique_daemon.errors import InvalidBrief

_WRITERS: Mapping[str, Callable[[Score, int], list[Event]]] = MappingProxyType(
    {
        "drums": drums.drums,
        "bass": bass.bass,
        "pulse": bass.bass,
        "pad": figures.pad,
        "chords": figures.chords,
        "figure": figures.figure,
        "lead": melody.lead,
        "drone": textures.drone,
        "noise": textures.noise,
        "drops": textures.drops,
    }
)


def compose(request: GenerateRequest, check: Callable[[], None] = lambda: None) -> Composition:
    """Writes the piece that a request asks for: a pure function of tags, tempo map, description and seed.

    Args:
        request: what is asked.
        check: called between steps; what it raises ends the writing.

    Raises:
        InvalidBrief: the tags name a style that does not exist.
    """
    score = sketch(request)
    events = _written(score, check)
    revisions = (
        threes.lilted,
        variation.quietened,
        hits.answered,
        variation.unrepeated,
        entries.kept,
        entries.held_up,
        damping.damped,
        finale.finished,
    )
    for revise in revisions:
        check()
        events = revise(score, events)
    check()
    notes = performance.performed(score, events)
    check()
    return _composition(score, notes, fader.ride(request, score.ending))


def sketch(request: GenerateRequest) -> Score:
    """All decisions before the first note."""
    tags, tempo_map = request.tags, request.tempo_map
    metre = metre_of(tags)
    style = threes.adapted(_style(tags)) if metre.threes else _style(tags)
    dice = Dice(request.seed)
    manner = affect.manner(tags.affect, style)
    ending = endings.ending(tempo_map, style, tags, affect.room(tags.affect, style).decay, dice)
    refused = cast.refusal(tags)
    band = cast.cast(style, tags, refused, dice)
    players = (*band, *hits.effects(style, refused, cast.asked(tags, refused)))
    speech = _speech(request)
    passages = form.passages(
        grid.bars(tempo_map, ending.beat), ending, style=style, tags=tags, tempo_map=tempo_map, dice=dice
    )
    windows = entries.windows(players, tags, float(tempo_map.duration))
    planned = arrangement.measures(
        passages, band, speech=speech, style=style, tags=tags, tempo_map=tempo_map, dice=dice
    )
    measures = entries.entered(planned, players, windows)
    changes = harmony.changes(measures, ending, style=style, manner=manner, tempo_map=tempo_map, dice=dice)
    return Score(
        style=style,
        tags=tags,
        tempo_map=tempo_map,
        manner=manner,
        refused=refused,
        players=players,
        measures=measures,
        changes=changes,
        voices=_voices(changes, measures, manner, dice),
        ending=ending,
        speech=speech,
        dice=dice,
        starts=tuple(measure.bar.start for measure in measures),
        windows=windows,
        threes=metre.threes,
    )


def _style(tags: Tags) -> Style:
    style = styles().get(tags.style)
    if style is None:
        known = ", ".join(styles())
        raise InvalidBrief(f"There is no style “{tags.style}”; the styles are {known}")
    return style


def _speech(request: GenerateRequest) -> tuple[tuple[float, float], ...]:
    spans = request.description.speech if request.description is not None else ()
    return tuple((float(span.start), float(span.end)) for span in spans)


def _voices(
    changes: harmony.Changes, measures: Sequence[arrangement.Measure], manner: affect.Manner, dice: Dice
) -> tuple[voicing.Voices, ...]:
    """Four led voices for every chord, higher where the energy is higher."""
    energies = {measure.bar.index: measure for measure in measures}
    targets = []
    ordered = sorted(energies.values(), key=lambda measure: measure.bar.start)
    place = 0
    for number, span in enumerate(changes.spans):
        while place + 1 < len(ordered) and ordered[place + 1].bar.start <= span.start + 1e-6:
            place += 1
        wander = dice.at("register", number).between(-1.5, 1.5)
        targets.append(59.0 + 6.0 * ordered[place].energy + 0.15 * (manner.pitch - 67) + wander)
    return voicing.voicings([span.chord for span in changes.spans], targets)


def _written(score: Score, check: Callable[[], None]) -> list[Event]:
    """Every player's part; second voices are written after the melody that they listen to."""
    events: list[Event] = []
    melodies: list[Event] = []
    for index, player in enumerate(score.players):
        check()
        writer = _WRITERS.get(player.role)
        if writer is not None:
            own = writer(score, index)
            melodies += own if player.role == "lead" else []
            events += own
    for index, player in enumerate(score.players):
        if player.role == "counter":
            events += melody.counter(score, index, melodies)
    return events


def _composition(score: Score, notes: Sequence[Note], ride: fader.Ride) -> Composition:
    """Puts notes and parts together; parts that never play are left out."""
    used = sorted({note.part for note in notes})
    places = {index: place for place, index in enumerate(used)}
    every: tuple[Part, ...] = performance.parts(score)
    renumbered = [replace(note, part=places[note.part]) for note in notes]
    room = affect.room(score.tags.affect, score.style)
    if "reverb" in score.refused.words:
        room = replace(room, decay=0.4)
    return Composition(
        duration=float(score.tempo_map.duration),
        parts=tuple(every[index] for index in used),
        notes=tuple(sorted(renumbered, key=lambda note: (note.start, note.part, note.pitch))),
        room=room,
        fade=score.ending.fade,
        stop=score.ending.stop,
        ride=ride,
    )


def planned_ending(tempo_map: TempoMap, tags: Tags, seed: int) -> endings.Ending:
    """The ending that a piece with these tags and seed will have."""
    style = _style(tags)
    return endings.ending(tempo_map, style, tags, affect.room(tags.affect, style).decay, Dice(seed))
