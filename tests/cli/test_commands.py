"""Each verb does what its Python namesake does, on files, and prints one JSON object when asked."""

import json

import numpy as np
import pytest

import lawjax as lj
from lawjax.cli.fitting import OPTIMIZERS, optimizer_named


def test_fit_maps_filters_and_scales_the_table(run, table, naming, truth):
    ended = run("fit", table, *naming, "--json")

    assert ended.record["rows_used"] == 48
    assert ended.record["params"]["E"] == pytest.approx(truth["E"], rel=0.05)


def test_without_json_a_summary_is_printed(run, table, naming):
    ended = run("fit", table, *naming)

    assert "parameter" in ended.out
    assert "verdict:" in ended.out


def test_a_saved_fit_is_the_one_that_was_printed(run, table, naming, saved_fit):
    printed = run("fit", table, *naming, "--json").record["params"]

    saved = lj.load(saved_fit).params
    assert {name: float(value) for name, value in saved.items()} == pytest.approx(printed)


def test_a_saved_fit_is_resampled_and_the_draws_predict_and_plan(run, saved_fit, tmp_path):
    draws = tmp_path / "draws.parquet"

    resampled = run("bootstrap", saved_fit, "--num", "40", "--json", "--out", draws)
    predicted = run("predict", draws, "--at", "N=7e10,D=1.4e12", "--at", "N=1e9,D=2e10", "--kind", "new_run", "--json")
    planned = run("allocate", draws, "--budget", "1e21", "--budget", "1e22", "--bounds", "D=1e9:1e13", "--json")

    assert resampled.record["num_draws"] == 40
    assert [row["N"] for row in predicted.record["rows"]] == [7e10, 1e9]
    assert all(row["low"] < row["median"] < row["high"] for row in predicted.record["rows"])
    assert [plan["budget"] for plan in planned.record["plans"]] == [1e21, 1e22]


def test_an_input_can_be_held_in_a_plan(run):
    ended = run("allocate", "--published", "hoffmann2022", "--budget", "1e23", "--fix", "D=1e12", "--json")

    (plan,) = ended.record["plans"]
    assert plan["inputs"]["N"] == pytest.approx(1e23 / 6e12)


def test_a_plan_keeps_to_further_limits_and_to_listed_values(run):
    asked = ("allocate", "--published", "besiroglu2024", "--budget", "1e24", "--json")

    (capped,) = run(*asked, "--at-most", "D=1e12").record["plans"]
    (listed,) = run(*asked, "--values", "N=7e9:7e10").record["plans"]
    refused = run(*asked, "--at-least", "D=1e14", "--at-least", "N=1e12")

    assert capped["inputs"]["D"] == pytest.approx(1e12)
    assert listed["inputs"]["N"] == 7e10
    assert refused.status == 2
    assert "exclude each other" in refused.err


PAID = ("--device", "h100-sxm", "--utilisation", "0.4", "--price", "2")


def test_a_plan_may_be_paid_in_money_and_serve_tokens(run):
    ended = run("allocate", "--published", "besiroglu2024", "--budget", "1e7", *PAID, "--served", "1e12", "--json")

    (plan,) = ended.record["plans"]
    cost = lj.costs.lifetime(1e12).on("h100-sxm", utilisation=0.4).priced(2.0)
    unserved = lj.usd(1e7).at(2.0).on("h100-sxm", utilisation=0.4)
    expected, alone = lj.allocate("besiroglu2024", lj.usd(1e7), cost=cost), lj.allocate("besiroglu2024", unserved)
    assert plan["inputs"]["N"] == pytest.approx(expected.inputs["N"][0], rel=1e-9)
    assert plan["inputs"]["N"] < 0.95 * alone.inputs["N"][0]


def test_a_sweep_may_be_paid_in_money(run):
    axes = ("--axis", "N=1e8:1e12:30", "--axis", "D=1e9:1e13:30")
    ended = run("sweep", "--published", "besiroglu2024", *axes, "--budget", "1e6", *PAID, "--keep", "top:3", "--json")

    kept = ended.record["tables"]["top_k"]["cost"]
    assert len(kept) == 3
    assert 0 < max(kept) <= 1e6


def test_sweep_keeps_what_is_asked_within_the_budget(run):
    axes = ("--axis", "N=1e8:1e12:40", "--axis", "D=1e9:1e13:40")
    kept = ("--keep", "top:5", "--keep", "pareto:loss,cost", "--keep", "best-by:N")

    ended = run("sweep", "--published", "besiroglu2024", *axes, "--budget", "1e23", *kept, "--json")

    tables = ended.record["tables"]
    assert ended.record["num_configs"] == 1600
    assert len(tables["top_k"]["loss"]) == 5
    assert max(tables["top_k"]["cost"]) <= 1e23
    assert np.all(np.diff(tables["best_by"]["N"]) > 0)
    assert set(tables["pareto"]) >= {"loss", "cost"}


def test_simulated_runs_are_a_table_that_fit_reads(run, tmp_path, truth):
    path = tmp_path / "made.csv"
    params = ",".join(f"{name}={value}" for name, value in truth.items())

    made = run("simulate", "--param", params, "--num-runs", 48, "--noise", 0, "--out", path, "--seed", 3)
    fitted = run("fit", path, "--json")

    assert made.out == ""
    assert fitted.record["rows_used"] == 48
    assert fitted.record["params"] == pytest.approx(truth, rel=1e-3)


def test_simulate_takes_a_design_and_prints_csv(run, tmp_path):
    design = tmp_path / "design.csv"
    design.write_text("N,D\n1e8,1e10\n1e9,1e11\n")

    ended = run("simulate", "--published", "besiroglu2024", "--design", design, "--noise", 0)

    lines = ended.out.splitlines()
    assert lines[0] == "N,D,loss"
    assert len(lines) == 3


def test_laws_lists_the_catalogue_and_shows_one(run):
    names = [law["name"] for law in run("laws", "--json").record["laws"]]
    one = run("laws", "show", "chinchilla", "--json").record
    made = run("laws", "show", "broken-power-law-3")

    assert names == list(lj.laws.ALL)
    assert one["published"]["hoffmann2022"]["params"]["E"] == 1.69
    assert one["inputs"]["N"] == {"unit": "parameters", "kind": "count", "size": None, "response": "falls"}
    assert "d3" in made.out


def test_laws_filters_by_family_input_and_word(run):
    of_size = {law["name"] for law in run("laws", "--family", "size", "--input", "N", "--json").record["laws"]}
    about = {law["name"] for law in run("laws", "--about", "trained to the end", "--json").record["laws"]}

    assert {"chinchilla", "kaplan-n"} <= of_size
    assert "kaplan-d" not in of_size
    assert about == {"kaplan-n"}


def test_laws_that_no_filter_keeps_are_an_error_that_says_so(run):
    ended = run("laws", "--input", "moon")

    assert ended.status == 2
    assert "no law fits these filters" in ended.err


def test_laws_shows_text_with_coefficients_paper_and_caveats(run):
    shown = run("laws", "show", "chinchilla").out

    assert "E + A N^{-\\alpha} + B D^{-\\beta}" in shown
    assert "--published hoffmann2022" in shown
    assert "Training Compute-Optimal" in shown


def test_laws_cites_a_paper_in_bibtex(run):
    assert run("laws", "cite", "chinchilla").out.startswith("@article{hoffmann2022,")


def test_laws_lists_the_papers(run):
    papers = {paper["reference"]: paper for paper in run("laws", "papers", "--json").record["papers"]}

    assert papers["hoffmann2022"]["laws"] == ["chinchilla"]
    assert (
        "hoffmann2022: Training Compute-Optimal Large Language Models\n    verified; chinchilla"
        in run("laws", "papers").out
    )


def test_data_shows_ranges_and_doubts_and_converts(run, table, naming, tmp_path):
    saved = tmp_path / "runs.json"

    ended = run("data", table, *naming, "--json", "--out", saved)

    assert ended.record["rows_used"] == 48
    assert ended.record["verdict"]["grade"] in ("ok", "warning")
    assert run("data", saved, "--where", "N > 1e8", "--json").record["rows_used"] < 48


def test_data_without_a_table_lists_the_data_sets(run):
    names = [row["name"] for row in run("data", "--json").record["data_sets"]]

    assert names[0] == "bytelm"
    assert "hoffmann2022" in names


def test_data_fetches_a_public_table(run, shared_originals, monkeypatch, tmp_path):
    monkeypatch.setenv("LAWJAX_DATA_DIR", str(shared_originals))
    out = tmp_path / "runs.csv"

    ended = run("data", "--fetch", "kyo_takano", "--out", out, "--json")

    assert ended.record["rows_used"] == 234
    assert out.read_text().startswith("N,D,C,loss")


def test_report_writes_a_page_from_a_saved_fit(run, saved_fit, tmp_path):
    draws, page = tmp_path / "draws.json", tmp_path / "report.html"
    run("bootstrap", saved_fit, "--num", "40", "--out", draws)

    ended = run("report", saved_fit, "--budget", "1e23", "--draws", draws, "--out", page, "--json")

    assert ended.record["report"] == str(page)
    assert "With 10²³ FLOP, train" in page.read_text()
    assert f"$ lawjax report {saved_fit} --budget 1e23" in page.read_text()


def test_fit_holds_and_ties_parameters_and_takes_an_optax_optimizer(run, table, naming):
    options = ("--fix", "E=1.7", "--tie", "beta=alpha", "--optimizer", "adam", "--starts", 2, "--loss", "squared")

    fit = run("fit", table, *naming, *options, "--json").record

    assert fit["params"]["E"] == 1.7
    assert fit["params"]["beta"] == fit["params"]["alpha"]
    assert fit["method"] == "optax"
    assert np.isfinite(fit["objective"])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_a_transformation(name):
    assert callable(optimizer_named(name).update)


def test_a_table_is_fitted_before_it_is_resampled(run, curve):
    ended = run("bootstrap", curve, "--law", "power-law", "--num", "20", "--kind", "residual", "--json")

    assert ended.record["num_draws"] == 20
    assert "residual" in ended.record["origin"]


def test_sample_draws_from_the_posterior(run, curve, tmp_path):
    saved = tmp_path / "posterior.parquet"
    few = ("--draws", 50, "--warmup", 100, "--chains", 2, "--noise", "normal")

    ended = run("sample", curve, "--law", "power-law", *few, "--json", "--out", saved)

    assert (ended.record["num_chains"], ended.record["num_draws"]) == (2, 100)
    assert run("predict", saved, "--at", "x=1e10", "--json").status == 0


def test_compare_ranks_laws(run, curve):
    ended = run("compare", curve, "--laws", "power-law,power-law-floor", "--json")

    assert {row["law"] for row in ended.record["laws"]} == {"power-law", "power-law-floor"}


def test_backtest_predicts_the_larger_runs(run, curve):
    ended = run("backtest", curve, "--law", "power-law", "--along", "x", "--cuts", 2, "--json")

    assert ended.status == 0
    assert ended.record["verdict"]["notes"]


@pytest.mark.slow
def test_demo_goes_the_whole_road(run, tmp_path):
    ended = run("demo", "--small", "--out", tmp_path / "demo", "--json")

    made = {path.name for path in (tmp_path / "demo").iterdir()}
    results = {"fit.json", "draws.parquet", "posterior.parquet", "prediction.json", "plan.json", "sweep.json"}
    assert made == results | {"summary.json", "report.html"}
    assert ended.record == json.loads((tmp_path / "demo" / "summary.json").read_text())
    assert all(lj.load(tmp_path / "demo" / name) is not None for name in results)
