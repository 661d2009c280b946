"""The gate before a fit: what it refuses, and what it says of runs that it lets pass."""

import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.data.checks import check_fit
from lawjax.data.reading import read_runs, runs_from_columns
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable, positive
from lawjax.verdict import Severity

CHINCHILLA = lj.laws.CHINCHILLA
MIXTURE = Law(
    fn=lambda ratio, share, bits, *, E, B: E + B * jnp.sum(ratio * share) / bits,
    response="score",
    name="mixture",
    support="unit",
    inputs={
        "ratio": Variable(kind="simplex", size=2),
        "share": Variable(kind="fraction"),
        "bits": Variable(kind="bits"),
    },
    params={"E": positive(0.1, 1.0), "B": positive(0.1, 1.0, dims={"bits": 1.0})},
)


def chinchilla_columns(num_runs=40, noise=0.01, seed=0):
    generator = np.random.default_rng(seed)
    size = 10 ** generator.uniform(7, 10, num_runs)
    tokens = size * 10 ** generator.uniform(0.5, 2.5, num_runs)
    mean = 1.8 + 400 * size**-0.34 + 2000 * tokens**-0.37
    return {"N": size, "D": tokens, "loss": mean * np.exp(noise * generator.standard_normal(num_runs))}


def chinchilla_runs(num_runs=40, noise=0.01, seed=0, **changes):
    return runs_from_columns(chinchilla_columns(num_runs, noise, seed) | changes)


def changed(name, row, value):
    """Columns with one value changed; rows count from 1."""
    columns = chinchilla_columns()
    columns[name] = columns[name].copy()
    columns[name][row - 1] = value
    return runs_from_columns(columns)


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("num_runs", [12, 24, 60, 300])
@pytest.mark.parametrize("seed", range(5))
def test_ordinary_runs_pass_without_a_note(num_runs, noise, seed):
    assert check_fit(CHINCHILLA, chinchilla_runs(num_runs, noise, seed)).codes == ()


BAD_VALUES = {
    "N = 0": ("N", 0.0, r"`N` must be positive \(parameters\), got 0 in row 7. Laws take logarithms of their inputs"),
    "D < 0": ("D", -3.0, r"`D` must be positive \(tokens\), got -3 in row 7"),
    "loss = 0": ("loss", 0.0, r"`loss` must be positive, got 0 in row 7. Values at or below zero have no logarithm"),
    "loss < 0": ("loss", -1.0, r"`loss` must be positive, got -1 in row 7"),
}


@pytest.mark.parametrize("case", BAD_VALUES)
def test_an_impossible_value_is_refused_by_row(case):
    name, value, message = BAD_VALUES[case]
    with pytest.raises(InputError, match=message):
        check_fit(CHINCHILLA, changed(name, 7, value))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_refused_even_in_runs_made_by_hand(value):
    columns = chinchilla_columns() | {"loss": np.full(40, value)}
    with pytest.raises(InputError, match=r"`loss` must be finite, got .* in rows 1, 2, 3, 4, 5 and 35 more"):
        check_fit(CHINCHILLA, lj.Runs(columns=columns))


def test_rows_are_named_as_in_the_source_after_a_filter():
    runs = changed("loss", 7, -1.0)
    later = runs.take(np.arange(len(runs)) >= 5)
    with pytest.raises(InputError, match="got -1 in row 7"):
        check_fit(CHINCHILLA, later)


def test_a_negative_response_is_fine_where_law_and_residual_allow_it():
    law = Law(
        fn=lambda D, *, E, B: B / D - E,
        response="loss",
        name="shifted",
        support="real",
        params={"E": positive(1.0, 3.0), "B": positive(1.0, 3.0, dims={"D": 1.0})},
    )
    runs = runs_from_columns({"D": [1.0, 2.0, 3.0], "loss": [-1.0, -2.0, -3.0]})
    assert check_fit(law, runs, residual="raw").grade == "ok"
    with pytest.raises(InputError, match='no logarithm: use residual="raw"'):
        check_fit(law, runs)


@pytest.mark.parametrize("value", [0.0, 1.0, 2.5])
def test_a_logit_needs_values_between_0_and_1(value):
    runs = runs_from_columns({"x": [1.0, 2.0, 3.0, 4.0], "y": [0.2, 0.3, 0.4, value]})
    law = Law(fn=lambda x, *, a: a * x, response="y", name="line", params={"a": positive(0.1, 1.0, dims={"x": -1.0})})
    with pytest.raises(InputError, match=f"`y` must lie between 0 and 1, got {value:g} in row 4"):
        check_fit(law, runs, residual="logit")


def mixture_runs(**changes):
    columns = {
        "ratio": np.array([[0.5, 0.5], [0.2, 0.8], [1.0, 0.0]]),
        "share": [0.1, 0.2, 0.3],
        "bits": [4.0, 8.0, 16.0],
        "score": [0.2, 0.3, 0.4],
    }
    return runs_from_columns(columns | changes)


def test_a_law_of_ratios_shares_and_bits_passes():
    assert check_fit(MIXTURE, mixture_runs()).codes == ()


BAD_KINDS = {
    "sum": ({"ratio": [[0.5, 0.5], [0.2, 0.7], [1, 0]]}, r"the entries of `ratio` must sum to 1, got 0.9 in row 2"),
    "negative": ({"ratio": [[0.5, 0.5], [0.2, 0.8], [1.5, -0.5]]}, r"`ratio` must lie from 0 to 1, got 1.5 in row 3"),
    "flat": ({"ratio": [0.5, 0.2, 0.3]}, r"`ratio` must have 2 numbers per run, got the shape \(3,\)"),
    "wide": ({"share": [[0.1, 0.2]] * 3}, r"`share` must have one number per run, got the shape \(3, 2\)"),
    "share": ({"share": [0.1, 20.0, 30.0]}, r"`share` must lie from 0 to 1, got 20 in rows 2 and 3. Divide per cent"),
    "bits": ({"bits": [4, 0, 8]}, r"`bits` must be positive \(bits\), got 0 in row 2"),
    "response": ({"score": [0.2, 0.3, 40.0]}, r"`score` must lie from 0 to 1, got 40 in row 3. Divide per cent"),
}


@pytest.mark.parametrize("case", BAD_KINDS)
def test_a_value_that_its_kind_forbids_is_refused(case):
    changes, message = BAD_KINDS[case]
    with pytest.raises(InputError, match=message):
        check_fit(MIXTURE, mixture_runs(**changes), residual="raw")


def test_a_missing_column_is_named_with_what_is_there_and_the_nearest():
    runs = runs_from_columns({"n": [1.0], "tokens": [2.0], "loss": [3.0]})
    with pytest.raises(InputError, match=r"needs the columns `N`, `D`, but the table has `n`, .* Did you mean `n`\?"):
        check_fit(CHINCHILLA, runs)


def test_a_column_that_could_not_be_read_says_why(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("N,D,loss\n1e9,1e10,2.5\n70B,1e12,2.0\n")
    with pytest.raises(InputError, match=r"needs the column `N`. It is there, but has text in row 2: '70B'"):
        check_fit(CHINCHILLA, read_runs(path))


def test_no_runs_are_refused():
    runs = chinchilla_runs().take(np.zeros(40, dtype=bool))
    with pytest.raises(InputError, match="there are no runs to fit `chinchilla` to"):
        check_fit(CHINCHILLA, runs)


@pytest.mark.parametrize(("num_runs", "more"), [(1, 5), (3, 3), (4, 2)])
def test_fewer_runs_than_parameters_are_refused(num_runs, more):
    message = rf"{num_runs} runs? cannot determine the 5 parameters of `chinchilla`.*Add at least {more} runs"
    with pytest.raises(InputError, match=message):
        check_fit(CHINCHILLA, chinchilla_runs(num_runs))


def test_runs_of_weight_zero_do_not_count():
    runs = runs_from_columns(chinchilla_columns(10), weight=[1] * 4 + [0] * 6)
    with pytest.raises(InputError, match="4 runs cannot determine the 5 parameters"):
        check_fit(CHINCHILLA, runs)


def test_fixed_parameters_need_no_runs():
    assert check_fit(CHINCHILLA, chinchilla_runs(4), fixed=("E", "beta")).codes == ()
    assert check_fit(CHINCHILLA, chinchilla_runs(4), num_free=3).codes == ()


@pytest.mark.parametrize(("name", "tied"), [("N", "`A`, `alpha`"), ("D", "`B`, `beta`")])
def test_a_constant_input_is_refused_with_the_parameters_it_blurs(name, tied):
    runs = chinchilla_runs(**{name: np.full(40, 1e10)})
    with pytest.raises(InputError, match=f"`{name}` is 1.000e.10 in all 40 runs, so {tied} cannot be told from `E`"):
        check_fit(CHINCHILLA, runs, force=True)


def test_a_constant_input_is_fine_once_its_parameters_are_fixed():
    runs = chinchilla_runs(N=np.full(40, 1e7))
    assert check_fit(CHINCHILLA, runs, fixed=("A", "alpha")).grade == "ok"


def test_swapped_inputs_are_refused_with_the_numbers():
    columns = chinchilla_columns()
    runs = runs_from_columns({"N": columns["D"], "D": columns["N"], "loss": columns["loss"]})
    with pytest.raises(InputError, match=r"`N` and `D` look swapped: the median run has N = .* tokens per parameter"):
        check_fit(CHINCHILLA, runs)


def test_force_turns_swapped_inputs_into_a_warning():
    columns = chinchilla_columns()
    runs = runs_from_columns({"N": columns["D"], "D": columns["N"], "loss": columns["loss"]})
    verdict = check_fit(CHINCHILLA, runs, force=True)
    assert verdict.codes == ("looks-swapped",)
    assert verdict.severity == Severity.WARNING


def test_an_unknown_residual_is_refused():
    with pytest.raises(InputError, match=r'unknown residual \'logs\'. Choose one of "log", "raw", "logit"'):
        check_fit(CHINCHILLA, chinchilla_runs(), residual="logs")


BASE = chinchilla_columns()
ROW = np.arange(40)
DOUBTS = {
    "no-slack": runs_from_columns(chinchilla_columns(5)),
    "fixed-ratio": chinchilla_runs(D=20 * BASE["N"]),
    "fixed-product": chinchilla_runs(N=BASE["N"] / 10, D=1e19 / BASE["N"]),
    "duplicate-rows": runs_from_columns({name: np.r_[column, column[:3]] for name, column in BASE.items()}),
    "unit-mix": chinchilla_runs(N=np.where(ROW < 3, BASE["N"] / 1e9, BASE["N"])),
    "constant-response": chinchilla_runs(loss=np.full(40, 2.5)),
    "loss-unit": chinchilla_runs(loss=8 * BASE["loss"]),
    "rising-loss": chinchilla_runs(loss=1 + (BASE["D"] / 1e9) ** 0.05),
    "outlier": changed("loss", 17, 5.0),
    "group-mixed": runs_from_columns(BASE, group=[f"g{row // 2}" for row in ROW]),
    "zero-weight": runs_from_columns(BASE, weight=(ROW > 3).astype(float)),
}
GRADES = dict.fromkeys(DOUBTS, Severity.WARNING) | {"constant-response": Severity.ERROR, "zero-weight": Severity.INFO}
WORDS = {
    "no-slack": "5 different runs and 5 free parameters of `chinchilla`",
    "fixed-ratio": "`N` and `D` move together",
    "fixed-product": "correlation -1.00000",
    "duplicate-rows": "3 of 43 runs repeat another in every column of the law (rows 41, 42 and 43)",
    "unit-mix": "rows 1, 2 and 3 stand apart",
    "constant-response": "`loss` is 2.500 in all 40 runs",
    "loss-unit": "Is it perplexity",
    "rising-loss": "`loss` rises with `D`",
    "outlier": "`loss` in row 17",
    "group-mixed": "20 groups hold models of several sizes `N` (`g0`, `g1`, `g10`)",
    "zero-weight": "4 of 40 runs have weight 0",
}


@pytest.mark.parametrize("code", DOUBTS)
def test_a_doubt_is_noted_with_its_code_its_grade_and_the_facts(code):
    verdict = check_fit(CHINCHILLA, DOUBTS[code])
    assert code in verdict.codes
    note = next(note for note in verdict.notes if note.code == code)
    assert note.severity == GRADES[code]
    assert WORDS[code] in f"{note.reason} {note.fix}"


def test_a_doubt_comes_alone():
    alone = {code: check_fit(CHINCHILLA, runs).codes for code, runs in DOUBTS.items()}
    expected = {code: (code,) for code in DOUBTS}
    assert alone == expected


def test_low_losses_are_asked_about():
    verdict = check_fit(CHINCHILLA, chinchilla_runs(loss=BASE["loss"] / 20))
    assert "Is it bits or a normalised loss?" in str(verdict)


def test_the_order_of_rows_changes_no_note():
    runs = DOUBTS["outlier"]
    shuffled = runs.take(np.random.default_rng(0).permutation(40))
    assert check_fit(CHINCHILLA, shuffled).to_dict() == check_fit(CHINCHILLA, runs).to_dict()


def test_the_runs_that_the_replication_left_out_are_the_outliers(shared_data):
    path = shared_data / "hoffmann_epoch" / "chinchilla_fig4.csv"
    columns = {"N": "params", "D": "tokens", "loss": "loss"}
    notes = check_fit(CHINCHILLA, read_runs(path, columns=columns)).notes
    assert [note.code for note in notes] == ["outlier"]
    assert "rows 1, 2, 3 and 4:" in notes[0].reason
    kept = read_runs(path, columns=columns, where="used_in_published_fit == 1")
    assert check_fit(CHINCHILLA, kept).codes == ()
