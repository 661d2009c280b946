"""Weak priors for forecasts: what is usual of a law's parameters, in units of the table at hand.

They differ from the priors of `sample` in one thing: a floor of the loss, or where it starts from, is usual as a share
of the losses in the table, so that error rates and perplexities are treated as nats are; `sample` takes the usual range
of a floor in nats at its word.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.centring import Centring, usual_box
from lawjax.fitting.problem import Layout
from lawjax.inference.priors import QUANTILE_95
from lawjax.inference.small_tables import WeakPrior
from lawjax.laws.base import Law
from lawjax.laws.usual import params_at

USUAL_LOSS = 3.0
"""Nats per token: the losses that a law's usual ranges are written for."""
FLOOR = (0.05, 2.0)
"""A floor's usual range as a share of the table's middle loss."""
SCATTER = (0.002, 0.1)
"""Usual scale of single runs about a law, as a share of the response."""
STEEPEST = 4.0
"""By how much a logit moves at least for a change of its share."""
FAR = 1e30
"""Centred units at which what an input adds to a loss has died away."""


def weak_prior(law: Law, centring: Centring, space: str) -> WeakPrior:
    """Normals along the line of each parameter and along the log of the scatter, 90 % of each in its usual range.

    Args:
        law: the law.
        centring: the units of the table.
        space: the residual space; where it is "raw" the scatter is a share of the responses' level.
    Returns:
        The priors of one table, shape (free + 1,).
    """
    shares = level_shares(law)
    box = usual_box(law, centring) | {name: _times(share, centring.level) for name, share in shares.items()}
    layout = Layout.of(law, None, None)
    low, high = (np.asarray(layout.pack({name: edges[side] for name, edges in box.items()})) for side in (0, 1))
    unit = {"raw": centring.level, "log": 1.0, "logit": STEEPEST}[space]
    scale = np.log(unit * np.array(SCATTER))
    low, high = np.append(low, scale[0]), np.append(high, scale[1])
    return WeakPrior((low + high) / 2, (high - low) / 2 / QUANTILE_95)


@functools.cache
def level_shares(law: Law) -> dict[str, tuple[float, float]]:
    """The usual range of each parameter that is itself a loss, such as a floor or a start, as a share of the losses."""
    if law.response != "loss":
        return {}
    levels = [name for name in law.linear if _is_plain(law, name)]
    floors = _floors(law, levels)
    usual = {name: (law.params[name].low / USUAL_LOSS, law.params[name].high / USUAL_LOSS) for name in levels}
    return usual | dict.fromkeys(floors, FLOOR)


def _is_plain(law: Law, name: str) -> bool:
    param = law.params[name]
    moves = param.dims or param.shift or param.centred is not None
    return not moves and param.edges == (0.0, math.inf)


def _floors(law: Law, names: Sequence[str]) -> list[str]:
    """Those of the parameters that are what is left of the loss where every input is without bound."""
    if not names or not set(law.inputs) <= set(law.falls):
        return []
    params = {name: jnp.asarray(value) for name, value in params_at(law, 0.5).items()}
    inputs = [jnp.asarray(FAR)] * len(law.inputs)

    def left(chosen: Mapping[str, Any]) -> Any:
        return law.fn(*inputs, **{**params, **chosen})

    slopes = jax.grad(left)({name: params[name] for name in names})
    return [name for name in names if abs(float(slopes[name]) - 1) < 1e-6]


def _times(share: tuple[float, float], level: float) -> tuple[float, float]:
    return share[0] * level, share[1] * level
