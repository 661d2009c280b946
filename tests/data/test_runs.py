"""`Runs` itself: selecting, saving, hashing, converting, and passing through JAX."""

import io
import json

import jax
import numpy as np
import pytest

import lawjax as lj

TABLE = """params,tokens,web,code,loss,run,w,note
1e6,9007199254740991,0.25,0.75,3.1,b,1,x
1e7,2,0.5,0.5,2.9,a,0.5,y
1e8,3,1,0,2.5,b,0.25,z
1e9,4,0,1,9.0,a,1,<script>
"""


@pytest.fixture
def runs():
    return lj.read_runs(
        io.StringIO(TABLE),
        columns={"N": "params", "D": "tokens", "ratio": ["web", "code"]},
        units={"loss": 1},
        group="run",
        weight="w",
        where="loss < 5",
    )


def parts_of(runs):
    parts = {**runs.columns, "weight": runs.weight, "group": runs.group, "row": runs.row}
    return {name: (np.asarray(part).dtype.kind, np.asarray(part).tolist()) for name, part in parts.items()}


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_saving_and_loading_gives_the_same_runs(suffix, runs, tmp_path):
    back = lj.load(runs.save(tmp_path / f"runs{suffix}"))
    assert parts_of(back) == parts_of(runs)
    assert back.origin == runs.origin
    assert back.sha256 == runs.sha256


def test_selecting_keeps_rows_weights_and_groups_together_and_counts_the_rest(runs):
    small = runs.take(runs["N"] < 5e7, "small models")
    assert small["ratio"].tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert small.weight.tolist() == [1.0, 0.5]
    assert small.group.tolist() == [1, 0]
    assert small.row.tolist() == [1, 2]
    assert small.origin.dropped == (("not loss < 5", 1), ("small models", 1))
    assert (small.rows_used, small.rows_dropped) == (2, 2)


def test_selecting_by_position_may_reorder_and_repeat(runs):
    assert runs.take(np.array([2, 0, 0]))["N"].tolist() == [1e8, 1e6, 1e6]


def test_the_hash_sees_values_names_weights_and_groups_but_not_the_source(runs):
    columns = {"N": [1, 2], "loss": [3.0, 4.0]}
    base = lj.Runs.from_columns(**columns).sha256
    others = [
        lj.Runs.from_columns(N=[1, 3], loss=[3.0, 4.0]),
        lj.Runs.from_columns(D=[1, 2], loss=[3.0, 4.0]),
        lj.Runs.from_columns(**columns, weight=[1, 2]),
        lj.Runs.from_columns(**columns, group=["a", "b"]),
        lj.Runs.from_columns(N=[[1], [2]], loss=[3.0, 4.0]),
    ]
    assert len({base, *(other.sha256 for other in others)}) == 6
    assert lj.read_runs(io.StringIO("loss,N\n3,1\n4,2\n")).sha256 == base


def test_the_table_becomes_a_frame_with_one_column_per_entry_and_labels_for_groups(runs):
    frame = runs.to_frame()
    assert list(frame.columns) == ["N", "D", "ratio[0]", "ratio[1]", "loss", "weight", "group"]
    assert frame["group"].tolist() == ["b", "a", "b"]


def test_the_table_becomes_plain_data(runs):
    record = json.loads(json.dumps(runs.to_dict()))
    assert record["columns"]["D"] == [2**53 - 1, 2, 3]
    assert (record["rows_used"], record["rows_dropped"], record["source"]) == (3, 1, "a stream")


def test_columns_are_asked_for_by_name(runs):
    assert "N" in runs
    assert "note" not in runs
    assert len(runs) == 3
    assert runs.num_groups == 2
    assert runs.take([0]).num_groups == 1


def test_runs_pass_through_jax_transforms(runs):
    light = runs.take(np.arange(3))
    doubled = jax.tree.map(lambda column: 2 * column, light)
    assert doubled["loss"].tolist() == [6.2, 5.8, 5.0]
    assert doubled.origin == light.origin
    total = jax.jit(lambda table: table["loss"].sum())(lj.Runs.from_columns(loss=[1.0, 2.0]))
    assert float(total) == 3.0
