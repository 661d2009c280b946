"""What a sweep computes: the quantities of one configuration, and the reductions that a row of them may be put to."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.costs import Cost
from lawjax.costs.named import call
from lawjax.laws.base import Law
from lawjax.sweeps.layout import LANE

Values = dict[str, Any]
COUNTED_TOGETHER = 50
"""Values that a quantile counts in one step."""
BY_DRAW = "least loss of each draw in each block"


@dataclasses.dataclass(frozen=True)
class Lowest:
    """The least value of a quantity in each block of columns."""

    quantity: str
    block: int = 256

    def __call__(self, quantities: Values, ok: Any) -> Any:
        """Shape (block,)."""
        masked = jnp.where(ok, quantities[self.quantity], jnp.inf)
        return masked.reshape(-1, min(self.block, LANE)).min(axis=-1)


@dataclasses.dataclass(frozen=True)
class GroupLowest:
    """The least value of a quantity in a row within each group; groups lie between edges of another quantity."""

    quantity: str
    key: str
    edges: tuple[float, ...]

    def __call__(self, quantities: Values, ok: Any) -> Any:
        """Shape (group,)."""
        group = _bin_of(quantities[self.key], self.edges)
        inside = ok & (group >= 0) & (group < len(self.edges) - 1)
        masked = jnp.where(inside, quantities[self.quantity], jnp.inf)
        return jax.ops.segment_min(masked, jnp.where(inside, group, 0), len(self.edges) - 1)


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many values of a quantity in a row lie between each pair of edges, and how many below and above all."""

    quantity: str
    edges: tuple[float, ...]

    def __call__(self, quantities: Values, ok: Any) -> Any:
        """Shape (bin + 2,)."""
        group = _bin_of(quantities[self.quantity], self.edges) + 1
        return jax.ops.segment_sum(ok.astype(jnp.int32), group, len(self.edges) + 1)


@dataclasses.dataclass(frozen=True)
class Column:
    """The quantity itself; NaN where a configuration does not count."""

    quantity: str

    def __call__(self, quantities: Values, ok: Any) -> Any:
        """Shape (width,)."""
        return jnp.where(ok, quantities[self.quantity], jnp.nan)


@dataclasses.dataclass(frozen=True)
class LeadingBits:
    """The leading bits of a quantity as a float32, as whole numbers in its order; one more where it does not count."""

    quantity: str
    num: int

    def __call__(self, quantities: Values, ok: Any) -> Any:
        """Shape (width,), int32, from 0 to 2**num."""
        largest = float(np.finfo(np.float32).max)
        value = jnp.clip(quantities[self.quantity], -largest, largest).astype(jnp.float32)
        bits = jax.lax.bitcast_convert_type(value, jnp.uint32)
        sign = jnp.uint32(1 << 31)
        ordered = jnp.where(bits >= sign, ~bits, bits | sign) >> jnp.uint32(32 - self.num)
        return jnp.where(ok, ordered.astype(jnp.int32), jnp.int32(1 << self.num))


@dataclasses.dataclass(frozen=True)
class LowestInDraws:
    """The least loss of each draw in each block of columns, and after the draws the least of the objective."""

    block = LANE

    def __call__(self, quantities: Values, ok: Any) -> Any:
        """Shape (draw + 1, block)."""
        return jnp.concatenate([quantities[BY_DRAW], self.lowest(quantities["loss"], ok)[None]])

    def lowest(self, loss: Any, ok: Any) -> Any:
        """The least in each block of columns."""
        return jnp.where(ok, loss, jnp.inf).reshape(-1, self.block).min(axis=-1)


Reduction = Lowest | GroupLowest | Counts | Column | LeadingBits | LowestInDraws


def _bin_of(values: Any, edges: tuple[float, ...]) -> Any:
    return jnp.searchsorted(jnp.asarray(edges, dtype=values.dtype), values, side="right").astype(jnp.int32) - 1


@dataclasses.dataclass(frozen=True)
class Program:
    """The part of a sweep that is compiled in.

    Attributes:
        law, cost, where: what is minimised, what it costs (or None), which configurations count (or None).
        derived, extras: inputs and further quantities that are functions of others, in order.
        quantile: take the quantile over draws, not the mean.
        wanted: quantities that must be finite for a configuration to count.
        reductions: what each row is reduced to.
    """

    law: Law
    cost: Cost | None = None
    where: Callable[..., Any] | None = None
    derived: tuple[tuple[str, Callable[..., Any]], ...] = ()
    extras: tuple[tuple[str, Callable[..., Any]], ...] = ()
    quantile: bool = False
    wanted: tuple[str, ...] = ("loss",)
    reductions: tuple[Reduction, ...] = ()


def loss_of(program: Program, inputs: Values, draw: Mapping[str, Any]) -> Any:
    """The loss of one configuration under one draw, of the inputs that are not derived."""
    known = _inputs(program, inputs)
    return program.law.fn(
        *(known[name] for name in program.law.inputs), **{name: draw[name] for name in program.law.params}
    )


def rest_of(program: Program, inputs: Values, loss: Any, limit: Any) -> tuple[Values, Any]:
    """All quantities of one configuration, and whether it meets the constraints."""
    known = _inputs(program, inputs)
    known["loss"] = loss
    if program.cost is not None:
        known["cost"] = program.cost(known)
    for name, function in program.extras:
        known[name] = call(function, known)
    passing = jnp.asarray(True) if program.cost is None else ~(known["cost"] > limit)
    if program.where is not None:
        passing = passing & jnp.asarray(call(program.where, known), dtype=bool)
    return known, passing


def needed(program: Program) -> tuple[str, ...]:
    """The quantities that reductions look at, and then those that must be finite."""
    names = [getattr(r, field) for r in program.reductions for field in ("quantity", "key") if hasattr(r, field)]
    return tuple(dict.fromkeys([*names, "loss", *program.wanted]))


def _inputs(program: Program, values: Values) -> Values:
    """All inputs, the derived ones computed."""
    known = dict(values)
    for name, function in program.derived:
        known[name] = call(function, known)
    return known


def measure(program: Program, values: Values, held: Mapping[str, Any]) -> tuple[Values, Any]:
    """The quantities of one configuration, and whether it meets the constraints with all wanted ones finite.

    Args:
        values: its inputs.
        held: `params` with a draw axis, `limit` on the cost, `rank` and `share` of the quantile.
    """
    known, ok = rest_of(program, values, _objective(program, values, held), held["limit"])
    for name in program.wanted:
        ok = ok & jnp.isfinite(known[name])
    return known, ok


def _objective(program: Program, values: Values, held: Mapping[str, Any]) -> Any:
    loss = lambda draw: loss_of(program, values, draw)
    return over_draws(loss, held, program.quantile)


def over_draws(loss: Callable[[Any], Any], held: Mapping[str, Any], quantile: bool) -> Any:
    """The mean of a function over draws, or a quantile of it."""
    params = held["params"]
    first = {name: array[0] for name, array in params.items()}
    num_draws = len(next(iter(params.values())))
    if num_draws == 1:
        return loss(first)
    if quantile:
        return quantile_of(jax.vmap(loss)(dict(params)), held["rank"], held["share"])
    return _mean(loss, first, {name: array[1:] for name, array in params.items()}, num_draws)


def _mean(loss: Callable[[Any], Any], first: Any, others: Any, num_draws: int) -> Any:
    """The mean over draws, summed as differences from the first draw: they are small, and so is their rounding."""
    start = loss(first)

    def add(total: Any, draw: Any) -> tuple[Any, None]:
        return total + (loss(draw) - start), None

    return start + jax.lax.scan(add, jnp.zeros_like(start), others)[0] / num_draws


def quantile_of(values: Any, rank: Any, share: Any) -> Any:
    """The quantile over the first axis, a share of the way from one order statistic to the next; NaN if a value is.

    A search for a bound that holds just as many values as it should: a few counts where a sort takes very many passes.
    """
    count = _counter(values)
    bound = _bound_above(count, values, rank)
    lower = jnp.max(jnp.where(values <= bound[None], values, -jnp.inf), axis=0)
    above = jnp.min(jnp.where(values > lower[None], values, jnp.inf), axis=0)
    upper = jnp.where((count(lower) > rank + 1) | (rank + 1 >= len(values)), lower, above)
    found = lower + (upper - lower) * share
    return jnp.where(jnp.any(jnp.isnan(values), axis=0), jnp.nan, jnp.where(lower == upper, lower, found))


def _counter(values: Any) -> Callable[[Any], Any]:
    """A function that counts the values up to a bound, over the first axis: some at a time, which stay in registers."""
    missing = -len(values) % COUNTED_TOGETHER
    blocks = jnp.concatenate([values, jnp.full((missing, *values.shape[1:]), jnp.nan, values.dtype)])
    blocks = blocks.reshape(-1, COUNTED_TOGETHER, *values.shape[1:])

    def count(bound: Any) -> Any:
        add = lambda total, block: (total + jnp.sum(block <= bound[None], axis=0, dtype=jnp.int32), None)
        return jax.lax.scan(add, jnp.zeros(bound.shape, jnp.int32), blocks)[0]

    return count


def _bound_above(count: Callable[[Any], Any], values: Any, rank: Any) -> Any:
    """A bound so that the largest value up to it is the one of this rank: by interpolation, halving each third time.

    Bounds are whole numbers in the order of floating-point ones, so that halving ends however the values lie.
    """

    def narrowed(state: tuple[Any, ...]) -> tuple[Any, ...]:
        step, low, high, below, above = state
        share = (rank + 0.5 - below) / (above - below)
        first, last = _float_at(low, values.dtype), _float_at(high, values.dtype)
        guess = _place_of(first + (last - first) * share.astype(values.dtype))
        middle = (low & high) + ((low ^ high) >> 1)  # does not overflow
        at = jnp.clip(jnp.where(step % 3 < 2, guess, middle), low + 1, jnp.maximum(high - 1, low + 1))
        num = count(_float_at(at, values.dtype))
        enough = num > rank
        pick = lambda yes, no: jnp.where(enough, yes, no)
        return step + 1, pick(low, at), pick(at, high), pick(below, num), pick(num, above)

    def is_open(state: tuple[Any, ...]) -> Any:
        _, low, high, _, above = state
        return jnp.any((above > rank + 1) & (high - 1 > low))

    low, high = _place_of(values.min(axis=0)) - 1, _place_of(values.max(axis=0))
    none = jnp.zeros(low.shape, jnp.int32)
    found = jax.lax.while_loop(is_open, narrowed, (jnp.int32(0), low, high, none, none + len(values)))
    return _float_at(found[2], values.dtype)


def _place_of(values: Any) -> Any:
    """Whole numbers in the order of floating-point ones."""
    whole = jnp.int32 if values.dtype == jnp.float32 else jnp.int64
    bits = jax.lax.bitcast_convert_type(values, whole)
    return jnp.where(bits < 0, bits ^ np.iinfo(whole).max, bits)


def _float_at(places: Any, dtype: Any) -> Any:
    bits = jnp.where(places < 0, places ^ np.iinfo(places.dtype).max, places)
    return jax.lax.bitcast_convert_type(bits, dtype)


@partial(jax.jit, static_argnums=0)
def measure_all(program: Program, values: Values, held: Mapping[str, Any]) -> tuple[Values, Any]:
    """All quantities of configurations given one by one, and which count, shape (config,)."""

    def one(config: Values) -> tuple[Values, Any]:
        known, ok = measure(program, {**held["fixed"], **config}, held)
        return {name: value for name, value in known.items() if name not in held["fixed"]}, ok

    return jax.vmap(one)(values)


@partial(jax.jit, static_argnums=0)
def losses_by_draw(program: Program, values: Values, fixed: Values, draws: Mapping[str, Any]) -> Any:
    """The loss of configurations given one by one under each of some draws, shape (draw, config)."""

    def one(config: Values, draw: Mapping[str, Any]) -> Any:
        return loss_of(program, {**fixed, **config}, draw)

    return jax.vmap(lambda draw: jax.vmap(lambda config: one(config, draw))(values))(dict(draws))
