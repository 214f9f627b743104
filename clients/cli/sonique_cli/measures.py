"""Measures of a piece of music as lines for people."""

from sonique.v1 import take_pb2

_ENDINGS = {
    take_pb2.ENDING_KIND_RING_OUT: "rings out",
    take_pb2.ENDING_KIND_FADE: "fades",
    take_pb2.ENDING_KIND_BUTTON: "stops with a button",
    take_pb2.ENDING_KIND_CUT: "is cut off",
}


def lines_of(measures: take_pb2.Measures) -> list[str]:
    """The measures for people, one line for each."""
    return [
        *_hit_lines(measures),
        _pulse_line(measures),
        f"energy      {_energy(measures)}",
        f"level       {measures.loudness_lufs:.1f} LUFS, true peak {measures.true_peak_dbtp:.1f} dBTP",
        f"silence     {100 * measures.silence_share:.1f} % of it",
        f"noise       {measures.noise_dbfs:.0f} dBFS is there all the time (2 to 8 kHz)",
        f"ending      {_ENDINGS.get(measures.ending.kind, 'ends')}, at {measures.ending.level_db:+.0f} dB of the whole",
        _repetition_line(measures),
    ]


def _hit_lines(measures: take_pb2.Measures) -> list[str]:
    if not measures.windows:
        return ["hits        there is no cut and no marker to meet"]
    lines = [f"hits        {len(measures.hits)} cuts and markers, weighed"]
    for window in measures.windows:
        above, beats = window.share - window.chance, window.beat_share - window.beat_chance
        lines.append(
            f"  ±{window.name:<9} {100 * window.share:3.0f} of 100 met, chance {100 * window.chance:.0f} ± "
            f"{100 * window.spread:.0f}: {100 * above:+.0f} above chance ({100 * beats:+.0f} by beats alone)"
        )
    return lines


def _pulse_line(measures: take_pb2.Measures) -> str:
    if not measures.rhythm.bpm:
        return "pulse       none is heard"
    bars = len(measures.rhythm.downbeats)
    return f"pulse       {measures.rhythm.bpm:.1f} bpm, {len(measures.rhythm.beat_seconds)} beats in {bars} bars"


def _energy(measures: take_pb2.Measures) -> str:
    if not measures.HasField("energy"):
        return "the picture does not change enough to follow"
    energy = measures.energy
    return (
        f"{energy.value:+.2f} with the picture's, chance {energy.chance:+.2f} ± {energy.spread:.2f} "
        "(rank correlation, windows of 1 s)"
    )


def _repetition_line(measures: take_pb2.Measures) -> str:
    repetition = measures.repetition
    copied = f"{repetition.identical_seconds:.1f} s" if repetition.identical_seconds >= 0.1 else "none"
    return f"repetition  bars are {repetition.self_similarity:.2f} alike; longest copy, bit for bit: {copied}"
