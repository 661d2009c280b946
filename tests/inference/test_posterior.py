"""A posterior as draws, tables, files and ArviZ's data."""

import json

import numpy as np
import pytest
from scipy import stats

import lawjax as lj
from lawjax.draws import as_draws

SAMPLED = ["E", "A", "alpha", "B", "beta", "noise_scale", "noise_freedom"]


def test_it_serves_as_draws(posterior, chinchilla_runs):
    draws = as_draws(posterior)
    assert len(draws) == 4000
    assert draws.origin == "posterior (NUTS, student_t)"
    assert draws.noise.space == "log"
    assert draws.observed["N"] == (chinchilla_runs["N"].min(), chinchilla_runs["N"].max())
    assert draws.basis == chinchilla_runs.basis


def test_the_log_likelihood_is_a_density_of_the_response(posterior, chinchilla_runs):
    p = {name: array[:5, None] for name, array in posterior.params.items()}
    N, D, loss = (np.asarray(chinchilla_runs[name])[None] for name in ("N", "D", "loss"))
    middle = np.log(p["E"] + p["A"] * N ** -p["alpha"] + p["B"] * D ** -p["beta"])
    scatter = {"loc": middle, "scale": posterior.noise.scale[:5, None]}
    expected = stats.t.logpdf(np.log(loss), posterior.noise.freedom[:5, None], **scatter) - np.log(loss)
    np.testing.assert_allclose(posterior.log_likelihood[:5], expected, rtol=1e-9)


def test_the_frame_has_a_row_per_draw(posterior):
    frame = posterior.to_frame()
    assert list(frame.columns) == ["chain", "draw", *SAMPLED]
    assert frame.groupby("chain")["draw"].max().tolist() == [999] * 4
    np.testing.assert_array_equal(frame["alpha"], posterior["alpha"])


def test_the_dict_is_plain_data(posterior):
    record = json.loads(json.dumps(posterior.to_dict(), allow_nan=False))
    assert record["num_draws"] == 4000
    assert record["params"]["alpha"]["mean"] == pytest.approx(posterior.params["alpha"].mean())
    assert record["noise"]["noise_scale"]["sd"] > 0
    assert record["diagnostics"]["params"]["alpha"]["rhat"] < 1.02


def test_it_prints_as_a_table_with_its_verdict(posterior):
    text = repr(posterior)
    assert all(f" {name} " in text for name in SAMPLED)
    assert "R-hat" in text
    assert "4 chains of 1000 draws; 0 diverged" in text
    assert "verdict: ok" in text


def test_the_spread_is_that_of_the_draws(posterior):
    assert posterior.stderr["E"] == pytest.approx(posterior.params["E"].std(ddof=1))


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_saved_posterior_comes_back_whole(posterior, tmp_path, suffix):
    loaded = lj.load(posterior.save(tmp_path / f"posterior{suffix}"))
    for name, array in posterior.sampled.items():
        np.testing.assert_array_equal(loaded.sampled[name], array)
    for name, array in posterior.stats.items():
        np.testing.assert_array_equal(loaded.stats[name], array)
    assert repr(loaded) == repr(posterior)
    assert loaded.runs.sha256 == posterior.runs.sha256
    assert set(loaded.prior) == set(SAMPLED)


@pytest.fixture(scope="module")
def data(posterior):
    pytest.importorskip("arviz")
    return posterior.to_arviz(key=1)


def test_arviz_gets_every_group(data, posterior):
    assert set(data["posterior"].data_vars) == set(SAMPLED)
    assert data["posterior"]["alpha"].shape == (4, 1000)
    for group in ("log_likelihood", "posterior_predictive"):
        assert data[group]["loss"].dims == ("chain", "draw", "run")
    assert {"diverging", "energy", "lp", "n_steps", "acceptance_rate"} <= set(data["sample_stats"].data_vars)
    assert data["prior"]["alpha"].shape == (1, 1000)
    assert data["observed_data"]["loss"].dims == ("run",)
    assert set(data["constant_data"].data_vars) == {"N", "D"}
    np.testing.assert_array_equal(data["observed_data"]["run"], posterior.runs.row)


def test_arviz_weighs_the_law_by_leaving_runs_out(data, posterior):
    import arviz

    score = arviz.loo(data, pointwise=True)
    assert np.max(np.asarray(score.pareto_k)) < 0.7
    in_sample = np.log(np.mean(np.exp(posterior.log_likelihood), axis=0)).sum()
    left_out = float(getattr(score, "elpd_loo", None) or score.elpd)
    assert in_sample - 15 < left_out < in_sample


def test_predicted_runs_scatter_as_the_observed_do(data, chinchilla_runs):
    predicted = np.asarray(data["posterior_predictive"]["loss"]).reshape(-1, 60)
    low, high = np.quantile(predicted, [0.05, 0.95], axis=0)
    inside = np.mean((chinchilla_runs["loss"] > low) & (chinchilla_runs["loss"] < high))
    assert 0.8 < inside <= 1.0


def test_the_draws_of_arviz_follow_the_key(posterior, data):
    again = posterior.to_arviz(key=1)["posterior_predictive"]["loss"]
    other = posterior.to_arviz(key=2)["posterior_predictive"]["loss"]
    np.testing.assert_array_equal(again, data["posterior_predictive"]["loss"])
    assert np.any(np.asarray(other) != np.asarray(again))
