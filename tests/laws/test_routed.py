"""The law of routed models against the public runs of google-deepmind/scaling_laws_for_routing."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import ROUTED, published

ROUTERS = [
    pytest.param("Hash", "clark2022-rl-r", 59, 0.003229, id="RL-R"),
    pytest.param("RL-R", "clark2022-hash", 56, 0.002982, id="Hash"),
]


def runs_without(other, folder):
    """Last steps, the other router left out: experts in every second block, one of them a token, seed 42."""
    kept = ["routing_frequency == 0.5", "k == 1", "seed == 42", f"router_type != '{other}'"]
    return lj.read_runs(
        folder / "routing_moe" / "final_losses_dense_hash_rlr.csv",
        columns={"N": "dense_parameter_count", "E": "num_experts", "loss": "loss_validation"},
        where=kept,
    )


def spread(source, runs):
    """Root mean square of the error in log10 of the loss."""
    predicted = lj.predict(source, {"N": runs["N"], "E": runs["E"]}).median
    return np.sqrt(np.mean(np.log10(predicted / runs["loss"]) ** 2))


@pytest.mark.parametrize(("other", "name", "num_runs", "rmse"), ROUTERS)
def test_the_law_fits_the_public_runs_of_each_router(shared_data, other, name, num_runs, rmse):
    runs = runs_without(other, shared_data)
    fit = lj.fit(ROUTED, runs, loss="squared", num_starts=16)
    assert len(runs) == num_runs
    assert spread(fit.point, runs) == pytest.approx(rmse, rel=0.01)
    assert {key: float(value) for key, value in fit.params.items()} == pytest.approx(
        dict(published(name).params), rel=1e-4
    )


@pytest.mark.parametrize(("other", "name", "num_runs", "rmse"), ROUTERS)
def test_the_coefficients_that_are_given_describe_them_as_well(shared_data, other, name, num_runs, rmse):
    assert spread(name, runs_without(other, shared_data)) == pytest.approx(rmse, rel=0.01)


def test_a_dense_model_follows_a_power_of_its_size():
    params = published("clark2022-rl-r").params
    exponent = params["a"] + params["c"] * np.log10(params["E_start"])
    with jax.enable_x64(True):
        ratio = float(ROUTED(1e9, 1.0, **params) / ROUTED(1e8, 1.0, **params))
    assert ratio == pytest.approx(10.0**exponent, rel=1e-12)


def test_the_gain_from_experts_ends_at_their_ceiling():
    params = published("clark2022-hash").params
    log_n, ceiling = 8.0, np.log10(params["E_max"])
    limit = params["a"] * log_n + params["b"] * ceiling + params["c"] * log_n * ceiling + params["d"]
    with jax.enable_x64(True):
        assert float(ROUTED(1e8, 1e12, **params)) == pytest.approx(10.0**limit, rel=1e-9)


def test_experts_help_a_small_model_more_than_a_large_one():
    params = published("clark2022-rl-r").params
    with jax.enable_x64(True):
        small, large = (float(ROUTED(N, 64.0, **params) / ROUTED(N, 1.0, **params)) for N in (1.5e7, 1.3e9))
    assert small < large < 1.0
