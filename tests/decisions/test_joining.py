"""Draws of several sources side by side: which belong together and which do not."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions.joining import beside, part

LAW = lj.laws.POWER_LAW
X = np.geomspace(1e3, 1e9, 24)


def runs_with(noise, level=5.0):
    return lj.Runs.from_columns(x=X, loss=level * X**-0.1 * np.exp(noise))


def correlation(first, second):
    both = beside(first, {"second": second}, LAW)
    return np.corrcoef(both.params["alpha"], part(both.params, "second")["alpha"])[0, 1]


@pytest.fixture(scope="module")
def noise():
    return 0.02 * np.random.default_rng(1).standard_normal((2, len(X)))


def test_bootstraps_of_the_same_resampled_runs_stay_together(noise):
    alike = [lj.fit(LAW, runs_with(n)) for n in (noise[0], noise[0] + 0.1 * noise[1])]

    assert correlation(*(lj.bootstrap(fit, num=200, key=0) for fit in alike)) > 0.8


def test_fits_of_different_runs_are_independent(noise):
    assert abs(correlation(*(lj.fit(LAW, runs_with(n)) for n in noise))) < 0.2


def test_posteriors_of_different_runs_are_independent_under_one_key(noise):
    first, second = (lj.sample(LAW, runs_with(n), num_draws=250, num_warmup=250, key=0) for n in noise)

    assert abs(correlation(first, second)) < 0.2


def test_the_notes_of_a_source_say_whose_they_are():
    given = lj.draws.as_draws("hoffmann2022")
    both = beside("besiroglu2024", {"second": given}, lj.laws.CHINCHILLA)

    assert any(note.reason.startswith("second: hoffmann2022") for note in both.verdict.notes)


def test_numbers_of_draws_that_differ_are_refused():
    many = {"A": np.ones(3), "alpha": np.full(3, 0.1)}
    few = {"A": np.ones(2), "alpha": np.full(2, 0.1)}

    with pytest.raises(lj.InputError, match="draws go together in pairs"):
        beside(many, {"second": few}, LAW)
