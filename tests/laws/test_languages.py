"""Number of parallel languages: the power law and what a doubling is worth."""

import jax
import pytest

from lawjax.laws import PARALLEL_LANGUAGES


def test_each_doubling_of_languages_multiplies_transfer_by_the_same_factor_below_two():
    with jax.enable_x64(True):
        transfer = [float(PARALLEL_LANGUAGES(X, alpha=1.3, beta=0.3)) for X in (1.0, 2.0, 4.0)]
    assert transfer[0] == pytest.approx(1.3)
    assert transfer[1] / transfer[0] == pytest.approx(2**0.3)
    assert transfer[2] / transfer[1] == pytest.approx(2**0.3)


def test_each_further_language_adds_less():
    with jax.enable_x64(True):
        first, second, third = (float(PARALLEL_LANGUAGES(X, alpha=1.0, beta=0.5)) for X in (1.0, 2.0, 3.0))
    assert first > second - first > third - second > 0
