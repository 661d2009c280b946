"""Bad inputs to a fit, numbered: each ends in an error that says what to do, or in a verdict that is not clean.

Names stand for tests (without `test_`): checks for data/test_checks.py, cells for data/test_bad_cells.py, tables for
data/test_tables.py, fit for fitting/test_fit.py, verdict for fitting/test_verdict.py; where none is named, here.

| number | input | tests |
|---|---|---|
| 1-4, 19, 20 | NaN, infinite, zero, negative | checks: an_impossible_value_is_refused_by_row, a_value_that_is_not |
| 5-10, 13 | text in cells | cells: text_in_a_mapped_column_names_row_cell_and_fix |
| 11, 12, 15, 21 | booleans, complex, uint64, masks | cells: an_array_that_is_not_numbers_is_refused |
| 14 | int64 above 2^31 without x64 | large_whole_numbers_are_fitted_exactly; cells: whole_numbers_are_kept_exactly |
| 16 | float16, bfloat16 | half_precision_losses_are_fitted_in_float64; overflow: a_frame_with_such_a_column |
| 17 | subnormal loss | a_number_that_the_compiler_takes_for_zero_is_refused |
| 18 | 1e40 FLOP | compute_beyond_single_precision_is_fitted |
| 22-24 | pandas NA, categories, times | a_frame_with_such_a_column_is_refused |
| 25-27 | empty, one row, n < p | checks: fewer_runs_than_parameters, no_runs; copies_are_not_runs |
| 28 | n = p | as_many_runs_as_parameters_leave_no_errors |
| 29, 30 | constant N or D | checks: a_constant_input_is_refused_with_the_parameters_it_blurs |
| 31, 32 | fixed D/N, one iso-FLOP | verdict: a_fixed_ratio_of_tokens_to_size; checks: a_doubt_is_noted |
| 33 | duplicate rows | checks: a_doubt_is_noted; copies_are_not_runs |
| 34, 35, 38-40 | headers, columns, files | tables: a_csv_that_cannot_be_read, a_csv_may_be_written_in_many_ways |
| 36 | swapped N and D | checks: swapped_inputs_are_refused_with_the_numbers |
| 37 | unit mix | checks: a_doubt_is_noted; a_unit_that_changes_between_rows |
| 41 | 10^8 rows | many_rows_are_checked_in_seconds (3e5 of them) |
| 42 | weights | fitting/test_weights.py; tables: weights_that_cannot_be_used; weights_that_are_no_numbers |
| 43 | groups with one member | groups_of_one_member_change_nothing, one_group_has_no_intervals |
| 44 | one run id, several N | checks: a_doubt_is_noted (group-mixed); no group: repeated_run_ids... |
| 45 | unsorted rows | fit: the_order_of_the_rows_does_not_change_the_fit |
| 46, 48, 49 | rising, equal, below E | runs_without_the_signal_of_the_law_end_in_an_error_verdict |
| 47, 50 | outlier, perplexity | checks: a_doubt_is_noted |
| 51 | unknown parameter | fit: a_wrong_option_is_refused_with_advice |
| 52 | unused parameter | a_parameter_that_the_law_does_not_use_is_called_unidentified |
| 53-56 | wrong result, Python `if`, NumPy, side effects | a_law_that_cannot_be_followed_is_refused |
| 57 | NaN at a start | starts_where_the_law_is_nan_are_left_behind, a_law_that_is_nan_everywhere_is_an_error |
| 58 | kinks and steps | a_kink_does_not_stop_a_fit, a_step_leaves_its_parameter_unidentified |
| 59, 60 | reversed bounds, values outside | a_range_that_is_none_is_refused; fit: a_wrong_option |
| 63, 64 | Huber's delta, number of resamples | fit, fitting/test_bootstrap.py: a_wrong_option_is_refused |
| 65 | seeds | a_seed_that_is_none_is_refused; reused: fit: the_same_key_gives_the_same_fit |
| 67 | float32 | a_fit_ignores_the_global_precision_and_keeps_float64 |

61, 62 and 66 concern priors and chains: tests/inference.
"""

import io
import math
import time

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pandas as pd
import pytest

import lawjax as lj
from lawjax.data.checks import check_fit, check_law_and_runs
from lawjax.fitting import Status
from lawjax.laws import CHINCHILLA, POWER_LAW, POWER_LAW_FLOOR


def columns_of(num_runs=40, noise=0.005):
    generator = np.random.default_rng(0)
    size = 10 ** generator.uniform(7, 10, num_runs)
    tokens = size * 10 ** generator.uniform(0.5, 2.5, num_runs)
    mean = 1.8 + 400 * size**-0.34 + 2000 * tokens**-0.37
    return {"N": size, "D": tokens, "loss": mean * np.exp(noise * generator.standard_normal(num_runs))}


BASE = columns_of()
ROW = np.arange(40)


def runs_of(group=None, **changes):
    return lj.Runs.from_columns(**{**BASE, **changes}, group=group)


def fit(law=CHINCHILLA, runs=None, **choices):
    return lj.fit(law, runs_of() if runs is None else runs, **{"num_starts": 8, **choices})


@pytest.fixture(scope="module")
def clean():
    return fit()


def test_large_whole_numbers_are_fitted_exactly(clean):
    whole = fit(runs=runs_of(N=BASE["N"].astype(np.int64), D=BASE["D"].astype(np.int64)))
    assert whole.observed_response.dtype == np.float64
    assert float(whole.params["alpha"]) == pytest.approx(float(clean.params["alpha"]), rel=1e-6)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float16, 0.03), (ml_dtypes.bfloat16, 0.1)])
def test_half_precision_losses_are_fitted_in_float64(clean, dtype, rtol):
    half = fit(runs=runs_of(loss=BASE["loss"].astype(dtype)))
    assert float(half.params["alpha"]) == pytest.approx(float(clean.params["alpha"]), rel=rtol)
    assert half.params["alpha"].dtype == np.float64


def test_compute_beyond_single_precision_is_fitted():
    flop = np.geomspace(1e38, 1e42, 20)
    found = fit(POWER_LAW_FLOOR, lj.Runs.from_columns(x=flop, loss=2.0 + 5e4 * flop**-0.15), loss="squared")
    assert float(found.params["alpha"]) == pytest.approx(0.15, rel=1e-6)


@pytest.mark.parametrize("name", ["N", "D", "loss"])
def test_a_number_that_the_compiler_takes_for_zero_is_refused(name):
    runs = runs_of(**{name: np.where(ROW == 6, 1e-310, BASE[name])})
    with pytest.raises(lj.InputError, match=f"`{name}` must be at least 2.2e-308.*got 1e-310 in row 7. Check"):
        fit(runs=runs)


FRAMES = {
    "missing": (
        {"N": pd.array([None, *range(1, 40)], dtype="Int64")},
        "`N`. .* is empty or NaN in row 1",
    ),
    "categories": ({"N": pd.Categorical(BASE["N"])}, "`N`. It is there, but is categorical. Convert it"),
    "times": ({"D": pd.date_range("2024-01-01", periods=40)}, "`D`. It is there, but holds dates or times"),
    "overflow": (
        {"N": np.full(40, np.inf, np.float16)},
        r"`N`. .* is not a finite number in rows .* \(inf\)",
    ),
}


@pytest.mark.parametrize("case", FRAMES)
def test_a_frame_with_such_a_column_is_refused(case):
    changes, message = FRAMES[case]
    with pytest.raises(lj.InputError, match=message):
        fit(runs=lj.Runs.from_frame(pd.DataFrame({**BASE, **changes})))


def repeated(num_distinct, times):
    return lj.Runs.from_columns(**{name: np.tile(column[:num_distinct], times) for name, column in BASE.items()})


def test_copies_are_not_runs():
    with pytest.raises(lj.InputError, match=r"4 runs that differ \(of 40\) cannot determine the 5 parameters"):
        fit(runs=repeated(4, 10))
    assert {"no-slack", "duplicate-rows"} <= set(check_fit(CHINCHILLA, repeated(5, 8)).codes)
    assert "no-slack" not in check_fit(CHINCHILLA, repeated(6, 8)).codes


def test_as_many_runs_as_parameters_leave_no_errors():
    found = fit(runs=repeated(5, 1))
    assert {"no-slack", "no-standard-errors"} <= set(found.verdict.codes)
    assert np.isinf(found.stderr["alpha"])


def test_a_unit_that_changes_between_rows_shows_in_the_tokens_per_parameter():
    verdict = check_fit(CHINCHILLA, runs_of(N=np.where(ROW % 3 == 0, BASE["N"] / 1e6, BASE["N"])))
    assert verdict.codes == ("unit-mix",)
    assert "`D` / `N` jumps from" in verdict.notes[0].reason
    assert "rows 1, 4, 7, 10, 13 and 9 more stand apart" in verdict.notes[0].reason


def test_many_rows_are_checked_in_seconds():
    runs = lj.Runs(columns=columns_of(300_000))
    began = time.process_time()
    assert set(check_fit(CHINCHILLA, runs).codes) <= {"outlier"}
    assert time.process_time() - began < 15


def test_groups_of_one_member_change_nothing(clean):
    grouped = fit(runs=runs_of(group=ROW))
    assert grouped.objective == clean.objective
    assert grouped.verdict.codes == clean.verdict.codes


def test_one_group_has_no_intervals():
    found = fit(runs=runs_of(group=np.zeros(40)))
    assert {"few-groups", "no-standard-errors"} <= set(found.verdict.codes)
    with pytest.raises(lj.InputError, match="all rows belong to one group"):
        lj.bootstrap(found, num=4)


def checkpoints(names="run", ids="abcdefgh", spacing=np.geomspace, stages=6):
    """Eight runs with checkpoints of each, as CSV with a column that names the run."""
    lines = [f"{names},N,D,loss"]
    for index, run in enumerate(ids):
        size = 1e7 * 2.0**index
        tokens = spacing(2e9 * (1 + index / 10), 3e11, stages)
        lines += [f"{run},{size},{D},{1.8 + 400 * size**-0.34 + 2000 * D**-0.37}" for D in tokens]
    return io.StringIO("\n".join(lines))


@pytest.mark.parametrize("column", ["run", "Run ID", "run_name", "wandb_id", "id", "Name", "exp", "job"])
@pytest.mark.parametrize("ids", ["abcdefgh", range(8)], ids=["text", "numbers"])
def test_repeated_run_ids_without_a_group_are_noted_with_the_fix(column, ids):
    verdict = check_fit(CHINCHILLA, lj.read_runs(checkpoints(column, ids)))
    assert verdict.codes == ("repeated-run-ids",)
    assert f"`{column}` repeats: 8 of its 8 names come with one `N` and several `D`" in verdict.notes[0].reason
    assert f'group="{column}"' in verdict.notes[0].fix


def test_repeated_run_ids_reach_the_verdict_of_a_fit_and_outlive_a_file(tmp_path):
    runs = lj.load(lj.read_runs(checkpoints()).save(tmp_path / "runs.json"))
    assert "repeated-run-ids" in fit(runs=runs, loss="squared").verdict.codes


def test_a_group_or_one_row_of_each_run_settles_it():
    assert check_fit(CHINCHILLA, lj.read_runs(checkpoints(), group="run")).codes == ()
    last = lj.read_runs(checkpoints()).take(np.arange(48) % 6 == np.repeat(np.arange(8), 6) % 3)
    assert check_fit(CHINCHILLA, last).codes == ()


@pytest.mark.parametrize("column", ["model", "family", "architecture", "dataset", "note"])
def test_names_of_models_and_families_are_no_run_ids(column):
    assert check_fit(CHINCHILLA, lj.read_runs(checkpoints(column))).codes == ()


def test_a_name_that_covers_several_sizes_is_no_run_id():
    names = "ab" * 20
    table = pd.DataFrame({**BASE, "run": list(names)})
    assert check_fit(CHINCHILLA, lj.Runs.from_frame(table)).codes == ()


def test_evenly_spaced_tokens_of_one_size_are_asked_about():
    tables = (checkpoints("x", range(8), spacing, stages=12) for spacing in (np.linspace, np.geomspace))
    even, spread = (check_fit(CHINCHILLA, lj.read_runs(table)) for table in tables)
    assert even.codes == ("evenly-spaced",)
    assert even.grade == "ok"
    assert "8 sets of rows have the same `N` and 8 or more evenly spaced values of `D`" in even.notes[0].reason
    assert spread.codes == ()


REAL = {
    "hoffmann_epoch/chinchilla_fig4.csv": {"N": "params", "D": "tokens"},
    "kyo_takano_chinchilla/chinchilla_runs.csv": {"N": "params", "D": "tokens"},
    "porian/isoflop_points.csv": {"N": "params", "D": "tokens"},
    "muennighoff/data_constrained_all_runs.csv": {"N": "params", "D": "tokens"},
    "llama3_isoflop/isoflops.csv": {"N": "params", "D": "tokens"},
    "steplaw/dense_lr_bs_loss.csv": {"N": "params_non_embedding", "D": "tokens"},
    "rectified_sft/finetuning_losses.csv": {"N": "params", "D": "finetune_samples", "loss": "test_loss"},
}
CHECKPOINT_CODES = {"repeated-run-ids", "evenly-spaced"}


@pytest.mark.parametrize("path", REAL)
def test_real_designs_are_not_taken_for_checkpoints(shared_data, path):
    runs = lj.read_runs(shared_data / path, columns=REAL[path])
    runs = runs.take(runs["D"] > 0)
    assert not CHECKPOINT_CODES & set(check_fit(CHINCHILLA, runs, force=True).codes)


def test_the_bundled_runs_are_not_taken_for_checkpoints():
    runs = lj.datasets.load("bytelm", all_runs=True)
    assert not CHECKPOINT_CODES & set(check_fit(CHINCHILLA, runs).codes)


def test_real_checkpoints_are_recognised(shared_data):
    path = shared_data / "vocabulary" / "approach2_33M_checkpoints.csv"
    names = {"N": "vocab_size", "D": "step", "loss": "exp_loss_unigram_normalized"}
    assert "evenly-spaced" in check_fit(CHINCHILLA, lj.read_runs(path, columns=names), force=True).codes


RISING = {
    "rising": (runs_of(loss=1 + (BASE["D"] / 1e9) ** 0.05), {}, "rising-loss"),
    "equal": (runs_of(loss=np.full(40, 2.5)), {}, "constant-response"),
    "below the floor": (runs_of(), {"fixed": {"E": 50.0}}, "no-fit"),
}


@pytest.mark.parametrize("case", RISING)
def test_runs_without_the_signal_of_the_law_end_in_an_error_verdict(case):
    runs, choices, code = RISING[case]
    verdict = fit(runs=runs, **choices).verdict
    assert code in verdict.codes
    assert verdict.grade == "error"


def test_equal_losses_are_an_error_for_a_law_without_a_floor_too():
    runs = lj.Runs.from_columns(x=BASE["N"], loss=np.full(40, 2.5))
    assert fit(POWER_LAW, runs).verdict.grade == "error"


SATURATING = {
    "E": lj.positive(0.5, 3),
    "A": lj.positive(1, 1e4, dims={"N": "alpha"}),
    "alpha": lj.positive(0.1, 1),
}


def own(function, **more):
    return lj.Law(function, response="loss", name="own", params={**SATURATING, **more})


def test_a_parameter_that_the_law_does_not_use_is_called_unidentified():
    law = own(lambda N, *, E, A, alpha, q: E + A * N**-alpha, q=lj.real(-1, 1))
    found = fit(law, loss="squared")
    assert "not-identified" in found.verdict.codes
    assert found.verdict.grade == "error"


CALLS = []


def branching(N, *, E, A, alpha):
    return E if N > 1e8 else A * N**-alpha


def counting(N, *, E, A, alpha):
    CALLS.append(1)
    return E + A * N**-alpha + 0.1 * len(CALLS)


UNFIT = {
    "vector": (lambda N, *, E, A, alpha: jnp.stack([E, A]), r"must return one number .* of shape \(2,\)"),
    "one-entry vector": (lambda N, *, E, A, alpha: jnp.atleast_1d(E), r"must return one number .* of shape \(1,\)"),
    "nothing": (lambda N, *, E, A, alpha: None, "must return one number .* got NoneType"),
    "complex": (lambda N, *, E, A, alpha: E + 1j * A, "must return one number .* type complex128"),
    "truth": (lambda N, *, E, A, alpha: E > A, "must return one number .* type bool"),
    "if": (branching, r"decides by a value that is not known .* Write jnp.where\(condition, a, b\)"),
    "NumPy": (lambda N, *, E, A, alpha: E + A * np.exp(-alpha * np.log(N)), "leaves JAX: .* jnp.exp for np.exp"),
    "math": (lambda N, *, E, A, alpha: E + math.exp(alpha), "leaves JAX: it calls NumPy, `math` or `float`"),
    "failing": (lambda N, *, E, A, alpha: 1 / 0, "fails for one run with ZeroDivisionError: division by zero"),
    "counting": (counting, "is not the same function twice: .* a counter or a random number"),
    "random": (lambda N, *, E, A, alpha: E + np.random.rand() * A, "is not the same function twice"),  # noqa: NPY002
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_law_that_cannot_be_followed_is_refused_with_what_to_write(case):
    function, message = UNFIT[case]
    with pytest.raises(lj.InputError, match="law 'own' " + message):
        fit(own(function))


def test_what_is_no_law_and_what_is_no_table_are_refused():
    with pytest.raises(lj.InputError, match=r"`law` must be a Law, .* got 'chinchilla'"):
        check_law_and_runs("chinchilla", runs_of())
    with pytest.raises(lj.InputError, match=r"`runs` must be Runs, got DataFrame. .* Runs.from_frame"):
        check_law_and_runs(CHINCHILLA, pd.DataFrame(BASE))


def test_starts_where_the_law_is_nan_are_left_behind():
    law = own(lambda N, *, E, A, alpha: E + A * N**-alpha + 0 * jnp.log(1.0 - alpha))
    truth = {"E": 1.8, "A": 400.0, "alpha": 0.34}
    runs = lj.simulate(law, truth, {"N": np.geomspace(1e7, 1e10, 30)}, noise=0.0)
    assert float(fit(law, runs, loss="squared").params["alpha"]) == pytest.approx(0.34, rel=1e-6)


def test_a_law_that_is_nan_everywhere_is_an_error():
    found = fit(own(lambda N, *, E, A, alpha: jnp.log(-E) + A * N**-alpha))
    assert found.status == Status.NONFINITE
    assert found.verdict.codes[0] == "nonfinite"


def test_a_kink_does_not_stop_a_fit():
    law = own(lambda N, *, E, A, alpha: jnp.maximum(E, A * N**-alpha))
    truth = {"E": 1.8, "A": 400.0, "alpha": 0.3}
    runs = lj.simulate(law, truth, {"N": np.geomspace(1e6, 1e10, 40)}, noise=0.0)
    assert float(fit(law, runs, loss="squared", num_starts=32).params["alpha"]) == pytest.approx(0.3, rel=1e-5)


def test_a_step_leaves_its_parameter_unidentified():
    verdict = fit(own(lambda N, *, E, A, alpha: E + jnp.floor(A) * N**-alpha), loss="squared").verdict
    assert {"not-identified", "no-standard-errors"} <= set(verdict.codes)


RANGES = {
    "reversed": (lambda: lj.positive(1.0, 0.1), "must lie inside its edges .* with low < high, got 1 to 0.1"),
    "equal": (lambda: lj.positive(1.0, 1.0), "with low < high, got 1 to 1"),
    "outside": (lambda: lj.positive(-1.0, 1.0), r"inside its edges \(0, inf\) .* got -1 to 1"),
    "bounds": (lambda: lj.bounded(2.0, 1.0), "got 2 to 1"),
    "nan": (lambda: lj.positive(float("nan"), 1.0), "low < high, got nan to 1"),
}


@pytest.mark.parametrize("case", RANGES)
def test_a_range_that_is_none_is_refused(case):
    make, message = RANGES[case]
    with pytest.raises(lj.InputError, match=message):
        make()


@pytest.mark.parametrize("key", [None, -1, 2**64, 1.5, "0", True])
def test_a_seed_that_is_none_is_refused(clean, key):
    with pytest.raises(lj.InputError, match="`key` must be a whole number from 0 to"):
        fit(key=key)
    with pytest.raises(lj.InputError, match="`key` must be a whole number from 0 to"):
        lj.bootstrap(clean, num=4, key=key)


@pytest.mark.parametrize("weights", ["w", [1.0, "two"], None])
def test_weights_that_are_no_numbers_are_refused(weights):
    with pytest.raises(lj.InputError, match="`weights` must be 40 finite numbers"):
        runs_of().reweighted(weights)


def test_a_fit_ignores_the_global_precision_and_keeps_float64(clean):
    single = fit(runs=runs_of(**{name: column.astype(np.float32) for name, column in BASE.items()}))
    assert single.params["alpha"].dtype == np.float64
    assert float(single.params["alpha"]) == pytest.approx(float(clean.params["alpha"]), rel=1e-5)
    assert jnp.ones(1).dtype == jnp.float32
