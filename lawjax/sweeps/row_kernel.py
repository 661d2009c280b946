"""Rows of configurations reduced on the device, in stages: tables of rows, tables of columns, and what mixes them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.sweeps.kernel import BY_DRAW, Lowest, LowestInDraws, Values, needed, over_draws, quantile_of
from lawjax.sweeps.plan import Plan
from lawjax.sweeps.staging import COLUMN, MIXED, ROW

LANES = 32
DRAWS_TOGETHER = 64


@partial(jax.jit, static_argnums=(0, 1))
def table_of(plan: Plan, kind: int, inputs: Values, filled: Any, held: Mapping[str, Any]) -> Values:
    """What rows alone, or columns alone, decide.

    Args:
        plan: the program in stages.
        kind: `ROW` or `COLUMN`.
        inputs: values and logarithms of the inputs of that kind, each shape (num,), or (num, size).
        filled: how many of them are configurations; the rest is padding.
        held: `params` with a draw axis, `fixed` inputs, `limit` on the cost, `rank` and `share` of the quantile.
    Returns:
        `inputs` as they are, `loss`, the part of it, `cut`, what its mixed part takes, and `rest`, what all else takes,
        each shape (num,); for a quantile the first two have a draw axis, rows (row, draw) and columns (draw, column).
    """
    limited = {**held["fixed"], "limit": held["limit"]}
    rest = jax.vmap(lambda one: plan.rest.before(kind, {**limited, **one}))(inputs)
    part, mixed, num = plan.loss[kind], plan.loss[MIXED], len(next(iter(inputs.values())))
    found: Values = {"inputs": inputs, "rest": rest}
    each = lambda of: lambda draw: jax.vmap(lambda one: of({**held["fixed"], **one, **draw}))(inputs)
    if part is not None:
        found["loss"] = _drawn(each(lambda given: part.outputs(given)[0]), held, plan.program.quantile)
    if mixed is not None and (plan.program.quantile or _num_draws(held) == 1):
        found["cut"] = _drawn(each(lambda given: mixed.before(kind, given)), held, plan.program.quantile)
    if kind == ROW and plan.program.quantile and _num_draws(held) > 1:
        found |= {name: jax.tree.map(jnp.transpose, found[name]) for name in ("loss", "cut") if name in found}
    if kind == COLUMN and padded(plan):
        found["loss"] = jnp.where(
            jnp.broadcast_to(jnp.arange(num) < filled, found["loss"].shape), found["loss"], jnp.inf
        )
    return found


def padded(plan: Plan) -> bool:
    """Whether the loss of padding is infinite, so that it need not be told apart once more."""
    lowest = all(isinstance(r, Lowest) and r.quantity == "loss" for r in plan.program.reductions)
    return plan.finite and plan.sorted and lowest and plan.loss[COLUMN] is not None


def _num_draws(held: Mapping[str, Any]) -> int:
    return len(next(iter(held["params"].values())))


def _drawn(function: Callable[[Any], Any], held: Mapping[str, Any], quantile: bool) -> Any:
    """A function of a draw, each output shape (num,), over the draws: of the one, its mean, or before that axis all."""
    params, num = dict(held["params"]), _num_draws(held)
    first = {name: array[0] for name, array in params.items()}
    if num == 1:
        return function(first)
    if quantile:
        return jax.vmap(function)(params)
    start = function(first)
    # Draws are taken several at a time, the last filled up with the first, which adds nothing.
    wanted = -(-num // DRAWS_TOGETHER) * DRAWS_TOGETHER
    filled = {n: jnp.concatenate([a, jnp.broadcast_to(a[:1], (wanted - num, *a.shape[1:]))]) for n, a in params.items()}
    blocks = {n: a.reshape(-1, DRAWS_TOGETHER, *a.shape[1:]) for n, a in filled.items()}
    add = lambda total, block: (total + jnp.sum(jax.vmap(lambda draw: function(draw) - start)(block), axis=0), None)
    return start + jax.lax.scan(add, jnp.zeros_like(start), blocks)[0] / num


@partial(jax.jit, static_argnums=(0, 1))
def reduce_rows(
    plan: Plan, batch: int, filled: Any, rows: Values, columns: Values, held: Mapping[str, Any]
) -> tuple[Any, Any, Any]:
    """Rows reduced: counts of configurations that pass and of those that are finite too, and each reduction.

    Args:
        plan: the program in stages.
        batch: rows computed together; 1 keeps the work in a CPU's cache, more fills an accelerator.
        filled: how many columns of these rows are configurations; the rest is padding.
        rows, columns: their tables, see `table_of`.
        held: see `table_of`.
    """
    program = plan.program
    inside = jnp.arange(_width(columns), dtype=jnp.int32) < filled
    given = {**held["fixed"], "limit": held["limit"]}

    def of_row(row: Values) -> tuple[Any, Any, Any]:
        loss = _loss(plan, row, columns, held)
        of_column = lambda loss, column: plan.rest.after({**given, "loss": loss}, row["rest"], column)
        passing, *values = jax.vmap(of_column)(loss, columns["rest"])
        quantities = dict(zip(needed(program), values, strict=True))
        passing = passing if padded(plan) else passing & inside
        ok = passing
        for name in () if plan.finite else program.wanted:
            ok = ok & jnp.isfinite(quantities[name])
        if any(isinstance(reduction, LowestInDraws) for reduction in program.reductions):
            quantities[BY_DRAW] = _lowest_by_draw(plan, row, columns, ok, held)
        counts = (jnp.int32(0), jnp.int32(0)) if plan.sorted and plan.finite else _counts(passing, ok)
        return (*counts, tuple(reduction(quantities, ok) for reduction in program.reductions))

    passed, counted, outputs = jax.lax.map(of_row, rows, batch_size=batch) if batch > 1 else jax.lax.map(of_row, rows)
    if plan.sorted and plan.finite:
        passed = counted = _found(plan, filled, rows, columns, given)
    return passed, counted, outputs


def _width(columns: Values) -> int:
    return len(next(iter(columns["inputs"].values())))


def _loss(plan: Plan, row: Values, columns: Values, held: Mapping[str, Any]) -> Any:
    """The loss of a row over draws, shape (width,)."""
    width, program = _width(columns), plan.program
    zero = jnp.zeros((), held["limit"].dtype)
    mine, theirs = row.get("loss", zero), columns.get("loss", zero)
    if program.quantile and _num_draws(held) > 1:
        values = (mine[:, None] if mine.ndim else mine) + theirs + _mixed(plan, row, columns, held)
        return quantile_of(jnp.broadcast_to(values, (_num_draws(held), width)), held["rank"], held["share"])
    return jnp.broadcast_to(mine + theirs + _mixed(plan, row, columns, held), (width,))


def _mixed(plan: Plan, row: Values, columns: Values, held: Mapping[str, Any]) -> Any:
    """What both the row and the column decide of the loss, its mean over draws or for a quantile each."""
    mixed = plan.loss[MIXED]
    if mixed is None:
        return jnp.zeros((), held["limit"].dtype)
    fixed = held["fixed"]

    def of_draw(draw: Any, mine: Any, theirs: Any) -> Any:
        return jax.vmap(lambda column: mixed.after({**fixed, **draw}, mine, column)[0])(theirs)

    if plan.program.quantile and _num_draws(held) > 1:
        return jax.vmap(of_draw)(dict(held["params"]), row["cut"], columns["cut"])
    if _num_draws(held) == 1:
        return of_draw({name: array[0] for name, array in held["params"].items()}, row["cut"], columns["cut"])

    def drawn(draw: Any) -> Any:
        given = {**fixed, **draw}
        theirs = jax.vmap(lambda column: mixed.before(COLUMN, {**given, **column}))(columns["inputs"])
        return of_draw(draw, mixed.before(ROW, {**given, **row["inputs"]}), theirs)

    return over_draws(drawn, held, quantile=False)


def _lowest_by_draw(plan: Plan, row: Values, columns: Values, ok: Any, held: Mapping[str, Any]) -> Any:
    """The least loss of each draw in each block of a row."""

    def of_draw(draw: Any) -> Any:
        given = {**held["fixed"], **draw, **row["inputs"]}
        parts = [part for part in plan.loss.values() if part is not None]
        losses = jax.vmap(lambda column: sum(part.outputs({**given, **column})[0] for part in parts))(columns["inputs"])
        return LowestInDraws().lowest(losses, ok)

    return jax.lax.map(of_draw, dict(held["params"]))


def _counts(passing: Any, ok: Any) -> tuple[Any, Any]:
    """How many of each are true: one strided sum of both, which a CPU vectorises; a sum of booleans it does not."""
    packed = (passing.astype(jnp.int32) + (ok.astype(jnp.int32) << 16)).reshape(-1, LANES).sum(axis=0, dtype=jnp.int32)
    return (packed & 0xFFFF).sum(dtype=jnp.int32), (packed >> 16).sum(dtype=jnp.int32)


def _found(plan: Plan, filled: Any, rows: Values, columns: Values, given: Values) -> Any:
    """How many of each row pass, where they lie at one end of it: a search for the other end."""
    steps = _width(columns).bit_length()

    def of_row(row: Values) -> Any:
        at = lambda place: [table[place] for table in columns["rest"]]
        passes = lambda place: plan.rest.after(given, row["rest"], at(place), only=1)[0]
        first = passes(0)

        def halved(_: int, ends: tuple[Any, Any]) -> tuple[Any, Any]:
            low, high = ends
            middle = (low + high) // 2
            same = (passes(jnp.minimum(middle, filled - 1)) == first) & (low < high)
            return jnp.where(same, middle + 1, low), jnp.where(same, high, middle)

        ends = jnp.int32(0), jnp.asarray(filled, jnp.int32)
        turn = jax.lax.fori_loop(0, steps, halved, ends)[0]
        return jnp.where(first, turn, filled - turn)

    return jax.vmap(of_row)(rows)
