"""What the hub is asked, what it may answer, and where the token goes."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.pull import Puller, Step
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.errors import HubUnreachable, ModelNotFound, WeightsGated

from tests.catalogue.conftest import never
from tests.catalogue.hub_server import TOKEN, FakeHub

Steps = list[Step]


@pytest.fixture
def gated(hub: FakeHub) -> FakeHub:
    hub.repositories["nobody/seer"].gated = True
    return hub


@pytest.mark.usefixtures("gated")
def test_a_gated_model_is_told_with_what_to_accept_and_where_a_token_is_read_from(
    puller: Puller, seer: Model, steps: Steps
) -> None:
    with pytest.raises(WeightsGated, match=r"terms accepted first.*/nobody/seer.*HF_TOKEN.*hf auth login") as caught:
        puller.pull(seer, steps.append)
    assert "\n" not in caught.value.sentence


def test_a_token_opens_it_and_reaches_no_other_host_and_no_log(
    gated: FakeHub, weights: Weights, seer: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    environment = {"HF_ENDPOINT": gated.address, "HF_TOKEN_PATH": str(tmp_path / "token")}
    with caplog.at_level(logging.DEBUG):
        Puller(weights, Hub.here(environment), never).pull(seer, lambda _: None)
    assert {token for path, _, token in gated.asked if not path.startswith("cdn:")} == {True}
    assert {token for path, _, token in gated.asked if path.startswith("cdn:")} == {False}
    assert TOKEN not in caplog.text
    assert all(TOKEN.encode() not in path.read_bytes() for path in weights.root.rglob("*") if path.is_file())


def test_a_token_that_is_not_enough_is_told_so(gated: FakeHub, weights: Weights, seer: Model, steps: Steps) -> None:
    with pytest.raises(WeightsGated, match="the account of your token") as caught:
        Puller(weights, Hub(gated.address, "hf_wrong"), never).pull(seer, steps.append)
    assert "hf_wrong" not in caught.value.sentence


@pytest.mark.parametrize("token", ["hf_secret\nhf_other", "hf_secret # mine", "“hf_secret”"])
def test_a_token_that_is_none_is_told_without_a_word_of_it(
    gated: FakeHub, weights: Weights, seer: Model, steps: Steps, token: str
) -> None:
    with pytest.raises(HubUnreachable, match="is not one word and so no token") as caught:
        Puller(weights, Hub.here({"HF_ENDPOINT": gated.address, "HF_TOKEN": token}), never).pull(seer, steps.append)
    assert "secret" not in caught.value.sentence


FILE = b'{"sha": "a", "siblings": [{"rfilename": "model.safetensors", "size": %b}]}'


@pytest.mark.parametrize(
    "listing",
    [
        *(b"<html>", b"{}", b"[]", b'{"sha": "../x", "siblings": []}', b'{"sha": "a"}'),
        *(FILE % size for size in (b"1e999", b"1" * 400, b"-1", b'"x"')),
        b"[" * 100_000,
    ],
)
def test_a_hub_that_talks_nonsense_is_told(
    puller: Puller, hub: FakeHub, seer: Model, steps: Steps, listing: bytes
) -> None:
    hub.listing = listing
    with pytest.raises(HubUnreachable, match="cannot be understood"):
        puller.pull(seer, steps.append)


def test_a_hub_that_is_busy_or_away_is_told(
    puller: Puller, hub: FakeHub, weights: Weights, seer: Model, steps: Steps
) -> None:
    hub.busy = True
    with pytest.raises(HubUnreachable, match="HTTP 503"):
        puller.pull(seer, steps.append)
    with pytest.raises(HubUnreachable, match="cannot be reached"):
        Puller(weights, Hub("http://127.0.0.1:9"), never).pull(seer, steps.append)


def test_an_unknown_repository_is_told(puller: Puller, seer: Model, steps: Steps) -> None:
    with pytest.raises(ModelNotFound, match="no “nobody/here”"):
        puller.pull(replace(seer, hub="nobody/here"), steps.append)


@pytest.mark.parametrize("name", ["SONIQUE_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_nothing_is_asked(hub: FakeHub, weights: Weights, seer: Model, steps: Steps, name: str) -> None:
    with pytest.raises(HubUnreachable, match="offline"):
        Puller(weights, Hub.here({"HF_ENDPOINT": hub.address, name: "1"}), never).pull(seer, steps.append)
    assert hub.asked == []


@pytest.mark.parametrize("endpoint", ["http://example.org", "http://10.0.0.1", "ftp://127.0.0.1", "file:///etc"])
def test_weights_come_over_no_open_line(weights: Weights, seer: Model, steps: Steps, endpoint: str) -> None:
    with pytest.raises(HubUnreachable, match="must be HTTPS"):
        Puller(weights, Hub(endpoint), never).pull(seer, steps.append)
