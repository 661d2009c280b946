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
    assert runs.rows_dropped == 0


def test_bytelm_is_consistent_with_its_own_definitions():
    runs = lj.datasets.load("bytelm")
    width, layers = runs["d_model"], runs["num_layers"]
    np.testing.assert_array_equal(runs["N"], layers * (12 * width**2 + 2 * width) + width)
    np.testing.assert_array_equal(runs["params_total"], runs["N"] + 256 * width)
    np.testing.assert_array_equal(runs["D"], runs["steps"] * runs["batch"])
    assert (runs["unique_tokens"] <= runs["D"]).all()


def test_bytelm_can_be_fitted():
    assert check_fit(lj.laws.CHINCHILLA, lj.datasets.load("bytelm"), force=True).grade != "error"


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
