"""Made-up chains get the notes that they deserve, and good ones get none."""

import numpy as np
import pytest

from lawjax.inference.diagnostics import diagnose, flatten, judge, measure, prior_notes
from lawjax.verdict import Severity, Verdict

SHAPE = (4, 500)


@pytest.fixture
def good(generator):
    return generator.standard_normal(SHAPE)


def verdict_of(draws, generator, **stats):
    stats = {"energy": generator.standard_normal(draws.shape), **stats}
    return judge(diagnose({"E": draws}, stats))


def drifting(generator, memory):
    """An autoregressive chain: each draw is `memory` times the last, plus noise."""
    draws = np.zeros((4, 2000))
    for index in range(1, 2000):
        draws[:, index] = memory * draws[:, index - 1] + generator.standard_normal(4)
    return draws


def test_good_chains_get_no_note(good, generator):
    assert verdict_of(good, generator).notes == ()


def test_independent_draws_are_worth_their_number(good):
    assert measure(good)["ess_bulk"] == pytest.approx(2000, rel=0.15)
    assert measure(good)["mcse"] == pytest.approx(1 / np.sqrt(2000), rel=0.15)


def test_chains_with_memory_are_worth_less(generator):
    assert measure(drifting(generator, 0.8))["ess_bulk"] == pytest.approx(8000 * 0.2 / 1.8, rel=0.3)


def test_swinging_chains_are_never_worth_more_than_n_log_n(generator):
    draws = drifting(generator, -0.99)
    assert 8000 < measure(draws)["ess_bulk"] <= 8000 * np.log10(8000)


def test_rhat_and_ess_are_those_of_arviz(generator):
    arviz = pytest.importorskip("arviz")
    draws = drifting(generator, 0.5)[:, :500]
    found = measure(draws)
    assert found["rhat"] == pytest.approx(float(arviz.rhat(draws)), rel=1e-9)
    assert found["ess_bulk"] == pytest.approx(float(arviz.ess(draws)), rel=0.03)
    assert found["ess_tail"] == pytest.approx(float(arviz.ess(draws, method="tail", prob=(0.05, 0.95))), rel=0.05)


def test_a_constant_chain_is_an_error(good, generator):
    good[2] = 1.0
    verdict = verdict_of(good, generator)
    assert {"stuck-chain", "nan-diagnostics"} <= set(verdict.codes)
    assert verdict.severity == Severity.ERROR
    assert "never moved: 3" in str(verdict)


def test_one_nan_draw_is_an_error(good, generator):
    good[0, 7] = np.nan
    verdict = verdict_of(good, generator)
    assert verdict.codes == ("nan-diagnostics",)
    assert verdict.grade == "error"


def test_a_shifted_chain_is_an_error(good, generator):
    good[1] += 3.0
    verdict = verdict_of(good, generator)
    assert verdict.grade == "error"
    assert "high-rhat" in verdict.codes


def test_a_wider_chain_is_seen_though_its_mean_agrees(good, generator):
    good[1] *= 10.0
    assert "high-rhat" in verdict_of(good, generator).codes


def test_slow_chains_are_warned_about(generator):
    verdict = verdict_of(drifting(generator, 0.98), generator)
    assert "low-ess" in verdict.codes


def test_a_single_divergence_is_a_warning_and_many_are_an_error(good, generator):
    diverging = np.zeros(SHAPE, dtype=bool)
    diverging[0, 0] = True
    assert verdict_of(good, generator, diverging=diverging).grade == "warning"
    assert verdict_of(good, generator, diverging=~diverging).grade == "error"


def test_energy_that_is_explored_slowly_is_warned_about(good, generator):
    energy = np.cumsum(generator.standard_normal(SHAPE), axis=1)
    assert verdict_of(good, generator, energy=energy).codes == ("low-bfmi",)


def test_paths_cut_short_are_warned_about(good, generator):
    assert verdict_of(good, generator, longest_path=np.ones(SHAPE)).codes == ("long-paths",)


def test_one_chain_cannot_be_compared(generator):
    assert "one-chain" in verdict_of(generator.standard_normal((1, 500)), generator).codes


def test_a_posterior_as_wide_as_its_prior_names_the_parameter():
    one = np.asarray(1.0)
    notes = Verdict(tuple(prior_notes({"E": 0.9 * one, "alpha": 0.1 * one}, {"E": one, "alpha": one})))
    assert notes.codes == ("prior-dominated",)
    assert "The data say little about `E`:" in str(notes)


def test_entries_of_a_vector_parameter_are_judged_one_by_one(generator):
    chains = {"w": generator.standard_normal((*SHAPE, 2)), "E": generator.standard_normal(SHAPE)}
    assert list(flatten(chains)) == ["w[0]", "w[1]", "E"]
