"""Performance of mixtures and its projection in size."""

import jax
import numpy as np
import pytest

from lawjax.errors import InputError
from lawjax.laws import PROJEKTOR_SIZE, line_through, noise_amplification, projektor

PILOTS = (1000.0, 1500.0)


def at_size(n, line):
    with jax.enable_x64(True):
        return float(PROJEKTOR_SIZE(n, **line))


def test_the_projection_of_two_pilots_is_that_of_the_authors_code():
    line = line_through(PILOTS, (0.60, 0.65))
    assert at_size(10000.0, line) == pytest.approx(0.88394, abs=5e-6)
    n_0, n_1 = PILOTS
    ratio = np.log(n_1 / n_0)
    theirs = (np.log(10000 / n_0) * 0.65 - np.log(10000 / n_1) * 0.60) / ratio
    assert at_size(10000.0, line) == pytest.approx(theirs, rel=1e-12)


def test_the_line_goes_through_its_pilots():
    line = line_through(PILOTS, (0.60, 0.65))
    assert [at_size(n, line) for n in PILOTS] == pytest.approx([0.60, 0.65], rel=1e-12)


def test_two_pilots_carry_their_noise_to_seven_times():
    assert noise_amplification(10000.0, PILOTS) == pytest.approx(7.4, abs=0.05)
    noise = np.random.default_rng(0).normal(0.0, 1e-3, (2, 20000))
    lines = line_through(PILOTS, (0.60 + noise[0], 0.65 + noise[1]))
    projected = lines["P"] + lines["slope"] * np.log(10000.0)
    assert projected.std() / 1e-3 == pytest.approx(noise_amplification(10000.0, PILOTS), rel=0.02)


def test_pilots_of_the_same_size_make_no_line():
    with pytest.raises(InputError, match="two different numbers"):
        line_through((1000, 1000), (0.5, 0.6))


@pytest.mark.parametrize(("num_sources", "rank"), [(2, 6), (3, 12), (4, 16)])
def test_coefficients_are_unique_from_three_sources_on(num_sources, rank):
    draws = np.random.default_rng(0)
    ratio, distance = draws.dirichlet(np.ones(num_sources), 60), draws.uniform(0.5, 2.0, 60)[:, None]
    features = np.hstack([ratio, ratio**2, distance * ratio, distance * ratio**2])
    one = [np.full(num_sources, float(k)) for k in range(1, 5)]
    with jax.enable_x64(True):
        ours = float(projektor(num_sources)(ratio[0], distance[0, 0], c1=one[0], c2=one[1], b1=one[2], b2=one[3]))
    assert ours == pytest.approx(features[0] @ np.concatenate(one), rel=1e-12)
    assert np.linalg.matrix_rank(features) == rank


def test_a_mixture_of_one_source_is_refused():
    with pytest.raises(InputError, match="above 1"):
        projektor(1)
