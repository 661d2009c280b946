"""Performance of a data mixture from its distance to the target, projected in size from small pilots."""

import functools
import inspect
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.errors import InputError, check_whole
from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, real
from lawjax.laws.terms import log_linear, mixture_quadratic


@functools.cache
def projektor(num_sources: int) -> Law:
    r"""Performance of models trained on a mixture of data sources, at one size of the training set.

    $$P(q) = \sum_i (c_{2i} q_i^2 + c_{1i} q_i) + \mathrm{OT}(q) \sum_i (b_{2i} q_i^2 + b_{1i} q_i)$$

    OT(q) is the optimal-transport distance from the mixture to the validation set, measured beforehand. The ratios sum
    to 1, so the paper's two constants are part of the linear coefficients here. Linear in all its parameters, and
    unbounded: an accuracy can come out above 1, so give it a logit or a loss where that matters.

    Args:
        num_sources: how many sources, 2 or more. With 2 the coefficients are not unique, though predictions are.
    Returns:
        The same `Law` for the same number each time, so that it compiles once. Its inputs are `ratio`, shape
        (source,), and the distance `OT`; its parameters are c1, c2, b1 and b2, each of shape (source,).
    Raises:
        InputError: num_sources is not a whole number above 1.
    References:
        Kang et al. 2023, arXiv:2307.02460; the code of anitksahu/projektor_multimodal.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.projektor(3)
        <Law projektor-3: performance(ratio, OT; c1, c2, b1, b2)>
    """
    check_whole("num_sources", num_sources, 2)

    def fn(ratio: Any, OT: ScalarLike, *, c1: Any, c2: Any, b1: Any, b2: Any) -> Scalar:
        return mixture_quadratic(ratio, c1, c2) + OT * mixture_quadratic(ratio, b1, b2)

    fn.__name__ = f"projektor_{num_sources}"
    fn.__doc__ = inspect.getdoc(projektor)
    return Law(
        fn=fn,
        response="performance",
        inputs=dict(
            ratio=Variable(unit="share of each source", kind="simplex", size=num_sources),
            OT=Variable(unit="optimal-transport distance to the validation set", usual=(0.1, 10.0)),
        ),
        support="real",
        params=dict(
            c1=real(0.1, 1.0, size=num_sources),
            c2=real(-0.5, 0.5, size=num_sources),
            b1=real(-0.1, -0.01, size=num_sources, dims={"OT": -1.0}),
            b2=real(-0.05, 0.05, size=num_sources, dims={"OT": -1.0}),
        ),
        reference="kang2023",
    )


def projektor_size(n: ScalarLike, *, P: ScalarLike, slope: ScalarLike) -> Scalar:
    r"""Performance of one mixture against the size of the training set: a straight line in log n.

    $$P(n) = P + \text{slope} \ln n$$

    The paper draws it through two pilots, `line_through`, which multiplies their noise: see `noise_amplification`.
    Unbounded, as `projektor`.

    Args:
        n: training examples [count].
        P: performance at one example.
        slope: gain in performance per e-fold of examples.
    Returns:
        Performance, in the unit of P.
    References:
        Kang et al. 2023, arXiv:2307.02460; the code of anitksahu/projektor_multimodal.
    """
    return log_linear(P, (n,), (slope,))


def line_through(sizes: tuple[Any, Any], performances: tuple[Any, Any]) -> dict[str, Any]:
    r"""Parameters of `projektor-size` through two pilots.

    $$P(n) = \frac{\ln(n / n_0) P_1 - \ln(n / n_1) P_0}{\ln(n_1 / n_0)}$$

    Args:
        sizes: training examples of the pilots (n_0, n_1) [count].
        performances: what they reached (P_0, P_1); arrays of the same shape give as many lines.
    Raises:
        InputError: sizes that are equal or not above 0.
    Example:
        >>> line = line_through((1000, 1500), (0.60, 0.65))
        >>> round(float(projektor_size(10000, **line)), 5)
        0.88394
    """
    (n_0, n_1), (P_0, P_1) = sizes, performances
    if not (n_0 > 0 and n_1 > 0 and n_0 != n_1):
        raise InputError(f"`sizes` must be two different numbers above 0, got {sizes!r}.")
    xp = namespace(n_0, n_1, P_0, P_1)
    slope = (xp.asarray(P_1) - xp.asarray(P_0)) / (xp.log(n_1) - xp.log(n_0))
    return dict(P=P_0 - slope * xp.log(n_0), slope=slope)


def noise_amplification(n: float, sizes: tuple[float, float]) -> float:
    r"""Standard error of the line through two pilots at n, in standard errors of one pilot.

    $$\sqrt{\ln(n / n_0)^2 + \ln(n / n_1)^2} \,/\, |\ln(n_1 / n_0)|$$

    Example:
        >>> round(noise_amplification(10000, (1000, 1500)), 1)
        7.4
    """
    n_0, n_1 = sizes
    return float(jnp.hypot(jnp.log(n / n_0), jnp.log(n / n_1)) / jnp.abs(jnp.log(n_1 / n_0)))


def _recentred(params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    factor = factors.get("n", 1.0)
    return dict(P=params["P"] + params["slope"] * namespace(factor, params["slope"]).log(factor), slope=params["slope"])


PROJEKTOR_SIZE = Law(
    fn=projektor_size,
    response="performance",
    inputs=dict(n=Variable(unit="training examples", kind="count", usual=(1e3, 1e7))),
    rises=("n",),
    support="real",
    params=dict(P=real(-0.5, 0.5), slope=real(0.01, 0.2)),
    linear=("P", "slope"),
    recentre=_recentred,
    reference="kang2023",
)
