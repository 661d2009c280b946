"""The classical estimators on the command line say what they say in Python."""

import numpy as np
import pandas as pd
import pytest

import lawjax as lj


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    """A .csv of isoFLOP curves with N* = D* = C^0.5 / 6^0.5."""
    C, off = (column.ravel() for column in np.meshgrid(np.geomspace(1e18, 1e21, 6), np.linspace(-1, 1, 5)))
    N = (C / 6) ** 0.5 * np.exp(off)
    loss = 30 * C**-0.05 + 0.02 * off**2
    path = tmp_path_factory.mktemp("tables") / "profiles.csv"
    lj.Runs.from_columns(params=N, D=C / (6 * N), loss=loss).to_frame().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    """A .csv of training curves."""
    N, D = (column.ravel() for column in np.meshgrid(np.geomspace(1e7, 1e10, 20), np.geomspace(1e8, 1e13, 40)))
    path = tmp_path_factory.mktemp("tables") / "curves.csv"
    frame = lj.Runs.from_columns(N=N, D=D, loss=N**-0.3 + D**-0.3).to_frame()
    frame.assign(run=N.astype(int).astype(str)).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("method", ["parabola", "cubic"])
def test_isoflop_prints_the_power_laws(run, profiles, method):
    ended = run("isoflop", profiles, "--columns", "N=params", "--method", method, "--num", "50", "--json")

    laws = ended.record["power_laws"]
    assert laws["N"]["exponent"]["value"] == pytest.approx(0.5)
    assert laws["D"]["coefficient"]["value"] == pytest.approx(6**-0.5)
    assert ended.record["verdict"]["grade"] == "ok"


def test_without_json_the_minima_are_a_table(run, profiles):
    ended = run("isoflop", profiles, "--columns", "N=params", "--num", "50")

    assert "isoFLOP curves: parabola of the raw loss along log N" in ended.out
    assert "verdict: ok" in ended.out


def test_envelope_reads_the_runs_that_checkpoints_belong_to(run, curves):
    ended = run("envelope", curves, "--group", "run", "--num", "20", "--json")

    assert ended.record["power_laws"]["N"]["exponent"]["value"] == pytest.approx(0.5, abs=0.01)
    assert len(ended.record["bins"]) == 200


def test_loglog_takes_any_two_columns(run, profiles):
    ended = run("loglog", profiles, "--x", "params", "--y", "D", "--num", "50", "--json")

    frame = pd.read_csv(profiles)
    assert ended.record["num_points"] == 30
    assert ended.record["exponent"]["value"] == pytest.approx(np.polyfit(np.log(frame.params), np.log(frame.D), 1)[0])


def test_an_envelope_without_groups_is_told_how_to_name_them(run, curves):
    ended = run("envelope", curves)

    assert ended.status == 2
    assert "which rows are one run" in ended.err
