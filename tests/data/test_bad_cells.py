"""Cells that are no numbers: each gives an error that names the column, the row, the cell and the fix."""

import io

import ml_dtypes
import numpy as np
import pandas as pd
import polars as pl
import pytest

from lawjax.data.reading import read_runs, runs_from_columns, runs_from_frame
from lawjax.errors import InputError

TEXT_CELLS = {
    "2,31": r"'2,31'. Write 2.31, with a decimal point",
    "1,000,000": r"'1,000,000'. Write 1000000, without thousands separators",
    "70B": r"'70B'. Write 70e9, or drop the letter everywhere and pass `units`",
    "1.4T": r"'1.4T'. Write 1.4e12",
    "410 m": r"'410 m'. Write 410e6",
    "NA": r"'NA'. It stands for a missing value: fill it, or drop the row",
    "None": r"'None'. It stands for a missing value",
    "-": r"'-'. It stands for a missing value",
    "true": r"'true'. Map it to 0 and 1",
    "(1+2j)": r"'\(1\+2j\)'. It is a complex number: pass its real part",
    "7e10 params": r"'7e10 params'. Write a plain number",
}


@pytest.mark.parametrize("cell", TEXT_CELLS)
def test_text_in_a_mapped_column_names_row_cell_and_fix(cell, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(f'params,loss\n1e9,2.5\n"{cell}",2.4\n')
    with pytest.raises(InputError, match=r"column `params` \(read as `N`\) has text in row 2: " + TEXT_CELLS[cell]):
        read_runs(path, columns={"N": "params"})


@pytest.mark.parametrize("cell", TEXT_CELLS)
def test_the_same_text_in_an_unmapped_column_leaves_the_column_out_with_the_reason(cell, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(f'params,loss\n1e9,2.5\n"{cell}",2.4\n')
    runs = read_runs(path)
    assert list(runs.columns) == ["loss"]
    assert dict(runs.origin.unusable)["params"].startswith(f"has text in row 2: {cell!r}")


BAD_ARRAYS = {
    "nan": ([1.0, np.nan], r"`N` is not a finite number in row 2 \(nan\)"),
    "inf": ([np.inf, 1.0], r"`N` is not a finite number in row 1 \(inf\)"),
    "none": ([1.0, None], r"`N` is empty or NaN in row 2"),
    "text": (["2.31 ", "2.4"], r"`N` has text in row 1: '2.31 ' \(and 1 more\)|row 1: '2.31 '. It is a number written"),
    "yaml text": (["1e9", "2e9"], r"`N` has text in row 1: '1e9'. It is a number written as text: convert"),
    "mix": ([1, "a", 2.0], r"`N` has text in row 2: 'a'. Write a plain number"),
    "complex": (np.array([1 + 2j, 3]), r"`N` has text in row 1: '\(1\+2j\)'.* complex number: pass its real part"),
    "boolean": (np.array([True, False]), r"`N` holds true and false. Map it to 0 and 1"),
    "timestamps": (np.array(["2024-01-01", "2024-01-02"], dtype="M8[D]"), r"`N` holds dates or times"),
    "durations": (np.array([3, 4], dtype="m8[h]"), r"`N` holds dates or times"),
    "unsigned": (np.array([1, 2**63 + 1], dtype=np.uint64), r"`N` has 9223372036854775809 in row 2, above 2\^63 - 1"),
    "masked": (np.ma.array([1.0, 2.0], mask=[False, True]), r"`N` is empty or NaN in row 2"),
    "ragged": ([1.0, [2.0, 3.0]], r"`N` must have one number per run, got entries of unequal length"),
    "three axes": (
        np.ones((2, 2, 2)),
        r"must be a list or array with one entry per run, got the shape \(2, 2, 2\)",
    ),
    "single number": (7.0, r"`N` must be a list or array with one entry per run, got 7.0"),
    "single text": ("70B", r"`N` must be a list or array with one entry per run, got '70B'"),
    "set": ({1, 2}, r"`N` must be a list or array with one entry per run"),
    "empty": ([], r"there are no runs: give at least one column with at least one entry"),
}


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_an_array_that_is_not_numbers_is_refused(case):
    values, message = BAD_ARRAYS[case]
    with pytest.raises(InputError, match=message):
        runs_from_columns({"N": values})


BAD_SERIES = {
    "nullable with NA": (pd.array([1, None], dtype="Int64"), r"`p` \(read as `N`\) is empty or NaN in row 2"),
    "categorical": (pd.Categorical([1, 2]), r"`p` \(read as `N`\) is categorical. Convert it to numbers first"),
    "timestamps": (pd.to_datetime(["2024-01-01", "2024-01-02"]), r"holds dates or times"),
    "object mix": (pd.Series([1, "x"], dtype=object), r"has text in row 2: 'x'"),
    "complex": (np.array([1j, 2j]), r"complex number: pass its real part"),
    "lists": (pd.Series([[1, 2], [3]]), r"holds lists .* Give one column per entry"),
    "unsigned": (np.array([2**64 - 1, 1], dtype=np.uint64), r"has 18446744073709551615 in row 1"),
    "booleans": (np.array([True, False]), r"holds true and false"),
    "nothing": (pd.Series([None, None], dtype=object), r"is empty in every row"),
}


@pytest.mark.parametrize("case", BAD_SERIES)
def test_a_frame_column_that_is_not_numbers_is_refused(case):
    values, message = BAD_SERIES[case]
    with pytest.raises(InputError, match=message):
        runs_from_frame(pd.DataFrame({"p": values}), columns={"N": "p"})


def test_polars_columns_that_are_not_numbers_are_left_out_with_the_reason():
    frame = pl.DataFrame(
        {
            "kind": pl.Series(["x", "y"], dtype=pl.Categorical),
            "thing": pl.Series([1j, 2j], dtype=pl.Object),
            "gap": [1, None],
            "loss": [2.5, 2.4],
        }
    )
    runs = runs_from_frame(frame)
    reasons = dict(runs.origin.unusable)
    assert list(runs.columns) == ["loss"]
    assert "categorical" in reasons["kind"]
    assert "complex" in reasons["thing"]
    assert "empty or NaN in row 2" in reasons["gap"]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, ml_dtypes.bfloat16])
def test_small_floats_are_widened_to_float64(dtype):
    column = runs_from_columns({"N": np.array([1.5, 2.0], dtype=dtype)})["N"]
    assert column.dtype == np.float64
    assert column.tolist() == [1.5, 2.0]


READERS = {
    "csv": lambda value: read_runs(io.StringIO(f"D\n{value}\n1\n")),
    "columns": lambda value: runs_from_columns({"D": [value, 1]}),
    "frame": lambda value: runs_from_frame(pd.DataFrame({"D": [value, 1]})),
}


@pytest.mark.parametrize("value", [2**31 + 1, 3 * 10**12, 2**53 + 1, 2**63 - 1])
@pytest.mark.parametrize("reader", READERS)
def test_whole_numbers_are_kept_exactly(reader, value):
    column = READERS[reader](value)["D"]
    assert column.dtype == np.int64
    np.testing.assert_array_equal(column, np.array([value, 1]))


def test_python_integers_beyond_64_bits_become_floats():
    assert runs_from_columns({"C": [10**24, 10**22]})["C"].tolist() == [1e24, 1e22]


def test_extreme_but_finite_values_pass():
    runs = runs_from_columns({"C": [1e40, 1e300], "loss": [1e-310, 1.0]})
    assert runs["C"].tolist() == [1e40, 1e300]
    assert runs["loss"].tolist() == [1e-310, 1.0]


def test_a_message_shows_five_rows_and_counts_the_rest():
    with pytest.raises(InputError, match="rows 1, 2, 3, 4, 5 and 4 more"):
        runs_from_columns({"loss": [np.nan] * 9 + [1.0]})


def test_spaces_around_a_number_in_a_csv_do_not_matter(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("N, loss\n 1e9 ,2.31 \n2e9,2.2\n")
    assert read_runs(path)["loss"].tolist() == [2.31, 2.2]


def test_columns_of_unequal_length_are_refused_by_name():
    with pytest.raises(InputError, match="got lengths `N` 2, `loss` 3, `group` 1"):
        runs_from_columns({"N": [1, 2], "loss": [1, 2, 3]}, group=["a"])
