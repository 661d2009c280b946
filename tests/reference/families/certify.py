"""Finds the least-squares optimum of every family with SciPy, and writes it down.

    python -m tests.reference.families.certify

It is the best end of `scipy.optimize.least_squares` from the true values and from 240 starts over the usual ranges, in
coordinates without edges and with exact derivatives, brought to rest by Newton steps with the exact Hessian.
"""

import json
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import least_squares
from scipy.stats import qmc

from tests.reference.families import FAMILIES, SEEDS
from tests.reference.families.family import ANSWERS, Family

NUM_STARTS = 240
NUM_NEWTON_STEPS = 4
POSITIVE, UNIT = (0.0, np.inf), (0.0, 1.0)


def certify(family: Family, seed: int) -> dict[str, Any]:
    """The best end, and the share of the starts over the ranges that reached it."""
    columns = family.columns(seed)
    y = columns.pop("y")

    def residuals(point: Any) -> Any:
        return family.fn(*columns.values(), **_natural(family, point)) - y

    ends = _ends(residuals, _starts(family))
    best = min(ends, key=lambda end: end.cost)
    point = _at_rest(residuals, best.x)
    total = float(np.sum(np.asarray(residuals(point)) ** 2))
    assert total <= 2 * best.cost * (1 + 1e-9), f"{family.name}: Newton's steps left the optimum"
    return {
        "params": {key: _wrapped(family, key, float(value)) for key, value in _natural(family, point).items()},
        "residual_sum_of_squares": total,
        "share_of_starts": round(sum(end.cost <= best.cost * (1 + 1e-6) for end in ends[1:]) / NUM_STARTS, 3),
    }


def _natural(family: Family, point: Any) -> dict[str, Any]:
    """Parameters for a point of the line."""
    maps: dict[Any, Callable] = {POSITIVE: jnp.exp, UNIT: jax.nn.sigmoid}
    return {
        key: maps[param.edges](point[index]) if param.edges in maps else point[index]
        for index, (key, param) in enumerate(family.params.items())
    }


def _line(family: Family, values: dict[str, float]) -> np.ndarray:
    """The point of the line for parameters."""
    maps: dict[Any, Callable] = {POSITIVE: np.log, UNIT: lambda share: np.log(share / (1 - share))}
    return np.array(
        [maps[param.edges](values[key]) if param.edges in maps else values[key] for key, param in family.params.items()]
    )


def _starts(family: Family) -> list[np.ndarray]:
    """The truth, then points spread over the usual ranges."""
    low, high = (_line(family, {k: getattr(p, end) for k, p in family.params.items()}) for end in ("low", "high"))
    sampler = qmc.Sobol(len(low), rng=np.random.default_rng(7))
    return [_line(family, family.truth), *qmc.scale(sampler.random(256)[:NUM_STARTS], low, high)]


def _ends(residuals: Callable, starts: list[np.ndarray]) -> list[Any]:
    """Where Levenberg-Marquardt of MINPACK ends; starts at which the formula overflows are left out."""
    value, slope = jax.jit(residuals), jax.jit(jax.jacfwd(residuals))
    tight = dict.fromkeys(("ftol", "xtol", "gtol"), 1e-15)
    found = []
    for start in starts:
        if not np.all(np.isfinite(value(start))):
            continue
        run: Any = (lambda point: np.asarray(value(point))), start, (lambda point: np.asarray(slope(point)))
        try:
            found.append(least_squares(*run, method="lm", x_scale="jac", max_nfev=600, **tight))
        except ValueError:  # the formula overflowed on the way
            continue
    return found


def _at_rest(residuals: Callable, point: np.ndarray) -> np.ndarray:
    """The point after a few Newton steps."""
    slope = jax.jit(jax.grad(lambda point: 0.5 * jnp.sum(residuals(point) ** 2)))
    hessian = jax.jit(jax.jacfwd(slope))
    for _ in range(NUM_NEWTON_STEPS):
        point = point - np.linalg.solve(hessian(point), slope(point))
    return point


def _wrapped(family: Family, key: str, value: float) -> float:
    """An angle brought near zero; any other value as it is."""
    period = family.wraps.get(key)
    return value if period is None else value - period * round(value / period)


def main() -> None:
    """Write every answer down."""
    with jax.enable_x64(True):
        record = {name: {str(seed): certify(family, seed) for seed in SEEDS} for name, family in FAMILIES.items()}
    lines = [f'"{name}": {json.dumps(answers)}' for name, answers in record.items()]
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
