"""Requests of the Scoring service on the wire, and the recipe that a take carries."""

import hashlib
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias, TypeVar

from google.protobuf.message import Message
from sonique.v1 import scoring_pb2

from sonique_daemon.catalogue.names import ENGINE, ENGINE_RULE, PROFILE
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.request import USUAL, Choosing, Cue, DescribeJob, GenerateJob, ScoreJob, TagJob
from sonique_daemon.errors import InvalidRange, InvalidRequest, LimitExceeded
from sonique_daemon.server.wire.brief import read_brief, write_brief
from sonique_daemon.server.wire.description import read_description, write_description
from sonique_daemon.server.wire.edit import read_edit, write_edit
from sonique_daemon.server.wire.fields import identifier, limited, present, within
from sonique_daemon.server.wire.options import (
    read_candidates,
    read_guide,
    read_melody,
    read_options,
    read_soundfont,
    require_file,
    write_guide,
    write_melody,
    write_options,
)
from sonique_daemon.server.wire.tags import read_tags, write_tags
from sonique_daemon.server.wire.take import read_delivery, write_delivery
from sonique_daemon.server.wire.time import read_time, write_time
from sonique_daemon.server.wire.timeline import PATH_LIMIT, read_media_roots, read_timeline, write_timeline

SHORTEST, LONGEST = Fraction(2), Fraction(30 * 60)
"""Seconds of music."""
TAKES_LIMIT = 8
ENGINE_LIMIT = 100
Asked: TypeAlias = (
    scoring_pb2.DescribeRequest | scoring_pb2.TagRequest | scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest
)
Asking = TypeVar(
    "Asking",
    scoring_pb2.DescribeRequest,
    scoring_pb2.TagRequest,
    scoring_pb2.GenerateRequest,
    scoring_pb2.ScoreRequest,
)
_LAST_SEED = 2**63 - 1


def digest(message: Message) -> bytes:
    """Tells one request from another: SHA-256 of its kind and its fields.

    The ticket does not count, because it is no part of what is asked, nor do fields that are unknown here.
    """
    known = type(message)()
    known.CopyFrom(message)
    known.ClearField("ticket")
    known.DiscardUnknownFields()
    body = known.SerializeToString(deterministic=True)
    return hashlib.sha256(message.DESCRIPTOR.full_name.encode() + b"\0" + body).digest()


def read_describe(message: scoring_pb2.DescribeRequest) -> DescribeJob:
    """What Scoring.Describe asks for; raises ``InvalidRequest`` or ``LimitExceeded``."""
    present(message.HasField("timeline"), "timeline")
    return DescribeJob(
        timeline=read_timeline(message.timeline),
        engine=_engine(message.engine, "engine"),
        choosing=read_choosing(message),
        cue=_read_cue(message),
        media_roots=read_media_roots(message.media_roots, "media_roots"),
    )


def read_tag(message: scoring_pb2.TagRequest) -> TagJob:
    """What Scoring.Tag asks for; raises ``InvalidRequest`` or ``LimitExceeded``."""
    engine = _engine(message.engine, "engine")
    return TagJob(read_brief(message.brief), _description(message), engine, read_choosing(message))


def read_generate(message: scoring_pb2.GenerateRequest) -> GenerateJob:
    """What Scoring.Generate asks for; raises ``InvalidRequest``, ``InvalidRange`` or ``LimitExceeded``."""
    present(message.HasField("tags"), "tags")
    description = _description(message)
    return GenerateJob(
        tags=read_tags(message.tags),
        duration=_duration(message, description),
        description=description,
        seed=_seed(message),
        takes=_takes(message),
        delivery=read_delivery(message.delivery),
        engine=_engine(message.engine, "engine"),
        options=read_options(message),
        melody=read_melody(message),
        guide=read_guide(message),
        candidates=read_candidates(message),
        choosing=read_choosing(message),
        changes=read_edit(message),
        soundfont=read_soundfont(message),
        media_roots=read_media_roots(message.media_roots, "media_roots"),
    )


def read_score(message: scoring_pb2.ScoreRequest) -> ScoreJob:
    """What Scoring.Score asks for; raises ``InvalidRequest``, ``InvalidRange`` or ``LimitExceeded``."""
    present(message.HasField("timeline"), "timeline")
    timeline = read_timeline(message.timeline)
    if timeline.range is not None:
        _musical(timeline.range.duration, "The range")
    return ScoreJob(
        timeline=timeline,
        brief=read_brief(message.brief),
        seed=_seed(message),
        takes=_takes(message),
        delivery=read_delivery(message.delivery),
        describe_engine=_engine(message.describe_engine, "describe_engine"),
        tag_engine=_engine(message.tag_engine, "tag_engine"),
        generate_engine=_engine(message.generate_engine, "generate_engine"),
        options=read_options(message),
        melody=read_melody(message),
        guide=read_guide(message),
        candidates=read_candidates(message),
        soundfont=read_soundfont(message),
        choosing=read_choosing(message),
        media_roots=read_media_roots(message.media_roots, "media_roots"),
    )


def write_describe(job: DescribeJob) -> scoring_pb2.DescribeRequest:
    """The request, without its job id."""
    cue = None if job.cue is None else scoring_pb2.Cue(path=job.cue.path, hit_strength=job.cue.hit_strength)
    message = scoring_pb2.DescribeRequest(
        timeline=write_timeline(job.timeline), engine=job.engine, cue=cue, media_roots=job.media_roots
    )
    return _with_choosing(message, job.choosing)


def write_tag(job: TagJob) -> scoring_pb2.TagRequest:
    """The request, without its job id."""
    description = None if job.description is None else write_description(job.description)
    message = scoring_pb2.TagRequest(description=description, brief=write_brief(job.brief), engine=job.engine)
    return _with_choosing(message, job.choosing)


def write_generate(job: GenerateJob) -> scoring_pb2.GenerateRequest:
    """The request, without its job id."""
    description = None if job.description is None else write_description(job.description)
    message = scoring_pb2.GenerateRequest(
        tags=write_tags(job.tags),
        duration=write_time(job.duration),
        description=description,
        seed=job.seed,
        takes=job.takes,
        delivery=write_delivery(job.delivery),
        engine=job.engine,
        options=write_options(job.options),
        melody=write_melody(job.melody),
        guide=write_guide(job.guide),
        candidates=job.candidates,
        edit=write_edit(job.changes),
        soundfont=job.soundfont,
        media_roots=job.media_roots,
    )
    return _with_choosing(message, job.choosing)


def write_score(job: ScoreJob) -> scoring_pb2.ScoreRequest:
    """The request, without its job id."""
    message = scoring_pb2.ScoreRequest(
        timeline=write_timeline(job.timeline),
        brief=write_brief(job.brief),
        seed=job.seed,
        takes=job.takes,
        delivery=write_delivery(job.delivery),
        describe_engine=job.describe_engine,
        tag_engine=job.tag_engine,
        generate_engine=job.generate_engine,
        options=write_options(job.options),
        melody=write_melody(job.melody),
        guide=write_guide(job.guide),
        candidates=job.candidates,
        soundfont=job.soundfont,
        media_roots=job.media_roots,
    )
    return _with_choosing(message, job.choosing)


def encode_recipe(job: GenerateJob) -> bytes:
    """The recipe of a take: ``sonique.v1.GenerateRequest`` without job id, the same bytes for the same job.

    What the tagger remarked is no part of it: it is passed over when it is handed in, and the take must be known again.
    Nor is how its engine was chosen, nor what may be read on this machine.
    """
    plain = replace(job, tags=replace(job.tags, notes=()), choosing=USUAL, media_roots=())
    return write_generate(plain).SerializeToString(deterministic=True)


def _read_cue(message: scoring_pb2.DescribeRequest) -> Cue | None:
    if not message.HasField("cue"):
        return None
    cue = message.cue
    path = limited(cue.path, "cue.path", PATH_LIMIT)
    require_file(path, "cue.path")
    strength = within(cue.hit_strength, "cue.hit_strength", 0.0, 1.0) if cue.HasField("hit_strength") else 0.5
    return Cue(path, strength)


def _description(message: scoring_pb2.TagRequest | scoring_pb2.GenerateRequest) -> Description | None:
    return read_description(message.description) if message.HasField("description") else None


def _duration(message: scoring_pb2.GenerateRequest, description: Description | None) -> Fraction:
    if message.HasField("duration"):
        return _musical(read_time(message.duration, "duration"), "The duration")
    if description is None:
        raise InvalidRequest("There is neither a duration nor a description; say how long the music is to be.")
    return _musical(description.duration, "The description")


def _musical(duration: Fraction, thing: str) -> Fraction:
    if duration < SHORTEST:
        raise InvalidRange(f"{thing} is {float(duration):g} s long; music needs at least {SHORTEST} s.")
    if duration > LONGEST:
        raise LimitExceeded(f"{thing} is {float(duration):g} s long; at most {LONGEST} s (30 min) are scored at once.")
    return duration


def _takes(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> int:
    takes = message.takes or 1
    if not 1 <= takes <= TAKES_LIMIT:
        raise LimitExceeded(f"{takes} takes are asked for; choose 1 to {TAKES_LIMIT}.")
    return takes


def _seed(message: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest) -> int:
    if not 0 <= message.seed <= _LAST_SEED - _takes(message) + 1:
        raise InvalidRequest(f"The seed {message.seed} is out of bounds; every take's seed must lie in 0 to 2^63-1.")
    return message.seed


def _with_choosing(message: Asking, choosing: Choosing) -> Asking:
    message.profile, message.fallback, message.commercial_only = (
        choosing.profile,
        choosing.fallback,
        choosing.commercial_only,
    )
    return message


def read_choosing(message: Asked) -> Choosing:
    """How engines are chosen; raises ``InvalidRequest`` or ``LimitExceeded``."""
    profile = message.profile
    if profile:
        rule = "1 to 32 lower-case letters, digits, “-” and “_”"
        identifier(PROFILE, limited(profile, "profile", ENGINE_LIMIT), "profile", rule)
    return Choosing(profile, message.fallback, message.commercial_only)


def _engine(name: str, field: str) -> str:
    return identifier(ENGINE, limited(name, field, ENGINE_LIMIT), field, ENGINE_RULE) if name else ""
