"""`lawjax sweep` with a store: it goes on, says how far it is, and refuses another sweep."""

import json

import pytest

from lawjax.cli import main
from tests.helpers import SWEEP as ASKED


@pytest.fixture
def run(capsys):
    """Runs `lawjax` with these arguments: its status, standard output and standard error."""

    def command(*argv):
        status = main([str(part) for part in argv])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


def test_the_same_command_goes_on_in_its_folder(run, tmp_path):
    first = run(*ASKED, "--store", tmp_path, "--json")
    again = run(*ASKED, "--store", tmp_path, "--json")
    assert (first[0], again[0]) == (0, 0)
    assert json.loads(again[1])["tables"] == json.loads(first[1])["tables"]
    assert list(tmp_path.glob("shard-*"))


def test_status_says_how_far_it_is(run, tmp_path):
    run(*ASKED, "--store", tmp_path, "--shards", 1)
    ended, text, _ = run("sweep", "--store", tmp_path, "--status")
    assert (ended, f"{tmp_path}: 1 of 1 shards" in text) == (0, True)
    record = json.loads(run("sweep", "--store", tmp_path, "--status", "--json")[1])
    assert (record["num_done"], record["configs_done"], record["facts"]["budget"]) == (1, 24000, "inf")


def test_another_sweep_in_that_folder_is_an_error_of_status_two(run, tmp_path):
    run(*ASKED, "--store", tmp_path)
    ended, out, err = run(*ASKED, "--store", tmp_path, "--budget", "1e23")
    assert (ended, out) == (2, "")
    assert "is of another sweep. What differs: budget: inf there, 1e+23 here" in err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["sweep", "--status"], "--status needs --store"),
        (["sweep", "--status", "--store", "nowhere"], "holds no sweep"),
        ([*ASKED, "--shards", "3"], "pass store=... as well"),
    ],
)
def test_a_command_that_makes_no_sense_says_what_to_do(run, argv, message):
    ended, _, err = run(*argv)
    assert ended == 2
    assert message in err


def test_every_form_of_keep_is_a_table(run):
    forms = ["top:2", "pareto:loss,cost,N", "best-by:N", "quantiles:cost", "best-in-draws"]
    ended, out, _ = run(
        *ASKED[:-2], *(part for form in forms for part in ("--keep", form)), "--budget", "1e21", "--json"
    )
    assert ended == 0
    assert list(json.loads(out)["tables"]) == ["top_k", "pareto", "best_by", "quantiles", "best_in_draws"]


@pytest.mark.parametrize("form", ["best-in-draws:3", "quantiles", "pareto:loss", "pareto:a,b,c,d,e"])
def test_a_form_of_keep_that_makes_no_sense_is_refused(run, form):
    ended, _, err = run(*ASKED[:-2], "--keep", form)
    assert ended == 2
    assert "--keep" in err or "pareto takes two to four different quantities" in err
