"""Bands and scores are those of the mixture that an outlook stands for."""

import numpy as np
import pytest
from scipy import stats

from lawjax.checking.outlook import Outlook, blended


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def outlook(middle, scale, freedom=4.0, space="log"):
    return Outlook(np.asarray(middle, float), np.asarray(scale, float), freedom, space)


def test_the_band_of_a_known_scatter_has_its_quantiles(generator):
    one = outlook(np.zeros((256, 1)), np.full(256, 0.01))
    low, high = one.band("new_run", 0.9, generator)
    edge = 0.01 * stats.t(4).ppf(0.95)
    np.testing.assert_allclose(np.log([low[0], high[0]]), [-edge, edge], rtol=0.1)


def test_the_band_of_the_mean_leaves_the_scatter_out(generator):
    one = outlook(np.linspace(-0.01, 0.01, 101)[:, None], np.full(101, 1.0))
    np.testing.assert_allclose(np.log(one.band("mean", 0.9, generator)[:, 0]), [-0.009, 0.009], rtol=1e-6)


def test_a_widened_band_is_wider_about_the_same_middle(generator):
    one = outlook(np.linspace(-0.01, 0.01, 101)[:, None], np.full(101, 1.0))
    wide = np.log(one.band("mean", 0.9, generator, 2.0)[:, 0])
    np.testing.assert_allclose(wide, [-0.018, 0.018], rtol=1e-6)


@pytest.mark.parametrize(("freedom", "law"), [(4.0, stats.t(4)), (np.inf, stats.norm())])
def test_the_log_score_is_that_of_the_mixture(freedom, law):
    one = outlook([[0.0], [0.5]], [0.1, 0.3], freedom)
    mixture = np.mean([law.pdf(0.2 / 0.1) / 0.1, law.pdf(-0.3 / 0.3) / 0.3])
    assert one.log_score(np.exp([0.2]))[0] == pytest.approx(np.log(mixture))


def test_the_crps_of_a_normal_is_the_known_one(generator):
    one = outlook(np.zeros((2048, 1)), np.full(2048, 0.1), np.inf)
    z = 0.15 / 0.1
    known = 0.1 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert one.crps(np.exp([0.15]), generator)[0] == pytest.approx(known, rel=0.05)


def test_the_crps_of_one_number_is_its_absolute_error(generator):
    one = outlook([[0.0]], [1e-12])
    assert one.crps(np.exp([0.25]), generator)[0] == pytest.approx(0.25, rel=1e-6)


def test_a_blend_holds_each_law_by_its_weight():
    parts = [outlook(np.full((64, 1), place), np.full(64, 0.1)) for place in (0.0, 1.0, 2.0)]
    mixed = blended(parts, np.array([0.25, 0.75, 0.0]))
    places, counts = np.unique(mixed.middle, return_counts=True)
    np.testing.assert_allclose(places, [0.0, 1.0])
    np.testing.assert_allclose(counts / counts.sum(), [0.25, 0.75], atol=1e-3)
