"""What is kept of an earlier take is the very same numbers, and the joins are not heard."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.delivery.deliver import deliver
from sonique_daemon.delivery.order import Order
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.delivery.splice import loudness_of, splice
from sonique_daemon.delivery.wav import header
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.edit import Kept
from sonique_daemon.domain.take import Rendering, TakeFile

Read = Callable[[Path], NDArray[np.float64]]
_SECOND = 48_000
HEADER = header((), 8 * _SECOND)
_SPANS = ((0, 2 * _SECOND), (4 * _SECOND + 7, 5 * _SECOND))


@pytest.fixture
def delivered(
    raw: Callable[..., RawAudio], piece: Callable[..., NDArray[np.float32]], provenance: Provenance, tmp_path: Path
) -> Callable[..., tuple[TakeFile, ...]]:
    """Delivers a piece of that seed and length, with two stems, in a folder of its own."""

    def make(seed: int, seconds: int, *, stems: bool = True) -> tuple[TakeFile, ...]:
        folder = tmp_path / f"take{seed}"
        folder.mkdir()
        layers = {name: piece(seconds * _SECOND, seed + number) for number, name in enumerate(("bass", "lead"))}
        mix = layers["bass"] + layers["lead"]
        written = tuple((name, raw(f"{name}{seed}", sound)) for name, sound in layers.items())
        made = Rendering(raw(f"mix{seed}", mix), written, b"MThd")
        return deliver(made, Order(seconds * _SECOND, provenance, stems=stems), folder, lambda: None)[0]

    return make


def test_kept_spans_are_the_same_sample_for_sample_in_the_mix_and_every_stem(
    delivered: Callable[..., tuple[TakeFile, ...]], samples_of: Read
) -> None:
    old, new = delivered(1, 6), delivered(5, 8)
    before = {file.name: samples_of(file.path) for file in new if file.name != "score"}
    made = splice(new, Kept(old, _SPANS), lambda _: HEADER)
    assert [file.name for file in made] == ["mix", "bass", "lead"]
    for file, source in zip(made, old, strict=False):
        kept, whole = samples_of(source.path), samples_of(file.path)
        assert len(whole) == 8 * _SECOND
        for start, end in _SPANS:
            assert np.array_equal(whole[start:end], kept[start:end])
        for here in (slice(100_000, 190_000), slice(245_000, 8 * _SECOND)):
            assert np.array_equal(whole[here], before[file.name][here])
        assert (file.size, len(file.sha256)) == (file.path.stat().st_size, 64)


def test_stems_still_add_up_and_no_join_clicks(
    delivered: Callable[..., tuple[TakeFile, ...]], samples_of: Read
) -> None:
    old, new = delivered(1, 6), delivered(5, 8)
    steps = [np.abs(np.diff(samples_of(files[0].path), axis=0)).max() for files in (old, new)]
    made = splice(new, Kept(old, _SPANS), lambda _: HEADER)
    mix, bass, lead = (samples_of(file.path) for file in made)
    assert np.abs(mix - bass - lead).max() < 4 / 2**23
    assert np.abs(np.diff(mix, axis=0)).max() <= 1.05 * max(steps)
    measures = loudness_of(made[0].path)
    assert measures.true_peak_dbtp < 0
    assert measures.loudness_lufs == pytest.approx(-20, abs=1.0)


def test_a_stem_that_only_one_take_has_is_silent_where_the_other_is_heard(
    delivered: Callable[..., tuple[TakeFile, ...]], samples_of: Read
) -> None:
    old, new = delivered(1, 6), delivered(5, 8)
    new[2].path.unlink()
    made = {file.name: file for file in splice(new[:2], Kept(old[:1] + old[2:3], _SPANS), lambda _: HEADER)}
    assert list(made) == ["mix", "bass", "lead"]
    bass, lead, source = (samples_of(path) for path in (made["bass"].path, made["lead"].path, old[2].path))
    for start, end in _SPANS:
        assert not bass[start:end].any()
        assert np.array_equal(lead[start:end], source[start:end])
    assert not lead[100_000:190_000].any()
    assert len(lead) == 8 * _SECOND
