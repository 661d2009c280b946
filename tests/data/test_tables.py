"""Tables as files and frames: shapes that cannot be read, options, and the same runs from every format."""

import gzip
import io
import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from lawjax.data.reading import read_runs, runs_from_columns, runs_from_frame
from lawjax.errors import InputError


def csv(text, **options):
    return read_runs(io.StringIO(text), **options)


@pytest.fixture(scope="module")
def frame():
    generator = np.random.default_rng(0)
    tokens = generator.integers(2**31, 2**53, 20)
    labels = [f"run-{i % 4}" for i in range(20)]
    return pd.DataFrame(
        {"params": generator.lognormal(20, 2, 20), "tokens": tokens, "loss": generator.random(20) + 2, "run": labels}
    )


OPTIONS = {"columns": {"N": "params", "D": "tokens"}, "group": "run", "where": "loss > 2.2"}


@pytest.fixture(scope="module")
def expected(frame):
    kept = frame[frame.loss > 2.2]
    return runs_from_columns({"N": kept.params, "D": kept.tokens, "loss": kept.loss}, group=list(kept.run))


def write(frame, path):
    suffix = "".join(path.suffixes)
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix.startswith(".jsonl"):
        frame.to_json(path, orient="records", lines=True, double_precision=15)
    else:
        frame.to_csv(path, index=False, sep="\t" if suffix.startswith(".tsv") else ",")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet"])
def test_every_file_format_gives_the_same_runs(suffix, frame, expected, tmp_path):
    path = tmp_path / f"runs{suffix}"
    write(frame, path)
    runs = read_runs(path, **OPTIONS)
    assert runs.sha256 == expected.sha256
    assert runs["D"].dtype == np.int64
    assert runs.origin.group_labels == expected.origin.group_labels


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".jsonl.gz"])
@pytest.mark.parametrize("extra", [{}, {"tags": ["a", "b"]}], ids=["flat", "nested"])
def test_json_lines_give_the_same_runs(suffix, extra, frame, expected, tmp_path):
    path = tmp_path / f"runs{suffix}"
    lines = "\n".join(json.dumps(row | extra) for row in frame.to_dict("records")).encode()
    path.write_bytes(gzip.compress(lines) if suffix.endswith(".gz") else lines)
    assert read_runs(path, **OPTIONS).sha256 == expected.sha256


@pytest.mark.parametrize(
    "convert",
    [
        lambda f: f,
        lambda f: f.convert_dtypes(),
        lambda f: f.set_index("run", drop=False),
        lambda f: pl.from_pandas(f),
        lambda f: pl.from_pandas(f).lazy(),
        lambda f: pa.Table.from_pandas(f),
        lambda f: f.astype({"run": "category"}),
    ],
    ids=["pandas", "nullable", "indexed", "polars", "lazy", "arrow", "categorical"],
)
def test_every_frame_gives_the_same_runs(convert, frame, expected):
    runs = runs_from_frame(convert(frame), **OPTIONS)
    assert runs.sha256 == expected.sha256


def test_standard_input_gives_the_same_runs(frame, expected, monkeypatch):
    class Input:
        buffer = io.BytesIO(frame.to_csv(index=False).encode())

    monkeypatch.setattr("sys.stdin", Input)
    assert read_runs("-", **OPTIONS).sha256 == expected.sha256


TEXTS = {
    "byte order mark": b"\xef\xbb\xbfN,loss\n1,2.5\n3,2.4\n",
    "utf-16": "N,loss\n1,2.5\n3,2.4\n".encode("utf-16"),
    "carriage returns": b"N,loss\r\n1,2.5\r\n3,2.4\r\n",
    "quotes": b'"N","loss"\n"1","2.5"\n"3","2.4"\n',
    "trailing separators": b"N,loss,\n1,2.5,\n3,2.4,\n",
    "no last newline": b"N,loss\n1,2.5\n3,2.4",
    "blank lines": b"N,loss\n\n1,2.5\n\n3,2.4\n\n",
    "index column": b",N,loss\n0,1,2.5\n1,3,2.4\n",
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_csv_may_be_written_in_many_ways(case):
    runs = read_runs(io.BytesIO(TEXTS[case]))
    assert {name: column.tolist() for name, column in runs.columns.items()} == {"N": [1, 3], "loss": [2.5, 2.4]}
    assert runs.row.tolist() == [1, 2]


BAD_TEXTS = {
    "empty": (b"", r"is empty. It needs a header line and one line per run"),
    "blank": (b"\n \n", r"is empty"),
    "header only": (b"N,loss\n", r"has no rows below its header"),
    "long row": (b"N,loss\n1,2\n1,2,3\n", r"row 2 has 3 cells where the header has 2: '1,2,3'. Correct"),
    "short row": (b"N,loss\n1,2\n1,2\n5\n6\n", r"row 3 has 1 cells where the header has 2: '5' \(and 1 more\)"),
    "comma at the end of rows": (b"N,loss\n1,2,\n", r"row 1 .*It ends in a separator that the header lacks"),
    "open quote": (b'N,loss\n"1,2\n', r"row 1 has 1 cells where the header has 2"),
    "two of a name": (b"N,loss,N\n1,2,3\n", r"has more than one column called `N`. Rename them"),
    "no header": (b"1e9,2.5\n2e9,2.4\n", r"begins with numbers \(1e9, 2.5\). Put a line with column names on top"),
    "semicolons": (b"N;loss\n1;2,5\n", r"the separator in .* seems to be ';', not ','"),
    "latin-1": ("N,größe\n1,2\n".encode("latin-1"), r"holds bytes that are not UTF-8 text"),
    "latin-1 cell": ("N,name\n1,größe\n".encode("latin-1"), r"holds bytes that are not UTF-8 text"),
    "utf-16 without a mark": ("N,loss\n1,2\n".encode("utf-16-le"), r"holds zero bytes, so it is not UTF-8 text"),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_a_csv_that_cannot_be_read_is_refused_with_the_reason(case):
    content, message = BAD_TEXTS[case]
    with pytest.raises(InputError, match=message):
        read_runs(io.BytesIO(content))


BAD_FILES = {
    "missing.csv": (None, "no such file"),
    "runs.pkl": (b"", "never reads one"),
    "runs.json": (b"{}", "use `lawjax.load`"),
    "runs.xlsx": (b"", "Export the sheet as CSV"),
    "runs.dat": (b"", "knows .csv, .tsv, .jsonl"),
    "runs.csv.gz": (gzip.compress(b"N\n1\n")[:-9], "is not a whole gzip file"),
    "plain.csv.gz": (b"N\n1\n", "is not a whole gzip file"),
    "runs.parquet": (b"PAR1 and no more", "is not a whole Parquet file"),
    "empty.jsonl": (b"\n", "is empty"),
    "array.jsonl": (b"[1, 2]\n", "row 1 is not one JSON object"),
    "cut.jsonl": (b'{"N": 1}\n{"N": \n', r"row 2 is not one JSON object \(Expecting value"),
    "twice.jsonl": (b'{"N": 1, "N": 2}\n', "the key 'N' comes twice"),
    "deep.jsonl": (b'{"N":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "row 1 is not one JSON object"),
    "deep-objects.jsonl": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "row 1 is not one JSON object"),
    "latin.jsonl": ('{"größe": 1}'.encode("latin-1"), "not UTF-8 text"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(name, tmp_path):
    content, message = BAD_FILES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_runs(tmp_path / name)


def test_a_saved_result_is_sent_to_load(tmp_path):
    path = runs_from_columns({"N": [1, 2]}).save(tmp_path / "runs.parquet")
    with pytest.raises(InputError, match=r"is a result that lawjax saved\. Open it with `lawjax.load`"):
        read_runs(path)


def test_nan_in_json_is_named_by_row(tmp_path):
    path = tmp_path / "runs.jsonl"
    path.write_text('{"loss": 2.5}\n{"loss": NaN}\n')
    with pytest.raises(InputError, match=r"`loss` is not a finite number in row 2 \(nan\)"):
        read_runs(path, columns={"loss": "loss"})


def test_one_row_is_a_table():
    assert len(csv("N,loss\n1,2\n")) == 1


@pytest.mark.parametrize("source", [{"N": [1]}, np.ones((2, 2)), 7])
def test_what_is_no_frame_is_sent_to_from_columns(source):
    with pytest.raises(InputError, match="takes a pandas or polars frame or a pyarrow table"):
        runs_from_frame(source)


@pytest.mark.parametrize("frame", [pd.DataFrame([[1, 2]], columns=["N", "N"]), pa.table([[1], [2]], names=["N", "N"])])
def test_a_frame_with_two_columns_of_one_name_is_refused(frame):
    with pytest.raises(InputError, match=r"'N'|`N`"):
        runs_from_frame(frame)


@pytest.mark.parametrize("source", [7, None])
def test_what_is_no_path_is_refused(source):
    with pytest.raises(InputError, match='takes a path, "-" or an open stream'):
        read_runs(source)


TABLE = "params,tokens,val_loss,web,code,run,w\n1,2,3.5,0.25,0.75,b,1\n4,5,2.5,0.5,0.5,a,0\n7,8,1.5,1,0,b,2\n"


def test_mapped_columns_are_renamed_and_the_other_numbers_kept():
    runs = csv(TABLE, columns={"N": "params", "loss": "val_loss"})
    assert list(runs.columns) == ["N", "loss", "tokens", "web", "code", "w"]
    assert [name for name, _ in runs.origin.unusable] == ["run"]


def test_a_list_of_columns_makes_one_vector_column():
    runs = csv(TABLE, columns={"ratio": ["code", "web"]})
    assert runs["ratio"].tolist() == [[0.75, 0.25], [0.5, 0.5], [0, 1]]
    assert "web" not in runs


def test_units_reach_every_entry_of_a_vector():
    runs = csv("web,code\n25,75\n", columns={"ratio": ["web", "code"]}, units={"ratio": 0.01})
    assert runs["ratio"].tolist() == [[0.25, 0.75]]


@pytest.mark.parametrize("unit", [1e9, "1e9", "B", "b", "billion", "Billions", 10**9])
def test_units_multiply_and_are_recorded(unit):
    runs = csv(TABLE, columns={"D": "tokens"}, units={"D": unit})
    assert runs["D"].tolist() == [2e9, 5e9, 8e9]
    assert runs.origin.units == (("D", str(unit)),)


def test_groups_are_coded_in_the_order_of_their_labels():
    runs = csv(TABLE, group="run")
    assert runs.group.tolist() == [1, 0, 1]
    assert runs.origin.group_labels == ("a", "b")
    assert runs.num_groups == 2
    assert "run" not in dict(runs.origin.unusable)


def test_groups_may_be_numbers_and_may_have_one_member():
    runs = csv(TABLE, group="params")
    assert runs.group.tolist() == [0, 1, 2]
    assert runs.origin.group_labels == ("1", "4", "7")


def test_weights_are_read_and_leave_the_columns():
    runs = csv(TABLE, weight="w")
    assert runs.weight.tolist() == [1.0, 0.0, 2.0]
    assert "w" not in runs


def test_group_and_weight_accept_the_new_name_of_a_column():
    runs = csv(TABLE, columns={"size": "params"}, group="size", weight="size")
    assert runs.weight.tolist() == [1.0, 4.0, 7.0]
    assert runs["size"].tolist() == [1, 4, 7]


BAD_OPTIONS = {
    "unknown column": (
        {"columns": {"N": "parms"}},
        r"maps `N` to `parms`, .* are `params`, .*Did you mean `params`\?",
    ),
    "other way round": ({"columns": {"params": "N"}}, r'Write it the other way round: columns=\{"N": "params"\}'),
    "no mapping": ({"columns": ["params"]}, r"`columns` maps lawjax's names to the table's"),
    "maps to nothing": ({"columns": {"ratio": []}}, r"maps a name to a column or to a list of columns, got \[\]"),
    "maps to a number": ({"columns": {"N": 7}}, r"maps a name to a column or to a list of columns, got 7"),
    "units as a list": ({"units": ["tokens"]}, r"`units` maps a column to its multiple"),
    "group as values": ({"group": ["a", "b", "b"]}, r"`group` names a column of the table, got list"),
    "filter as a number": ({"where": 7}, r"cannot read the filter 7"),
    "unknown unit": ({"units": {"tokens": "parsec"}}, r"the unit of `tokens` is 'parsec', which is not a multiple"),
    "unit zero": ({"units": {"tokens": 0}}, r"the unit of `tokens` is 0, which is not a multiple"),
    "unit nan": ({"units": {"tokens": "nan"}}, r"which is not a multiple"),
    "unit of nothing": ({"units": {"D": 2}}, r"`units` names `D`, but the table has no such column"),
    "unit of text": ({"units": {"run": 2}}, r"`units` names `run`, but that column has text in row 1: 'b'"),
    "unit too large": (
        {"units": {"tokens": "1e308"}},
        r"`tokens` times 1e\+308 .* is not finite in rows 1, 2 and 3",
    ),
    "unknown group": ({"group": "runs"}, r"`group` is `runs`, but the table has no such column.*Did you mean `run`\?"),
    "unknown weight": ({"weight": "weight"}, r"`weight` is `weight`, but the table has no such column"),
    "text weight": ({"weight": "run"}, r"column `run` \(read as `weight`\) has text in row 1"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_an_option_that_does_not_fit_the_table_is_refused(case):
    options, message = BAD_OPTIONS[case]
    with pytest.raises(InputError, match=message):
        csv(TABLE, **options)


BAD_WEIGHTS = {
    "negative": ([1.0, -2.0], r"weights must not be negative, got -2 in `weight`, row 2"),
    "all zero": ([0.0, 0.0], r"all 2 weights in `weight` are 0"),
    "nan": ([1.0, np.nan], r"`weight` is not a finite number in row 2"),
    "inf": ([1.0, np.inf], r"`weight` is not a finite number in row 2"),
}


@pytest.mark.parametrize("case", BAD_WEIGHTS)
def test_weights_that_cannot_be_used_are_refused(case):
    weight, message = BAD_WEIGHTS[case]
    with pytest.raises(InputError, match=message):
        runs_from_columns({"N": [1, 2]}, weight=weight)


def test_a_group_that_is_empty_in_a_row_is_refused():
    with pytest.raises(InputError, match="the group column `run` is empty in row 2"):
        csv("N,run\n1,a\n2,\n", group="run")


def test_a_column_whose_name_is_taken_is_left_out_with_the_reason():
    runs = csv("params,N\n1,2\n", columns={"N": "params"})
    assert runs["N"].tolist() == [1]
    assert "gives to another column" in dict(runs.origin.unusable)["N"]


def test_the_printed_table_names_what_was_dropped_and_left_out():
    shown = repr(csv(TABLE, where="params > 1", units={"tokens": "B"}))
    assert "1 dropped: not params > 1" in shown
    assert "left out, not numbers: run" in shown
    assert "given in" in shown


def test_a_slip_in_a_column_name_is_met_with_the_nearest_name(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("N,loss\n1e6,3.0\n")
    with pytest.raises(InputError, match=r"`columns` maps `loss` to `los`, but the table has no such column.*`loss`"):
        read_runs(path, columns={"loss": "los"})
