"""The Models service, asked over the wire, with a hub on loopback."""

import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import grpc
import pytest
from sonique.v1 import models_pb2, models_pb2_grpc, terms_pb2
from sonique_daemon.catalogue.keeper import Keeper
from sonique_daemon.engines.pretend import WEIGHT, WEIGHT_NAME

from tests.catalogue.hub_server import FakeHub, Repository, hub_running


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with hub_running(FakeHub({"nobody/seer": Repository({WEIGHT_NAME: WEIGHT, "config.json": b"{}"})})) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield running


@pytest.fixture
def models(channel: grpc.Channel) -> models_pb2_grpc.ModelsStub:
    return models_pb2_grpc.ModelsStub(channel)


def named(models: models_pb2_grpc.ModelsStub, name: str) -> models_pb2.Model:
    return next(model for model in models.List(models_pb2.ListModelsRequest()).models if model.name == name)


def refusal(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as caught:
        list(call())
    return caught.value.code(), str(caught.value.details())


def test_models_are_listed_with_what_they_need_and_allow(models: models_pb2_grpc.ModelsStub) -> None:
    found = models.List(models_pb2.ListModelsRequest())
    assert [model.name for model in found.models] == ["seer", "player", "lost"]
    assert found.free_bytes > 0
    player = found.models[1]
    assert (player.hub, player.weights_present, player.commit) == ("nobody/player", False, "")
    assert player.terms.commercial == terms_pb2.COMMERCIAL_NO
    assert [need.quantisation for need in player.needs] == ["nf4", "bf16"]


@pytest.mark.usefixtures("hub")
def test_a_pull_tells_how_far_it_is_and_ends_with_the_model(models: models_pb2_grpc.ModelsStub) -> None:
    told = list(models.Pull(models_pb2.PullRequest(name="seer")))
    assert told[-1].model.weights_present
    assert told[-1].model.commit == "c" * 40
    assert not any(message.HasField("model") for message in told[:-1])
    assert named(models, "seer").weights_bytes == len(WEIGHT) + 2


@pytest.mark.usefixtures("hub")
def test_weights_are_checked_and_removed(models: models_pb2_grpc.ModelsStub) -> None:
    pulled = list(models.Pull(models_pb2.PullRequest(name="seer")))[-1].model
    assert list(models.Verify(models_pb2.VerifyRequest(name="seer")))[-1].model.weights_present
    (Path(pulled.folder) / WEIGHT_NAME).write_bytes(WEIGHT[::-1])
    code, sentence = refusal(lambda: models.Verify(models_pb2.VerifyRequest(name="seer")))
    assert (code, WEIGHT_NAME in sentence) == (grpc.StatusCode.FAILED_PRECONDITION, True)
    gone = models.Remove(models_pb2.RemoveRequest(name="seer"))
    assert (gone.freed_bytes, gone.model.weights_present) == (len(WEIGHT) + 2, False)


def test_what_stands_in_the_way_is_one_sentence(models: models_pb2_grpc.ModelsStub, hub: FakeHub) -> None:
    hub.repositories["nobody/seer"].gated = True
    code, sentence = refusal(lambda: models.Pull(models_pb2.PullRequest(name="seer")))
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert "HF_TOKEN" in sentence
    code, sentence = refusal(lambda: models.Pull(models_pb2.PullRequest(name="sear")))
    assert (code, "“seer”" in sentence) == (grpc.StatusCode.NOT_FOUND, True)
    code, _ = refusal(lambda: models.Pull(models_pb2.PullRequest(name="../seer")))
    assert code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_folder_serves_where_it_stands(models: models_pb2_grpc.ModelsStub, served: Any) -> None:
    folder = served.media / "mine"
    folder.mkdir()
    (folder / WEIGHT_NAME).write_bytes(WEIGHT)
    model = list(models.Add(models_pb2.AddRequest(name="seer", path=str(folder))))[-1].model
    assert (model.weights_present, model.folder) == (True, str(folder))
    models.Remove(models_pb2.RemoveRequest(name="seer"))
    assert (folder / WEIGHT_NAME).read_bytes() == WEIGHT
    assert not named(models, "seer").weights_present


def test_a_file_is_copied_with_its_configuration(models: models_pb2_grpc.ModelsStub, served: Any) -> None:
    for name, data in (("mine.safetensors", WEIGHT), ("mine.json", b"{}")):
        (served.media / name).write_bytes(data)
    asked = models_pb2.AddRequest(
        name="seer", path=str(served.media / "mine.safetensors"), config=str(served.media / "mine.json")
    )
    model = list(models.Add(asked))[-1].model
    assert sorted(path.name for path in Path(model.folder).iterdir()) == ["config.json", WEIGHT_NAME]


def test_a_checkpoint_that_carries_code_is_refused(models: models_pb2_grpc.ModelsStub, served: Any) -> None:
    (served.media / "mine.ckpt").write_bytes(b"anything")
    asked = models_pb2.AddRequest(name="seer", path=str(served.media / "mine.ckpt"))
    code, sentence = refusal(lambda: models.Add(asked))
    assert (code, "carries code" in sentence) == (grpc.StatusCode.FAILED_PRECONDITION, True)
    assert (served.media / "mine.ckpt").exists()
    assert not list(served.weights.rglob("*.ckpt"))


@pytest.mark.parametrize("path", ["/etc", "/proc/self/environ", "relative", "/nowhere/at/all", "/" + "a" * 300])
def test_nothing_is_read_outside_of_the_roots(models: models_pb2_grpc.ModelsStub, path: str) -> None:
    code, sentence = refusal(lambda: models.Add(models_pb2.AddRequest(name="seer", path=path)))
    assert code in {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND}
    assert "relink" not in sentence  # as one does with a clip
    assert "pass " not in sentence


@pytest.mark.skipif(sys.platform == "win32", reason="links of POSIX")
def test_no_link_leads_out_of_the_roots(
    models: models_pb2_grpc.ModelsStub, served: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret"
    elsewhere.write_bytes(WEIGHT)
    folder = served.media / "mine"
    folder.mkdir()
    (folder / WEIGHT_NAME).symlink_to(elsewhere)
    code, _ = refusal(lambda: models.Add(models_pb2.AddRequest(name="seer", path=str(folder))))
    assert code is grpc.StatusCode.PERMISSION_DENIED
    (served.media / "blob").write_bytes(WEIGHT)
    (folder / WEIGHT_NAME).unlink()
    (folder / WEIGHT_NAME).symlink_to(served.media / "blob")
    (folder / "gone").symlink_to(folder / "nowhere")
    assert list(models.Add(models_pb2.AddRequest(name="seer", path=str(folder))))[-1].model.weights_present


@pytest.mark.usefixtures("hub")
def test_nothing_is_removed_for_a_client_that_went_while_a_pull_was_under_way(
    models: models_pb2_grpc.ModelsStub, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(models.Pull(models_pb2.PullRequest(name="seer")))
    left, remove = Event(), Keeper.remove

    def watched(*asked: Any) -> Any:
        try:
            return remove(*asked)
        finally:
            left.set()

    monkeypatch.setattr(Keeper, "remove", watched)
    with served.keeper._alone(served.keeper.catalogue.model("seer"), lambda _: None):  # as a pull does
        with pytest.raises(grpc.RpcError) as caught:
            models.Remove(models_pb2.RemoveRequest(name="seer"), timeout=2)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert left.wait(60)
    assert named(models, "seer").weights_present


def test_profiles_are_listed_with_their_plans(models: models_pb2_grpc.ModelsStub) -> None:
    found = {each.name: each for each in models.ListProfiles(models_pb2.ListProfilesRequest()).profiles}
    assert found["embedded"].chosen
    assert found["embedded"].plan.fits
    assert found["together"].missing
