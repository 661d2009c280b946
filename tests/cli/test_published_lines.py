"""The command lines of the published refit of Chinchilla, and what they must print."""

import pytest

LINE = (
    "--law",
    "chinchilla",
    "--columns",
    "N=params,D=tokens,loss=loss",
    "--where",
    "used_in_published_fit==1",
    "--json",
)


def test_huber_reaches_the_published_minimum(run, shared_data):
    ended = run("fit", shared_data / "hoffmann_epoch" / "chinchilla_fig4.csv", *LINE)

    fit = ended.record
    assert ended.status == 0
    assert fit["objective"] <= 0.0010182741
    expected = {"E": 1.817218, "A": 477.826, "alpha": 0.347310, "B": 2143.42, "beta": 0.367172}
    assert fit["params"] == pytest.approx(expected, rel=1e-4)
    assert (fit["rows_used"], fit["rows_dropped"], fit["status"]) == (240, 5, "converged")
    assert fit["agreement"] > 0.5
    assert set(fit["stderr"]) == set(expected)
    assert fit["verdict"]["grade"] in ("ok", "warning")


def test_absolute_loss_reaches_the_published_values(run, shared_data):
    ended = run("fit", shared_data / "hoffmann_epoch" / "chinchilla_fig4.csv", *LINE, "--loss", "absolute")

    expected = {"E": 1.81686, "A": 482.006, "alpha": 0.34781, "B": 2085.43, "beta": 0.36585}
    assert ended.record["params"] == pytest.approx(expected, rel=2e-3)


def test_the_published_coefficients_split_the_published_budget(run):
    ended = run("allocate", "--published", "besiroglu2024", "--budget", "5.76e23", "--json")

    (plan,) = ended.record["plans"]
    assert plan["inputs"]["N"] == pytest.approx(7.235e10, rel=1e-3)
