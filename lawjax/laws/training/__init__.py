"""Training and decoding: rates, batches, schedules, drafts."""

from lawjax.laws.base import Law
from lawjax.laws.training.drafts import DRAFT_ACCEPTANCE, SPECULATIVE_SPEEDUP, TOKENS_PER_VERIFICATION
from lawjax.laws.training.rates import (
    BATCH_BY_COMPUTE,
    BATCH_BY_TOKENS,
    LEARNING_RATE_BY_COMPUTE,
    LEARNING_RATE_BY_SIZE,
)
from lawjax.laws.training.schedules import ANNEALED_LOSS, schedule_areas

LAWS: tuple[Law, ...] = (
    LEARNING_RATE_BY_SIZE,
    BATCH_BY_TOKENS,
    LEARNING_RATE_BY_COMPUTE,
    BATCH_BY_COMPUTE,
    ANNEALED_LOSS,
    DRAFT_ACCEPTANCE,
    TOKENS_PER_VERIFICATION,
    SPECULATIVE_SPEEDUP,
)
"""Every law of the family."""

__all__ = [
    "ANNEALED_LOSS",
    "BATCH_BY_COMPUTE",
    "BATCH_BY_TOKENS",
    "DRAFT_ACCEPTANCE",
    "LEARNING_RATE_BY_COMPUTE",
    "LEARNING_RATE_BY_SIZE",
    "SPECULATIVE_SPEEDUP",
    "TOKENS_PER_VERIFICATION",
    "schedule_areas",
]
