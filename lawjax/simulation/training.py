"""Train real small language models for a scaling study: one CSV line per finished run.

    python -m lawjax.simulation.training --out runs.csv --jobs 2

`train` trains one planned run; `train_all` trains many in parallel processes, writes each as it finishes and
skips those that are already written. Flax and Optax are used here and in the files this one imports only.
"""

import argparse
import contextlib
import dataclasses
import datetime
import functools
import hashlib
import math
import multiprocessing
import os
import platform
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jaxtyping import Array, Float, Integer, PyTree
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lawjax.errors import InputError
from lawjax.simulation import ledger, study
from lawjax.simulation.corpus import Corpus, load_corpus
from lawjax.simulation.recipe import PlannedRun, Recipe, learning_rates
from lawjax.simulation.transformer import ARCHITECTURE, Transformer, count_all_params, count_params

VALIDATION_BYTES = 262_144
EVALUATION_SEQUENCES = 64


def train(run: PlannedRun, corpus: Corpus) -> float:
    """Train one model from scratch and return its validation loss [nats/byte].

    Args:
        run: what to train; weights and data order follow from its seed.
        corpus: text to train on; a run of more tokens than it has sees it more than once.
    Returns:
        Mean cross-entropy over the validation windows after the last step.
    Raises:
        InputError: the corpus is shorter than one window.
    """
    batches = training_batches(run, corpus.train)
    graph, params = nnx.split(Transformer(run.config, rngs=nnx.Rngs(run.seed)), nnx.Param)
    moments = _optimiser(run.recipe).init(params)
    for rate, batch in zip(learning_rates(run), batches, strict=True):
        params, moments = _step(graph, run.recipe, params, moments, batch, rate)
    return validation_loss(nnx.merge(graph, params), validation_windows(corpus.held_out, run.config.context))


def training_batches(run: PlannedRun, text: bytes) -> Iterator[Integer[np.ndarray, "batch time"]]:
    """Batches of windows `context + 1` long, drawn without replacement until all are seen, then again."""
    context, needed = run.config.context, run.steps * run.sequences
    num_windows = count_windows(text, context)
    if num_windows < 1:
        raise InputError(f"the corpus has {len(text)} bytes, fewer than one window of {context + 1}. Use more.")
    generator = np.random.default_rng(run.seed)
    epochs = [generator.permutation(num_windows) for _ in range(math.ceil(needed / num_windows))]
    order = np.concatenate(epochs)[:needed]
    return (_windows(text, starts, context) for starts in context * order.reshape(run.steps, run.sequences))


def count_windows(text: bytes, context: int) -> int:
    """How many windows a text is cut into; a run of more tokens than they hold sees bytes again."""
    return (len(text) - 1) // context


def validation_windows(text: bytes, context: int) -> Integer[np.ndarray, "window time"]:
    """The validation set: windows `context + 1` long, spread evenly, that predict 262,144 bytes in all."""
    starts = np.linspace(0, len(text) - context - 1, VALIDATION_BYTES // context).astype(int)
    return _windows(text, starts, context)


def validation_loss(model: Transformer, windows: Integer[np.ndarray, "window time"]) -> float:
    """Mean cross-entropy of every byte after the first of each window [nats/byte]."""
    graph, params = nnx.split(model, nnx.Param)
    chunks = np.split(windows, range(EVALUATION_SEQUENCES, len(windows), EVALUATION_SEQUENCES))
    losses = [float(_mean_loss(params, graph, chunk)) for chunk in chunks]
    return float(np.average(losses, weights=[len(chunk) for chunk in chunks]))


def train_all(runs: Sequence[PlannedRun], path: Path, *, num_jobs: int = 1, corpus: Corpus | None = None) -> None:
    """Train every run that the table does not have yet, and add each as it finishes.

    Args:
        runs: planned runs of one recipe.
        path: the CSV; its provenance is written beside it.
        num_jobs: worker processes, each pinned to cores of its own: a small model gains nothing from threads.
        corpus: text to train on; None means the standard library of this Python.
    Raises:
        InputError: the table was begun with another corpus or recipe.
    """
    corpus = load_corpus() if corpus is None else corpus
    done = {row["run"] for row in ledger.open_ledger(path, _describe_study(runs, corpus), _describe_session())}
    pending = [run for run in runs if run.name not in done]
    pool = _pinned_pool(num_jobs)
    try:
        with _progress(len(pending), skipped=len(runs) - len(pending)) as report:
            for future in as_completed([pool.submit(_train_row, run, corpus) for run in pending]):
                ledger.append(path, future.result())
                report(future.result())
    finally:
        # After an error or an interrupt the runs that wait are dropped; they are trained on the next start.
        pool.shutdown(cancel_futures=True)


@functools.cache
def _optimiser(recipe: Recipe) -> optax.GradientTransformation:
    # The rate is one here and multiplied in `_step`, where it is traced: runs that differ in rate and length
    # only then share a compilation.
    adamw = optax.adamw(1.0, b1=recipe.beta1, b2=recipe.beta2, weight_decay=recipe.weight_decay, mask=_is_matrix)
    return optax.chain(optax.clip_by_global_norm(recipe.clip), adamw)


def _is_matrix(params: PyTree) -> PyTree:
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)


@functools.partial(jax.jit, static_argnums=(0, 1), donate_argnums=(2, 3))
def _step(
    graph: nnx.GraphDef, recipe: Recipe, params: PyTree, moments: optax.OptState, batch: Array, rate: Array
) -> tuple[PyTree, optax.OptState]:
    gradient = jax.grad(_mean_loss)(params, graph, batch)
    # Optax raises a float to an integer step count, which a caller's strict promotion would forbid.
    with jax.numpy_dtype_promotion("standard"):
        direction, moments = _optimiser(recipe).update(gradient, moments, params)
    return optax.apply_updates(params, jax.tree.map(lambda leaf: rate * leaf, direction)), moments


@functools.partial(jax.jit, static_argnums=1)
def _mean_loss(params: PyTree, graph: nnx.GraphDef, windows: Integer[Array, "batch time"]) -> Float[Array, ""]:
    tokens = windows.astype(jnp.int32)
    logits = nnx.merge(graph, params)(tokens[:, :-1])
    return optax.softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()


def _windows(text: bytes, starts: Integer[np.ndarray, " window"], context: int) -> np.ndarray:
    return np.frombuffer(text, np.uint8)[starts[:, None] + np.arange(context + 1)[None, :]]


def _pinned_pool(num_jobs: int) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    shares = spawn.Queue()
    for job in range(num_jobs):
        shares.put(cores[job::num_jobs] or cores)
    return ProcessPoolExecutor(num_jobs, spawn, _pin, (shares,))


def _pin(shares: Queue) -> None:
    # XLA counts the cores it may use when its backend starts, so the pinning has to come first.
    if share := shares.get():
        os.sched_setaffinity(0, share)


def _train_row(run: PlannedRun, corpus: Corpus) -> ledger.Row:
    start = time.perf_counter()
    loss = train(run, corpus)
    return {
        "run": run.name,
        "params": count_params(run.config),
        "params_total": count_all_params(run.config),
        "tokens": run.tokens,
        "unique_tokens": min(run.tokens, count_windows(corpus.train, run.config.context) * run.config.context),
        "flops": run.flops,
        "loss": loss,
        "lr": run.lr,
        "batch": run.batch,
        "seed": run.seed,
        "steps": run.steps,
        "warmup_steps": run.warmup_steps,
        "d_model": run.config.d_model,
        "num_layers": run.config.num_layers,
        "num_heads": run.config.num_heads,
        "seconds": time.perf_counter() - start,
        "device": jax.devices()[0].device_kind,
    }


def _describe_study(runs: Sequence[PlannedRun], corpus: Corpus) -> dict[str, Any]:
    contexts, recipes = {run.config.context for run in runs}, {run.recipe for run in runs}
    if len(contexts) != 1 or len(recipes) != 1:
        raise InputError(
            f"a table holds runs of one context length and one recipe, got {len(contexts)} and "
            f"{len(recipes)}. Train the others into tables of their own."
        )
    (context,), (recipe,) = contexts, recipes
    validation = validation_windows(corpus.held_out, context)
    return {
        "corpus": {
            "source": "every `.py` file of the Python standard library, tests left out, split by file",
            **corpus.describe(),
            "validation_bytes": validation[:, 1:].size,
            "validation_sha256": hashlib.sha256(validation.tobytes()).hexdigest(),
        },
        "architecture": ARCHITECTURE,
        "context": context,
        "recipe": dataclasses.asdict(recipe),
    }


def _describe_session() -> dict[str, Any]:
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": shlex.join(["python", *sys.orig_argv[1:]]),
        "python": platform.python_version(),
        "device": f"{jax.default_backend()}, {platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        **{name: version(name) for name in ("jax", "flax", "optax", "numpy")},
    }


@contextlib.contextmanager
def _progress(total: int, *, skipped: int) -> Iterator[Callable[[ledger.Row], None]]:
    console = Console()
    console.print(f"{total} runs to train, {skipped} already done")
    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("training", total=total)

        def report(row: ledger.Row) -> None:
            bar.advance(task)
            console.print(
                f"{row['run']:<20} loss {row['loss']:.4f} nats/byte, {row['flops']:.2e} FLOPs, {row['seconds']:.0f} s",
                highlight=False,
            )

        yield report


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: train the study, or the tuning runs behind its learning-rate rule."""
    parser = argparse.ArgumentParser(prog="python -m lawjax.simulation.training", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="CSV to append finished runs to")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes, one or more cores each")
    parser.add_argument("--max-flops", type=float, default=study.MAX_FLOPS, help="leave out runs that cost more")
    parser.add_argument("--small", action="store_true", help="a few tiny runs, to see it work")
    parser.add_argument("--tune", action="store_true", help="vary learning rate and batch on a few small cells")
    options = parser.parse_args(arguments)
    train_all(_plan(options), options.out, num_jobs=options.jobs)
    if options.tune:
        lr, a, b = study.fit_lr_rule(study.at_rule_batch(ledger.read(options.out)))
        Console().print(f"best peak rate: {lr:.3g} (N / 1e5)^{-a:.3f} (D / 1e6)^{-b:.3f}", highlight=False)


def _plan(options: argparse.Namespace) -> list[PlannedRun]:
    sizes = (study.SMALL_WIDTHS, study.SMALL_TOKENS) if options.small else ()
    if options.tune:
        return study.plan_tuning(*sizes)
    return study.plan_study(*sizes, max_flops=options.max_flops)


if __name__ == "__main__":
    main()
