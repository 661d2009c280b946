"""Draws of the posteriors of many small tables, by tempered sequential Monte Carlo.

Draws of a proposal become draws of the posterior in adaptive steps: the share of the posterior climbs from 0 to 1, by
as much each time as leaves half of the draws worth something; draws are then resampled and moved. Several peaks are
kept in proportion, and the mean likelihood under the prior (the evidence) comes for free.

References:
    Del Moral, Doucet and Jasra 2006, doi:10.1111/j.1467-9868.2006.00553.x; Dau and Chopin 2022, arXiv:2011.02328
    (waste-free); ter Braak 2006, doi:10.1007/s11222-006-8769-1 (moves along differences of draws).
"""

import math
from typing import NamedTuple

import numpy as np

from lawjax.inference.proposal import Proposal, propose
from lawjax.inference.small_tables import LEAST, SmallTables
from lawjax.parallel.cores import in_batches

LANES = 32
"""Tables that are moved together; one more table never changes the draws of another."""
FIRST, POOL, CHAINS = 8, 4, 0.5
"""Draws of the proposal, draws that each step resamples, and chains of moves, for each draw that is asked for.

The chains start at some of the resampled draws and move along differences of all."""
LENGTH = 6
"""Moves of each chain at each step of the power."""
WORTH = 0.5
"""Share of the draws that a step of the power leaves worth something (their effective number).

The first step leaves as many of the proposal's draws as are asked for: these know nothing of each other."""
MAX_STEPS = 60
"""Steps of the power after which the rest is taken at once."""
OPTIMAL = 2.38
"""Over the root of twice the dimension, the best share of a difference of two draws of a normal."""
ACCEPTED = 0.3
"""Share of accepted moves that the step length is steered to."""
JITTER = 1e-6


class Tempered(NamedTuple):
    """Draws of the posteriors; arrays lead with the table axis.

    Attributes:
        vectors: free parameters on the line, shape (table, draw, free).
        scale: of the scatter, in the residual space, shape (table, draw).
        log_evidence: log of the mean likelihood under the prior, shape (table,).
        accepted: share of the last moves that were accepted, shape (table,); near 0 where the moves stuck.
    """

    vectors: np.ndarray
    scale: np.ndarray
    log_evidence: np.ndarray
    accepted: np.ndarray


def temper(tables: SmallTables, *, num_draws: int, num_settling: int, seeds: np.ndarray) -> Tempered:
    """Posterior draws of each table.

    Args:
        tables: the tables.
        num_draws: of each table; all effort is in proportion.
        num_settling: moves of each chain at the posterior itself, after those on the way.
        seeds: words to seed the draws of each table with, shape (table, word).
    """
    size = LANES if tables.num_tables > LANES // 2 else 1 << max(tables.num_tables - 1, 0).bit_length()

    def batch(index: np.ndarray) -> Tempered:
        own, generators = tables.take(index), [np.random.default_rng(seed) for seed in seeds[index]]
        return _Cloud(own, propose(own, generators), generators, num_draws).settled(num_settling)

    return in_batches(batch, tables.num_tables, size)


class _Cloud:
    """The draws of all tables on their way, each table with its own power of posterior over proposal.

    Each step resamples some draws, moves each along a chain, and keeps all places of all chains (waste-free sequential
    Monte Carlo). A move goes along the difference of two other draws, so that its shape is that of the cloud.

    Attributes:
        white: draws, shape (table, draw, dim).
        base: log density of each under the proposal, shape (table, draw).
        ratio: log of posterior over proposal, unnormalised, of the same shape.
        power: that the ratio is raised to, shape (table,).
        log_evidence: gathered so far, shape (table,).
        stride: length of a move, as a share of the difference of two draws, shape (table,).
        accepted: share of the last chains' moves that were accepted, shape (table,).
    """

    def __init__(
        self, tables: SmallTables, proposal: Proposal, generators: list[np.random.Generator], num: int
    ) -> None:
        self._tables, self._proposal, self._generators, self._num = tables, proposal, generators, num
        self.white = proposal.draw(FIRST * num, generators)
        self.base, self.ratio = self._weigh(self.white)
        self.power = np.zeros(tables.num_tables)
        self.log_evidence = np.zeros(tables.num_tables)
        self.stride = np.full(tables.num_tables, OPTIMAL / math.sqrt(2 * tables.num_dims))
        self.accepted = np.zeros(tables.num_tables)

    def settled(self, num_moves: int) -> Tempered:
        """Draws of the posteriors, after the climb and so many moves more."""
        for step in range(MAX_STEPS):
            if np.all(self.power >= 1):
                break
            self._climb(1 / FIRST if step == 0 else WORTH, last=step == MAX_STEPS - 1)
        if num_moves:
            self._move(np.ones(self.ratio.shape), np.ones(len(self.power), dtype=bool), num_moves)
        pick = np.linspace(0, self.white.shape[1] - 1, self._num).astype(int)
        return Tempered(*self._tables.places(self.white[:, pick]), self.log_evidence, self.accepted)

    def _climb(self, worth: float, last: bool) -> None:
        """Raise each power as far as `worth` allows, resample, and move; tables that have arrived stay as they are."""
        climbing = self.power < 1
        rise = 1 - self.power if last else _rise(self.ratio, 1 - self.power, worth)
        log_weight = rise[:, None] * self.ratio
        top = log_weight.max(axis=1, keepdims=True)
        weight = np.exp(log_weight - top)
        self.log_evidence += np.log(weight.mean(axis=1)) + top[:, 0]
        self.power = self.power + rise
        self._move(weight, climbing, LENGTH)

    def _move(self, weight: np.ndarray, moving: np.ndarray, length: int) -> None:
        """All places of chains that start at draws resampled by their weight become the draws of the moving tables."""
        pool = self._resampled(weight, POOL * self._num)
        here = pool[:, : int(CHAINS * self._num)]
        base, ratio = self._weigh(here)
        self.accepted = np.where(moving, 0.0, self.accepted)
        places, bases, ratios = [], [], []
        steps, lucks = self._steps(pool, (length, *here.shape[1:]), moving)
        for step, luck in zip(steps, lucks, strict=True):
            there = here + self.stride[:, None, None] * step
            new_base, new_ratio = self._weigh(there)
            taken = luck < new_base - base + self.power[:, None] * (new_ratio - ratio)
            here = np.where(taken[..., None], there, here)
            base, ratio = np.where(taken, new_base, base), np.where(taken, new_ratio, ratio)
            for kept, new in ((places, here), (bases, base), (ratios, ratio)):
                kept.append(new)
            share = taken.mean(axis=1)
            self.accepted += np.where(moving, share / length, 0.0)
            self.stride = np.where(moving, self.stride * np.exp(share - ACCEPTED), self.stride)
        self._keep(moving, *(np.concatenate(parts, axis=1) for parts in (places, bases, ratios)))

    def _keep(self, moving: np.ndarray, white: np.ndarray, base: np.ndarray, ratio: np.ndarray) -> None:
        if white.shape == self.white.shape:
            white = np.where(moving[:, None, None], white, self.white)
            base, ratio = np.where(moving[:, None], base, self.base), np.where(moving[:, None], ratio, self.ratio)
        self.white, self.base, self.ratio = white, base, ratio

    def _resampled(self, weight: np.ndarray, num: int) -> np.ndarray:
        """Draws in proportion to their weights, in random order, shape (table, num, dim)."""
        picks = [_systematic(own, num, generator) for own, generator in zip(weight, self._generators, strict=True)]
        return np.take_along_axis(self.white, np.stack(picks)[..., None], axis=1)

    def _steps(self, pool: np.ndarray, shape: tuple[int, ...], moving: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Differences of two draws each with a little noise, shape (move, table, chain, dim), and logs of luck."""
        length, num_chains, dim = shape
        steps, lucks = np.zeros((length, len(pool), num_chains, dim)), np.zeros((length, len(pool), num_chains))
        for table in np.flatnonzero(moving):
            generator = self._generators[table]
            one, other = generator.integers(0, pool.shape[1], (2, length, num_chains))
            steps[:, table] = pool[table, one] - pool[table, other] + JITTER * generator.standard_normal(shape)
            lucks[:, table] = -generator.standard_exponential((length, num_chains))
        return steps, lucks

    def _weigh(self, white: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log densities under the proposal, and logs of the posterior over it."""
        base = self._proposal.log_density(white)
        log_prior = -np.sum(white**2, axis=-1) / 2 - white.shape[-1] / 2 * math.log(2 * math.pi)
        return base, self._tables.log_likelihood(white) + log_prior - base


def _rise(ratio: np.ndarray, most: np.ndarray, worth: float) -> np.ndarray:
    """By how much each power may rise with a share `worth` of the draws left, at most `most`, shape (table,)."""
    low, high = np.zeros_like(most), most.copy()
    whole = _effective(ratio, most) >= worth
    for _ in range(24):
        middle = (low + high) / 2
        enough = _effective(ratio, middle) >= worth
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(whole, most, np.maximum(low, np.finfo(float).tiny))


def _effective(ratio: np.ndarray, rise: np.ndarray) -> np.ndarray:
    """Effective number of the draws after a rise, as a share of those that can be at all, shape (table,)."""
    log_weight = rise[:, None] * ratio
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    possible = np.maximum(np.sum(ratio > -LEAST / 2, axis=1), 1)
    return weight.sum(axis=1) ** 2 / np.sum(weight**2, axis=1) / possible


def _systematic(weight: np.ndarray, num: int, generator: np.random.Generator) -> np.ndarray:
    """Indices drawn in proportion to the weights, each as often as its share of `num`, rounded; in random order."""
    edges = np.cumsum(weight)
    found = np.searchsorted(edges, (np.arange(num) + generator.random()) / num * edges[-1])
    return generator.permutation(np.minimum(found, len(weight) - 1))
