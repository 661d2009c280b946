"""Training in few bits, against the predictions of Sun et al. 2025."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import best_layout, best_precision, critical_tokens
from lawjax.errors import InputError
from lawjax.laws import FLOATING_POINT


@pytest.mark.parametrize(
    ("E", "M", "tokens", "printed"),
    [(8, 7, 1730e12, 1730e12), (4, 3, 27.33e12, 27e12), (2, 1, 0.3928e12, 0.4e12)],
    ids=["BF16", "E4M3", "E2M1"],
)
def test_critical_tokens_are_the_three_that_the_paper_predicts(E, M, tokens, printed):
    found = critical_tokens("sun2025", N=1e9, E=E, M=M, B=128)["D"]
    assert found == pytest.approx(tokens, rel=1e-3)
    assert found == pytest.approx(printed, rel=0.02)


def test_at_the_critical_tokens_the_loss_no_longer_falls():
    p = lj.laws.published("sun2025").params
    D = critical_tokens("sun2025", N=1e9, E=2, M=1, B=128)["D"]
    with jax.enable_x64(True):
        slope = jax.grad(lambda log_D: FLOATING_POINT(1e9, jax.numpy.exp(log_D), 2.0, 1.0, 128.0, **p))
        assert float(slope(np.log(D))) == pytest.approx(0.0, abs=1e-12)


def test_a_block_of_one_has_no_critical_tokens():
    assert critical_tokens("sun2025", N=1e9, E=2, M=1, B=1).share_answered == 0.0


def test_each_draw_has_its_own_critical_tokens():
    p = lj.laws.published("sun2025").params
    draws = {name: np.array([value, value]) for name, value in p.items()}
    draws["gamma"][1] *= 4.0
    found = critical_tokens(draws, N=1e9, E=4, M=3, B=128).draws["D"]
    assert found[1] / found[0] == pytest.approx(4.0 ** (0.5 / p["beta"]), rel=1e-9)


@pytest.mark.parametrize(
    ("bits", "whole", "real"),
    [(4, (2, 1), (1.58, 1.42)), (8, (4, 3), (3.66, 3.34)), (16, (8, 7), (7.81, 7.19))],
)
def test_the_best_layouts_are_those_of_the_paper(bits, whole, real):
    answer = best_layout("sun2025", bits=bits)
    assert (answer["E"], answer["M"]) == whole
    assert (answer["E_real"], answer["M_real"]) == pytest.approx(real, abs=0.005)


@pytest.mark.parametrize(("D", "bits"), [(0.1e12, 4.27), (1e12, 5.18), (10e12, 6.28), (100e12, 7.62)])
def test_the_best_precision_at_given_tokens(D, bits):
    answer = best_precision("sun2025", compute=1e23, B=128, D=D)
    assert answer["P"] == pytest.approx(bits, abs=0.006)
    assert 6 / 16 * answer["N"] * answer["D"] * answer["P"] == pytest.approx(1e23, rel=1e-9)


@pytest.mark.parametrize(
    ("compute", "bits"), [(1e21, 4.19), (1e23, 4.72), (1e25, 5.31), (1e27, 5.98), (1e29, 6.73), (1e31, 7.58)]
)
def test_the_best_precision_over_size_and_tokens_too(compute, bits):
    assert best_precision("sun2025", compute=compute, B=128)["P"] == pytest.approx(bits, abs=0.006)


def test_the_joint_optimum_is_better_than_any_other_number_of_tokens():
    best = best_precision("sun2025", compute=1e25, B=128)
    for factor in (0.9, 1.1):
        assert best_precision("sun2025", compute=1e25, B=128, D=factor * best["D"])["loss"] > best["loss"]


def test_a_width_that_is_not_whole_is_refused():
    with pytest.raises(InputError, match="bits"):
        best_layout("sun2025", bits=4.5)


def test_compute_that_is_none_is_refused():
    with pytest.raises(InputError, match="compute"):
        best_precision("sun2025", compute=-1e20, B=128)


@pytest.mark.parametrize("B", [1, 0.5, -2.0])
def test_without_a_shared_scale_there_is_no_best_precision(B):
    with pytest.raises(InputError, match="`B` must be above 1"):
        best_precision("sun2025", compute=1e25, B=B)


def test_a_best_precision_below_the_bit_of_the_sign_is_none():
    p = dict(lj.laws.published("sun2025").params) | dict(gamma=1e12)
    assert best_precision(p, compute=1e25, B=128, D=1e12).share_answered == 0.0
    assert best_precision("sun2025", compute=1e25, B=128, D=1e12)["P"] > 1


def test_the_narrowest_layout_has_critical_tokens_too():
    layout = best_layout("sun2025", bits=2)
    assert (layout["E"], layout["M"]) == (1.0, 0.0)
    tokens = critical_tokens("sun2025", N=1e9, E=layout["E"], M=layout["M"], B=128)["D"]
    assert 0 < tokens < critical_tokens("sun2025", N=1e9, E=1, M=1, B=128)["D"]


def test_bits_below_none_are_refused():
    with pytest.raises(InputError, match="`M` must not be negative"):
        critical_tokens("sun2025", N=1e9, E=2, M=-0.25, B=128)
