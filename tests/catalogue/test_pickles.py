"""Checkpoints that carry code are known for what they are without being loaded, and without torch."""

import io
import os
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.catalogue.pickles import require_harmless
from sonique_daemon.errors import WeightsRefused


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/never",)


def checkpoint(path: Path, value: object, protocol: int = 2) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps(value, protocol))
        archive.writestr("model/data/0", b"\0" * 16)
    return path


@pytest.mark.parametrize("protocol", [2, 4])
def test_code_is_named_and_never_run(tmp_path: Path, protocol: int) -> None:
    path = checkpoint(tmp_path / "a.ckpt", {"state_dict": {}, "callbacks": Evil()}, protocol)
    with pytest.raises(WeightsRefused, match=r"“a.ckpt” carries code: loading it would call '(posix|nt).system'"):
        require_harmless(path)


def test_plain_values_are_harmless(tmp_path: Path) -> None:
    require_harmless(checkpoint(tmp_path / "a.ckpt", {"state_dict": {}, "epoch": 220}))


@pytest.mark.parametrize(
    "data", [b"", b"not a zip", pickle.dumps(Evil()), b"PK\x03\x04" + b"\0" * 40], ids=["empty", "text", "bare", "torn"]
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with pytest.raises(WeightsRefused, match="is no checkpoint"):
        require_harmless(path)


def test_an_archive_without_a_pickle_is_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("a.txt", "hello")
    (tmp_path / "a.pt").write_bytes(memory.getvalue())
    with pytest.raises(WeightsRefused, match="holds no pickle"):
        require_harmless(tmp_path / "a.pt")


def test_a_torn_pickle_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps({"a": 1}, 2)[:-3])
    with pytest.raises(WeightsRefused, match="is no checkpoint"):
        require_harmless(tmp_path / "a.pt")


def packed(path: Path, *pickles: bytes, how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive, warnings.catch_warnings(action="ignore"):
        for data in pickles:
            archive.writestr("model/data.pkl", data)
    return path


def test_a_name_that_is_fetched_from_elsewhere_is_no_harmless_one(tmp_path: Path) -> None:
    hidden = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94"
    shown = b"\x8c\x0bcollections\x8c\x0bOrderedDict00"
    path = packed(tmp_path / "a.pt", hidden + shown + b"h\x00h\x01\x93.")
    with pytest.raises(WeightsRefused, match=r"would call 'posix.system'"):
        require_harmless(path)
    with pytest.raises(WeightsRefused, match="carries code"):
        require_harmless(packed(path, hidden + shown + b"\x93."))


def test_of_two_pickles_of_one_name_both_are_looked_through(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.pt", pickle.dumps(Evil(), 2), pickle.dumps({}, 2))
    with pytest.raises(WeightsRefused, match="carries code"):
        require_harmless(path)


def test_a_pickle_that_unpacks_to_more_than_it_is_stays_packed(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.pt", pickle.dumps({}, 2), how=zipfile.ZIP_DEFLATED)
    with pytest.raises(WeightsRefused, match="is packed"):
        require_harmless(path)


def test_a_locked_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.pt", pickle.dumps({}, 2))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(WeightsRefused, match="is no checkpoint"):
        require_harmless(path)
