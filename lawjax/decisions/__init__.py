"""The question that each law exists to answer, in one call, with the law's uncertainty carried through.

A function takes a fit, a posterior, draws or the name of published coefficients, and gives an `Answer`.
"""

from lawjax.decisions.answer import Answer
from lawjax.decisions.architecture.attention import attention_crossover, longest_context
from lawjax.decisions.architecture.experts import (
    best_activation,
    best_granularity,
    equivalent_dense_size,
    leverage,
    routed_dense_size,
    routing_cutoff,
)
from lawjax.decisions.architecture.patches import smallest_patch
from lawjax.decisions.architecture.pruning import size_of_equal_accuracy
from lawjax.decisions.architecture.sparsity import tokens_to_limit_sparsity
from lawjax.decisions.architecture.streams import equal_loss_multiplier, streams_to_match
from lawjax.decisions.architecture.vocabulary import cheapest_vocabulary, optimal_vocabulary
from lawjax.decisions.data_quality.filtering import buckets_to_keep
from lawjax.decisions.data_quality.projektor import project_performance
from lawjax.decisions.data_quality.pruning import fraction_to_keep
from lawjax.decisions.data_quality.rectified import examples_for_loss
from lawjax.decisions.data_quality.repetition import (
    best_epochs,
    epochs_worth_repeating,
    repeats_to_avoid,
    size_left_by_repeats,
)
from lawjax.decisions.downstream.agents import strength_for_gap
from lawjax.decisions.downstream.capability import capability_to_improve
from lawjax.decisions.downstream.chains import chained, effective_size, tokens_for_score
from lawjax.decisions.downstream.coverage import best_number_of_samples, samples_for_coverage
from lawjax.decisions.downstream.density import day_of_size, size_for_score
from lawjax.decisions.downstream.disagreement import chance_under_noise, disagreement_beyond_noise, replicates_for_share
from lawjax.decisions.downstream.distillation import student_size, teacher_size
from lawjax.decisions.downstream.fewshot import labels_for_accuracy
from lawjax.decisions.downstream.gain import compute_equivalent_gain
from lawjax.decisions.downstream.languages import languages_for_gain, monolingual_gap
from lawjax.decisions.downstream.overoptimisation import best_of_n_samples, kl_budget
from lawjax.decisions.downstream.plateau import smallest_size_on_plateau
from lawjax.decisions.downstream.rehearsal import tasks_until_forgotten
from lawjax.decisions.downstream.transfer import break_even_tokens
from lawjax.decisions.mixture.continual import (
    best_ratio_of_limited_data,
    best_ratio_under_cap,
    best_size_at_ratio,
)
from lawjax.decisions.mixture.critical import critical_ratio_at, critical_time, turning_time
from lawjax.decisions.mixture.mixing import critical_mixture_ratio, optimal_mixture
from lawjax.decisions.precision.floating_point import best_layout, best_precision, critical_tokens
from lawjax.decisions.precision.low_bit import (
    best_bits_at_total,
    best_tokens_when_quantised,
    fewest_bits,
    tokens_until_gap,
)
from lawjax.decisions.shares import shares_of_total
from lawjax.decisions.size.allocation import compute_for_target, optimal_size_and_tokens
from lawjax.decisions.size.batches import critical_batch, steps_and_tokens
from lawjax.decisions.size.tasks import best_task_weight
from lawjax.decisions.targets import crossover, inputs_for_target, tokens_for_target
from lawjax.decisions.training.drafts import acceptance_needed, draft_length, draft_tokens
from lawjax.decisions.training.rates import best_batch, best_learning_rate

__all__ = [
    "Answer",
    "acceptance_needed",
    "attention_crossover",
    "best_activation",
    "best_batch",
    "best_bits_at_total",
    "best_epochs",
    "best_granularity",
    "best_layout",
    "best_learning_rate",
    "best_number_of_samples",
    "best_of_n_samples",
    "best_precision",
    "best_ratio_of_limited_data",
    "best_ratio_under_cap",
    "best_size_at_ratio",
    "best_task_weight",
    "best_tokens_when_quantised",
    "break_even_tokens",
    "buckets_to_keep",
    "capability_to_improve",
    "chained",
    "chance_under_noise",
    "cheapest_vocabulary",
    "compute_equivalent_gain",
    "compute_for_target",
    "critical_batch",
    "critical_mixture_ratio",
    "critical_ratio_at",
    "critical_time",
    "critical_tokens",
    "crossover",
    "day_of_size",
    "disagreement_beyond_noise",
    "draft_length",
    "draft_tokens",
    "effective_size",
    "epochs_worth_repeating",
    "equal_loss_multiplier",
    "equivalent_dense_size",
    "examples_for_loss",
    "fewest_bits",
    "fraction_to_keep",
    "inputs_for_target",
    "kl_budget",
    "labels_for_accuracy",
    "languages_for_gain",
    "leverage",
    "longest_context",
    "monolingual_gap",
    "optimal_mixture",
    "optimal_size_and_tokens",
    "optimal_vocabulary",
    "project_performance",
    "repeats_to_avoid",
    "replicates_for_share",
    "routed_dense_size",
    "routing_cutoff",
    "samples_for_coverage",
    "shares_of_total",
    "size_for_score",
    "size_left_by_repeats",
    "size_of_equal_accuracy",
    "smallest_patch",
    "smallest_size_on_plateau",
    "steps_and_tokens",
    "streams_to_match",
    "strength_for_gap",
    "student_size",
    "tasks_until_forgotten",
    "teacher_size",
    "tokens_for_score",
    "tokens_for_target",
    "tokens_to_limit_sparsity",
    "tokens_until_gap",
    "turning_time",
]
