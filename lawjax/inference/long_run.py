"""Chains that go on in segments of a fixed length: one compiled program whatever the total, and a file to resume from.

Every step's randomness comes from the key and the step's index or from the state, so that the draws are the same bit
for bit however long the run is meant to be, and after a process was killed and the same call made again.
"""

import dataclasses
import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError
from lawjax.inference.hmc import HmcPlan, advance, first_state, num_indices
from lawjax.inference.jumps import Jump
from lawjax.inference.mode import Density, Whitening
from lawjax.inference.progress import bar, tick
from lawjax.storage import hash_of, versions, write_atomically
from lawjax.text import without_addresses

SEGMENT = 50
"""Steps that one call of the compiled program takes."""

SECONDS_BETWEEN_SAVES = 10.0
FACTS = "facts"

Advance = Callable[[Any, Any], tuple[Any, Any]]
"""From a state and the indices of steps to the state after them and what was seen at each, shape (step, ...)."""

Checkpoint = str | os.PathLike[str] | None

_first_state = jax.jit(first_state, static_argnames="plan")
_advance = jax.jit(advance, static_argnames="plan")


def run_long(
    target: Density,
    whitening: Whitening,
    plan: HmcPlan,
    key: jax.Array,
    *,
    starts: Any = None,
    jumps: Sequence[Jump] = (),
    checkpoint: Checkpoint = None,
    progress: bool = False,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draws as `hmc.run_hmc` has them, in segments.

    Args:
        target, whitening, plan, key, starts, jumps: as for `run_hmc`.
        checkpoint: a file in which the run keeps its state and draws; the same call goes on from there, and one that
            differs in its number of draws alone goes on as well.
        progress: show a bar on the terminal.
    Returns:
        vectors on the line, shape (chain, draw, dim), and the statistics of each draw, shape (chain, draw).
    Raises:
        InputError: the checkpoint is of another run, or is no checkpoint.
    """

    # The number of draws is not part of the program.
    static = dataclasses.replace(plan, num_draws=HmcPlan.num_draws)

    def move(state: Any, indices: Any) -> tuple[Any, Any]:
        return _advance(target, whitening, static, key, state, indices, jumps)

    vectors, stats = in_segments(
        lambda: _first_state(target, whitening, static, key, starts),
        move,
        num_indices(plan),
        plan.num_draws,
        facts=facts(target, whitening, key, repr(static), starts, jumps) if checkpoint else {},
        checkpoint=checkpoint,
        progress=progress,
    )
    return np.swapaxes(vectors, 0, 1), {name: array.T for name, array in stats.items()}


def compile_long(target: Density, plan: HmcPlan, key: jax.Array, jumps_of: Callable[[Any, Any], Any]) -> None:
    """Compile what `run_long` calls from shapes alone, before the peak is known.

    Args:
        target, plan, key: as for `run_long`, where starts will be given.
        jumps_of: makes the jumps of a target and its whitening.
    """
    static, size = dataclasses.replace(plan, num_draws=HmcPlan.num_draws), target.num_dims
    centre, factor, starts = (
        jax.ShapeDtypeStruct(shape, float) for shape in ((size,), (size, size), (plan.num_chains, size))
    )
    whitening = Whitening(centre, factor)
    first = _first_state.lower(target, whitening, static, key, starts)
    jumps = jax.eval_shape(jumps_of, target, whitening)
    indices = jax.ShapeDtypeStruct((SEGMENT,), int)
    for program in (first, _advance.lower(target, whitening, static, key, first.out_info, indices, jumps)):
        program.compile()


def in_segments(
    first: Callable[[], Any],
    move: Advance,
    num_steps: int,
    num_kept: int,
    *,
    facts: Mapping[str, str],
    checkpoint: Checkpoint,
    progress: bool,
) -> Any:
    """What was seen in the last `num_kept` of `num_steps` steps, a tree of arrays that lead with an axis over steps.

    Args:
        first: gives the state before step 0.
        move: the compiled program.
        num_steps: steps in all.
        num_kept: how many of them count.
        facts: what the run depends on, in words that are compared with those of a checkpoint.
        checkpoint: the file.
        progress: show a bar on the terminal.
    """
    path = None if checkpoint is None else Path(checkpoint)
    state, seen, done = first(), [], 0
    if path is not None and path.exists():
        state, seen, done = _resume(path, facts, state, move)
    saved = time.monotonic()
    with bar("sampling", num_steps, show=progress):
        while done < num_steps:
            state, new = jax.block_until_ready(move(state, done + jnp.arange(SEGMENT)))
            done += SEGMENT
            seen += [jax.tree.map(np.asarray, new)] if done > num_steps - num_kept or path is not None else []
            tick(min(done, num_steps))
            if path is not None and (time.monotonic() - saved > SECONDS_BETWEEN_SAVES or done >= num_steps):
                _save(path, facts, state, seen, done)
                saved = time.monotonic()
    since = done - SEGMENT * len(seen)
    together = jax.tree.map(lambda *parts: np.concatenate(parts), *seen)
    return jax.tree.map(lambda array: array[num_steps - num_kept - since : num_steps - since], together)


def facts(target: Any, whitening: Whitening, key: jax.Array, plan: str, *more: Any) -> dict[str, str]:
    """What draws depend on: the data, the model as a program, where it is whitened, the plan, and more arrays."""
    program = jax.make_jaxpr(target.potential)(jnp.asarray(whitening.centre))
    return {
        "data and priors": _digest(target),
        "model": hashlib.sha256(without_addresses(str(program)).encode()).hexdigest(),
        "peak": _digest(whitening),
        "key": _digest(key),
        "plan": plan,
        "starts and jumps": _digest(more),
        "versions": json.dumps(versions()),
        "length of segments": str(SEGMENT),
    }


def _digest(tree: Any) -> str:
    """A hash of every array of a tree."""
    return hash_of(map(_plain, jax.tree.leaves(tree)))


def _plain(leaf: Any) -> np.ndarray:
    """An array that a file can hold: keys as their words."""
    return np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)


def _is_key(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _save(path: Path, facts: Mapping[str, str], state: Any, seen: list[Any], done: int) -> None:
    """Write the run so far, whole or not at all."""
    together = jax.tree.map(lambda *parts: np.concatenate(parts), *seen)
    arrays = {f"state{i}": _plain(leaf) for i, leaf in enumerate(jax.tree.leaves(state))}
    arrays |= {f"seen{i}": leaf for i, leaf in enumerate(jax.tree.leaves(together))}
    content = io.BytesIO()
    np.savez(
        content, allow_pickle=False, **arrays, **{FACTS: np.array(json.dumps(dict(facts))), "done": np.array(done)}
    )
    write_atomically(path, content.getvalue())


def _resume(path: Path, facts: Mapping[str, str], first: Any, move: Advance) -> tuple[Any, list[Any], int]:
    """The state that a file holds, what was seen until then in segments, and how many steps were done.

    Raises:
        InputError: it is of another run, or is no checkpoint.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        theirs, done = json.loads(str(arrays[FACTS])), int(arrays["done"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{str(path)!r} is no checkpoint of lawjax ({error}). Give another path or delete it."
        ) from None
    differing = [name for name in facts if theirs.get(name) != facts[name]]
    if differing:
        raise InputError(
            f"the checkpoint {str(path)!r} is of another run; what differs: {', '.join(differing)}. "
            "Give another path, or delete it to begin anew."
        )
    leaves, tree = jax.tree.flatten(first)
    state = jax.tree.unflatten(tree, [_restored(arrays[f"state{i}"], leaf) for i, leaf in enumerate(leaves)])
    like = jax.tree.structure(jax.eval_shape(move, first, jnp.arange(SEGMENT))[1])
    columns = [arrays[f"seen{i}"] for i in range(like.num_leaves)]
    parts = range(0, len(columns[0]), SEGMENT)
    return state, [jax.tree.unflatten(like, [column[i : i + SEGMENT] for column in columns]) for i in parts], done


def _restored(array: np.ndarray, like: Any) -> Any:
    """A leaf of the state as it was before it was saved."""
    leaf = jnp.asarray(array)
    return jax.random.wrap_key_data(leaf, impl=jax.random.key_impl(like)) if _is_key(like) else leaf
