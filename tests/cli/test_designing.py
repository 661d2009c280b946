"""`lawjax identifiability` and `lawjax suggest`: planned runs from files and axes."""

import numpy as np
import pytest

import lawjax as lj


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A table of planned runs, without losses."""
    rows = [f"{n},{d}" for n in (1e7, 1e8, 1e9) for d in (1e9, 1e10, 1e11)]
    path = tmp_path_factory.mktemp("plans") / "planned.csv"
    path.write_text("N,D\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_planned_table_is_judged_as_in_the_library(run, planned):
    ended = run(
        *("identifiability", planned, "--published", "besiroglu2024", "--noise", 0.005),
        *("--at", "1e24", "--at", "N=7e10,D=1.4e12", "--json"),
    )

    table = lj.read_runs(planned)
    found = lj.identifiability(
        "besiroglu2024", table, noise=0.005, at=[lj.flops(1e24), {"N": 7e10, "D": 1.4e12}]
    ).to_dict()
    assert ended.record["quantities"] == found["quantities"]
    assert ended.record["num_runs"] == 9


def test_what_is_known_and_what_is_there_count(run, planned):
    ended = run(
        *("identifiability", planned, "--published", "besiroglu2024", "--noise", 0.005, "--known", "E"),
        *("--observed", planned, "--repeats", 2, "--json"),
    )

    assert ended.record["num_runs"] == 18
    assert ended.record["num_observed"] == 9
    assert "E" not in [row["quantity"] for row in ended.record["quantities"]]


def test_the_next_runs_come_from_axes_or_from_a_table(run, saved_fit, tmp_path):
    space = lj.space(N=lj.log_grid(1e8, 1e10, 6), D=lj.log_grid(1e9, 1e11, 6))
    table = tmp_path / "candidates.csv"
    N, D = np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(1e9, 1e11, 6), indexing="ij")
    table.write_text("N,D\n" + "\n".join(f"{n!r},{d!r}" for n, d in zip(N.ravel().tolist(), D.ravel().tolist())))
    common = ("--budget", 1e21, "--at", 1e24, "--max-runs", 12, "--json")

    by_axes = run("suggest", saved_fit, "--axis", "N=1e8:1e10:6", "--axis", "D=1e9:1e11:6", *common)
    by_table = run("suggest", saved_fit, "--candidates", table, *common)

    found = lj.suggest(lj.load(saved_fit), space, budget=1e21, at=1e24, max_runs=12)
    assert [row["candidate"] for row in by_axes.record["runs"]] == found.index.tolist()
    assert by_table.record["runs"] == by_axes.record["runs"]
    assert by_axes.record["spent"] <= 1e21


def test_a_suggestion_is_printed_and_saved(run, saved_fit, tmp_path):
    ended = run(
        *("suggest", saved_fit, "--axis", "N=1e8:1e10:6,D=1e9:1e11:6", "--budget", 1e21, "--decision", "alpha"),
        *("--max-runs", 6, "--out", tmp_path / "next.json"),
    )

    assert "to make sure of alpha" in ended.out
    assert lj.load(tmp_path / "next.json").decision == "alpha"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--budget is missing"),
        (("--budget", 1e21), "give either --candidates FILE or the --axis"),
        (("--budget", 1e21, "--axis", "N=1e8:1e9:3", "--at", 1e24), "no column for ['D']"),
        (("--budget", 1e21, "--at", 1e24, "--at", 1e25), "--at was given 2 times"),
        (("--budget", 1e21, "--axis", "N=1e8:1e9:3,D=1e9", "--at", "big"), "'big' is not a finite number"),
        (("--budget", 1e21, "--axis", "N=1e8:1e9:3,D=1e9"), "no decision was named"),
    ],
)
def test_a_wrong_command_ends_in_one_message(run, saved_fit, options, message):
    ended = run("suggest", saved_fit, *options)

    assert ended.status == 2
    assert message in ended.err


def test_a_design_without_an_input_is_named(run, tmp_path):
    path = tmp_path / "planned.csv"
    path.write_text("N\n1e8\n1e9\n", encoding="utf-8")

    ended = run("identifiability", path, "--published", "besiroglu2024", "--noise", 0.005)

    assert ended.status == 2
    assert "no column for ['D']" in ended.err
