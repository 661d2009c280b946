"""Mixing laws on the runs of their authors: two domains, five domains, continual pre-training."""

import csv
import json

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.errors import InputError
from lawjax.laws import MIXING_SHARE, mixing_law

GROUPS = ("academic", "prose", "dialogue", "symbolic", "internet")
# yegcjs/mixinglaws, mix_2_domains.ipynb: slope and log scale after 10000, 20000 and 30000 steps.
TWO_DOMAINS = [
    ("70M", "Github", 10000, -2.4381, -0.5978),
    ("70M", "Github", 20000, -1.5473, -0.6506),
    ("70M", "Github", 30000, -1.6405, -0.6819),
    ("70M", "Pile-CC", 10000, -2.9041, -0.5333),
    ("70M", "Pile-CC", 20000, -2.2959, -0.5862),
    ("70M", "Pile-CC", 30000, -2.5189, -0.6257),
    ("160M", "Github", 10000, -3.6654, -0.1843),
    ("160M", "Github", 20000, -1.6850, -0.7528),
    ("160M", "Github", 30000, -1.6139, -0.7760),
    ("160M", "Pile-CC", 20000, -2.4178, -0.5877),
    ("160M", "Pile-CC", 30000, -2.7239, -0.6131),
]
SHARE_OF = {"Github": "p_github", "Pile-CC": "p_pile_cc"}
# mix_5_domains.ipynb: mean Huber loss (0.05) over 26 mixtures at 30000 steps of the 70M model.
FIVE_DOMAINS = {
    "academic": 0.0005682876217179,
    "prose": 0.00012334295024629682,
    "dialogue": 0.0005513424403034151,
    "symbolic": 0.0001428198884241283,
    "internet": 8.165960753103718e-05,
}


def _rows(folder, name, **where):
    with (folder / "mixinglaws" / name).open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if all(row[key] == str(value) for key, value in where.items())]


def _straightest(share, loss):
    """The constant that the source takes: of a thousand, the one that makes log(loss - c) straightest."""
    constants = np.linspace(0, loss.min(), 1000)[:-1]
    straight = [abs(np.corrcoef(share, np.log(loss - c))[0, 1]) for c in constants]
    return float(constants[np.argmax(straight)])


@pytest.mark.parametrize(("size", "domain", "step", "slope", "log_scale"), TWO_DOMAINS)
def test_two_domains_give_the_coefficients_of_the_source(shared_data, size, domain, step, slope, log_scale):
    rows = _rows(shared_data, "two_domain.csv", model_size=size, valid_domain=domain, step=step)
    share = np.array([float(row[SHARE_OF[domain]]) for row in rows])
    loss = np.array([float(row["loss"]) for row in rows])
    fit = lj.fit(
        MIXING_SHARE, lj.Runs.from_columns(r=share, loss=loss), loss="huber", delta=0.02, residual="raw",
        fixed={"c": _straightest(share, loss)}, num_starts=16,
    )  # fmt: skip
    assert float(fit.params["t"]) == pytest.approx(slope, abs=2e-3)
    assert float(np.log(fit.params["k"])) == pytest.approx(log_scale, abs=2e-3)


@pytest.fixture(scope="module")
def five(shared_data):
    """Proportions and losses of the 26 mixtures that the source fits, and the fits of lawjax."""
    rows = _rows(shared_data, "five_domain_grouped.csv", model_size="70M", step=30000)
    ratio = np.array([[float(row[f"p_{group}"]) for group in GROUPS] for row in rows])
    losses = {group: np.array([float(row[f"loss_{group}"]) for row in rows]) for group in GROUPS}
    fits = {
        group: lj.fit(
            mixing_law(5), lj.Runs.from_columns(ratio=ratio, loss=losses[group]), loss="huber", delta=0.05,
            residual="raw", fixed={"k": 1.0}, num_starts=32,
        )
        for group in GROUPS
    }  # fmt: skip
    return ratio, losses, fits


@pytest.mark.parametrize("group", GROUPS)
def test_five_domains_reach_the_objective_of_the_source(five, group):
    ratio, _, fits = five
    mean = fits[group].objective / len(ratio)
    assert mean <= FIVE_DOMAINS[group]
    assert mean >= 0.999 * FIVE_DOMAINS[group]


@pytest.mark.parametrize("group", GROUPS)
def test_five_domains_agree_with_the_source_in_what_the_proportions_determine(five, group):
    fit, source = five[2][group], lj.laws.published(f"ye2025-{group}-70m").params
    theirs = np.log(source["k"]) + np.asarray(source["t"])
    np.testing.assert_allclose(np.log(fit.params["k"]) + fit.params["t"], theirs, atol=0.02)
    assert float(fit.params["c"]) == pytest.approx(source["c"], abs=1e-3)


@pytest.mark.parametrize("group", GROUPS)
def test_the_published_coefficients_have_the_objective_that_was_printed(five, group):
    ratio, losses, _ = five
    error = np.abs(lj.predict(f"ye2025-{group}-70m", {"ratio": ratio}).median - losses[group])
    inside = np.minimum(error, 0.05)
    assert np.mean(0.5 * inside**2 + 0.05 * (error - inside)) == pytest.approx(FIVE_DOMAINS[group], rel=2e-4)


@pytest.fixture(scope="module")
def continual(shared_data):
    """Pile proportion and Pile loss of the four runs fitted; the loss before; the loss of the run at the optimum."""
    weights = json.loads((shared_data / "mixinglaws" / "metadata.json").read_text(encoding="utf-8"))["valid_weight"]

    def pile(run, step):
        rows = _rows(shared_data, "continual_pretraining.csv", run=run, step=step)
        return sum(float(row["loss"]) * weights.get(row["valid_domain"], 0.0) for row in rows)

    loss = np.array([pile(f"70M_ct_{i}", 10000) for i in range(4)])
    share = np.array([0.125, 0.25, 0.375, 0.5])
    return share, loss, pile("pythia_70m_step20000", 0), pile("70M_ct_9", 10000)


def test_the_critical_proportion_of_continual_pretraining_is_that_of_the_source(continual):
    share, loss, before, _ = continual
    runs = lj.Runs.from_columns(r=share, loss=loss)
    fixed = {"c": _straightest(share, loss)}
    fit = lj.fit(MIXING_SHARE, runs, loss="huber", delta=0.02, residual="raw", fixed=fixed)
    answer = lj.decisions.critical_mixture_ratio(fit, cap=before)
    assert answer["ratio"] == pytest.approx(0.28622540757637893, abs=2e-3)


def test_the_run_at_that_proportion_lies_within_the_interval_when_all_is_fitted(continual):
    share, loss, before, at_critical = continual
    fit = lj.fit(MIXING_SHARE, lj.Runs.from_columns(r=share, loss=loss), loss="squared", residual="raw")
    low, high = lj.decisions.critical_mixture_ratio(fit, cap=at_critical).interval("ratio")
    assert low < 0.28515625 < high
    assert at_critical < before


def test_only_the_sum_of_log_k_and_t_matters():
    params = dict(c=1.0, k=0.5, t=np.array([-1.0, 0.5, 0.2]))
    moved = dict(c=1.0, k=0.5 * np.exp(2.0), t=params["t"] - 2.0)
    with jax.enable_x64(True):
        here = float(mixing_law(3)(np.array([0.2, 0.3, 0.5]), **params))
        there = float(mixing_law(3)(np.array([0.2, 0.3, 0.5]), **moved))
    assert there == pytest.approx(here, rel=1e-12)


def test_the_share_law_is_the_law_of_two_domains_with_one_indifferent():
    with jax.enable_x64(True):
        two = float(mixing_law(2)(np.array([0.3, 0.7]), c=1.0, k=0.5, t=np.array([-2.0, 0.0])))
        one = float(MIXING_SHARE(0.3, c=1.0, k=0.5, t=-2.0))
    assert two == pytest.approx(one, rel=1e-12)


def test_a_mixture_of_one_domain_is_refused():
    with pytest.raises(InputError, match="num_domains"):
        mixing_law(1)
