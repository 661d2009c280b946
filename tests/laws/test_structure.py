"""What is read off a law's formula is true of its numbers."""

import dataclasses
import gc
import inspect
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import Law
from lawjax.laws.structure import powers
from lawjax.laws.structure.linearity import linear_params
from lawjax.laws.structure.powers import with_fast_powers
from tests.helpers import typical_inputs, typical_params

LAWS = list(lj.laws.ALL.values())
every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)


def law_of(fn, **more) -> Law:
    """A law of one's own, all of whose parameters are positive."""
    names = [p.name for p in inspect.signature(fn).parameters.values() if p.kind is p.KEYWORD_ONLY]
    return Law(fn, response="y", params={name: lj.positive(0.5, 2.0) for name in names}, name="own", **more)


def bend(law: Law, names: tuple[str, ...]) -> float:
    """How far the law strays from its chord, relative to the response, as all these parameters move at once."""
    with jax.enable_x64(True):
        inputs = [jnp.asarray(value) for value in typical_inputs(law, 0.4).values()]
        start = {name: jnp.asarray(value) for name, value in typical_params(law, 0.45).items()}

        @jax.jit
        def at(share: float):
            moved = {name: start[name] * (1 + share * (0.3 + 0.1 * i)) for i, name in enumerate(names)}
            return law.fn(*inputs, **start | moved)

        low, middle, high = (float(at(share)) for share in (0.0, 0.5, 1.0))
    return abs(low + high - 2 * middle) / (abs(low) + abs(middle) + abs(high))


# ------------------------------------------------------------------------------------------ linear parameters


@every_law
def test_all_that_records_declare_linear_is_found_without_them_and_what_is_found_is_linear(law):
    found = linear_params(dataclasses.replace(law, linear=()))
    assert set(law.linear) <= set(found)
    assert bend(law, found) < 1e-13


def two_exponentials(x, *, b1, b2, b3, b4):
    return b1 * jnp.exp(-b2 * x) + b3 * jnp.exp(-b4 * x)


def rational(x, *, p1, q1):
    return (p1 * x) / (1 + q1 * x)


def two_peaks(x, *, a, middle, width, b, place, spread, slope, level):
    first = a * jnp.exp(-(((x - middle) / width) ** 2))
    return first + b * jnp.exp(-(((x - place) / spread) ** 2)) + slope * x + level


def sinusoid(x, *, a, w, b, c):
    return a * jnp.sin(w * x) + b * jnp.cos(w * x) + c


def product(x, *, a, b):
    return a * b * x


def one_scale_of_three_terms(x, *, scale, a, b, c):
    return scale * (a + b * x + c * x**2)


def a_parameter_used_twice(x, *, a, b):
    return (a + b * x) * a


def a_knee(x, *, place, left, right):
    return jnp.where(x < place, left * x, right)


def a_floor(x, *, floor, slope, level):
    return jnp.maximum(slope * x, floor) + level


def a_choice(x, *, place, left, right):
    return jax.lax.cond(x < place, lambda: left * x, lambda: right + left)


def a_polynomial(x, *, a, b, c, d):
    return (a + x * (b + x * c)) / d


def a_sum_over_a_vector(x, *, a, b, rate):
    return jnp.sum(jnp.cumsum(jnp.stack([a, b]) * jnp.exp(-rate * x)))


def an_inner_product(x, *, a, b, c):
    return jnp.dot(jnp.stack([a, b]), jnp.stack([x, c]))


def a_whole_number(x, *, a, b):
    return a * x + jnp.floor(b) + (10 * b).astype(int)


def a_compiled_part(x, *, a, b):
    return jax.jit(lambda a, t: a * jnp.exp(-t))(a, b * x)


@jax.custom_jvp
def scaled(a, b):
    return a * jnp.exp(b)


scaled.defjvps(lambda t, y, a, b: t * jnp.exp(b), lambda t, y, a, b: t * y)


def a_derivative_of_its_own(x, *, a, b):
    return scaled(a, b) * x


def a_loop(x, *, a, b, c):
    return jax.lax.fori_loop(0, 3, lambda i, y: y * b + x, a) + c


def a_look_up(x, *, a, b, c):
    return jnp.stack([a, b])[jnp.array([0, 1, 1])].sum() + jnp.stack([a, b])[(c * x).astype(int)]


def a_python_branch(x, *, a):
    return a * x if x > 0 else a


@pytest.mark.parametrize(
    ("fn", "linear"),
    [
        (two_exponentials, ("b1", "b3")),
        (rational, ("p1",)),
        (two_peaks, ("a", "b", "slope", "level")),
        (sinusoid, ("a", "b", "c")),
        (product, ("a",)),
        (one_scale_of_three_terms, ("a", "b", "c")),
        (a_parameter_used_twice, ("b",)),
        (a_knee, ("left", "right")),
        (a_floor, ("level",)),
        (a_choice, ("left", "right")),
        (a_polynomial, ("a", "b", "c")),
        (a_sum_over_a_vector, ("a", "b")),
        (an_inner_product, ("a", "b")),
        (a_whole_number, ("a",)),
        (a_compiled_part, ("a",)),
        (a_derivative_of_its_own, ("a",)),
        (a_loop, ("c",)),
        (a_look_up, ("a", "b")),
        (a_python_branch, ()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_linear_parameters_of_a_law_of_ones_own(fn, linear):
    assert linear_params(law_of(fn)) == linear


def test_a_formula_as_text_gives_what_its_grammar_finds():
    law = lj.laws.law_from_formula("E + A / N**alpha + B * log(D) / (1 + k * D)", inputs=["N", "D"])
    assert linear_params(dataclasses.replace(law, linear=())) == law.linear == ("E", "A", "B")


def test_more_is_found_than_the_grammar_of_formulas_takes():
    law = lj.laws.law_from_formula("(a + b * x) * c", inputs=["x"], params={"c": "1:2"})
    assert law.linear == ("c",)
    assert linear_params(dataclasses.replace(law, linear=())) == ("a", "b")


def test_a_vector_parameter_is_passed_over():
    law = Law(
        lambda x, *, a, v: a + jnp.sum(v) * x, response="y", params={"a": lj.real(0, 1), "v": lj.real(0, 1, size=3)}
    )
    assert linear_params(law) == ("a",)


def test_a_declaration_is_believed():
    assert linear_params(law_of(lambda x, *, a, b: a * x + b, linear=("b",))) == ("b",)


def test_the_formula_is_traced_once():
    traces = []
    law = law_of(lambda x, *, a: traces.append(x) or a * x)
    assert linear_params(law) == linear_params(law) == ("a",)
    assert len(traces) == 1


# ----------------------------------------------------------------------------------------------- fast powers


def steps(fn, *inputs, **params) -> list[str]:
    """Names of the steps of a function, in a compiled part or outside."""

    def names(jaxpr):
        for step in jaxpr.eqns:
            inner = step.params.get("jaxpr") or step.params.get("call_jaxpr")
            yield from [step.primitive.name] if inner is None else names(getattr(inner, "jaxpr", inner))

    return list(names(jax.make_jaxpr(lambda inputs, params: fn(*inputs, **params))(inputs, params).jaxpr))


def written_with_powers(N, D, *, E, A, alpha, B, beta, gamma):
    """Powers of inputs, of parameters, and of what both make, as one writes them in Python."""
    mixed = (1.0 + A * N / D) ** (gamma / 3.0)
    where = jnp.where(N > D, jnp.power(N, -beta), 2.0**-alpha)
    return E**1.5 + A * N**-alpha + B * D**-beta + mixed + where + jnp.sqrt(N * B) ** gamma + jnp.exp(-D) ** alpha


AROUND_ONE = lj.Variable(usual=(0.1, 10.0))
OWN = law_of(written_with_powers, inputs={"N": AROUND_ONE, "D": AROUND_ONE})
PARAMS = {"E": 1.2, "A": 1.7, "alpha": 0.6, "B": 0.8, "beta": 1.4, "gamma": 0.9}


def assert_same(law: Law, share: float) -> None:
    """Values and slopes in all parameters agree in float64 between the law's function and the fast one."""
    with jax.enable_x64(True):
        inputs = [jnp.asarray(value) for value in typical_inputs(law, share).values()]
        params = {name: jnp.asarray(value) for name, value in typical_params(law, share).items()}

        @jax.jit
        def both(params):
            functions = (law.fn, with_fast_powers(law))
            return [jax.value_and_grad(lambda p, fn=fn: fn(*inputs, **p))(params) for fn in functions]

        (value, slopes), (fast_value, fast_slopes) = both(params)
    assert np.isfinite(value)
    assert fast_value.dtype == value.dtype
    np.testing.assert_allclose(fast_value, value, rtol=1e-12)
    for name in law.params:
        np.testing.assert_allclose(fast_slopes[name], slopes[name], rtol=1e-9, err_msg=name)


@every_law
def test_every_law_of_the_catalogue_can_be_taken_apart_and_put_together_again(law, monkeypatch):
    monkeypatch.setattr(powers, "_could_be_faster", lambda steps: True)
    assert_same(dataclasses.replace(law), 0.4)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_fast_powers_have_the_values_and_slopes_of_powers(share):
    assert_same(OWN, share)


def test_no_power_of_a_positive_base_is_left_and_each_base_has_one_logarithm():
    fast = steps(with_fast_powers(OWN), 3.0, 2.0, **PARAMS)
    assert steps(OWN.fn, 3.0, 2.0, **PARAMS).count("pow") == 8
    # E, N, D, 1 + A N / D, 2, sqrt(N B) and exp(-D).
    assert (fast.count("pow"), fast.count("log")) == (0, 7)


def test_a_logarithm_that_the_law_takes_itself_is_shared():
    law = law_of(lambda N, *, a, b: a * N**-b + b * jnp.log(N))
    assert steps(with_fast_powers(law), 3.0, a=1.0, b=2.0).count("log") == 1


def test_a_division_by_a_power_is_a_product():
    params = {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37}
    fast = with_fast_powers(lj.laws.CHINCHILLA)
    assert steps(lj.laws.CHINCHILLA.fn, 1e9, 1e11, **params).count("div") == 2
    assert steps(fast, 1e9, 1e11, **params).count("div") == 0


@pytest.mark.parametrize("rate", [-700.0, -1.0, 1.0, 700.0])
def test_a_division_by_an_exponential_has_slopes_as_far_as_the_exponential_goes(rate):
    law = Law(lambda x, *, a, k: a / jnp.exp(k * x), response="y", params={"a": lj.real(0, 1), "k": lj.real(-1, 1)})
    with jax.enable_x64(True):
        slopes = jax.grad(lambda p: with_fast_powers(law)(1.0, **p))({"a": 1.0, "k": rate})
    np.testing.assert_allclose(slopes["k"], -np.exp(-rate), rtol=1e-12)


def test_exponents_that_are_multiplied_out_stay():
    law = law_of(lambda N, *, a, b: a * N**2.0 + b / N**3.0)
    assert steps(with_fast_powers(law), 3.0, a=1.0, b=2.0) == steps(law.fn, 3.0, a=1.0, b=2.0)


@pytest.mark.parametrize(
    "base",
    [
        lambda x, a: x - a,
        lambda x, a: -a,
        lambda x, a: x + jnp.log(a),
        lambda x, a: x * jnp.log(a),
        lambda x, a: jnp.log(x),
        lambda x, a: a / (x - a),
        lambda x, a: jnp.where(x > a, x, -1.0),
        lambda x, a: jnp.abs(x - a),
        lambda x, a: (x - a) ** 2 + 0.0,
        lambda x, a: jnp.floor(x),
        lambda x, a: x.astype(int).astype(float),
        lambda x, a: jnp.maximum(x - a, 0.0),
        lambda x, a: jax.lax.fori_loop(0, 2, lambda i, y: y + a, x),
    ],
)
def test_a_power_of_what_may_be_zero_or_less_stays(base):
    law = law_of(lambda x, *, a, b: base(x, a) ** b)
    with jax.enable_x64(True):
        inputs, params = (jnp.asarray(3.0),), {"a": jnp.asarray(1.0), "b": jnp.asarray(0.5)}
        assert steps(with_fast_powers(law), *inputs, **params) == steps(law.fn, *inputs, **params)


@pytest.mark.parametrize(
    "base",
    [
        lambda x, a: jnp.maximum(x - a, 1.0),
        lambda x, a: 1.0 + (x - a) ** 2,
        lambda x, a: (lambda step: a + step * step)(x - a),
        lambda x, a: 2.0 + jnp.abs(x - a),
        lambda x, a: jax.nn.sigmoid(x - a) / a,
        lambda x, a: jnp.where(x > 2.0, x, a),
        lambda x, a: jnp.log1p(x) * jnp.tanh(a),
        lambda x, a: jnp.sum(jnp.cumsum(jnp.stack([x, a]))),
        lambda x, a: jnp.dot(jnp.stack([x, a]), jnp.array([1.0, 2.0])),
        lambda x, a: jax.lax.rsqrt(x) + x**-3 + (x - a) ** 2,
        lambda x, a: jax.jit(lambda x: x**a)(x),
    ],
)
def test_a_power_of_what_is_positive_for_certain_is_taken_fast(base):
    law = law_of(lambda x, *, a, b: base(x, a) ** b)
    assert "pow" not in steps(with_fast_powers(law), 3.0, a=1.3, b=0.5)
    assert_same(law, 0.3)


@pytest.mark.parametrize("kind", ["fraction", "amount", "real"])
def test_an_input_that_may_be_zero_is_not_taken_for_positive(kind):
    law = law_of(lambda x, *, a: x**a, inputs={"x": lj.Variable(kind=kind)})
    assert "pow" in steps(with_fast_powers(law), 3.0, a=0.5)
    assert float(with_fast_powers(law)(0.0, a=0.5)) == 0.0
    assert float(jax.grad(lambda a: with_fast_powers(law)(0.0, a=a))(0.5)) == 0.0


def test_a_parameter_is_positive_where_its_edges_say_so():
    ranges = {"free": lj.real(1.0, 2.0), "share": lj.unit_interval(0.1, 0.9)}
    law = Law(lambda x, *, free, share: share**x + free**x, response="y", params=ranges)
    fast = steps(with_fast_powers(law), 2.5, free=1.5, share=0.5)
    assert (fast.count("pow"), fast.count("log")) == (1, 1)


@pytest.mark.parametrize("x", [1e-300, 1e-30, 1.0, 1e30, 1e300])
def test_slopes_are_finite_where_those_of_the_power_are(x):
    law = law_of(lambda x, *, a: x**a)
    with jax.enable_x64(True):
        slopes = jax.grad(lambda x, a: with_fast_powers(law)(x, a=a), argnums=(0, 1))(x, 0.4)
        wanted = jax.grad(lambda x, a: law.fn(x, a=a), argnums=(0, 1))(x, 0.4)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-12)


def test_fast_powers_trace_batch_and_differentiate_forwards_as_the_law_does():
    rows = {"N": np.linspace(0.5, 4.0, 7), "D": np.linspace(3.0, 1.0, 7)}
    lanes = {name: value * np.linspace(0.9, 1.1, 3) for name, value in PARAMS.items()}

    def curves(fn):
        one = jax.vmap(lambda params: jax.vmap(lambda N, D: fn(N, D, **params))(rows["N"], rows["D"]))
        return jax.jit(lambda params: jax.jvp(one, (params,), (params,)))(lanes)

    with jax.enable_x64(True):
        for fast, slow in zip(curves(with_fast_powers(OWN)), curves(OWN.fn), strict=True):
            assert fast.shape == (3, 7)
            np.testing.assert_allclose(fast, slow, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_result_has_the_type_that_the_law_gives(dtype):
    law = law_of(lambda x, *, a: 2.0**a * x ** jnp.asarray(2) + x**-a)
    with jax.enable_x64(True):
        x, a = jnp.asarray(3.0, dtype), jnp.asarray(0.5, dtype)
        fast, slow = with_fast_powers(law)(x, a=a), law.fn(x, a=a)
    assert fast.dtype == slow.dtype == dtype
    np.testing.assert_allclose(fast, slow, rtol=4 * np.finfo(dtype).eps)


def test_a_law_that_cannot_be_traced_keeps_its_function():
    law = law_of(a_python_branch)
    assert with_fast_powers(law)(2.0, a=3.0) == 6.0


def test_a_call_that_the_law_refuses_is_refused_in_its_words():
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'gamma'"):
        with_fast_powers(OWN)(3.0, 2.0, **{name: PARAMS[name] for name in ("E", "A", "alpha", "B", "beta")})


def test_a_law_made_inside_a_transform_leaves_nothing_behind():
    @jax.jit
    def scaled_power(scale, x):
        law = law_of(lambda x, *, a: scale * x**a)
        return with_fast_powers(law)(x, a=0.5)

    assert float(scaled_power(2.0, 4.0)) == pytest.approx(4.0)
    assert float(scaled_power(3.0, 4.0)) == pytest.approx(6.0)


def test_what_was_read_off_a_law_goes_with_it():
    law = law_of(lambda x, *, a: x**a)
    with_fast_powers(law)(2.0, a=1.5)
    linear_params(law)
    left = weakref.ref(law)
    del law
    gc.collect()
    assert left() is None
