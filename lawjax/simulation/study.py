"""Which runs to train: the grid of a scaling study, and the short search that its learning-rate rule rests on.

`plan_study` crosses sizes with token counts, so that size and data can be told apart; `plan_tuning` varies
learning rate and batch on a few small cells; `fit_lr_rule` reads the rule off the tuning's results.
"""

import dataclasses
import math
from collections.abc import Iterable, Sequence

import numpy as np

from lawjax.simulation.ledger import Row
from lawjax.simulation.recipe import RECIPE, PlannedRun, Recipe, plan_run
from lawjax.simulation.transformer import TransformerConfig

WIDTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128)
TOKENS = (300_000, 600_000, 1_200_000, 2_400_000, 4_800_000, 9_600_000, 19_200_000, 38_400_000)
SMALL_WIDTHS = (8, 12)
SMALL_TOKENS = (50_000, 100_000)
MAX_FLOPS = 2e13
ONE_EPOCH = 11_000_000
"""About the training bytes of the corpus; longer runs see them again."""
MAX_EPOCHS_FLOPS = 6e12
"""Cost above which a run of more than one epoch is left out [FLOPs]."""
SEEDS = (0, 1, 2)
LATTICE_SEED_FLOPS = 1.5e12
"""Every second width and token count up to this cost is trained from all seeds [FLOPs]."""
CHEAP_SEED_TOKENS, CHEAP_SEED_FLOPS = 1_000_000, 7.2e11
"""So is every cell of more tokens than the one and less cost than the other."""

TUNING_WIDTHS = (12, 32, 96)
TUNING_TOKENS = (300_000, 1_200_000)
TUNING_RATES = (2e-3, 4e-3, 8e-3, 1.6e-2, 3.2e-2, 6.4e-2)
NEAR = np.log(4.5)  # a factor of four, and room for rounding


def plan_study(
    widths: Sequence[int] = WIDTHS,
    tokens: Sequence[int] = TOKENS,
    *,
    max_flops: float = MAX_FLOPS,
    recipe: Recipe = RECIPE,
) -> list[PlannedRun]:
    """Cross widths with token counts, repeat some with other seeds, leave out what costs too much.

    Args:
        widths: model widths; the rest of each shape follows from `TransformerConfig.of_width`.
        tokens: token counts to train each on [tokens].
        max_flops: cost above which a run is left out [FLOPs].
        recipe: the rule for learning rate and batch.
    Returns:
        Seed 0 of every affordable cell, seeds 1 and 2 of the cheap ones; cheapest first, so that a table cut
        short is still a crossed one.
    """
    runs = []
    for row, width in enumerate(widths):
        for column, count in enumerate(tokens):
            first = plan_run(TransformerConfig.of_width(width), count, SEEDS[0], recipe)
            seeds = SEEDS if _takes_all_seeds(first, on_lattice=bool(row % 2 and column % 2)) else SEEDS[:1]
            if first.flops <= min(max_flops, math.inf if count < ONE_EPOCH else MAX_EPOCHS_FLOPS):
                runs += [dataclasses.replace(first, seed=seed) for seed in seeds]
    return sorted(runs, key=lambda run: (run.flops, run.seed))


def _takes_all_seeds(run: PlannedRun, *, on_lattice: bool) -> bool:
    cheap = run.target_tokens > CHEAP_SEED_TOKENS and run.flops <= CHEAP_SEED_FLOPS
    return cheap or (on_lattice and run.flops <= LATTICE_SEED_FLOPS)


def plan_tuning(
    widths: Sequence[int] = TUNING_WIDTHS,
    tokens: Sequence[int] = TUNING_TOKENS,
    rates: Sequence[float] = TUNING_RATES,
    *,
    recipe: Recipe = RECIPE,
) -> list[PlannedRun]:
    """Every learning rate on every cell, and half and twice the batch at the rule's own rate, cheapest first."""
    cells = [plan_run(TransformerConfig.of_width(width), count, 0, recipe) for width in widths for count in tokens]
    by_rate = [cell.with_settings(lr=rate) for cell in cells for rate in rates]
    by_batch = [cell.with_settings(sequences=round(cell.sequences * f)) for cell in cells for f in (0.5, 1, 2)]
    return sorted(by_rate + by_batch, key=lambda run: run.flops)


def at_rule_batch(rows: Iterable[Row], recipe: Recipe = RECIPE) -> list[Row]:
    """The tuning's runs whose batch is the rule's own: the ones that differ in learning rate alone."""
    return [row for row in rows if row["batch"] == plan_run(_config(row), row["tokens"], 0, recipe).batch]


def fit_lr_rule(rows: Iterable[Row]) -> tuple[float, float, float]:
    r"""Best learning rate as a power law in size and tokens, from runs of one batch rule.

    The best rate of a cell is the vertex of a parabola in $\log \eta$, fitted to the rates within a factor of
    four of the lowest loss; $\log \eta = \log \eta_0 - a \log(N / 10^5) - b \log(D / 10^6)$ is then fitted to
    those by least squares.

    Args:
        rows: records with `params`, `tokens`, `lr` and `loss`, several learning rates per cell.
    Returns:
        $\eta_0$, $a$ and $b$, as in `Recipe`.
    """
    cells: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for row in rows:
        cells.setdefault((row["params"], row["tokens"]), []).append((np.log(row["lr"]), row["loss"]))
    best = [_vertex(*np.array(sorted(points)).T) for points in cells.values()]
    params, tokens = np.array(list(cells)).T
    design = np.stack([np.ones_like(params), -np.log(params / 1e5), -np.log(tokens / 1e6)], axis=1)
    (log_lr, a, b), *_ = np.linalg.lstsq(design, np.array(best))
    return float(np.exp(log_lr)), float(a), float(b)


def _config(row: Row) -> TransformerConfig:
    return TransformerConfig(int(row["d_model"]), int(row["num_layers"]), int(row["num_heads"]))


def _vertex(log_lr: np.ndarray, loss: np.ndarray) -> float:
    near = np.abs(log_lr - log_lr[np.argmin(loss)]) < NEAR
    curvature, slope, _ = np.polyfit(log_lr[near], loss[near], 2)
    if curvature <= 0:
        return float(log_lr[np.argmin(loss)])
    return float(np.clip(-slope / (2 * curvature), log_lr[near].min(), log_lr[near].max()))
