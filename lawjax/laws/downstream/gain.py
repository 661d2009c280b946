"""Gain: treated runs that do as if they had had more compute."""

import dataclasses
import functools

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.errors import choose
from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.composition.compose import substitute
from lawjax.laws.composition.variants import rename
from lawjax.laws.size.curves import POWER_LAW_FLOOR
from lawjax.laws.terms import power


def equivalent_compute(x: ScalarLike, treated: ScalarLike, *, m: ScalarLike) -> Scalar:
    r"""A form of our own: compute that an untreated run would need to do as well.

    $$x_{\text{eff}}(x, t) = m^{t} x$$

    Args:
        x: compute, or another input, of the run.
        treated: t, 1 for a treated run and 0 for another.
        m: the compute-equivalent gain; 2 means that the treatment halves the compute for the same result.
    Returns:
        What the run is worth, in the unit of x.
    References:
        Tay et al. 2022, arXiv:2210.11399 (about twice; it gives no formula).
    """
    return jnp.multiply(x, power(m, treated))


EQUIVALENT_COMPUTE = Law(
    fn=equivalent_compute,
    response="x_eff",
    inputs=dict(x=Variable(), treated=Variable("1 where treated, 0 where not", kind="fraction")),
    rises=("x",),
    params=dict(m=positive(0.5, 5.0)),
    reference="tay2022",
)


@functools.cache
def with_gain(base: Law, variable: str) -> Law:
    r"""A law in which treated runs do as if they had had m times as much of one input, $y(x, t) = y_0(m^t x)$.

    Runs with and without the treatment are fitted together, with one more column, `treated`: 1 or 0.

    Args:
        base: the law y_0 of the runs without treatment.
        variable: its input that the treatment multiplies.
    Returns:
        The same `Law` for the same arguments each time, so that it compiles once. It has one more parameter, m.
    Raises:
        InputError: an input that the base law does not have, or a base law that has an m already.
    References:
        Tay et al. 2022, arXiv:2210.11399 (the form is our own).
    Example:
        >>> import lawjax as lj
        >>> lj.laws.with_gain(lj.laws.KAPLAN_N, "N")
        <Law kaplan-n-gain: loss(N, treated; N_c, alpha_N, m)>
    """
    choose(f"input of the law {base.name!r}", variable, base.inputs)
    effective = EQUIVALENT_COMPUTE if variable == "x" else rename(EQUIVALENT_COMPUTE, {"x": variable})
    law = substitute(base, variable, effective, scales={variable: 1.0}, name=f"{base.name}-gain")
    return dataclasses.replace(law, reference="tay2022")


POWER_LAW_FLOOR_GAIN = with_gain(POWER_LAW_FLOOR, "x")
"""A power law with a floor in compute, and the gain of a treatment."""
