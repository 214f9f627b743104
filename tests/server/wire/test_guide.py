"""A draft to start from and the number of candidates, on the wire."""

import pytest
from sonique.v1 import options_pb2, scoring_pb2
from sonique_daemon.errors import InvalidRequest, LimitExceeded
from sonique_daemon.server.wire.options import USUAL_GUIDE, read_candidates, read_guide, write_guide


def test_a_guide_says_its_noise_and_has_a_usual_one() -> None:
    assert read_guide(scoring_pb2.GenerateRequest()) is None
    assert read_guide(scoring_pb2.ScoreRequest(guide=options_pb2.Guide())) == USUAL_GUIDE
    assert read_guide(scoring_pb2.ScoreRequest(guide=options_pb2.Guide(noise=0.0))) == 0.0
    assert write_guide(0.25) == options_pb2.Guide(noise=0.25)


@pytest.mark.parametrize("noise", [-0.1, 1.1, float("nan")])
def test_a_guide_out_of_bounds_is_refused(noise: float) -> None:
    with pytest.raises(InvalidRequest, match=r"guide\.noise"):
        read_guide(scoring_pb2.GenerateRequest(guide=options_pb2.Guide(noise=noise)))


def test_more_than_eight_candidates_are_refused() -> None:
    assert read_candidates(scoring_pb2.GenerateRequest(candidates=8)) == 8
    for count in (-1, 9):
        with pytest.raises(LimitExceeded, match="choose 1 to 8"):
            read_candidates(scoring_pb2.GenerateRequest(candidates=count))
