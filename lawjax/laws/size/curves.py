"""Laws of one variable: power laws plain, with a floor, shifted, and smoothly broken."""

import functools
import inspect
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.errors import check_whole
from lawjax.laws.base import Law, Param, Scalar, Variable, positive, real
from lawjax.laws.terms import power


def power_law(x: ScalarLike, *, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Loss that falls as a power of x, without a floor.

    $$L(x) = A\, x^{-\alpha}$$

    Args:
        x: size, tokens or compute, above 0.
        A: loss at x = 1; has dimension loss x^alpha.
        alpha: exponent.
    Returns:
        Loss, in the unit of A.
    References:
        Hestness et al. 2017, arXiv:1712.00409.
    """
    return A / power(x, alpha)


def power_law_floor(x: ScalarLike, *, E: ScalarLike, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Loss that falls as a power of x towards a floor.

    $$L(x) = E + A\, x^{-\alpha}$$

    Args:
        x: size, tokens or compute, above 0.
        E: the floor, in the unit of the loss.
        A, alpha: scale and exponent of the part that falls.
    Returns:
        Loss, in the unit of E.
    References:
        Henighan et al. 2020, arXiv:2010.14701.
    """
    return E + A / power(x, alpha)


def shifted_power_law(x: ScalarLike, *, E: ScalarLike, A: ScalarLike, x0: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""A power law that levels off at small x as well as at large.

    $$L(x) = E + A\, (x + x_0)^{-\alpha}$$

    Args:
        x: size, tokens or compute, above 0.
        E: the floor, in the unit of the loss.
        A, alpha: scale and exponent of the part that falls.
        x0: where the fall begins, in the unit of x.
    Returns:
        Loss, in the unit of E.
    References:
        Nezhurina et al. 2025, arXiv:2506.04598 (error rate against training compute).
    """
    return E + A / power(x + x0, alpha)


def generalisation_gap(X: ScalarLike, *, beta: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""How far a robot's policy stays below the best score, against the objects or places it was trained on.

    $$Y(X) = \beta\, X^{-\alpha}$$

    Nothing keeps Y below 1 at X = 1, and a gap from a few dozen trials is noisy where it is small.

    Args:
        X: objects, environments, or pairs of both in the demonstrations [count].
        beta: gap after one of them.
        alpha: exponent; papers that print it below 0 put the minus sign into it.
    Returns:
        Optimality gap, 1 - score / best score.
    References:
        Lin et al. 2024, arXiv:2410.18647.
    """
    return power_law(X, A=beta, alpha=alpha)


POWER_LAW = Law(
    fn=power_law,
    response="loss",
    falls=("x",),
    params=dict(A=positive(0.1, 1e4, dims={"x": "alpha"}), alpha=positive(0.02, 1.0)),
    linear=("A",),
    reference="hestness2017",
)
POWER_LAW_FLOOR = Law(
    fn=power_law_floor,
    response="loss",
    falls=("x",),
    params=dict(E=positive(0.2, 4.0), A=positive(0.1, 1e4, dims={"x": "alpha"}), alpha=positive(0.05, 1.0)),
    linear=("E", "A"),
    reference="henighan2020",
)
SHIFTED_POWER_LAW = Law(
    fn=shifted_power_law,
    response="loss",
    falls=("x",),
    params=dict(
        E=positive(0.2, 4.0),
        A=positive(0.1, 1e4, dims={"x": "alpha"}),
        x0=positive(1.0, 1e9, dims={"x": 1.0}, centred=(1e-3, 10.0)),
        alpha=positive(0.05, 1.0),
    ),
    linear=("E", "A"),
    reference="nezhurina2025",
)
GENERALISATION_GAP = Law(
    fn=generalisation_gap,
    response="gap",
    inputs=dict(X=Variable(unit="objects, environments or pairs", kind="count", usual=(1.0, 64.0))),
    falls=("X",),
    params=dict(beta=positive(0.3, 2.0, dims={"X": "alpha"}), alpha=positive(0.1, 1.5)),
    linear=("beta",),
    reference="lin2024imitation",
)


@functools.cache
def broken_power_law(num_breaks: int) -> Law:
    r"""A power law whose slope changes smoothly at `num_breaks` places, as a law of one variable x.

    $$y = a + b\, x^{-c_0} \prod_{i=1}^{n} \Big(1 + (x / d_i)^{1/f_i}\Big)^{-c_i f_i}$$

    Parameters of the law: floor a [unit of the response]; scale b; slope c0 before the first break; then for each
    break i its place d{i} [unit of x], its width f{i} in log x, and the change of slope c{i} (negative where the
    curve flattens). Breaks are told apart by their order in x only.

    Args:
        num_breaks: how many breaks, 1 or more.
    Returns:
        The same `Law` for the same number each time, so that it compiles once.
    Raises:
        InputError: num_breaks is not a whole number above 0.
    References:
        Caballero et al. 2023, arXiv:2210.14891, equation 1.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.broken_power_law(1)
        <Law broken-power-law-1: loss(x; a, b, c0, c1, d1, f1)>
    """
    check_whole("num_breaks", num_breaks, 1, advice="Without a break, use POWER_LAW_FLOOR.")
    params: dict[str, Param] = dict(a=positive(1e-3, 4.0), b=positive(0.1, 1e4, dims={"x": "c0"}), c0=real(-0.2, 1.0))
    for index in range(1, num_breaks + 1):
        params[f"c{index}"] = real(-1.0, 3.0)
        params[f"d{index}"] = positive(1.0, 1e9, dims={"x": 1.0}, centred=(0.05, 20.0))
        params[f"f{index}"] = positive(0.05, 2.0)

    def fn(x: ScalarLike, **values: Any) -> Scalar:
        return _broken(x, values, num_breaks)

    fn.__name__ = f"broken_power_law_{num_breaks}"
    fn.__doc__ = broken_power_law.__doc__
    keyword = inspect.Parameter.KEYWORD_ONLY
    fn.__signature__ = inspect.Signature(  # ty: the law's record checks names against the signature
        [inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY), *(inspect.Parameter(p, keyword) for p in params)]
    )
    return Law(fn=fn, response="loss", params=params, linear=("a", "b"), reference="caballero2023")


def _broken(x: ScalarLike, p: dict[str, Any], num_breaks: int) -> Scalar:
    log_fall = -p["c0"] * jnp.log(x)
    for i in range(1, num_breaks + 1):
        c, d, f = p[f"c{i}"], p[f"d{i}"], p[f"f{i}"]
        log_fall -= c * f * jax.nn.softplus((jnp.log(x) - jnp.log(d)) / f)
    return p["a"] + p["b"] * jnp.exp(log_fall)
