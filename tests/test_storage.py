"""What is saved comes back, and nothing else is let in."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA


@pytest.fixture(scope="module")
def fitted(truth):
    return lj.fit(CHINCHILLA, lj.simulate(CHINCHILLA, truth, num_runs=40, noise=0.01, key=0))


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_fit_comes_back_with_every_digit(fitted, tmp_path, suffix):
    again = lj.load(fitted.save(tmp_path / f"fit{suffix}"))
    assert again.objective == fitted.objective
    assert again.runs.sha256 == fitted.runs.sha256
    for name in CHINCHILLA.params:
        assert again.params[name] == fitted.params[name]
    assert again.to_dict() == fitted.to_dict()


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_draws_come_back_with_every_digit(fitted, tmp_path, suffix):
    draws = lj.bootstrap(fitted, num=16, key=0)
    again = lj.load(draws.save(tmp_path / f"draws{suffix}"))
    np.testing.assert_array_equal(again["beta"], draws["beta"])
    np.testing.assert_array_equal(again.noise.residuals, draws.noise.residuals)
    assert again.to_dict() == draws.to_dict()


def test_runs_with_groups_and_vectors_come_back(tmp_path):
    runs = lj.Runs.from_columns(
        ratio=np.array([[0.2, 0.8], [0.5, 0.5]]),
        big=np.array([2**53, 3], dtype=np.int64),
        group=["a", "b"],
        weight=[1.0, 2.0],
    )
    for name in ("runs.json", "runs.parquet"):
        again = lj.load(runs.save(tmp_path / name))
        assert again["big"][0] == 2**53
        assert again.origin.group_labels == ("a", "b")
        np.testing.assert_array_equal(again["ratio"], runs["ratio"])


def test_a_prediction_a_comparison_and_a_back_test_come_back(fitted, tmp_path):
    prediction = lj.predict(fitted, {"N": [1e9, 1e12], "D": 1e12})
    comparison = lj.compare([fitted, lj.fit(lj.laws.COUPLED, fitted.runs)])
    backtest = lj.backtest(CHINCHILLA, fitted.runs, num_cuts=2)
    for result in (prediction, comparison, backtest):
        again = lj.load(result.save(tmp_path / "result.json"))
        assert again.to_dict() == result.to_dict()


def test_a_law_of_ones_own_must_be_passed_to_load(tmp_path):
    def own(x, *, a, b):
        return a * x**b

    law = lj.Law(own, response="y", params={"a": lj.positive(0.1, 10, dims={"x": "-b"}), "b": lj.real(-2, 2)})
    runs = lj.Runs.from_columns(x=[1.0, 2.0, 3.0, 4.0], y=[1.0, 2.1, 2.9, 4.2])
    path = lj.fit(law, runs).save(tmp_path / "own.json")
    with pytest.raises(lj.InputError, match="law 'own', which is not in the catalogue"):
        lj.load(path)
    assert lj.load(path, law=law).law is law
    with pytest.raises(lj.InputError, match="is not that law"):
        lj.load(path, law=CHINCHILLA)


def test_another_law_of_the_same_name_and_parameters_is_told_apart(tmp_path):
    def power_law(x, *, A, alpha):
        return A / (1.0 + x) ** alpha

    params = {"A": lj.positive(0.1, 1e4), "alpha": lj.positive(0.02, 1.0)}
    law = lj.Law(power_law, response="loss", params=params)
    runs = lj.Runs.from_columns(x=[1.0, 2.0, 4.0, 8.0], loss=[1.0, 0.7, 0.5, 0.3])
    path = lj.fit(law, runs).save(tmp_path / "own.json")
    with pytest.raises(lj.InputError, match="is not that law"):
        lj.load(path)
    assert lj.load(path, law=law).law is law


def test_values_that_are_not_finite_survive_json(tmp_path):
    runs = lj.Runs(columns={"y": np.array([np.nan, np.inf, -np.inf, 1.5])})
    np.testing.assert_array_equal(lj.load(runs.save(tmp_path / "runs.json"))["y"], runs["y"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cut.json", '{"lawjax": "fit", "schema"', "not valid JSON"),
        ("cut.parquet", "PAR1 not really", "not a whole Parquet file"),
        ("twice.json", '{"lawjax": "fit", "lawjax": "runs"}', "holds the key 'lawjax' twice"),
        ("nan.json", '{"lawjax": NaN}', "holds NaN"),
        ("other.json", '{"a": 1}', "not a file that lawjax saved"),
        ("list.json", "[1, 2]", "not a file that lawjax saved"),
        ("deep.json", "[" * 100_000, "not valid JSON"),
        ("new.json", '{"lawjax": "runs", "schema": 99}', "has schema 99"),
        ("fit.pickle", "x", "never a pickle"),
    ],
)
def test_a_file_that_lawjax_did_not_write_is_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(lj.InputError, match=message):
        lj.load(path)


HUGE = "9" * 5000
DAMAGED_HEADERS = {
    "a kind that is a list": {"lawjax": ["fit"]},
    "versions that are a number": {"schema": 99, "versions": 5},
    "a law that is a number": {"law": 5},
    "a law that is a list": {"law": ["chinchilla"]},
    "values that are words": {"law_values": ["a", "b", "c"]},
    "values that are a number": {"law_values": 3},
    "no law": {"law": None},
    "arrays that are a list": {"arrays": [1]},
    "arrays of numbers": {"arrays": {"param.E": 1}},
    "no arrays": {"arrays": {}},
    "choices that are none": {"choices": {"loss": "huber"}},
}
WHOLE = {"dtype": "<f8", "shape": [1], "values": [1.0]}
DAMAGED_ARRAYS = {
    "an unknown type": {**WHOLE, "dtype": "zzz"},
    "a type that is a number": {**WHOLE, "dtype": 5},
    "no type": {"shape": [1], "values": [1.0]},
    "a type of no size": {**WHOLE, "dtype": "<f3"},
    "words of two gigabytes": {"dtype": "<U500000000", "shape": [1], "values": ["a"]},
    "objects": {**WHOLE, "dtype": "|O8"},
    "another shape": {**WHOLE, "shape": [2]},
    "a shape below zero": {**WHOLE, "shape": [-1]},
    "a shape that is a number": {**WHOLE, "shape": 1},
    "no values": {**WHOLE, "values": None},
    "a value that is none": {**WHOLE, "values": [None]},
    "a value that is a list": {**WHOLE, "values": [[1.0]]},
    "a fraction for a whole number": {**WHOLE, "dtype": "<i8", "values": [1.5]},
    "a whole number too large": {**WHOLE, "dtype": "<i8", "values": [10**30]},
    "a number for a word": {**WHOLE, "dtype": "str"},
    "a word for a number": {**WHOLE, "values": ["one"]},
}


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    return json.loads(fitted.save(tmp_path_factory.mktemp("saved") / "fit.json").read_text())


@pytest.mark.parametrize("case", DAMAGED_HEADERS)
def test_a_header_that_was_changed_is_refused(saved, tmp_path, case):
    path = tmp_path / "fit.json"
    path.write_text(json.dumps({**saved, **DAMAGED_HEADERS[case]}))
    with pytest.raises(lj.InputError, match=r"is not a file that lawjax (wrote|saved)"):
        lj.load(path)


@pytest.mark.parametrize("case", DAMAGED_ARRAYS)
def test_an_array_that_was_changed_is_refused(saved, tmp_path, case):
    path = tmp_path / "fit.json"
    path.write_text(json.dumps({**saved, "arrays": {**saved["arrays"], "param.E": DAMAGED_ARRAYS[case]}}))
    with pytest.raises(lj.InputError, match="is not a file that lawjax wrote, or it was changed since"):
        lj.load(path)


@pytest.mark.parametrize("key", ["status", "schema"])
def test_a_number_too_long_to_read_is_refused(tmp_path, key):
    path = tmp_path / "fit.json"
    path.write_text(f'{{"lawjax": "fit", "{key}": {HUGE}}}')
    with pytest.raises(lj.InputError, match="is not a file that lawjax wrote"):
        lj.load(path)


DAMAGED_NOTES = {
    "bad JSON": '{"lawjax": "runs"',
    "deep JSON": "[" * 100_000,
    "a list": "[1]",
    "a key twice": '{"lawjax": "runs", "lawjax": "fit"}',
    "no arrays": '{"lawjax": "runs", "schema": 1, "shapes": {}}',
    "no shapes": '{"lawjax": "runs", "schema": 1, "arrays": {}}',
    "a stray shape": '{"lawjax": "runs", "schema": 1, "arrays": {}, "shapes": {"column.y": []}}',
    "a huge shape": '{"lawjax": "runs", "schema": 1, "arrays": {}, "shapes": {"column.x": [1000000000]}}',
    "a shape of words": '{"lawjax": "runs", "schema": 1, "arrays": {}, "shapes": {"column.x": ["1"]}}',
}


@pytest.mark.parametrize("case", DAMAGED_NOTES)
def test_a_parquet_file_whose_note_was_changed_is_refused(tmp_path, case):
    path = tmp_path / "runs.parquet"
    table = pa.table({"column.x": [1.0, 2.0]})
    pq.write_table(table.replace_schema_metadata({"lawjax": DAMAGED_NOTES[case]}), path)
    with pytest.raises(lj.InputError, match=r"not a file that lawjax|is not valid JSON|the key 'lawjax' twice"):
        lj.load(path)


def test_a_missing_file_and_a_missing_folder_are_named(fitted, tmp_path):
    with pytest.raises(lj.InputError, match="no such file"):
        lj.load(tmp_path / "nothing.json")
    with pytest.raises(lj.InputError, match="does not exist"):
        fitted.save(tmp_path / "none" / "fit.json")
    with pytest.raises(lj.InputError, match="lawjax writes"):
        fitted.save(tmp_path / "fit.txt")


def test_a_saved_fit_names_its_law_its_data_and_the_versions(fitted, tmp_path):
    record = json.loads(fitted.save(tmp_path / "fit.json").read_text())
    assert record["law"] == "chinchilla"
    assert record["schema"] == 1
    assert record["runs"]["sha256"] == fitted.runs.sha256
    assert {"lawjax", "jax", "numpy"} <= set(record["versions"])
