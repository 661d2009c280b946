"""What a pruned model is worth in dense ones."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, between
from lawjax.laws.architecture import SIZE_ACCURACY
from lawjax.laws.terms import logit, power


def size_of_equal_accuracy(
    source: Source, *, accuracy: float, N: float, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""What size of dense model does as well as a compressed one.

    Args:
        source: of `SIZE_ACCURACY`, for dense models of the same family on the same benchmark.
        accuracy: of the compressed model, above 0 and below 1.
        N: parameters of the model before it was compressed [count].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `N_eff` [count], and `multiplier`, N_eff / N. Below the smallest dense model it is an extrapolation.
    Raises:
        InputError: an accuracy outside 0 to 1, a size that is not positive, or a source of another law.
    References:
        Liu et al. 2025, arXiv:2510.05528, table 1 (the form is ours).
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.size_of_equal_accuracy("liu2025armor-mmlu", accuracy=0.7818, N=32.5e9)
        >>> round(answer["multiplier"], 2)
        0.4
    """
    return decide(
        source,
        _equal_accuracy,
        question=f"Which dense model has an accuracy of {accuracy}?",
        laws=(SIZE_ACCURACY,),
        units={"N_eff": "parameters", "multiplier": "of the parameters"},
        held={"accuracy": between("accuracy", accuracy, 0.0, 1.0), "N": above_zero("N", N)},
        method="closed form",
        prob=prob,
        force=force,
    )


def _equal_accuracy(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    size = params["N_50"] * power(jnp.exp(logit(held["accuracy"])), 1.0 / params["slope"])
    return {"N_eff": size, "multiplier": size / held["N"]}
