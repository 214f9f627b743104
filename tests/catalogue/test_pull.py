"""Pulling from a real HTTP server on loopback that behaves, and misbehaves, as the hub may."""

import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.model import Model, Part, WeightFile
from sonique_daemon.catalogue.pull import Puller, Step
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.errors import Cancelled, HubUnreachable, StoreFull, WeightsDamaged, WeightsMissing, WeightsRefused

from tests.catalogue.hub_server import FakeHub, Repository

Steps = list[Step]


def test_the_files_that_are_needed_come_and_no_others(
    puller: Puller, weights: Weights, seer: Model, steps: Steps, weight: bytes
) -> None:
    record = puller.pull(seer, steps.append)
    assert {file.path for file in record.files} == {"config.json", "model.safetensors", "tokenizer.json"}
    assert (weights.require(seer) / "model.safetensors").read_bytes() == weight
    assert record.commits == {"nobody/seer": "c" * 40}
    assert not weights.staging(seer).exists()


def test_progress_counts_the_bytes_of_all_files(puller: Puller, seer: Model, steps: Steps) -> None:
    record = puller.pull(seer, steps.append)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].done, steps[-1].total) == (record.size, record.size)
    assert "model.safetensors" in {step.file for step in steps}


def test_what_is_whole_is_not_asked_for_again(puller: Puller, hub: FakeHub, seer: Model, steps: Steps) -> None:
    puller.pull(seer, steps.append)
    asked = len(hub.asked)
    puller.pull(seer, steps.append)
    assert len(hub.asked) == asked


def test_a_broken_connection_is_gone_on_with(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.break_after = [3_000_000]
    puller.pull(seer, steps.append)
    assert any(span == "bytes=3000000-" for path, span, _ in hub.asked if path.startswith("cdn:"))
    assert weights.verify(seer) == ()


def test_what_came_before_a_break_is_kept_for_the_next_pull(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.break_after = [2_000_000, 0]
    with pytest.raises(HubUnreachable, match=r"broke at byte 2000000 .* what came is kept"):
        puller.pull(seer, steps.append)
    assert not weights.present(seer)
    with pytest.raises(WeightsMissing, match="only half there"):
        weights.require(seer)
    hub.asked.clear()
    puller.pull(seer, steps.append)
    assert [span for path, span, _ in hub.asked if path.startswith("cdn:")] == ["bytes=2000000-"]
    assert weights.verify(seer) == ()


def test_a_hub_that_cannot_go_on_sends_all_again(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.ranges, hub.break_after = False, [2_000_000]
    puller.pull(seer, steps.append)
    assert weights.verify(seer) == ()


def test_a_pull_can_be_cancelled_and_gone_on_with(puller: Puller, hub: FakeHub, weights: Weights, seer: Model) -> None:
    def until(step: Step) -> None:
        if step.done > 4_000_000:
            raise Cancelled

    with pytest.raises(Cancelled):
        puller.pull(seer, until)
    assert not weights.present(seer)
    hub.asked.clear()
    puller.pull(seer, lambda _: None)
    assert [span != "" for path, span, _ in hub.asked if path.startswith("cdn:")] == [True]
    assert weights.verify(seer) == ()


def test_damage_on_the_way_is_noticed_and_mended(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.damage = 1
    puller.pull(seer, steps.append)
    assert weights.verify(seer) == ()


def test_what_keeps_coming_damaged_is_refused(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.damage = 2
    with pytest.raises(WeightsDamaged, match=r"“model.safetensors” of “nobody/seer” arrived damaged twice"):
        puller.pull(seer, steps.append)
    assert not weights.present(seer)


def test_a_small_file_is_checked_too(puller: Puller, hub: FakeHub, seer: Model, steps: Steps) -> None:
    wrong = '{"rfilename": "config.json", "size": 2, "blobId": "%s"}' % ("0" * 40)
    hub.listing = f'{{"sha": "{"c" * 40}", "siblings": [{wrong}, {wrong.replace("config.json", "a.bin")}]}}'.encode()
    with pytest.raises(WeightsDamaged, match=r"“config.json”"):
        puller.pull(seer, steps.append)


@pytest.mark.parametrize("pinned", [WeightFile("model.safetensors", 5), WeightFile("model.safetensors", 0, "0" * 64)])
def test_a_size_or_digest_in_the_catalogue_must_be_the_hubs(
    puller: Puller, weights: Weights, seer: Model, steps: Steps, pinned: WeightFile
) -> None:
    with pytest.raises(WeightsDamaged, match=r"another “model.safetensors” than the one that is known"):
        puller.pull(replace(seer, files=(pinned,)), steps.append)
    assert not weights.staging(seer).exists()


def test_a_later_pull_is_held_against_the_first(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    puller.pull(seer, steps.append)
    weights.remove(seer)
    hub.repositories["nobody/seer"].files["model.safetensors"] = bytes(2000)
    with pytest.raises(WeightsDamaged, match="--update"):
        puller.pull(seer, steps.append)
    updated = puller.pull(seer, steps.append, update=True)
    assert weights.record(seer) == updated
    assert weights.verify(seer) == ()


def test_a_branch_that_moved_on_gives_what_it_stood_for_at_first(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    puller.pull(seer, steps.append)
    weights.remove(seer)
    hub.asked.clear()
    puller.pull(seer, steps.append)
    assert all("c" * 40 in path for path in hub.paths())


def test_a_file_that_stands_there_already_is_not_fetched_again(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    puller.pull(seer, steps.append)
    (weights.home(seer) / "config.json").unlink()
    hub.asked.clear()
    puller.pull(seer, steps.append)
    assert not any("model.safetensors" in path for path in hub.paths())
    assert weights.present(seer)


def test_a_part_of_another_repository_stands_in_a_folder_of_its_own(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.repositories["t5/base"] = Repository({"model.safetensors": b"t5", "config.json": b"{}"}, "d" * 40)
    record = puller.pull(replace(seer, parts=(Part("t5", "t5/base"),)), steps.append)
    assert record.commits == {"nobody/seer": "c" * 40, "t5/base": "d" * 40}
    assert (weights.home(seer) / "t5" / "model.safetensors").read_bytes() == b"t5"


@pytest.mark.parametrize("path", ["../evil.json", "/etc/evil.json", "a/../evil.json", ".hidden.json", "a\\b.json"])
def test_a_file_that_could_leave_its_folder_is_refused(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, path: str
) -> None:
    hub.repositories["nobody/seer"].files[path] = b"{}"
    with pytest.raises(WeightsRefused, match="not safe"):
        puller.pull(replace(seer, wanted=("*", "*/*", "*/*/*")), lambda _: None)
    assert not weights.root.exists()


def test_a_repository_without_weights_is_told(puller: Puller, hub: FakeHub, seer: Model, steps: Steps) -> None:
    hub.repositories["nobody/seer"].files = {"config.json": b"{}", "model.gguf": b"1"}
    with pytest.raises(WeightsRefused, match="no weights that Sonique can read"):
        puller.pull(seer, steps.append)


def test_a_checkpoint_is_taken_only_where_there_is_nothing_better_and_is_converted(
    hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    converted: list[str] = []

    def convert(source: Path, target: Path) -> None:
        converted.append(source.name)
        target.write_bytes(b"safe")

    files = hub.repositories["nobody/seer"].files
    files["pytorch_model.bin"] = b"unsafe"
    puller = Puller(weights, Hub(hub.address), convert)
    puller.pull(seer, steps.append)
    assert converted == []
    weights.remove(seer)
    del files["model.safetensors"]
    record = puller.pull(seer, steps.append, update=True)
    assert converted == ["pytorch_model.bin"]
    assert {file.path for file in record.files} == {"config.json", "tokenizer.json", "pytorch_model.safetensors"}
    assert not list(weights.home(seer).glob("*.bin"))


def test_a_disk_without_room_is_told_before_anything_comes(
    puller: Puller, hub: FakeHub, seer: Model, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as the standard library has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 5_000_000))
    with pytest.raises(StoreFull, match="SONIQUE_WEIGHTS"):
        puller.pull(seer, steps.append)
    assert not any("resolve" in path for path in hub.paths())


def test_what_is_removed_is_gone_and_frees_its_room(
    puller: Puller, weights: Weights, seer: Model, steps: Steps
) -> None:
    record = puller.pull(seer, steps.append)
    assert weights.remove(seer) == record.size
    assert not weights.present(seer)
    assert not weights.home(seer).exists()
    with pytest.raises(WeightsMissing, match="not on this machine"):
        weights.require(seer)


def test_a_model_that_no_hub_has_is_told_with_where_it_comes_from(puller: Puller, seer: Model, steps: Steps) -> None:
    with pytest.raises(WeightsMissing, match="get it from its makers"):
        puller.pull(replace(seer, hub="", obtain="get it from its makers"), steps.append)
