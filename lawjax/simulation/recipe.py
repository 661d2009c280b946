"""How a run is trained: one stated rule from model size and tokens to learning rate, batch and warm-up.

A scaling law compares runs, so no run may be tuned by hand. `plan_run` applies a `Recipe` to a model and a
token count; everything about the run, down to its last step, follows.
"""

import dataclasses

import numpy as np
import optax

from lawjax.simulation.transformer import TransformerConfig, count_params, flops_per_token

BATCH_MULTIPLE = 2


@dataclasses.dataclass(frozen=True)
class Recipe:
    r"""AdamW with a warm-up, a cosine to zero at the run's own end, and power laws for rate and batch.

    $$\eta(N, D) = \eta_0 (N / 10^5)^{-a} (D / 10^6)^{-b}, \qquad B(D) = B_0 (D / 10^6)^{c}$$

    with N the parameters outside the embedding and D the tokens seen.

    Attributes:
        lr: peak learning rate at N = 1e5 and D = 1e6.
        lr_params_exponent, lr_tokens_exponent: a and b.
        batch: sequences per step at D = 1e6, before rounding to a multiple of 2.
        batch_tokens_exponent: c.
        warmup: share of the steps during which the rate rises linearly.
        weight_decay: decoupled, on matrices (norm scales are not decayed), times the learning rate.
        beta1, beta2: decay of Adam's moments.
        clip: largest global norm of a gradient.
    """

    lr: float = 8e-3
    lr_params_exponent: float = 0.42
    lr_tokens_exponent: float = 0.0
    batch: float = 7.3
    batch_tokens_exponent: float = 0.5
    warmup: float = 0.1
    weight_decay: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    clip: float = 1.0

    def peak_lr(self, params: int, tokens: int) -> float:
        """Peak learning rate for a model of `params` [count] trained on `tokens`."""
        size, data = params / 1e5, tokens / 1e6
        return self.lr * size**-self.lr_params_exponent * data**-self.lr_tokens_exponent

    def batch_sequences(self, tokens: int) -> int:
        """Sequences per step for a run of `tokens`, a multiple of 2."""
        sequences = self.batch * (tokens / 1e6) ** self.batch_tokens_exponent
        return BATCH_MULTIPLE * max(1, round(sequences / BATCH_MULTIPLE))


RECIPE = Recipe()


@dataclasses.dataclass(frozen=True)
class PlannedRun:
    """One run before it is trained.

    Attributes:
        config: the model.
        target_tokens: tokens asked for; `tokens`, what is trained, is the nearest whole number of steps.
        seed: of the initial weights and of the order of the data.
        sequences: sequences per step.
        lr: peak learning rate.
        recipe: the rest of the optimiser's settings.
        label: what sets this run apart from others of its size, tokens and seed, for the run's name.
    """

    config: TransformerConfig
    target_tokens: int
    seed: int
    sequences: int
    lr: float
    recipe: Recipe
    label: str = ""

    @property
    def name(self) -> str:
        """Readable identity, for example `d64-l3-t2.4M-s0`."""
        shape = f"d{self.config.d_model}-l{self.config.num_layers}"
        return f"{shape}-t{self.target_tokens / 1e6:g}M-s{self.seed}{self.label}"

    @property
    def batch(self) -> int:
        """Tokens per step."""
        return self.sequences * self.config.context

    @property
    def steps(self) -> int:
        """Optimiser steps."""
        return max(1, round(self.target_tokens / self.batch))

    @property
    def warmup_steps(self) -> int:
        """Steps during which the learning rate rises."""
        return round(self.recipe.warmup * self.steps)

    @property
    def tokens(self) -> int:
        """Tokens seen in training."""
        return self.steps * self.batch

    @property
    def flops(self) -> int:
        """Training FLOPs, see `flops_per_token`."""
        return self.tokens * flops_per_token(self.config)

    def with_settings(self, *, lr: float | None = None, sequences: int | None = None) -> "PlannedRun":
        """The same run off the rule, named by what was changed."""
        lr = self.lr if lr is None else lr
        sequences = self.sequences if sequences is None else sequences
        return dataclasses.replace(self, lr=lr, sequences=sequences, label=f"-lr{lr:.2g}-b{sequences}")


def plan_run(config: TransformerConfig, tokens: int, seed: int = 0, recipe: Recipe = RECIPE) -> PlannedRun:
    """Plan the run of `config` on `tokens` [tokens] by the recipe's rule.

    >>> run = plan_run(TransformerConfig.of_width(64), tokens=2_400_000)
    >>> run.name, run.sequences, run.steps
    ('d64-l3-t2.4M-s0', 12, 1562)
    """
    lr = recipe.peak_lr(count_params(config), tokens)
    return PlannedRun(config, tokens, seed, recipe.batch_sequences(tokens), lr, recipe)


def learning_rates(run: PlannedRun) -> np.ndarray:
    """Learning rate at the middle of every step, shape (step,): up from zero, then a cosine down to zero.

    Taken at the middle, the first and the last step both count; at either end one of them would have rate zero.
    """
    schedule = optax.warmup_cosine_decay_schedule(0.0, run.lr, run.warmup_steps, run.steps)
    return np.asarray(schedule(np.arange(run.steps) + 0.5), dtype=np.float32)
