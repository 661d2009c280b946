"""Architecture: vocabulary, experts, streams, sparsity, attention."""

from lawjax.laws.architecture.attention import LINEAR_ATTENTION, QUADRATIC_ATTENTION, RETRIEVAL_ACCURACY
from lawjax.laws.architecture.experts import (
    LEVERAGE,
    LEVERAGE_BY_ACTIVATION,
    LEVERAGE_BY_COMPUTE,
    LEVERAGE_BY_GRANULARITY,
)
from lawjax.laws.architecture.overhead import SIZE_ACCURACY, block_overhead
from lawjax.laws.architecture.patches import PATCH_SIZE
from lawjax.laws.architecture.routed import ROUTED
from lawjax.laws.architecture.sparsity import RELU_ACTIVATION, SILU_ACTIVATION
from lawjax.laws.architecture.streams import PARALLEL_STREAMS, PARALLEL_STREAMS_THEORY
from lawjax.laws.architecture.vocabulary import (
    TOKENS_PER_CHARACTER,
    VOCABULARY_AT_COMPUTE,
    VOCABULARY_GROWTH,
    VOCABULARY_LOSS,
    VOCABULARY_LOSS_UNTIED,
)
from lawjax.laws.base import Law

LAWS: tuple[Law, ...] = (
    PARALLEL_STREAMS,
    PARALLEL_STREAMS_THEORY,
    RELU_ACTIVATION,
    SILU_ACTIVATION,
    PATCH_SIZE,
    QUADRATIC_ATTENTION,
    LINEAR_ATTENTION,
    RETRIEVAL_ACCURACY,
    SIZE_ACCURACY,
    VOCABULARY_LOSS,
    VOCABULARY_LOSS_UNTIED,
    VOCABULARY_GROWTH,
    VOCABULARY_AT_COMPUTE,
    TOKENS_PER_CHARACTER,
    LEVERAGE,
    LEVERAGE_BY_ACTIVATION,
    LEVERAGE_BY_GRANULARITY,
    LEVERAGE_BY_COMPUTE,
    ROUTED,
)
"""Every law of the family."""

__all__ = [
    "LEVERAGE",
    "LEVERAGE_BY_ACTIVATION",
    "LEVERAGE_BY_COMPUTE",
    "LEVERAGE_BY_GRANULARITY",
    "LINEAR_ATTENTION",
    "PARALLEL_STREAMS",
    "PARALLEL_STREAMS_THEORY",
    "PATCH_SIZE",
    "QUADRATIC_ATTENTION",
    "RELU_ACTIVATION",
    "RETRIEVAL_ACCURACY",
    "ROUTED",
    "SILU_ACTIVATION",
    "SIZE_ACCURACY",
    "TOKENS_PER_CHARACTER",
    "VOCABULARY_AT_COMPUTE",
    "VOCABULARY_GROWTH",
    "VOCABULARY_LOSS",
    "VOCABULARY_LOSS_UNTIED",
    "block_overhead",
]
