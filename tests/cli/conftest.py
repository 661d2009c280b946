"""Running the command line in process, and a small table to run it on."""

import json
from typing import NamedTuple

import pytest

import lawjax as lj
from lawjax.cli import main


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def record(self) -> dict:
        """The one JSON object on standard output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def run(capsys):
    """Runs `lawjax` with these arguments."""

    def command(*argv: object) -> Ended:
        status = main([str(part) for part in argv])
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    return command


@pytest.fixture(scope="session")
def table(tmp_path_factory, truth):
    """A .csv of simulated runs in another's column names, tokens in billions, with an outlier flag."""
    runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=48, noise=0.005, key=0)
    frame = runs.to_frame().rename(columns={"N": "params", "loss": "val_loss"})
    frame["tokens"] = frame.pop("D") / 1e9
    frame["bad"] = 0
    path = tmp_path_factory.mktemp("tables") / "runs.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def naming() -> tuple[str, ...]:
    """How to read that table."""
    return ("--columns", "N=params,D=tokens,loss=val_loss", "--units", "D=1e9", "--where", "bad==0")


@pytest.fixture(scope="session")
def saved_fit(table, naming, tmp_path_factory):
    """A fit of that table, saved by the command line."""
    path = tmp_path_factory.mktemp("results") / "fit.json"
    assert main(["fit", str(table), *naming, "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def curve(tmp_path_factory):
    """A .csv of one input, for what does not depend on the law: it compiles in a fraction of the time."""
    runs = lj.simulate(lj.laws.POWER_LAW, {"A": 20.0, "alpha": 0.1}, num_runs=32, noise=0.005, key=0)
    path = tmp_path_factory.mktemp("tables") / "curve.csv"
    runs.to_frame().to_csv(path, index=False)
    return path
