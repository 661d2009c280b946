"""The table that comes with lawjax."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.data.checks import check_fit
from lawjax.errors import InputError

COLUMNS = {
    "N", "D", "C", "loss", "params_total", "unique_tokens", "lr", "batch", "seed", "steps", "warmup_steps", "d_model",
    "num_layers", "num_heads", "seconds",
}  # fmt: skip


def test_bytelm_loads_with_its_columns_and_its_name():
    runs = lj.datasets.load("bytelm")
    assert set(runs.columns) == COLUMNS
    assert runs.origin.source == "bytelm"
    assert runs.rows_dropped == len(lj.datasets.load("bytelm", all_runs=True)) - len(runs) > 0


def test_bytelm_is_consistent_with_its_own_definitions():
    runs = lj.datasets.load("bytelm", all_runs=True)
    width, layers = runs["d_model"], runs["num_layers"]
    np.testing.assert_array_equal(runs["N"], layers * (12 * width**2 + 2 * width) + width)
    np.testing.assert_array_equal(runs["params_total"], runs["N"] + 256 * width)
    np.testing.assert_array_equal(runs["D"], runs["steps"] * runs["batch"])
    assert (runs["unique_tokens"] <= runs["D"]).all()


def test_bytelm_can_be_fitted():
    assert check_fit(lj.laws.CHINCHILLA, lj.datasets.load("bytelm"), force=True).grade != "error"


def test_bytelm_crosses_sizes_and_tokens_widely_and_repeats_seeds():
    runs = lj.datasets.load("bytelm")
    assert len(runs) >= 60
    assert np.log10(runs["N"].max() / runs["N"].min()) > 2.5
    assert np.log10(runs["D"].max() / runs["D"].min()) > 1.5
    cells, seeds = np.unique(np.stack([runs["N"], runs["D"]]), axis=1, return_counts=True)
    assert np.sum(seeds >= 3) >= 6
    assert len(np.unique(np.round(np.log(cells[1] / cells[0]), 1))) > 20


def test_bytelm_falls_with_size_and_tokens_up_to_seed_noise():
    runs = lj.datasets.load("bytelm").to_frame().groupby(["N", "D"])["loss"].agg(["mean", "std"])
    seed_sd = np.sqrt((runs["std"] ** 2).mean())
    by_tokens, by_size = runs["mean"].unstack("D").to_numpy(), runs["mean"].unstack("D").to_numpy().T
    for table in (by_tokens, by_size):
        assert np.nanmax(np.diff(table, axis=1)) < 3 * seed_sd


def test_bytelm_follows_the_chinchilla_law_closely():
    fit = lj.fit(lj.laws.CHINCHILLA, lj.datasets.load("bytelm"))
    assert fit.quality["r_squared_log"] > 0.98
    assert fit.agreement > 0.9


def test_the_provenance_of_bytelm_names_corpus_recipe_and_machine():
    record = lj.datasets.provenance("bytelm")
    assert len(record["corpus"]["train_sha256"]) == 64
    assert record["recipe"]["lr"] > 0
    assert {"date", "device", "jax"} <= set(record["sessions"][0])


@pytest.mark.parametrize("function", [lj.datasets.load, lj.datasets.provenance])
def test_a_name_that_must_be_fetched_says_so(function):
    with pytest.raises(InputError, match=r"'hoffmann2022' does not come with lawjax; it is downloaded: .*fetch"):
        function("hoffmann2022")


@pytest.mark.parametrize("function", [lj.datasets.load, lj.datasets.provenance])
def test_an_unknown_name_is_refused(function):
    with pytest.raises(InputError, match=r"unknown bundled data set 'bitelm'. Choose one of .bytelm."):
        function("bitelm")


def test_available_lists_every_data_set_with_its_licence():
    listed = lj.datasets.available()
    assert set(listed.index) == {*lj.datasets.BUNDLED, *lj.datasets.PUBLIC}
    assert listed.loc["hoffmann2022", "licence"] == "none stated"
    assert listed.loc["bytelm", "get"] == 'load("bytelm")'
    assert (listed != "").all(axis=None)
