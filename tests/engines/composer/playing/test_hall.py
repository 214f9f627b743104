"""The hall against the plain convolution that it stands for."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import oaconvolve
from sonique_daemon.engines.composer.playing.hall import SPAN, Hall, impulse

DECAY, WIDTH = 1.0, 1.0
SAMPLES = 9 * SPAN + 1234
Sends = NDArray[np.float32]


def sends() -> Sends:
    """A stem that plays all the time, one that is silent until it is and again, one that is silent, and a dry one."""
    noise = np.random.default_rng(7).standard_normal((4, SAMPLES)).astype(np.float32)
    noise[1, : 2 * SPAN + 99] = 0
    noise[1, 3 * SPAN - 5 : 7 * SPAN + 5] = 0
    noise[2] = 0
    return noise


def rung(sent: Sends, spans: int) -> Sends:
    """What the hall makes of it, ``[stems, 2, samples]``, block by block."""
    hall, layers = Hall(DECAY, WIDTH, (0, 1, 2)), np.zeros((len(sent), 2, SAMPLES), np.float32)
    for at in range(0, SAMPLES, spans * SPAN):
        hall.reverberate(sent[:, at : at + spans * SPAN], layers[..., at : at + spans * SPAN])
    return layers


def test_each_wet_stem_rings_as_if_convolved_with_the_hall_whenever_it_is_silent() -> None:
    sent = sends()
    response = impulse(DECAY) * np.array([[1], [0.8]], np.float32)
    plain = oaconvolve(sent[:3, None], response[None], axes=-1)[..., :SAMPLES]
    layers = rung(sent, 4)
    assert np.abs(layers[:3] - plain).max() < 1e-4 * np.abs(plain).max()
    assert not layers[2:].any()


def test_blocks_leave_no_trace() -> None:
    sent = sends()
    assert np.array_equal(rung(sent, 1), rung(sent, 8))
