"""Bounded metrics: accuracy against loss or size, and the area under a curve against scale."""

import functools

import jax.numpy as jnp
from jaxtyping import ArrayLike, ScalarLike

from lawjax.errors import check_whole
from lawjax.laws.base import Law, Param, Scalar, Variable, positive, real, unit_interval
from lawjax.laws.terms import logistic, power

LOSS = Variable(unit="nats/token, or bits/byte", kind="positive", usual=(0.3, 3.0))
MODEL = Variable(unit="parameters", kind="count", usual=(1e8, 1e11))


def loss_to_score(
    L: ScalarLike, *, floor: ScalarLike, ceiling: ScalarLike, gamma: ScalarLike, L_0: ScalarLike
) -> Scalar:
    r"""Score on a task against the loss on its answers: a falling sigmoid between chance and a ceiling.

    $$S(L) = d + \frac{c}{1 + e^{\gamma (L - L_0)}}, \qquad d = \text{floor},\; c = \text{ceiling} - \text{floor}$$

    The exponent is printed as $-\gamma (L - l)$, with which a score that falls with the loss has a negative gamma;
    here gamma is positive and the sign is in the formula.

    Args:
        L: loss per token or byte of the right answers [nats/token or bits/byte].
        floor: score at high loss: chance.
        ceiling: score at low loss, at most 1.
        gamma: steepness [1 / unit of L].
        L_0: loss half-way between floor and ceiling [unit of L].
    Returns:
        Score from 0 to 1.
    References:
        Xiao et al. 2024, arXiv:2412.04315, equation 3; Bhagia et al. 2024, arXiv:2412.04403 (the second step of a
        ladder).
    """
    return logistic(gamma * jnp.subtract(L_0, L), floor, ceiling)


def bounded_score(
    N: ScalarLike, *, floor: ScalarLike, ceiling: ScalarLike, slope: ScalarLike, location: ScalarLike
) -> Scalar:
    r"""A form of our own: score of models of growing size, between a floor and a ceiling.

    $$S(N) = \text{floor} +
    (\text{ceiling} - \text{floor})\, \sigma\big(\text{slope}\, (\log N - \text{location})\big)$$

    Args:
        N: model parameters [count]; for a mixture of experts say which, all or active.
        floor, ceiling: score of a tiny and of a huge model.
        slope: steepness in log N.
        location: log N half-way between them.
    Returns:
        Score from 0 to 1.
    References:
        Heim et al. 2025, arXiv:2505.16276 (plateaus and ceilings; it gives no formula).
    """
    return logistic(slope * (jnp.log(N) - location), floor, ceiling)


def saturating_auc(x: ScalarLike, *, A_inf: ScalarLike, B: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""A form of our own: area under the ROC curve that rises to a ceiling below 1 as a power of scale.

    $$\text{AUC}(x) = A_\infty - B\, x^{-\alpha}$$

    A power law with a floor on 1 - AUC is the same curve: the floor is 1 - A_inf. Gains are in the third decimal,
    so A_inf is barely told by runs that do not come near it.

    Args:
        x: training samples, sequence length or model size, above 0.
        A_inf: AUC with unlimited scale, between 0.5 and 1.
        B, alpha: scale and exponent of what is still missing.
    Returns:
        AUC, from 0 to 1.
    References:
        Lai et al. 2025, arXiv:2508.15326 (a power law of AUC; its formula was not found).
    """
    return A_inf - B / power(x, alpha)


LOSS_TO_SCORE = Law(
    fn=loss_to_score,
    response="score",
    inputs=dict(L=LOSS),
    support="unit",
    falls=("L",),
    params=dict(
        floor=unit_interval(0.02, 0.5),
        ceiling=unit_interval(0.6, 0.99),
        gamma=positive(1.0, 15.0, dims={"L": -1.0}),
        L_0=positive(0.4, 2.0, dims={"L": 1.0}),
    ),
    linear=("floor", "ceiling"),
    reference="xiao2024",
)


def _location(size: int | None = None) -> Param:
    return real(18.0, 25.0, shift={"N": 1.0}, size=size)


BOUNDED_SCORE = Law(
    fn=bounded_score,
    response="score",
    inputs=dict(N=MODEL),
    support="unit",
    rises=("N",),
    params=dict(
        floor=unit_interval(0.02, 0.3),
        ceiling=unit_interval(0.6, 0.98),
        slope=positive(0.3, 3.0),
        location=_location(),
    ),
    linear=("floor", "ceiling"),
    reference="heim2025",
)
SATURATING_AUC = Law(
    fn=saturating_auc,
    response="auc",
    inputs=dict(x=Variable(kind="positive", usual=(1e3, 1e9))),
    support="unit",
    rises=("x",),
    params=dict(
        A_inf=Param(0.6, 0.9, edges=(0.5, 1.0)),
        B=positive(0.05, 2.0, dims={"x": "alpha"}, centred=(1e-3, 0.2)),
        alpha=positive(0.05, 0.6),
    ),
    linear=("A_inf", "B"),
    reference="lai2025",
)


@functools.cache
def family_score(num_families: int) -> Law:
    r"""A form of our own: `bounded_score` for several model families that share all but the place of the rise.

    $$S(N, f) = \text{floor} + (\text{ceiling} - \text{floor})\,
    \sigma\Big(\text{slope}\, \big(\log N - \textstyle\sum_i f_i\, \text{location}_i\big)\Big)$$

    A family whose location lies 0.7 lower does with half the parameters what another does.

    Parameters of the law: floor, ceiling and slope as in `bounded_score`; location, shape (family,): log N half-way,
    for each family. The input family is 1 at the family of the model and 0 elsewhere, shape (family,).

    Args:
        num_families: how many families, 2 or more.
    Returns:
        The same `Law` for the same number each time, so that it compiles once.
    Raises:
        InputError: num_families is not a whole number above 1.
    References:
        Heim et al. 2025, arXiv:2505.16276 (11 families of open models; it gives no formula).
    Example:
        >>> import lawjax as lj
        >>> lj.laws.family_score(2)
        <Law family-score-2: score(N, family; floor, ceiling, slope, location)>
    """
    check_whole("num_families", num_families, 2, advice="For one, use BOUNDED_SCORE.")

    def fn(
        N: ScalarLike,
        family: ArrayLike,
        *,
        floor: ScalarLike,
        ceiling: ScalarLike,
        slope: ScalarLike,
        location: ArrayLike,
    ) -> Scalar:
        place = jnp.dot(jnp.asarray(family), jnp.asarray(location))
        return bounded_score(N, floor=floor, ceiling=ceiling, slope=slope, location=place)

    fn.__name__ = f"family_score_{num_families}"
    fn.__doc__ = family_score.__doc__
    return Law(
        fn=fn,
        response="score",
        inputs=dict(N=MODEL, family=Variable("which family", kind="simplex", size=num_families)),
        support="unit",
        rises=("N",),
        params={**BOUNDED_SCORE.params, "location": _location(num_families)},
        linear=("floor", "ceiling"),
        reference="heim2025",
    )
