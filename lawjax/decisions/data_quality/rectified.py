"""How many examples reach a loss."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import number
from lawjax.laws.data_quality import RECTIFIED, RECTIFIED_HILL
from lawjax.laws.data_quality.rectified import as_rectified


def examples_for_loss(source: Source, loss: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Examples of fine-tuning that a loss takes.

    $$D = \Big(\frac{B}{L - E} - D_l\Big)^{1 / \beta}$$

    Args:
        source: a fit, draws, a posterior or parameters of `rectified` or `rectified_hill`.
        loss: loss or error to reach, in the unit of the law.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with D [examples] and gain, what the next doubling of the examples would take off the loss; NaN
        where the loss lies below the floor or above the start of the curve.
    Raises:
        InputError: a source of another law.
    References:
        Lin et al. 2024, arXiv:2402.02314; Qin et al. 2025, arXiv:2503.19551.
    Example:
        >>> import lawjax as lj
        >>> gpt2 = dict(E=1.2423, B=856.37, D_l=260.71, beta=0.5005)
        >>> f"{lj.decisions.examples_for_loss(gpt2, 2.0)['D']:.2e}"
        '7.46e+05'
    """
    loss = number("loss", loss)
    return decide(
        source,
        _examples,
        question=f"How many examples does a loss of {loss:g} take?",
        laws=(RECTIFIED_HILL, RECTIFIED),
        units={"D": "examples", "gain": "loss"},
        held={"loss": loss},
        method="closed form",
        prob=prob,
        force=force,
    )


def _examples(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    p = params if "D_l" in params else as_rectified(params)
    left = p["B"] / (held["loss"] - p["E"]) - p["D_l"]
    D = jnp.where(left > 0, left, jnp.nan) ** (1.0 / p["beta"])
    doubled = p["E"] + p["B"] / (p["D_l"] + (2.0 * D) ** p["beta"])
    return {"D": D, "gain": held["loss"] - doubled}
