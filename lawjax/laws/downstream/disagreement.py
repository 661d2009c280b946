"""Disagreement of models trained on different groups, and the floor that training noise puts under it."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.errors import InputError
from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.terms import power


def group_disagreement(replicates: ScalarLike, *, between: ScalarLike, within: ScalarLike) -> Scalar:
    r"""Spread across groups of the mean prediction of several models per group.

    A form of our own; it is not the LInCo of Wang et al., whose definition was not at hand. Models trained on the
    same group differ too, so models of different groups disagree even where the groups do not:

    $$d(r) = \sqrt{\sigma_b^2 + \sigma_w^2 / r}$$

    Args:
        replicates: r, models trained per group, which differ by seed [count].
        between: standard deviation between groups, in the unit of the prediction.
        within: standard deviation between models of one group, in the same unit.
    Returns:
        Standard deviation across groups, root mean square over cases, in the unit of the prediction.
    References:
        Wang et al. 2021, arXiv:2103.13868 (the question: do models of groups agree on the same cases).
    """
    return power(between**2 + within**2 / replicates, 0.5)


def group_components(predictions: Any) -> dict[str, Any]:
    r"""How much predictions differ between groups, and between models of one group.

    With $\bar y_{gm}$ the mean over the R models of a group, and variances (divided by number less 1) averaged over
    cases m,

    $$\hat\sigma_w^2 = \overline{\operatorname{var}_r(y_{grm})}, \qquad
      \hat\sigma_b^2 = \max\big(0,\ \overline{\operatorname{var}_g(\bar y_{gm})} - \hat\sigma_w^2 / R\big)$$

    Args:
        predictions: shape (group, replicate, case), at least 2 groups of 2 models.
    Returns:
        `between` and `within`, parameters of `group_disagreement`.
    Raises:
        InputError: another shape, or values that are not finite.
    Example:
        >>> y = [[[1.0, 5.0], [3.0, 7.0]], [[5.0, 9.0], [7.0, 11.0]]]
        >>> {name: round(float(value) ** 2, 4) for name, value in group_components(y).items()}
        {'between': 7.0, 'within': 2.0}
    """
    y = jnp.asarray(predictions, float)
    if y.ndim != 3 or min(y.shape[:2]) < 2 or not y.shape[2]:
        raise InputError(
            f"`predictions` must have the shape (group, replicate, case) with 2 or more groups and replicates, "
            f"got {y.shape}. Without replicates, disagreement cannot be told from training noise."
        )
    if not bool(jnp.all(jnp.isfinite(y))):
        raise InputError("`predictions` must be finite; leave out cases that some model did not answer.")
    within = jnp.mean(jnp.var(y, axis=1, ddof=1))
    between = jnp.mean(jnp.var(jnp.mean(y, axis=1), axis=0, ddof=1)) - within / y.shape[1]
    return dict(between=jnp.sqrt(jnp.maximum(between, 0.0)), within=jnp.sqrt(within))


GROUP_DISAGREEMENT = Law(
    fn=group_disagreement,
    response="disagreement",
    inputs=dict(replicates=Variable(unit="models per group", kind="number", usual=(1.0, 32.0))),
    falls=("replicates",),
    unit="unit of the prediction",
    params=dict(between=positive(0.05, 10.0), within=positive(0.05, 10.0)),
    reference="wang2021",
)
