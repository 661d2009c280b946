"""The papers of the family. Training and decoding: rates, batches, schedules, drafts."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = (
    Paper(
        reference="yan2025",
        title="Scaling Laws for Speculative Decoding",
        arxiv="2505.07858",
        laws=("draft-acceptance",),
        status="ours",
        reproduced=(
            "nothing: the paper states three log-linear laws and its coefficients were not found, so none are shipped; "
            "the joint form is the sum of the three"
        ),
        test="tests/laws/test_training.py::test_acceptance_gains_the_same_for_each_doubling_of_tokens",
        decision=("draft_tokens",),
        caveats=(
            "its acceptance rate is a mean accepted length, which can exceed 1",
            "a log-linear law has no ceiling: cut it at the draft length",
        ),
    ),
    Paper(
        reference="leviathan2023",
        title="Fast Inference from Transformers via Speculative Decoding",
        arxiv="2211.17192",
        laws=("tokens-per-verification", "speculative-speedup"),
        status="verified",
        reproduced="the expected tokens per verification, against the sum of the chances of each accepted length",
        test="tests/laws/test_training.py::test_tokens_per_verification_are_the_sum_of_the_chances_of_each_length",
        decision=("draft_length", "acceptance_needed"),
        caveats=("draft tokens are taken to be accepted alike and independently",),
        further=True,
    ),
    Paper(
        reference="li2025steplaw",
        title="Step Law: Optimal Hyperparameter Scaling Law in Large Language Model Pre-training",
        arxiv="2503.04715",
        laws=("learning-rate-by-size", "batch-by-tokens"),
        status="verified",
        reproduced="the means of the authors' 1000 bootstrap refits; the printed formulas from them",
        test="tests/laws/test_training.py::test_the_mean_of_the_stored_refits_is_step_law",
        decision=("best_learning_rate", "best_batch"),
        data="learning-rate and batch grid of dense models (step-law/steplaw)",
        caveats=(
            "the released grid gives exponents -0.766 and 0.197 for the rate and 0.613 for the batch, not the "
            "printed -0.713, 0.307 and 0.571, with the authors' own choice of runs (within 0.25 % of the least loss); "
            "why is not known",
            "the scales are printed as 1.79 and 0.58, cut from 1.7973 and 0.58069",
        ),
        further=True,
    ),
    Paper(
        reference="tissue2024",
        title="Scaling Law with Learning Rate Annealing",
        arxiv="2408.11029",
        laws=("annealed-loss",),
        status="verified",
        reproduced=(
            "the form of the loss and of both areas, against the double sum of the definition; its coefficients were "
            "not found in print, so none are shipped"
        ),
        test="tests/laws/test_training.py::test_the_annealing_area_is_the_double_sum_of_its_definition",
        caveats=("a warm-up counts as annealing backwards: give the schedule from its peak on",),
        further=True,
    ),
)
