"""Conform: whatever stands in a document, the answer is a picture or one clear error."""

import json
import random
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.errors import SoniqueError
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.roots import Roots

NUMBERS = [0, -1, 1, 1e-12, 1e18, 0.5, -5.5, 12345.6789, float("nan"), float("inf")]
TEXTS = ["", "x" * 1000, "\x00", "Audio", "NaN", "../../..", "DEFAULT_MEDIA"]
SCHEMAS = ["Gap.1", "Clip.2", "Stack.1", "Track.1", "MissingReference.1", "ExternalReference.1", "FreezeFrame.1"]


def whole(bench: Any) -> Any:
    """A document with something of everything."""
    schema = otio.schema
    bench.media("s.0001.png", 0, 0)
    clip = bench.clip("a", effects=[schema.LinearTimeWarp(time_scalar=2)])
    clip.markers.append(schema.Marker("m", bench.frames(3, 1)))
    nested = schema.Stack("n", children=[bench.track(bench.clip("b"))], source_range=bench.frames(3, 20))
    images = schema.ImageSequenceReference(str(bench.folder), "s.", ".png", start_frame=1, rate=24)
    images.frame_zero_padding = 4
    return bench.timeline(
        bench.track(clip, bench.dissolve(3, 4), nested, bench.gap(4), schema.Clip("s", images, bench.frames(0, 4))),
        bench.track(
            schema.Clip("g", schema.GeneratorReference(generator_kind="Bars"), bench.frames(0, 4)),
            schema.Clip("x", None, bench.frames(0, 4)),
            schema.Clip("p", schema.ExternalReference(bench.media("p.mov"))),
        ),
        bench.track(bench.clip("d"), kind="Audio"),
        start=otio.opentime.RationalTime(86_400, 24),
    )


def places(held: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a JSON value."""
    pairs = list(held.items()) if isinstance(held, dict) else list(enumerate(held))
    below = [place for _, value in pairs if isinstance(value, dict | list) for place in places(value)]
    return [(held, key) for key, _ in pairs] + below


def damage(document: Any, chance: random.Random) -> None:
    held, key = chance.choice(places(document))
    value = held[key]
    if chance.random() < 0.1:
        del held[key]
    elif key == "OTIO_SCHEMA":
        held[key] = chance.choice(SCHEMAS)
    elif isinstance(value, bool) or not isinstance(value, int | float | str):
        held[key] = chance.choice([None, [], {}, not value])
    else:
        held[key] = chance.choice(TEXTS if isinstance(value, str) else NUMBERS)


def tiles(picture: Picture) -> bool:
    ends = [shot.record.end for shot in picture.shots]
    return [shot.record.start for shot in picture.shots] == [0, *ends[:-1]] and ends[-1] == picture.duration


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_document_gives_a_picture_or_one_clear_error(bench: Any, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  chooses damage, guards nothing
    text = whole(bench).to_json_string()
    shown, sentences = 0, list[str]()
    for _ in range(150):
        document = json.loads(text)
        damage(document, chance)
        request = Timeline(json.dumps(document), folder=str(bench.folder), media_roots=(str(bench.folder),))
        try:
            picture = conform(request, MediaLocator.for_request(request, Roots(())), bench.probe)
        except SoniqueError as error:
            sentences.append(error.sentence)
            continue
        assert tiles(picture)
        shown += 1
    assert shown > 10
    assert all(sentence.endswith(".") and len(sentence) < 2000 for sentence in sentences)
