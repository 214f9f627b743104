"""Stages: what a job is at, in words for people, the same in every client."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sonique.v1.events_pb2 import Stage, StageStarted


def stage_text(stage: "Stage.ValueType") -> str:
    """What a stage does; one that this release does not know is just “Working”."""
    from sonique.v1 import events_pb2

    names = {
        events_pb2.STAGE_CONFORM: "Reading the timeline",
        events_pb2.STAGE_DESCRIBE: "Looking at the picture",
        events_pb2.STAGE_TAG: "Choosing the music",
        events_pb2.STAGE_FIT: "Fitting the beats to the cuts",
        events_pb2.STAGE_GENERATE: "Making the music",
        events_pb2.STAGE_DELIVER: "Finishing the sound",
    }
    return names.get(stage, "Working")


def begun_text(started: "StageStarted") -> str:
    """What a stage does, and which take it is about, or how many at once, where there are several."""
    return stage_text(started.stage) + which_text(started)


def which_text(started: "StageStarted") -> str:
    """To go behind a stage's name: “, take 2 of 3” or “, 3 takes at once” where it is about such, else “”."""
    if started.takes > 1:
        return f", {started.takes} takes at once"
    several = started.HasField("take") and started.job_takes > 1
    return f", take {started.take + 1} of {started.job_takes}" if several else ""
