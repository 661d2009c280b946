"""Fits to public runs give the figures that their sources print.

| check | data and procedure | test |
|---|---|---|
| 1 | 240 Hoffmann runs, Huber 1e-3 | hubers_optimum_of_the_hoffmann_runs |
| 2 | same, absolute loss | the_absolute_loss_gives_the_published_estimate |
| 3 | 245 Hoffmann runs, Huber | five_outliers_move_the_exponent_of_data |
| 4 | same 240, 4000 bootstraps | four_thousand_resamples; with the authors' own: fitting/test_bootstrap.py |
| 5 | same, a = beta / (alpha + beta) | the_exponent_of_the_best_size_and_its_interval |
| 7 | kyo_takano, asymmetric loss | an_asymmetric_loss_gives_the_published_fit |
| 8, 9 | porian optima, isoFLOP minima | laws/test_porian.py |
| 10, 11, 28 | repeated data: published, best, all runs | laws/test_repetition.py |
| 12 | repeated data, bootstrap | the_half_life_of_repeats_is_hardly_known |
| 13 | vocabulary, approach 3 | laws/test_vocabulary.py: the_tied_loss_fitted_as_in_the_code |
| 16 | parallel streams, two corpora | laws/test_streams.py: the_fit_to_the_published_losses |
| 17, 18, 19 | mixtures: two and five domains, continual | laws/test_mixing.py |
| 20 | ninety fine-tuning curves | laws/test_rectified.py: every_one_of_ninety_curves |
| 21 | routed experts, two routers | laws/test_routed.py: the_law_fits_the_public_runs |
| 22 | OLMo ladder, step 1 | the_ladder_predicts_the_losses_of_its_target |
| 23 | OLMo ladder, both steps chained | laws/test_ladder.py: the_chain_predicts_the_scores |
| 24 | Llama 3 isoFLOP curves | decisions/test_size.py, tests/classical |
| 25 | broken power law of learning to add | a_broken_power_law_has_the_six_published_parameters |

Sources: epoch-research/analyzing-chinchilla (1-5), kyo-takano/chinchilla (7), huggingface/datablations (12),
allenai/OLMo-ladder (22), ethancaballero/broken_neural_scaling_laws (25).
"""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import BROKEN_POWER_LAW, CHINCHILLA, DATA_CONSTRAINED, published
from tests.laws.test_ladder import TARGET, TASKS, ladder, loss_fit  # noqa: F401  `ladder` is a fixture
from tests.laws.test_ladder import published as ladder_published  # noqa: F401  another


def values(fit, *names):
    return [float(fit.params[name]) for name in names]


def test_hubers_optimum_of_the_hoffmann_runs(hoffmann_fit):
    assert hoffmann_fit.objective == pytest.approx(0.001018274018, rel=1e-6)
    assert values(hoffmann_fit, "alpha", "beta", "E") == pytest.approx([0.347310, 0.367172, 1.817218], abs=1e-4)
    assert values(hoffmann_fit, "A", "B") == pytest.approx([477.826, 2143.42], rel=1e-3)


def test_the_absolute_loss_gives_the_published_estimate(hoffmann):
    fit = lj.fit(CHINCHILLA, hoffmann, loss="absolute")
    assert fit.objective == pytest.approx(1.129494655, rel=1e-6)
    assert values(fit, "alpha", "beta", "E") == pytest.approx([0.34781, 0.36585, 1.81686], abs=2e-4)
    assert values(fit, "A", "B") == pytest.approx([482.006, 2085.43], rel=2e-3)


def test_five_outliers_move_the_exponent_of_data(shared_data):
    path = shared_data / "hoffmann_epoch" / "chinchilla_fig4.csv"
    fit = lj.fit(CHINCHILLA, lj.read_runs(path, columns={"N": "params", "D": "tokens"}))
    assert len(fit.runs) == 245
    assert fit.objective == pytest.approx(0.001826010523, rel=1e-6)
    assert values(fit, "B", "beta") == pytest.approx([12845.6, 0.45305], rel=5e-3)
    assert "outlier" in fit.verdict.codes


@pytest.fixture(scope="module")
def resamples(hoffmann_fit):
    return lj.bootstrap(hoffmann_fit, num=4000, key=0)


def test_four_thousand_resamples_give_the_published_errors_and_intervals(resamples):
    spread = [float(resamples.stderr[name]) for name in ("A", "B", "E", "alpha", "beta")]
    assert spread == pytest.approx([124.5, 1293, 0.0257, 0.0154, 0.0206], rel=0.05)
    assert resamples.interval("alpha") == pytest.approx((0.317, 0.373), abs=0.002)
    assert resamples.interval("beta") == pytest.approx((0.331, 0.415), abs=0.002)


def test_the_exponent_of_the_best_size_and_its_interval(resamples, hoffmann_fit):
    alpha, beta = values(hoffmann_fit, "alpha", "beta")
    shares = resamples["beta"] / (resamples["alpha"] + resamples["beta"])
    # The printed width is that of a normal interval; between quantiles it is 2 to 6 % less, by the seed.
    low, high = np.quantile(shares, [0.1, 0.9])
    assert beta / (alpha + beta) == pytest.approx(0.513, abs=2e-3)
    assert shares.std() == pytest.approx(0.020, rel=0.05)
    assert 2 * 1.2816 * shares.std() == pytest.approx(0.051, rel=0.05)
    assert high - low == pytest.approx(0.051, rel=0.07)


def test_an_asymmetric_loss_gives_the_published_fit(shared_data):
    path = shared_data / "kyo_takano_chinchilla" / "chinchilla_runs.csv"
    runs = lj.read_runs(path, columns={"N": "params", "D": "tokens"})
    fit = lj.fit(CHINCHILLA, runs, loss="asymmetric", penalty=10.0, residual="raw")
    assert fit.objective / len(runs) == pytest.approx(0.0227819, rel=1e-4)
    assert values(fit, "E", "alpha", "beta") == pytest.approx([1.7002, 0.2890, 0.3558], abs=5e-4)


@pytest.mark.slow
def test_the_half_life_of_repeats_is_hardly_known(shared_data):
    path = shared_data / "muennighoff" / "data_constrained_fit_set.csv"
    runs = lj.read_runs(path, columns={"N": "params", "D": "tokens"})
    fit = lj.fit(DATA_CONSTRAINED, runs, fixed=dict(published("muennighoff2023-c4").params))
    low, high = lj.bootstrap(fit, num=300, key=0).interval("R_D_star")
    assert high > 100
    assert low > 3


@pytest.mark.parametrize("task", ["c4", *TASKS])
def test_the_ladder_predicts_the_losses_of_its_target(ladder, ladder_published, task):  # noqa: F811
    renamed = {key: {**run, "c4_bpb": run["c4_loss"]} for key, run in ladder.items()}
    predicted = float(lj.predict(loss_fit(renamed, task).point, TARGET).median[0])
    source = {"c4": ladder_published["step1_c4_main", TASKS["mmlu"]]}
    source |= {name: ladder_published["step1_main", TASKS[name]] for name in TASKS}
    assert predicted == pytest.approx(source[task], abs=1e-4)


def one_more(x, *, a, b, c0, c1, d1, f1):
    """Loss plus one: the authors minimise squares of log(1 + loss)."""
    return 1.0 + BROKEN_POWER_LAW.fn(x, a=a, b=b, c0=c0, c1=c1, d1=d1, f1=f1)


def test_a_broken_power_law_has_the_six_published_parameters(shared_data):
    table = shared_data / "bnsl" / "four_digit_addition.csv"
    runs = lj.read_runs(table, columns={"x": "train_examples", "loss": "test_cross_entropy"}, where="in_fit_split == 1")
    law = lj.Law(one_more, response="shifted", params=BROKEN_POWER_LAW.params, inputs=BROKEN_POWER_LAW.inputs)
    fit = lj.fit(law, lj.Runs.from_columns(x=runs["x"], shifted=1.0 + runs["loss"]), loss="squared")
    authors = {"a": 0.413884511, "b": 2.27727226, "c0": 0.0550773440, "c1": 5.66290382, "d1": 612.583620}
    authors["f1"] = 0.0591930396
    assert {name: float(value) for name, value in fit.params.items()} == pytest.approx(authors, rel=1e-3)
