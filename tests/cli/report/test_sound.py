"""The sound of a report: its outline, and itself made small."""

import io
from pathlib import Path

import av
import pytest
from sonique_cli.report.sound import UnreadableCue, compressed, outline


def test_the_outline_follows_the_sound(wav: Path) -> None:
    found = outline(wav, 120)
    assert len(found.level) == 120
    assert found.high[-1] == pytest.approx(0.5, abs=0.01)
    assert found.low[-1] == pytest.approx(-0.5, abs=0.01)
    assert found.high[60] == pytest.approx(0.25, abs=0.01)
    assert found.level[60] == pytest.approx(0.25 / 2**0.5, rel=0.03)


def test_the_page_plays_all_of_it(wav: Path) -> None:
    data = compressed(wav)
    assert len(data) < 200_000
    with av.open(io.BytesIO(data), "r") as container:
        assert container.streams.audio[0].codec_context.name == "opus"
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples == pytest.approx(12 * 48_000, abs=3000)


def test_what_is_no_sound_is_told(tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(b"RIFFnothing")
    with pytest.raises(UnreadableCue):
        outline(other, 10)
