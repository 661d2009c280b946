"""Where to look for the posterior of a small table: around its modes, and wherever the prior is.

Modes are climbed from the best of many draws of the prior, by damped Gauss-Newton steps that take a Student-t's rows by
their weights.
"""

import math
from typing import NamedTuple

import numpy as np

from lawjax.inference.small_tables import SmallTables

NUM_PRIOR = 1024
"""Draws of the prior that modes are climbed from."""
NUM_MODES = 4
"""The best of so many parts of the draws are climbed from."""
NUM_STEPS = 25
FIRST_DAMPING = 1.0
SOFTER, HARDER = 0.3, 5.0
"""What the damping is multiplied by after a step that climbs, and after one that does not."""
FREEDOM = 5.0
"""Degrees of freedom of the Student-t around a mode."""
WIDER = 1.2
"""What its scale is multiplied by."""
PRIOR_SHARE = 0.2
"""Share of the prior in the mixture."""
LEVELLING = 0.5
"""Power of the modes' masses by which they share the rest: a mass that is misjudged still gets draws."""


class Proposal(NamedTuple):
    """For each table a mixture of the prior and of Student-t's around the modes; arrays lead with the table axis.

    Attributes:
        centre: the modes, shape (table, mode, dim).
        root: square roots of their scale matrices, shape (table, mode, dim, dim).
        share: of each mode, shape (table, mode); the rest is the prior's.
    """

    centre: np.ndarray
    root: np.ndarray
    share: np.ndarray

    def draw(self, num: int, generators: list[np.random.Generator]) -> np.ndarray:
        """Points, shape (table, num, dim)."""
        return np.stack([self._of_table(table, num, generator) for table, generator in enumerate(generators)])

    def log_density(self, white: np.ndarray) -> np.ndarray:
        """Of points, shape (table, point)."""
        dim = white.shape[-1]
        parts = [math.log(PRIOR_SHARE) - np.sum(white**2, axis=-1) / 2 - dim / 2 * math.log(2 * math.pi)]
        inverse, log_volume = np.linalg.inv(self.root), np.linalg.slogdet(self.root)[1]
        constant = math.lgamma((FREEDOM + dim) / 2) - math.lgamma(FREEDOM / 2) - dim / 2 * math.log(FREEDOM * math.pi)
        with np.errstate(divide="ignore"):
            log_share = np.log(self.share)
        for mode in range(self.centre.shape[1]):
            off = (white - self.centre[:, None, mode]) @ inverse[:, mode].swapaxes(1, 2)
            tail = (FREEDOM + dim) / 2 * np.log1p(np.sum(off**2, axis=-1) / FREEDOM)
            parts.append((log_share[:, mode] + constant - log_volume[:, mode])[:, None] - tail)
        stacked = np.stack(parts)
        top = stacked.max(axis=0)
        return top + np.log(np.sum(np.exp(stacked - top), axis=0))

    def _of_table(self, table: int, num: int, generator: np.random.Generator) -> np.ndarray:
        shares = np.concatenate([[PRIOR_SHARE], self.share[table]])
        which = generator.choice(len(shares), size=num, p=shares / shares.sum())
        normal = generator.standard_normal((num, self.centre.shape[2]))
        wide = normal / np.sqrt(generator.chisquare(FREEDOM, (num, 1)) / FREEDOM)
        mode = np.maximum(which - 1, 0)
        placed = self.centre[table, mode] + np.einsum("nij,nj->ni", self.root[table, mode], wide)
        return np.where((which == 0)[:, None], normal, placed)


def propose(tables: SmallTables, generators: list[np.random.Generator]) -> Proposal:
    """The proposal for each table."""
    drawn = np.stack([generator.standard_normal((NUM_PRIOR, tables.num_dims)) for generator in generators])
    modes = _climbed(tables, _best_of_parts(drawn, tables.log_likelihood(drawn)))
    root = _roots(_information(tables, modes))
    log_mass = _log_posterior(tables, modes) + np.linalg.slogdet(root)[1]
    level = np.exp(LEVELLING * (log_mass - log_mass.max(axis=1, keepdims=True)))
    return Proposal(modes, WIDER * root, (1 - PRIOR_SHARE) * level / level.sum(axis=1, keepdims=True))


def _best_of_parts(drawn: np.ndarray, log_likelihood: np.ndarray) -> np.ndarray:
    """The best draw of each part, shape (table, mode, dim)."""
    num_tables, num = log_likelihood.shape
    best = log_likelihood.reshape(num_tables, NUM_MODES, -1).argmax(axis=2) + np.arange(NUM_MODES) * (num // NUM_MODES)
    return np.take_along_axis(drawn, best[..., None], axis=1)


def _climbed(tables: SmallTables, white: np.ndarray) -> np.ndarray:
    """Where damped steps from each point end, shape (table, mode, dim)."""
    damping = np.full(white.shape[:2], FIRST_DAMPING)
    height = _log_posterior(tables, white)
    slope, information = _linearised(tables, white)
    for _ in range(NUM_STEPS):
        held = information + damping[..., None, None] * np.eye(white.shape[2])
        trial = white + np.linalg.solve(held, slope[..., None])[..., 0]
        new = _log_posterior(tables, trial)
        better = new > height
        white = np.where(better[..., None], trial, white)
        height = np.where(better, new, height)
        damping = np.clip(damping * np.where(better, SOFTER, HARDER), 1e-6, 1e12)
        slope, information = _linearised(tables, white)
    return white


def _log_posterior(tables: SmallTables, white: np.ndarray) -> np.ndarray:
    return tables.log_likelihood(white) - np.sum(white**2, axis=-1) / 2


def _linearised(tables: SmallTables, white: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope of the log posterior, shape (table, point, dim), and the curvature that a step may rely on."""
    off, slopes, spread = _off(tables, white)
    pull = _pull(tables.freedom, off) * tables.weights[:, None]
    slope = np.concatenate(
        [
            -np.einsum("tpr,tprd->tpd", pull * off, slopes),
            spread * np.sum(tables.weights[:, None] * (_pull(tables.freedom, off) * off**2 - 1), axis=-1)[..., None],
        ],
        axis=-1,
    )
    information = _joined(np.einsum("tpr,tprd,tpre->tpde", pull, slopes, slopes), tables, spread)
    return slope - white, information


def _information(tables: SmallTables, white: np.ndarray) -> np.ndarray:
    """Expected information of each point, with that of the prior, shape (table, point, dim, dim)."""
    _, slopes, spread = _off(tables, white)
    expected = 1.0 if math.isinf(tables.freedom) else (tables.freedom + 1) / (tables.freedom + 3)
    weight = np.broadcast_to(expected * tables.weights[:, None], slopes.shape[:-1])
    return _joined(np.einsum("tpr,tprd,tpre->tpde", weight, slopes, slopes), tables, spread)


def _off(tables: SmallTables, white: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Residuals and their slopes over the scale, 0 where a row does not count; and the spread of the log scale."""
    residuals, slopes = tables.linearised(white)
    spread = tables.prior.spread[:, None, -1:]
    scale = tables.places(white)[1][..., None]
    counts = (tables.weights > 0)[:, None]
    off = np.where(counts, residuals / scale, 0.0)
    over = np.where(counts[..., None], slopes / scale[..., None], 0.0)
    return np.nan_to_num(off), np.nan_to_num(over), spread


def _pull(freedom: float, off: np.ndarray) -> np.ndarray:
    """By how much a row counts, given how far off it is."""
    return np.ones_like(off) if math.isinf(freedom) else (freedom + 1) / (freedom + off**2)


def _joined(information: np.ndarray, tables: SmallTables, spread: np.ndarray) -> np.ndarray:
    """The information of the law's coordinates with that of the scale and of the prior."""
    dim = tables.num_dims
    of_scale = 2.0 if math.isinf(tables.freedom) else 2 * tables.freedom / (tables.freedom + 3)
    joined = np.zeros((*information.shape[:2], dim, dim))
    joined[..., :-1, :-1] = information
    joined[..., -1, -1] = of_scale * tables.weights.sum(axis=1)[:, None] * spread[..., 0] ** 2
    return joined + np.eye(dim)


def _roots(information: np.ndarray) -> np.ndarray:
    """Square roots of the covariances."""
    return np.linalg.inv(np.linalg.cholesky(information)).swapaxes(-1, -2)
