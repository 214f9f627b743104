import os
from pathlib import Path

import msgspec
import pytest
from sonique_daemon.catalogue.weights import HeldFile, Record, Weights, sha256_of
from sonique_daemon.engines.pretend import MODELS, WEIGHT, WEIGHT_NAME
from sonique_daemon.errors import Cancelled, WeightsDamaged, WeightsMissing

SEER = MODELS.model("seer")


@pytest.fixture
def weights(tmp_path: Path) -> Weights:
    return Weights(tmp_path / "weights")


@pytest.fixture
def held(weights: Weights) -> Path:
    """The file of weights that are there."""
    path = weights.home(SEER) / WEIGHT_NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(WEIGHT)
    file = HeldFile(WEIGHT_NAME, len(WEIGHT), sha256_of(path), path.stat().st_mtime_ns)
    weights.record_path(SEER).write_bytes(msgspec.json.encode(Record("seer", "nobody/seer", {}, (file,))))
    return path


def test_weights_that_are_there_are_found(weights: Weights, held: Path) -> None:
    assert weights.present(SEER)
    assert weights.require(SEER) == held.parent
    assert weights.verify(SEER) == ()


def test_absent_weights_are_told_with_the_way_to_get_them(weights: Weights) -> None:
    assert not weights.present(SEER)
    with pytest.raises(WeightsMissing, match="not on this machine; get them with `sonique models pull seer`"):
        weights.require(SEER)


def test_weights_that_were_never_finished_do_not_count(weights: Weights) -> None:
    weights.staging(SEER).mkdir(parents=True)
    (weights.staging(SEER) / WEIGHT_NAME).write_bytes(WEIGHT)
    assert not weights.present(SEER)
    with pytest.raises(WeightsMissing, match="only half there"):
        weights.require(SEER)


@pytest.mark.usefixtures("held")
def test_a_broken_record_is_none(weights: Weights) -> None:
    weights.record_path(SEER).write_bytes(b"{")
    assert not weights.present(SEER)


def test_a_file_that_is_gone_or_cut_short_is_named(weights: Weights, held: Path) -> None:
    held.write_bytes(WEIGHT[:-1])
    assert not weights.present(SEER)
    with pytest.raises(WeightsMissing, match=f"lack “{WEIGHT_NAME}”"):
        weights.require(SEER)
    held.unlink()
    assert weights.verify(SEER) == (WEIGHT_NAME,)


def test_a_file_that_was_changed_is_noticed_before_it_is_loaded(weights: Weights, held: Path) -> None:
    held.write_bytes(WEIGHT[::-1])
    with pytest.raises(WeightsDamaged, match=f"“{WEIGHT_NAME}” differs"):
        weights.require(SEER)
    assert weights.verify(SEER) == (WEIGHT_NAME,)


def test_a_file_that_was_only_touched_is_still_good(weights: Weights, held: Path) -> None:
    os.utime(held, ns=(1, 1))
    assert weights.require(SEER) == held.parent


def test_verifying_notices_a_change_that_kept_the_date(weights: Weights, held: Path) -> None:
    written = held.stat().st_mtime_ns
    held.write_bytes(WEIGHT[::-1])
    os.utime(held, ns=(written, written))
    assert weights.verify(SEER) == (WEIGHT_NAME,)


@pytest.mark.usefixtures("held")
def test_verifying_can_be_cancelled(weights: Weights) -> None:
    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        weights.verify(SEER, cancelled)


def test_a_folder_of_the_users_serves_though_a_pull_broke_off(weights: Weights, tmp_path: Path) -> None:
    weights.staging(SEER).mkdir(parents=True)
    weights.note(SEER, Record("seer", "mine", {}, (), str(tmp_path)))
    assert weights.folder(SEER) == tmp_path
