"""Fine-tuning on few examples: learning curves of ten legal tasks, and two counts and three gains that make no law."""

import functools

import jax
import numpy as np
import pytest
from scipy import stats

import lawjax as lj
from lawjax.decisions import labels_for_accuracy
from lawjax.laws import COVERAGE, FEW_SHOT_ERROR, FEW_SHOT_ERROR_SHIFTED, PASS_RATE

LABELS = (10, 50, 100, 250, 500, 1000)
ACCURACY = {
    "sc_casedisposition": (0.8958, 0.9030, 0.9080, 0.9136, 0.9192, 0.9226),
    "sc_casesource": (0.5574, 0.6656, 0.6702, 0.7026, 0.7498, 0.8230),
    "sc_decisiondirection": (0.6564, 0.6674, 0.6750, 0.6922, 0.7176, 0.7334),
    "sc_issuearea": (0.5900, 0.6154, 0.6240, 0.6500, 0.6858, 0.7220),
    "sc_lcdisposition": (0.3812, 0.5208, 0.5384, 0.6274, 0.6700, 0.7136),
    "sc_lcdispositiondirection": (0.4508, 0.4520, 0.4540, 0.5014, 0.5128, 0.5304),
    "songer_direct1": (0.5292, 0.6110, 0.6120, 0.6366, 0.6548, 0.6676),
    "songer_geniss": (0.8236, 0.8498, 0.8596, 0.8724, 0.8830, 0.8928),
    "songer_origin": (0.5920, 0.6096, 0.6292, 0.6614, 0.6894, 0.7110),
    "songer_treat": (0.8256, 0.8314, 0.8436, 0.8586, 0.8666, 0.8712),
}
"""Mean accuracy over five seeds of 1000 answers each, by number of labels: computed from the result files of
socialfoundations/lawma (notebooks/results/sample-efficiency) with its scoring functions."""
F1 = {"BERT double": (0.958, 0.773, 0.623), "Legal-BERT": (0.963, 0.750, 0.680), "Custom": (0.974, 0.787, 0.695)}
SPECIFICITY = (-0.028, -0.085, 0.084)
"""F1 on Overruling, Terms of Service and CaseHOLD, and the domain specificity of each task:
Zheng et al. 2021, table 5 (reglab/casehold, figures/results.png)."""


@functools.cache
def fitted(law, task):
    runs = lj.Runs.from_columns(n=LABELS, error=1 - np.array(ACCURACY[task]))
    return lj.fit(law, runs, loss="squared", residual="raw", num_starts=16)


def test_least_squares_sends_the_floor_to_zero_in_nine_of_ten_tasks():
    fits = {task: fitted(FEW_SHOT_ERROR, task) for task in ACCURACY}
    with_floor = [task for task, fit in fits.items() if fit.edges != ("e",)]
    assert with_floor == ["songer_direct1"]
    assert [task for task, fit in fits.items() if "at-edge" not in fit.verdict.codes] == with_floor
    assert fits["songer_direct1"].params["e"] == pytest.approx(0.294, abs=1e-3)
    assert fits["songer_direct1"].params["c"] == pytest.approx(0.31, abs=5e-3)


def test_without_a_floor_the_exponents_are_small():
    exponents = [fitted(FEW_SHOT_ERROR, task).params["c"] for task in ACCURACY if task != "songer_direct1"]
    assert min(exponents) == pytest.approx(0.036, abs=1e-3)
    assert max(exponents) == pytest.approx(0.160, abs=1e-3)


@pytest.mark.parametrize(
    ("task", "times"), [("sc_issuearea", 15), ("songer_origin", 400), ("sc_decisiondirection", 30)]
)
def test_curves_that_bend_down_in_log_labels_ask_for_the_shifted_form(task, times):
    plain, shifted = fitted(FEW_SHOT_ERROR, task), fitted(FEW_SHOT_ERROR_SHIFTED, task)
    assert plain.objective > times * shifted.objective


def test_the_shifted_form_without_shift_is_the_plain_one():
    with jax.enable_x64(True):
        plain = float(FEW_SHOT_ERROR(300.0, e=0.1, a=0.8, c=0.2))
        shifted = float(FEW_SHOT_ERROR_SHIFTED(300.0, e=0.1, a=0.8, n0=1e-12, c=0.2))
    assert shifted == pytest.approx(plain, rel=1e-12)


def test_the_untuned_model_has_the_error_that_its_shift_stands_for():
    with jax.enable_x64(True):
        untuned = float(FEW_SHOT_ERROR_SHIFTED(1e-9, e=0.1, a=0.8, n0=100.0, c=0.5))
    assert untuned == pytest.approx(0.18)


def test_log_odds_of_the_pass_rate_are_linear_in_log_trajectories():
    with jax.enable_x64(True):
        rates = np.array([float(PASS_RATE(n, a=-4.0, b=0.4)) for n in (100.0, 1000.0, 10_000.0)])
    odds = np.log(rates / (1 - rates))
    np.testing.assert_allclose(np.diff(odds), 0.4 * np.log(10), rtol=1e-12)


def test_another_run_of_skywork_swe_differs_by_more_than_binomial_noise():
    solved, rerun, tasks, trajectories, slope = 190 / 500, 0.296, 500, 8209.0, 0.4
    noise = np.sqrt(solved * (1 - solved) / tasks)

    def made_up_for_by(rate):
        """How many times the trajectories bring a run with this rate to the published one."""
        through = dict(a=np.log(rate / (1 - rate)) - slope * np.log(trajectories), b=slope)
        return labels_for_accuracy(through, solved)["labels"] / trajectories

    assert made_up_for_by(solved - noise) == pytest.approx(1.26, abs=0.01)
    assert made_up_for_by(rerun) == pytest.approx(2.56, abs=0.01)


def test_the_best_of_eight_chosen_by_a_critic_is_less_than_eight_equal_chances():
    runs = lj.Runs.from_columns(k=[1.0, 8.0], coverage=[190 / 500, 235 / 500])
    fit = lj.fit(COVERAGE, runs, loss="squared", num_starts=8)
    with jax.enable_x64(True):
        found, equal = (float(COVERAGE(8.0, **p)) for p in (fit.params, dict(a=0.38e6, b=0.62e6)))
    assert found == pytest.approx(0.47, abs=1e-6)
    assert fit.params["a"] / (fit.params["a"] + fit.params["b"]) == pytest.approx(0.38, abs=1e-6)
    assert equal == pytest.approx(1 - 0.62**8, abs=1e-4)
    assert "no-slack" in fit.verdict.codes


def test_three_legal_tasks_do_not_make_a_law_of_domain_specificity():
    line = lj.laws.law_from_formula(
        "a + b * s", inputs={"s": lj.Variable(kind="real")}, response="gain", support="real",
        params={"a": "-0.1:0.1", "b": "-1:1"})  # fmt: skip
    gains = {model: np.subtract(F1[model], F1["BERT double"]) for model in ("Legal-BERT", "Custom")}
    runs = {model: lj.Runs.from_columns(s=SPECIFICITY, gain=gain) for model, gain in gains.items()}
    fits = {model: lj.fit(line, of, loss="squared", residual="raw", num_starts=4) for model, of in runs.items()}
    chance = {model: 2 * stats.t.sf(fit.params["b"] / fit.stderr["b"], df=1) for model, fit in fits.items()}
    # One model's three gains lie on a line, and another's, of the same tasks, do not.
    for model, expected in (("Legal-BERT", 0.0091), ("Custom", 0.196)):
        assert chance[model] == pytest.approx(expected, abs=1e-3)
        assert chance[model] == pytest.approx(stats.linregress(SPECIFICITY, gains[model]).pvalue, rel=1e-5)
