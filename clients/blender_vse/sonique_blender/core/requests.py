"""Orders as the contract has them."""

import os
from fractions import Fraction

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from sonique.v1 import brief_pb2, scoring_pb2, tags_pb2, take_pb2, ticket_pb2, time_pb2, timeline_pb2

from .errors import BlenderError
from .orders import Again, Order, Score, Wishes


class UnfitRecipe(BlenderError):
    """What a cue was made from, or the tags that were edited, cannot be read."""

    code = "UNFIT_RECIPE"


def to_request(job_id: str, order: Order) -> scoring_pb2.SubmitRequest:
    """What is sent for an order.

    Raises:
        UnfitRecipe: the recipe or the tags of an ``Again`` make no sense.
    """
    if isinstance(order, Score):
        return scoring_pb2.SubmitRequest(score=_score(job_id, order))
    return scoring_pb2.SubmitRequest(generate=_again(job_id, order))


def tags_of(recipe: bytes) -> str:
    """The tags of a recipe, as JSON.

    Raises:
        UnfitRecipe: it is no recipe.
    """
    return json_format.MessageToJson(_recipe(recipe).tags, indent=None, preserving_proto_field_name=True)


def _score(job_id: str, order: Score) -> scoring_pb2.ScoreRequest:
    wishes, rate = order.wishes, order.rate
    start = _time(order.start, rate)
    # The strip's own volume goes down under speech, so that an editor can move the keyframes.
    ducking = take_pb2.Ducking(manner=take_pb2.DUCKING_MANNER_ENVELOPE) if wishes.ducking else None
    return scoring_pb2.ScoreRequest(
        job_id=job_id,
        timeline=timeline_pb2.Timeline(
            otio_json=order.document,
            range=time_pb2.TimeRange(start=start, duration=_time(order.frames, rate)),
            media_roots=order.roots,
        ),
        brief=_brief(wishes),
        seed=wishes.seed,
        takes=wishes.takes,
        delivery=take_pb2.Delivery(
            loudness_lufs=wishes.loudness_lufs,
            pad_to_frames=time_pb2.FrameRate(numerator=rate.numerator, denominator=rate.denominator),
            stems=wishes.stems,
            record_start=start,
            ducking=ducking,
        ),
        ticket=_ticket(),
    )


def _brief(wishes: Wishes) -> brief_pb2.Brief:
    return brief_pb2.Brief(
        prompt=wishes.prompt,
        genres=wishes.genres,
        moods=wishes.moods,
        instruments=wishes.instruments,
        negatives=wishes.negatives,
        bpm=wishes.bpm or None,
        key=wishes.key,
        hit_strength=wishes.hit_strength,
    )


def _again(job_id: str, order: Again) -> scoring_pb2.GenerateRequest:
    request = _recipe(order.recipe)
    request.job_id, request.seed, request.takes = job_id, order.wishes.seed, order.wishes.takes
    request.ticket.CopyFrom(_ticket())
    request.delivery.stems = order.wishes.stems
    if order.tags:
        request.tags.CopyFrom(_tags(order.tags))
    return request


def _recipe(recipe: bytes) -> scoring_pb2.GenerateRequest:
    try:
        return scoring_pb2.GenerateRequest.FromString(recipe)
    except DecodeError:
        raise UnfitRecipe("What this music was made from is damaged; score the range again.") from None


def _tags(text: str) -> tags_pb2.Tags:
    try:
        return json_format.Parse(text, tags_pb2.Tags())
    except json_format.ParseError as error:
        raise UnfitRecipe(f"The tags cannot be read ({error}); correct them, or take the music's own.") from None


def _ticket() -> ticket_pb2.Ticket:
    """Someone waits at a screen; every Blender that runs is a client of its own."""
    return ticket_pb2.Ticket(client=f"blender-{os.getpid()}", priority=ticket_pb2.PRIORITY_HIGH)


def _time(frames: int, rate: Fraction) -> time_pb2.RationalTime:
    return time_pb2.RationalTime(value=frames, rate_numerator=rate.numerator, rate_denominator=rate.denominator)
