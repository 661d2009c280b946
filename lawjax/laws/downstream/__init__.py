"""Downstream: from loss to what people want."""

from lawjax.laws.base import Law
from lawjax.laws.downstream.agents import AGENT_COMPLEXITY
from lawjax.laws.downstream.capability import ranked_link_law, weakest_link_law
from lawjax.laws.downstream.chains import CHINCHILLA_SCORE, TASK_SCORE, scored
from lawjax.laws.downstream.coverage import COVERAGE, best_at_k, pass_at_k
from lawjax.laws.downstream.density import DENSITY_TREND, TASK_LOSS
from lawjax.laws.downstream.disagreement import GROUP_DISAGREEMENT, group_components
from lawjax.laws.downstream.distillation import CAPACITY_GAP, DISTILLED_SCORE
from lawjax.laws.downstream.fewshot import FEW_SHOT_ERROR, FEW_SHOT_ERROR_SHIFTED, PASS_RATE
from lawjax.laws.downstream.gain import POWER_LAW_FLOOR_GAIN, with_gain
from lawjax.laws.downstream.languages import PARALLEL_LANGUAGES
from lawjax.laws.downstream.metric import BOUNDED_SCORE, LOSS_TO_SCORE, SATURATING_AUC, family_score
from lawjax.laws.downstream.overoptimisation import OVEROPTIMISATION, OVEROPTIMISATION_BEST_OF_N
from lawjax.laws.downstream.rehearsal import (
    REHEARSAL_WEIGHT,
    REHEARSAL_WEIGHT_EXPONENTIAL,
    RETENTION,
    RETENTION_EXPONENTIAL,
    rehearsal_weights,
    rehearsal_weights_exponential,
)
from lawjax.laws.downstream.transfer import TRANSFER_LOSS, TRANSFER_SCORE

WEAKEST_LINK = weakest_link_law(2)
"""The weakest link of two capabilities; `weakest_link_law` gives more, and offsets per kind of task."""
RANKED_LINK = ranked_link_law(2)
"""The weighted sum of two ordered scores; `ranked_link_law` gives more, and offsets per kind of task."""

LAWS: tuple[Law, ...] = (
    TRANSFER_SCORE,
    TRANSFER_LOSS,
    LOSS_TO_SCORE,
    TASK_LOSS,
    TASK_SCORE,
    CHINCHILLA_SCORE,
    DENSITY_TREND,
    BOUNDED_SCORE,
    family_score(2),
    SATURATING_AUC,
    OVEROPTIMISATION,
    OVEROPTIMISATION_BEST_OF_N,
    CAPACITY_GAP,
    DISTILLED_SCORE,
    POWER_LAW_FLOOR_GAIN,
    AGENT_COMPLEXITY,
    WEAKEST_LINK,
    RANKED_LINK,
    weakest_link_law(2, 3),
    ranked_link_law(2, 3),
    COVERAGE,
    FEW_SHOT_ERROR,
    FEW_SHOT_ERROR_SHIFTED,
    PASS_RATE,
    PARALLEL_LANGUAGES,
    RETENTION,
    RETENTION_EXPONENTIAL,
    REHEARSAL_WEIGHT,
    REHEARSAL_WEIGHT_EXPONENTIAL,
    GROUP_DISAGREEMENT,
)
"""Every law of the family."""

__all__ = [
    "AGENT_COMPLEXITY",
    "BOUNDED_SCORE",
    "CAPACITY_GAP",
    "CHINCHILLA_SCORE",
    "COVERAGE",
    "DENSITY_TREND",
    "DISTILLED_SCORE",
    "FEW_SHOT_ERROR",
    "FEW_SHOT_ERROR_SHIFTED",
    "GROUP_DISAGREEMENT",
    "LOSS_TO_SCORE",
    "OVEROPTIMISATION",
    "OVEROPTIMISATION_BEST_OF_N",
    "PARALLEL_LANGUAGES",
    "PASS_RATE",
    "POWER_LAW_FLOOR_GAIN",
    "RANKED_LINK",
    "REHEARSAL_WEIGHT",
    "REHEARSAL_WEIGHT_EXPONENTIAL",
    "RETENTION",
    "RETENTION_EXPONENTIAL",
    "SATURATING_AUC",
    "TASK_LOSS",
    "TASK_SCORE",
    "TRANSFER_LOSS",
    "TRANSFER_SCORE",
    "WEAKEST_LINK",
    "best_at_k",
    "family_score",
    "group_components",
    "pass_at_k",
    "ranked_link_law",
    "rehearsal_weights",
    "rehearsal_weights_exponential",
    "scored",
    "weakest_link_law",
    "with_gain",
]
