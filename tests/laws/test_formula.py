"""A formula given as text is the law that it says, and a text that is anything else is refused, never run."""

import ast
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lawjax as lj
from lawjax.laws import CHINCHILLA, law_from_formula, rescale
from lawjax.laws.formulas import syntax
from lawjax.laws.formulas.formula import _variables, names_in
from lawjax.laws.formulas.syntax import FUNCTIONS, MAX_LENGTH, evaluate, parse
from tests.helpers import typical_inputs, typical_params

TEXT = "E + A / N**alpha + B / D**beta"
RANGES = {"E": "0.2:4", "A": "10:1e4", "B": "10:1e4", "alpha": "0.1:1", "beta": "0.1:1"}
LAW = law_from_formula(TEXT, inputs=CHINCHILLA.inputs, params=RANGES, name="text")
PLACE = {"N": 1e9, "D": 2e10}

WORDS = "is a word of Python"
PIECE = "is not part of one"
CALL = "there is no function"
WHOLE = "it is not whole"
UNDERSCORE = "starts with an underscore or holds two together"
STUCK = "follows a number without"
FINITE = "not finite|not a finite number|no finite number"
ATTACKS = [
    ("__import__('os').system('id')", UNDERSCORE),
    ("E + __import__", UNDERSCORE),
    ("__builtins__", UNDERSCORE),
    ("E + _private", UNDERSCORE),
    ("a__class__b + N", UNDERSCORE),
    ("N.__class__", PIECE),
    ("N.real", PIECE),
    ("(1.0).hex()", PIECE),
    ("E.at", PIECE),
    ("().__class__.__bases__[0]", PIECE),
    ("N[0]", PIECE),
    ("[N]", PIECE),
    ("[N for N in E]", PIECE),
    ("{N}", PIECE),
    ("{N: E}", PIECE),
    ("{**N}", PIECE),
    ("'text'", PIECE),
    ('"text"', PIECE),
    ("f'{N}'", PIECE),
    ("b'N'", PIECE),
    ("r'''N'''", PIECE),
    ("E + 'a' * N", PIECE),
    ("`N`", PIECE),
    ("N; E", PIECE),
    ("N\nE", PIECE),
    ("N\rE", PIECE),
    ("N\tE", PIECE),
    ("N\\\n+E", PIECE),
    ("N\x00", PIECE),
    ("\x00", PIECE),
    ("N\x0cE", PIECE),
    ("N # comment", PIECE),
    ("# only", PIECE),
    ("N := 3", PIECE),
    ("(N := 3)", PIECE),
    ("E = N", PIECE),
    ("E == N", PIECE),
    ("E < N", PIECE),
    ("E > N", PIECE),
    ("E != N", PIECE),
    ("E <= N", PIECE),
    ("E @ N", PIECE),
    ("E % N", PIECE),
    ("E ^ N", "write .. for a power"),
    ("E | N", PIECE),
    ("E & N", PIECE),
    ("~E", PIECE),
    ("E << N", PIECE),
    ("E >> N", PIECE),
    ("!E", PIECE),
    ("E?N", PIECE),
    ("$E", PIECE),
    ("E, @N", PIECE),
    ("E: N", PIECE),
    ("E -> N", PIECE),
    ("N…E", PIECE),
    ("Ｎ + E", PIECE),
    ("𝑁 + E", PIECE),
    ("Ν + E", PIECE),
    ("E + αlpha", PIECE),
    ("E + N²", PIECE),
    ("E × N", PIECE),
    ("E − N", PIECE),
    ("E ÷ N", PIECE),
    ("E + ½", PIECE),
    ("E + ٣", PIECE),
    ("E\u200bN", PIECE),
    ("E\u00a0+ N", PIECE),
    ("E + N\u202e", PIECE),
    ("\ufeffE + N", PIECE),
    ("E\u0301 + N", PIECE),
    ("ℯ + N", PIECE),
    ("\u212a + E", PIECE),
    ("lambda: N", WORDS),
    ("lambda N: E", WORDS),
    ("N if E else 1", WORDS),
    ("N and E", WORDS),
    ("N or E", WORDS),
    ("not N", WORDS),
    ("N in E", WORDS),
    ("N is E", WORDS),
    ("await N", WORDS),
    ("yield N", WORDS),
    ("(yield)", WORDS),
    ("import os", WORDS),
    ("True", WORDS),
    ("False + N", WORDS),
    ("None", WORDS),
    ("del N", WORDS),
    ("return N", WORDS),
    ("class N", WORDS),
    ("def f", WORDS),
    ("raise N", WORDS),
    ("global N", WORDS),
    ("async N", WORDS),
    ("eval(N)", CALL),
    ("exec(N)", CALL),
    ("compile(N)", CALL),
    ("open(N)", CALL),
    ("getattr(N, E)", CALL),
    ("globals()", CALL),
    ("print(N)", CALL),
    ("breakpoint()", CALL),
    ("sin(N)", CALL),
    ("N(E)", CALL),
    ("E + softmax(N)", CALL),
    ("import_module(N)", CALL),
    ("exp(N)(E)", "a value is called"),
    ("(N)(E)", "|".join(("a value is called", CALL))),
    ("(N + E)(1)", "a value is called"),
    ("1(2)", "a value is called"),
    ("exp", "is a function; call it"),
    ("exp + N", "is a function; call it"),
    ("N ** log", "is a function; call it"),
    ("exp()", "takes 1 arguments, got 0"),
    ("exp(N, E)", "takes 1 arguments, got 2"),
    ("min(N)", "takes 2 arguments, got 1"),
    ("max(N, E, D)", "takes 2 arguments, got 3"),
    ("power(N)", "takes 2 arguments, got 1"),
    ("hill(N, E)", "takes 3 arguments, got 2"),
    ("exp(*N)", "takes plain arguments only"),
    ("exp(**N)", "takes plain arguments only"),
    ("exp(N, *E)", "takes plain arguments only"),
    ("*N", "no formula|not whole"),
    ("**N", WHOLE),
    ("*N, E", "no formula|not whole"),
    ("N, E", "a list of formulas"),
    ("(N, E)", "a list of formulas"),
    ("()", "a list of formulas"),
    (",", WHOLE),
    ("N,", "a list of formulas"),
    ("", "it is empty"),
    ("   ", "it is empty"),
    ("N +", WHOLE),
    ("* N", "no formula|not whole"),
    ("N E", WHOLE),
    ("N 1", WHOLE),
    ("(N", WHOLE),
    ("N)", WHOLE),
    ("((N)", WHOLE),
    ("exp(N", WHOLE),
    ("N // E", "a sign that is none of"),
    ("N *** E", WHOLE),
    ("N */ E", WHOLE),
    ("1j", STUCK),
    ("2J * N", STUCK),
    ("0x1F", STUCK),
    ("0b11", STUCK),
    ("0o17", STUCK),
    ("1_000", STUCK + "|" + UNDERSCORE),
    ("2N", STUCK),
    ("1e", STUCK),
    ("1e5e5", STUCK),
    ("1.5.2", "is not written as one"),
    ("1 2", "is not written as one|not whole"),
    ("1if N", STUCK),
    ("007 + N", WHOLE),
    ("1e999", FINITE),
    ("-1e400 * N", FINITE),
    ("9" * 400, FINITE),
    ("9**9**9**9", FINITE),
    ("10.0**10000 * N", FINITE),
    ("2**-1e9 + 1/0", FINITE),
    ("N / (1 - 1)  + 1 / (1 - 1)", FINITE),
    ("0 ** -1", FINITE),
    ("(-8) ** 0.5", FINITE),
    ("1e300 * 1e300 * N", FINITE),
    ("(" * 200 + "N" + ")" * 200, "nested more than 24 deep"),
    ("(" * 30, "nested more than 24 deep"),
    ("exp(" * 40 + "N" + ")" * 40, "nested more than 24 deep"),
    ("-" * 900 + "N", "nested"),
    ("+" * 900 + "N", "nested"),
    ("N" + "**N" * 300, "nested"),
    ("E + A / N / 0", FINITE),
    ("E + A / (1 - 1) * N", FINITE),
    ("log(0) * N", FINITE),
    ("sqrt(-1) * N", FINITE),
    ("E + exp(1000) * N", FINITE),
    ("E + power(0, -1) * N", FINITE),
    ("E + nan * N", "reads as a number that is none"),
    ("E + Inf * N", "reads as a number that is none"),
    ("NaN", "reads as a number that is none"),
    ("E" * 41 + " + N", "is longer than 40 letters"),
    ("N + " * 400 + "E", f"has at most {MAX_LENGTH} characters"),
    ("a" * 100_000, f"has at most {MAX_LENGTH} characters"),
]


@pytest.mark.parametrize(("text", "message"), ATTACKS, ids=map(str, range(len(ATTACKS))))
def test_a_text_that_is_no_formula_is_refused_by_name(text, message):
    began = time.perf_counter()
    with pytest.raises(lj.InputError, match=message):
        law_from_formula(text, inputs=["N"])
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("E + N.real", 6),
        ("  E ^ N", 5),
        ("E + foo(N)", 5),
        ("E + exp(N, N)", 5),
        ("E + 1e999", 5),
        ("E + A // N", 7),
        ("E + (A) / (N) / 0", 15),
        ("  E - log(0)", 7),
    ],
)
def test_the_refusal_names_the_column_and_what_is_allowed(text, column):
    with pytest.raises(lj.InputError, match=rf"at column {column}\. A formula has numbers, names, .* abs, exp, log"):
        parse(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="NEDabx0123456789.+-*/(), ", max_size=60))
def test_any_text_is_a_formula_or_an_input_error(text):
    try:
        tree = parse(text)
    except lj.InputError:
        return
    assert {node.kind for node in tree.walk()} <= {"number", "name", "call", "neg", "+", "-", "*", "/", "**"}


@pytest.mark.parametrize(
    ("text", "piece"), [("E + A N", "near 'N'"), ("(E + N", "near"), ("E + A /", "its end, at column 7")]
)
def test_a_text_that_is_not_whole_is_told_where(text, piece):
    with pytest.raises(lj.InputError, match=piece):
        parse(text)


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_a_long_chain_is_not_nested_deeply(sign):
    text = f"A {sign} " + sign.join(["N"] * 400)
    law = law_from_formula(text, inputs=["N"])
    with jax.enable_x64(True):
        value = float(law(1.01, A=3.0))
    assert value == pytest.approx(eval(text, {"N": 1.01, "A": 3.0}), rel=1e-12)  # noqa: S307
    assert law.linear == ("A",)


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("E + A * N**(-alpha * D)", {}),
        ("E + A * N**D", {}),
        ("E + A * N**-alpha * D**(-b / N)", {}),
        ("E + A * (N / M)**(-alpha * D)", {"M": {"N": 1.0}}),
    ],
)
def test_an_input_in_an_exponent_leaves_no_dimension_there(text, dims):
    law = law_from_formula(text, inputs=["N", "D"])
    assert {name: dict(param.dims) for name, param in law.params.items() if param.dims} == dims


def test_a_formula_with_an_input_in_an_exponent_is_fitted():
    law = law_from_formula("E + A * N**(-alpha * D)", inputs=["N", "D"], params={"A": "0.1:10"})
    n, d = (axis.ravel() for axis in np.meshgrid(np.geomspace(1, 100, 8), np.linspace(0.5, 2, 5)))
    runs = lj.simulate(law, {"E": 1.0, "A": 2.0, "alpha": 0.4}, {"N": n, "D": d}, noise=0.0)
    fit = lj.fit(law, runs, loss="squared", num_starts=8, force=True)
    assert float(fit.params["alpha"]) == pytest.approx(0.4, rel=1e-6)


@pytest.mark.parametrize(("text", "value"), [("A * N**-2", 0.25), ("A / N**2 + N**-1", 0.75), ("A + 0 * N**-16", 1.0)])
def test_whole_columns_may_have_a_negative_power(text, value):
    law = law_from_formula(text, inputs=["N"])
    np.testing.assert_allclose(lj.laws.over_runs(law, {"A": 1.0}, {"N": np.array([2, 2])}), value)
    assert float(law(jnp.asarray(2), A=1.0)) == pytest.approx(value)


def test_no_code_is_run_from_text():
    for name in ("syntax.py", "formula.py"):
        tree = ast.parse((Path(syntax.__file__).parent / name).read_text(encoding="utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert not names & {"eval", "exec", "compile", "__import__", "globals", "locals", "vars"}
        parsers = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "ast.parse"]
        assert all(ast.unparse(call.keywords[0]) == "mode='eval'" for call in parsers)


@pytest.mark.parametrize(
    "text", [TEXT, "E + A*N**-alpha + B*D**(-beta)", "(E + A * power(N, -alpha)) + B / D ** beta "]
)
def test_chinchilla_as_text_is_chinchilla(text):
    law = law_from_formula(text, inputs=["N", "D"])
    params = {name: float(value) for name, value in typical_params(CHINCHILLA, 0.4).items()}
    with jax.enable_x64(True):
        ours, theirs = (
            jax.value_and_grad(lambda p, law=law: law(*PLACE.values(), **p))(params) for law in (law, CHINCHILLA)
        )
    assert float(ours[0]) == pytest.approx(float(theirs[0]), rel=1e-12)
    for name in params:
        assert float(ours[1][name]) == pytest.approx(float(theirs[1][name]), rel=1e-12)
    assert law.linear == ("E", "A", "B")
    assert {name: dict(p.dims) for name, p in law.params.items() if p.dims} == {"A": {"N": "alpha"}, "B": {"D": "beta"}}


def test_a_fit_of_chinchilla_as_text_is_the_fit_of_chinchilla(truth):
    runs = lj.simulate(CHINCHILLA, truth, num_runs=60, noise=0.01, key=0)
    ours, theirs = (lj.fit(law, runs, num_starts=16) for law in (LAW, CHINCHILLA))
    assert ours.objective == pytest.approx(theirs.objective, rel=1e-12)
    for name in truth:
        assert float(ours.params[name]) == pytest.approx(float(theirs.params[name]), rel=1e-7)
    assert ours.verdict.codes == theirs.verdict.codes


N, D = np.float64(3.0), np.float64(7.0)
VALUES = {"N": N, "D": D, "a": 0.7, "b": 1.3, "k": 0.2}
MEANINGS = [
    ("2 + 3 * 4 - 6 / 4", 2 + 3 * 4 - 6 / 4),
    ("-N**2", -(N**2)),
    ("(-N)**2", N**2),
    ("(a - N)**3", (0.7 - N) ** 3),
    ("2**-N", 2**-N),
    ("N**D**a", N ** (D**0.7)),
    ("N - D - a", N - D - 0.7),
    ("N / D / a", N / D / 0.7),
    ("- -N + +D", N + D),
    (".5 + 1. + 1e-3 + 2E+2", 0.5 + 1 + 1e-3 + 200),
    ("abs(a - N)", N - 0.7),
    ("exp(-k * D)", np.exp(-0.2 * D)),
    ("log(N) + log2(D) + log10(D)", np.log(N) + np.log2(D) + np.log10(D)),
    ("sqrt(N * D)", np.sqrt(N * D)),
    ("tanh(a) + logistic(b) + sigmoid(-b)", np.tanh(0.7) + 1.0),
    ("softplus(a)", np.log1p(np.exp(0.7))),
    ("min(N, D) + max(N, 5)", N + 5),
    ("power(N, a)", N**0.7),
    ("power(N, 2)", N**2),
    ("repeats_worth(D, b)", 1.3 * (1 - np.exp(-D / 1.3))),
    ("bump(N, a, b)", np.exp(-((np.log(N) - 0.7) ** 2) / (2 * 1.3**2))),
    ("hill(N, a, b)", 1 / (1 + np.exp(1.3 * (np.log(N) - 0.7)))),
    ("saturate(N, a, 50)", 1 / (1 / (N + 1 / (1 / 0.7 - 1 / 50)) + 1 / 50)),
    ("softmin(N, D, k)", -np.log((np.exp(-0.2 * N) + np.exp(-0.2 * D)) / 2) / 0.2),
]


@pytest.mark.parametrize(("text", "value"), MEANINGS)
def test_a_formula_means_what_it_says(text, value):
    with jax.enable_x64(True):
        assert float(evaluate(parse(text), VALUES)) == pytest.approx(value, rel=1e-12)


def test_every_function_of_the_table_is_tried():
    tried = {node.value for text, _ in MEANINGS for node in parse(text).walk() if node.kind == "call"}
    assert tried | {"power"} == set(FUNCTIONS)


DIMENSIONS = {
    "E + A / N**alpha": {"A": {"N": "alpha"}},
    "E + A * N**alpha": {"A": {"N": "-alpha"}},
    "E + (N_c / N)**alpha": {"N_c": {"N": 1.0}},
    "E + 1 / (k * N)**alpha": {"k": {"N": -1.0}},
    "E + A / (N**alpha * D**beta)": {"A": {"N": "alpha", "D": "beta"}},
    "E - A * N**(-alpha)": {"A": {"N": "alpha"}},
    "E + A / N + B * D**2": {"A": {"N": 1.0}, "B": {"D": -2.0}},
    "A * exp(-k * D) + B * (1 + N / N1)**-beta": {"k": {"D": -1.0}, "N1": {"N": 1.0}},
    "E + A / (N + D)**alpha": {},
    "E + A / N**alpha + A * D": {},
    "E + log(N)": {},
    "E + A * hill(N, place, slope)": {},
    "E + A * tanh(N * D / c)": {"c": {"N": 1.0, "D": 1.0}},
}


@pytest.mark.parametrize("text", DIMENSIONS)
def test_dimensions_are_found_where_every_term_can_take_a_unit_up(text):
    law = law_from_formula(text, inputs=[name for name in ("N", "D") if name in names_in(text)])
    assert {name: dict(param.dims) for name, param in law.params.items() if param.dims} == DIMENSIONS[text]


@pytest.mark.parametrize(
    "text",
    [*(t for t, dims in DIMENSIONS.items() if dims), "E + A*N**(-alpha / 2) * N**beta", "A * (N / D)**(a * b)"],
)
def test_the_dimensions_that_are_found_follow_a_change_of_units(text):
    law = law_from_formula(text, inputs=[name for name in ("N", "D") if name in names_in(text)])
    inputs = {name: 3.0 + index for index, name in enumerate(law.inputs)}
    params = typical_params(law, 0.3)
    factors = {name: 1e3 * (index + 1) for index, name in enumerate(law.inputs)}
    with jax.enable_x64(True):
        before = float(law(*inputs.values(), **params))
        after = float(law(*(v / factors[n] for n, v in inputs.items()), **rescale(law, params, factors)))
    assert after == pytest.approx(before, rel=1e-10)


def test_a_formula_whose_units_cannot_be_covered_is_fitted_and_says_so():
    law = law_from_formula("E + A / (N + D)**alpha", inputs=["N", "D"], params={"A": "1:100"})
    runs = lj.simulate(law, {"E": 1.0, "A": 30.0, "alpha": 0.4}, {"N": np.geomspace(1, 1e4, 30), "D": np.full(30, 5.0)},
                       noise=0.0)  # fmt: skip
    fit = lj.fit(law, runs, loss="squared", num_starts=16, force=True)
    assert float(fit.params["A"]) == pytest.approx(30.0, rel=1e-5)
    assert "undeclared-dimensions" in fit.verdict.codes


def test_ranges_and_edges_are_as_given_and_else_by_the_place_of_a_parameter():
    floor = lj.unit_interval(0.1, 0.5)
    law = law_from_formula("E + A / N**alpha + c * b", inputs=["N"], params={"E": floor, "c": "-1:2", "b": "2:3"})
    assert law.params["E"].edges == (0.0, 1.0)
    assert law.params["c"].edges == (-np.inf, np.inf)
    assert law.params["b"].edges == (0.0, np.inf)
    assert (law.params["alpha"].low, law.params["alpha"].high) == (0.05, 1.0)
    assert (law.params["A"].low, law.params["A"].high) == (0.1, 1e4)
    rate = law_from_formula("E * exp(-k * N) * (1 + r)", inputs=["N"]).params
    assert rate["k"].centred == (0.01, 100.0)
    assert (rate["r"].low, rate["r"].high) == (1e-3, 1e3)
    assert (law.params["A"].centred, rate["E"].low) == (None, 1e-3)
    assert list(law.params) == ["E", "A", "alpha", "c", "b"]


def test_the_text_is_the_formula_the_summary_and_the_name():
    law = law_from_formula("E +  A/N**alpha", inputs=["N"], response="error")
    assert law.name == "E + A/N**alpha"
    assert law.formula == "error = E + A/N**alpha"
    assert law.summary == "error = E + A/N**alpha"
    assert law is law_from_formula("E +  A/N**alpha", inputs=["N"], response="error")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(inputs=["M"]), "the input `M` is not in the formula"),
        (dict(inputs=[]), "needs inputs: say which of E, A, N, alpha are measured"),
        (dict(inputs=["E", "A", "N", "alpha"]), "has no parameter to fit"),
        (dict(inputs={"N": lj.Variable(kind="simplex", size=2)}), "the input `N` is a vector"),
        (dict(inputs=["N"], params={"B": "0:1"}), r"`params` names \['B'\]; the parameters of .* are E, A, alpha"),
        (dict(inputs=["N"], params={"E": "1"}), 'the range of `E` must be "low:high" with two numbers'),
        (dict(inputs=["N"], params={"E": "a:b"}), 'the range of `E` must be "low:high"'),
        (dict(inputs=["N"], params={"E": "2:1"}), 'the range of `E` must be "low:high"'),
        (dict(inputs=["N"], params={"E": "1:inf"}), 'the range of `E` must be "low:high"'),
        (dict(inputs=["N"], params={"E": "1_0:1_00"}), 'the range of `E` must be "low:high"'),
        (dict(inputs=["N"], params={"E": "1e-320:1e300"}), "whose ratio is finite too"),
        (dict(inputs="N"), r'write inputs=\["N"\]'),
        (dict(inputs=["N"], response="N"), "`N` is its response and an input as well"),
        (dict(inputs=["N"], response="E"), "`E` is its response and a parameter as well"),
        (dict(inputs=["N"], response=""), "'' cannot be the name of a response"),
        (dict(inputs=["N"], response="a b"), "'a b' cannot be the name of a response"),
        (dict(inputs={"N": lj.Variable(), "M": lj.Variable()}), "the input `M` is not in the formula"),
        (dict(inputs=["N"], linear=("A", "alpha")), "is not linear in them together"),
        (dict(inputs=["N"], params={"E": lj.positive(1, 2, dims={"N": 1.0})}), "`E`: the dimensions .* are found"),
    ],
)
def test_inputs_and_ranges_that_make_no_sense_are_refused(options, message):
    with pytest.raises(lj.InputError, match=message):
        law_from_formula("E + A / N**alpha", **options)


@pytest.mark.parametrize("text", ["E * A / N", "E + A * A * N", "E + N / A", "exp(A) * N + E", "E + (A + N) * E"])
def test_parameters_that_are_not_linear_together_are_not_declared_so(text):
    with pytest.raises(lj.InputError, match="is not linear in them together"):
        law_from_formula(text, inputs=["N"], linear=("A", "E"))


def test_parameters_that_are_linear_as_written_may_be_declared_so():
    law = law_from_formula("-(E + (A - B) * N / 2) + C", inputs=["N"], linear=("E", "A", "B", "C"))
    assert law.linear == ("E", "A", "B", "C")


def test_an_input_that_is_described_by_a_word_is_refused():
    with pytest.raises(lj.InputError, match=r"the input `N` must be a Variable, as in Variable\(kind='count'\)"):
        _variables({"N": "count"})


def test_an_input_has_not_the_name_of_a_function():
    with pytest.raises(lj.InputError, match="the input `min` has the name of a function"):
        law_from_formula("E + A", inputs=["min"])


def test_a_formula_is_read_fast():
    began = time.perf_counter()
    for _ in range(100):
        parse(TEXT)
    assert (time.perf_counter() - began) / 100 < 2e-3


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_saved_result_of_a_formula_comes_back_without_its_law(tmp_path, truth, suffix):
    runs = lj.simulate(LAW, truth, num_runs=40, noise=0.01, key=0)
    fit = lj.fit(LAW, runs, num_starts=8)
    again = lj.load(fit.save(tmp_path / f"fit{suffix}"))
    assert again.law.name == "text"
    assert again.to_dict() == fit.to_dict()
    assert again.law.params["A"].dims == {"N": "alpha"}
    draws = lj.load(lj.bootstrap(fit, num=4).save(tmp_path / "draws.json"))
    assert draws.law is again.law


def test_a_hostile_text_in_a_saved_file_is_refused(tmp_path, truth):
    runs = lj.simulate(LAW, truth, num_runs=20, noise=0.01, key=0)
    path = lj.fit(LAW, runs, num_starts=4).save(tmp_path / "fit.json")
    record = json.loads(path.read_text())

    def saved(**changes):
        bad = tmp_path / "bad.json"
        bad.write_text(json.dumps({**record, "law_formula": {**record["law_formula"], **changes}}))
        return bad

    with pytest.raises(lj.InputError, match="starts with an underscore"):
        lj.load(saved(text="__import__('os').system('touch owned')"))
    with pytest.raises(lj.InputError, match="nested more than 24 deep"):
        lj.load(saved(text="(" * 900))
    with pytest.raises(lj.InputError, match="is not that law"):
        lj.load(saved(text="E + A / N**alpha + B * D**beta"))
    given, params = record["law_formula"]["inputs"], record["law_formula"]["params"]
    words = {"unit": "", "kind": "positive", "usual": ["a", "b"]}
    wrong = [("text", 7), ("inputs", 3), ("inputs", {"N": {}}), ("inputs", {"N": words}), ("params", {"E": 1}),
             ("name", ["a"]), ("linear", 4), ("unit", None), ("linear", False), ("linear", "E"),
             *(("inputs", {**given, "N": {**given["N"], "usual": usual}})
               for usual in ([0, 5], [-1, 5], [5, 1], [10**400, 1], [1, None], [1])),
             ("inputs", {**given, "N": {**given["N"], "unit": 3}}),
             *(("params", {**params, "E": {**params["E"], "centred": span}})
               for span in ([5, 1], [-5, -1], ["nan", 2], [1, 10**400])),
             ("params", {**params, "E": {**params["E"], "low": 10**400}})]  # fmt: skip
    for key, value in wrong:
        with pytest.raises(lj.InputError, match="record that lawjax did not write"):
            lj.load(saved(**{key: value}))


def test_a_formula_traces_and_differentiates():
    law = law_from_formula("E + A * softmin(N / D, 1, k) + saturate(N, 0.1, 10)", inputs=["N", "D"])
    params = {"E": 1.0, "A": 2.0, "k": 3.0}
    columns = {"N": np.array([1.0, 2.0, 3.0]), "D": np.array([2.0, 2.0, 5.0])}
    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(lambda p: jnp.sum(lj.laws.over_runs(law, p, columns))))(params)
    assert all(np.isfinite(slope) for slope in slopes.values())
    assert float(law(*typical_inputs(law).values(), **params)) > 0
