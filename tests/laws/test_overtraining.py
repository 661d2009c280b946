"""Over-training: what the law shares with Chinchilla, and the predictions that its authors print."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA, ERROR_OF_LOSS, OVERTRAINED

# RedPajama runs of mlfoundations/scaling (exp_data/models, loss on c4_val; exp_data/evals, mean error of 17 tasks):
# parameters, tokens per parameter, loss, error.
FITTED = np.array(
    [
        (10569312, 20, 5.38702091510821, 0.8134857367566677),
        (78914048, 20, 3.899942990231468, 0.7250451834543663),
        (153677376, 20, 3.531147408490181, 0.6710080283365267),
        (411616256, 20, 3.149769456671634, 0.6365529066499542),
        (10569312, 320, 4.572292613487238, 0.7671019083970938),
    ]
)
ONE_BILLION = (2.768756661738063, 0.5473253052024281)
TARGETS = np.array(
    [
        (1439795200, 640, 2.502053562117363, 0.47521523167105284),
        (6889410560, 20, 2.424993099368689, 0.4716371806228862),
    ]
)


def columns(table):
    N, M, loss, error = table.T
    return {"C": 6 * N**2 * M, "M": M, "loss": loss, "error": error}


@pytest.fixture(scope="module")
def predicted():
    runs = lj.Runs.from_columns(**columns(FITTED))
    fit = lj.fit(OVERTRAINED, runs, loss="squared", residual="raw", num_starts=16)
    return lj.predict(fit.point, {name: columns(TARGETS)[name] for name in ("C", "M")}).median


def test_fits_to_five_runs_predict_the_two_large_ones_as_printed(predicted):
    off = np.abs(predicted / TARGETS[:, 2] - 1)
    np.testing.assert_allclose(off, [0.007103, 0.007320], atol=6e-7)


def test_errors_from_those_losses_are_off_as_printed(predicted):
    losses, errors = np.append(FITTED[:, 2], ONE_BILLION[0]), np.append(FITTED[:, 3], ONE_BILLION[1])
    runs = lj.Runs.from_columns(loss=losses, error=errors)
    fit = lj.fit(ERROR_OF_LOSS, runs, loss="squared", residual="raw", num_starts=16)
    off = np.abs(lj.predict(fit.point, {"loss": predicted}).median / TARGETS[:, 3] - 1)
    np.testing.assert_allclose(off, [0.036365, 0.000464], atol=6e-7)


def test_it_is_chinchilla_with_equal_exponents():
    p = dict(E=1.84, a=212.0, b=367.0, eta=0.136)
    six = 6 ** -p["eta"]
    equal = dict(E=1.84, A=p["a"] * six, alpha=2 * p["eta"], B=p["b"] * six, beta=2 * p["eta"])
    with jax.enable_x64(True):
        ours = float(OVERTRAINED(6 * 1e9 * 3e11, 300.0, **p))
        theirs = float(CHINCHILLA(1e9, 3e11, **equal))
    assert ours == pytest.approx(theirs, rel=1e-12)


def test_reducible_losses_of_all_multipliers_fall_with_the_same_power_of_compute():
    p = dict(E=1.84, a=212.0, b=367.0, eta=0.136)
    with jax.enable_x64(True):
        fall = [float(OVERTRAINED(1e21, M, **p) - 1.84) / float(OVERTRAINED(1e20, M, **p) - 1.84) for M in (5, 20, 640)]
    np.testing.assert_allclose(fall, 10**-0.136, rtol=1e-12)
