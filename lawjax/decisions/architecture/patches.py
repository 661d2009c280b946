"""The smallest patch that a budget of cost allows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, number
from lawjax.errors import InputError
from lawjax.laws.architecture import PATCH_SIZE


def smallest_patch(
    source: Source,
    *,
    image: float,
    budget: float,
    patches: Sequence[float] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0),
    cost: Callable[[float], float] | None = None,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    r"""The smallest patch that a budget allows, which is the best one, and the loss it leads to.

    Args:
        source: of `PATCH_SIZE`.
        image: side of the square image [pixels].
        budget: most that one image may cost: tokens, or what `cost` returns.
        patches: sides of patches to choose from [pixels].
        cost: what an image of so many tokens costs, such as `lambda n: a * n + b * n**2`; None counts tokens.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `patch` [pixels], `tokens` per image and `loss`.
    Raises:
        InputError: no patch is affordable, a side that is not positive, or a source of another law.
    References:
        Wang et al. 2025, arXiv:2502.03738.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.smallest_patch("wang2025patches-deit-b-64", image=64, budget=1000)
        >>> answer["patch"], answer["tokens"], round(answer["loss"], 3)
        (4.0, 256.0, 0.201)
    """
    sides = _sides(patches)
    if cost is not None and not callable(cost):
        raise InputError(f"`cost` must be a function of the tokens of an image, got {cost!r}.")
    tokens = {side: (above_zero("image", image) / side) ** 2 for side in sides}
    price = {side: number("cost", count if cost is None else cost(count)) for side, count in tokens.items()}
    affordable = [side for side in sides if price[side] <= above_zero("budget", budget)]
    if not affordable:
        raise InputError(
            f"no patch fits a budget of {budget:g}: the cheapest of them costs {min(price.values()):g}. "
            "Raise `budget` or give larger `patches`."
        )
    side = min(affordable)
    return decide(
        source,
        _patch_loss,
        question=f"Which patch for images of side {image:g} within {budget:g}?",
        laws=(PATCH_SIZE,),
        units={"patch": "pixels", "tokens": "tokens per image", "loss": PATCH_SIZE.unit},
        held={"P": side, "tokens": tokens[side]},
        method="the smallest affordable, since the law rises with the patch",
        prob=prob,
        force=force,
    )


def _sides(patches: Sequence[float]) -> list[float]:
    """The sides on offer, one at least, each above zero."""
    if isinstance(patches, str) or not isinstance(patches, Sequence | np.ndarray) or not len(patches):
        raise InputError(f"`patches` must be a list of sides above 0, got {patches!r}.")
    return [above_zero("patches", side) for side in patches]


def _patch_loss(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"patch": held["P"], "tokens": held["tokens"], "loss": PATCH_SIZE(held["P"], **params)}
