"""`lawjax fit` and `lawjax bootstrap`: losses, rounding, methods, parts of a table."""

import numpy as np
import pytest

import lawjax as lj

FEW = ("--law", "power-law", "--starts", 4)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A .csv of two curves, named and numbered, with a column of widths."""
    runs = [
        lj.simulate(lj.laws.POWER_LAW, {"A": A, "alpha": 0.1}, num_runs=16, noise=0.01, key=0) for A in (20.0, 40.0)
    ]
    rows = ["x,loss,width,model,seed"]
    for name, seed, part in zip(("small", "large"), (1, 2), runs, strict=True):
        rows += [f"{x!r},{y!r},0.02,{name},{seed}" for x, y in zip(part["x"].tolist(), part["loss"].tolist())]
    path = tmp_path_factory.mktemp("tables") / "parts.csv"
    path.write_text("\n".join(rows))
    return path


def test_a_student_t_loss_is_named_in_the_result(run, curve):
    assert run("fit", curve, *FEW, "--loss", "student_t", "--json").record["loss"] == "student_t"


def test_rounding_is_a_number_or_a_column(run, parts):
    number, column, without = (
        run("fit", parts, *FEW, *rounding, "--json").record["objective"]
        for rounding in (("--rounding", "0.02"), ("--rounding", "width"), ())
    )
    assert number == column < without


def test_the_method_can_be_chosen(run, curve):
    assert run("fit", curve, *FEW, "--method", "optax", "--loss", "squared", "--json").record["method"] == "optax"


@pytest.mark.parametrize(("column", "names"), [("model", ["small", "large"]), ("seed", ["1", "2"])])
def test_each_part_of_a_table_is_fitted_alone(run, parts, column, names):
    record = run("fit", parts, *FEW, "--by", column, "--json").record
    assert list(record) == names
    assert [fit["params"]["A"] for fit in record.values()] == pytest.approx([20, 40], rel=0.1)


def test_the_parts_are_printed_as_one_table(run, parts):
    ended = run("fit", parts, *FEW, "--by", "model")
    assert "power-law fitted to 2 tables" in ended.out
    assert ended.out.splitlines()[1].split()[:3] == ["model", "A", "alpha"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--method", "optax"), "leave out --optimizer and --method"),
        (("--optimizer", "adam"), "leave out --optimizer and --method"),
        (("--out", "fits.json"), "--out saves one fit, --by makes many"),
    ],
)
def test_what_parts_cannot_have_is_refused(run, parts, options, message):
    ended = run("fit", parts, *FEW, "--by", "model", *options)
    assert ended.status == 2
    assert message in ended.err


def test_a_bootstrap_does_not_depend_on_its_chunks(run, curve, tmp_path):
    paths = [tmp_path / f"{chunk}.parquet" for chunk in (3, 100)]
    for path, chunk in zip(paths, (3, 100), strict=True):
        options = ("--num", 10, "--kind", "wild", "--by", "point", "--chunk", chunk, "--out", path)
        assert run("bootstrap", curve, "--law", "power-law", *options).status == 0
    one, other = (lj.load(path) for path in paths)
    np.testing.assert_array_equal(one["alpha"], other["alpha"])
    assert one.origin == "bootstrap (wild, by point)"
