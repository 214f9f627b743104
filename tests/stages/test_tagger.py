from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Event, Stage, StageStarted, Tagged, Warned
from sonique_daemon.domain.request import TagJob
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import Descriptor, Report, TagRequest
from sonique_daemon.engines.fake import LiteralTagger
from sonique_daemon.stages.chain import Chain

from tests.stages.conftest import own_style


def never() -> None:
    return None


def test_tags_for_the_same_wishes_are_known(chain: Chain, events: list[Event], executor: Any) -> None:
    chain.run(TagJob(Brief(bpm=77.0)), events.append, never)
    first = events.pop()
    events.clear()
    chain.run(TagJob(Brief(bpm=77.0)), events.append, never)
    assert events == [StageStarted(Stage.TAG, "literal", cached=True), first]
    assert executor.tasks == ["tag"]


def test_other_wishes_are_tagged_anew(chain: Chain, events: list[Event], executor: Any) -> None:
    for bpm in (77.0, 78.0):
        chain.run(TagJob(Brief(bpm=bpm)), events.append, never)
    assert [event.tags.tempo.bpm for event in events if isinstance(event, Tagged)] == [77.0, 78.0]
    assert executor.tasks == ["tag", "tag"]


def test_tags_are_chosen_anew_once_there_are_other_styles(
    chain: Chain, events: list[Event], executor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.run(TagJob(Brief()), events.append, never)
    monkeypatch.setenv("SONIQUE_CONFIG", str(own_style(tmp_path)))
    chain.run(TagJob(Brief()), events.append, never)
    assert executor.tasks == ["tag", "tag"]


@dataclass
class WarningTagger:
    descriptor: Descriptor

    def run(self, request: TagRequest, report: Report) -> Tags:
        report.warn("The engine is unsure.")
        return replace(LiteralTagger().run(request, report), notes=("No harp can be had.",))


def test_what_was_warned_of_is_told_whenever_the_tags_serve_again(
    chain: Chain, events: list[Event], registry: Any
) -> None:
    offer = registry.taggers.offers["literal"]
    registry.taggers.offers["literal"] = replace(offer, make=lambda: WarningTagger(offer.descriptor))
    for _ in range(2):
        events.clear()
        chain.run(TagJob(Brief()), events.append, never)
        assert events[1:3] == [Warned("The engine is unsure."), Warned("No harp can be had.")]
    assert events[0] == StageStarted(Stage.TAG, "literal", cached=True)
