"""The profiles that ship keep their promises by the catalogue's numbers; the user's own are read, or told."""

from pathlib import Path

import pytest
from sonique_daemon.catalogue.catalogue import shipped
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.catalogue.places import PROFILES
from sonique_daemon.catalogue.profiles import Profile, read_profiles
from sonique_daemon.domain.events import Planned, Stage
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.engines.families import Family
from sonique_daemon.engines.models import descriptor_of
from sonique_daemon.errors import CatalogueUnreadable, ProfileNotFound
from sonique_daemon.workers.plan import plan
from sonique_daemon.workers.room import Room, card_budget

STAGES = (Stage.DESCRIBE, Stage.TAG, Stage.GENERATE)
GIB = 2**30


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "profiles.toml"
    monkeypatch.setenv(PROFILES, str(path))
    return path


def engine(profile: Profile, stage: Stage) -> Descriptor:
    name, _, quantisation = profile.engine(stage).partition(":")[2].partition("@")
    return descriptor_of(shipped().model(name), stage, Quantisation(quantisation), Family({}, "1"))


def planned(name: str, card_bytes: int) -> Planned:
    profile = read_profiles().profile(name)
    room = Room("card", card_bytes, card_budget(card_bytes)).within(profile.memory)
    return plan([engine(profile, stage) for stage in STAGES], room)


def test_every_engine_of_a_profile_is_one_of_the_catalogues_models_and_serves_its_stage() -> None:
    for profile in read_profiles():
        for stage in STAGES if profile.name != "embedded" else ():
            name = profile.engine(stage).partition(":")[2].partition("@")[0]
            assert stage in shipped().model(name).stages


@pytest.mark.parametrize("card", [8 * GIB, 24 * GIB, 141 * GIB])
def test_8gb_runs_one_after_another_and_stays_below_8_gb_on_any_card(card: int) -> None:
    told = planned("8gb", card)
    assert told.fits
    assert told.peak_bytes < 8 * 10**9
    assert [each.resident for each in told.engines] == [False, False, True]


@pytest.mark.parametrize("card", [16 * GIB, 141 * GIB])
def test_14gb_keeps_all_together_below_14_gb(card: int) -> None:
    told = planned("14gb", card)
    assert told.fits
    assert told.peak_bytes < 14 * 10**9
    assert all(each.resident for each in told.engines)


def test_24gb_keeps_all_together_on_a_card_of_24_gib() -> None:
    told = planned("24gb", 24 * GIB)
    assert told.fits
    assert all(each.resident for each in told.engines)


def test_a_user_adds_profiles_and_replaces_those_that_ship(own: Path) -> None:
    own.write_text('[mine]\ntag = "llm:qwen3-4b"\n[8gb]\nsummary = "Mine."\n')
    profiles = read_profiles()
    assert profiles.profile("mine") == Profile("mine", tag="llm:qwen3-4b")
    assert profiles.profile("8gb").summary == "Mine."
    assert [profile.name for profile in profiles] == ["embedded", "8gb", "14gb", "24gb", "mine"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mine]\nsing = 'x'", "unknown key “sing”"),
        ("[mine]\ntag = 'llm:../x'", "names the engine"),
        ("[mine]\nmemory = 'much'", "makes no sense"),
        ("[Mine]\ntag = 'lexicon'", "is none"),
        ("mine = 3", "is none"),
        ("[mine", "is no TOML"),
        (f"mine = {'[' * 5000}{']' * 5000}", "is no TOML"),
    ],
)
def test_a_profile_that_makes_no_sense_is_told_with_its_file(own: Path, text: str, told: str) -> None:
    own.write_text(text)
    with pytest.raises(CatalogueUnreadable, match=told) as caught:
        read_profiles()
    assert str(own) in caught.value.sentence


def test_an_unknown_profile_is_told_with_what_there_is() -> None:
    with pytest.raises(ProfileNotFound, match="there is embedded, 8gb, 14gb, 24gb"):
        read_profiles().profile("zzz")
