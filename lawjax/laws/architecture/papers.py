"""The papers of the family. Architecture: vocabulary, experts, streams, sparsity, attention."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = (
    Paper(
        "chen2025parscale",
        "Parallel Scaling Law for Language Models",
        "2505.10475",
        laws=("parallel-streams", "parallel-streams-theory"),
        status="verified",
        reproduced="both fits from the 48 published losses, and the loss 1.01548 with the sizes of equal loss 4.33B, "
        "3.4B and 2.38B of parscale-parallel-scaling-law.hf.space; of the theoretical form nothing but its limits",
        test="tests/laws/test_streams.py::test_the_fit_to_the_published_losses_is_that_of_the_authors",
        decision=("equal_loss_multiplier", "streams_to_match"),
        data="48 losses in parametric_fit.py of QwenLM/ParScale (no licence stated)",
        caveats=(
            "E, A and alpha trade off over one decade of sizes; only k and the predictions are well determined",
            "the largest models of one stream lie above the fit on both corpora, by 0.6 %",
            "the theoretical form is second-hand: one account gave its factor of diversity, none the rest",
            "the code counts A in 1e9 parameters, here it is in parameters",
        ),
    ),
    Paper(
        "luo2024",
        "Sparsing Law: Towards Large Language Models with Greater Activation Sparsity",
        "2411.02335",
        laws=("relu-activation", "silu-activation"),
        status="verified",
        reproduced="the coefficients of the 0.8B ReLU model, refitted to its checkpoints; the last checkpoint of the "
        "other ten series",
        test="tests/laws/test_sparsity.py::test_the_fit_to_the_checkpoints_is_the_published_one",
        decision=("tokens_to_limit_sparsity",),
        data="Raincleared-Song/SparsingLawData (no licence stated)",
        caveats=(
            "the SiLU fits leave out early checkpoints, which the paper does not say: six of them for 0.2B, the one "
            "size for which this is shown",
            "b, c and alpha trade off; the limit A_0 is the better determined",
            "the limit is of the checkpoints of one run under its own learning-rate schedule",
        ),
    ),
    Paper(
        "wang2025patches",
        "Scaling Laws in Patchification: An Image Is Worth 50,176 Tokens And More",
        "2502.03738",
        laws=("patch-size",),
        status="ours",
        reproduced="the error rates of table 1 within 1.3 %; the paper plots the law and prints no coefficients",
        test="tests/laws/test_patches.py::test_the_law_follows_the_published_error_rates",
        decision=("smallest_patch",),
        data="table 1: 24 accuracies",
        caveats=(
            "that a constant is subtracted from the loss is read off the ticks of figure 1",
            "three parameters on four or five points: no test of the form",
        ),
    ),
    Paper(
        "liu2025lawcat",
        "LAWCAT: Efficient Distillation from Quadratic to Linear Attention with Convolution across Tokens",
        "2509.18467",
        laws=("quadratic-attention", "linear-attention", "retrieval-accuracy"),
        status="ours",
        reproduced="nothing: the paper fits no form; its abstract puts the crossing near 8 000 tokens",
        test="tests/laws/test_attention.py::test_linear_attention_overtakes_once_and_for_good",
        decision=("attention_crossover", "longest_context"),
        caveats=("the three forms are ours; times depend on the device and the kernel",),
    ),
    Paper(
        "brown2023",
        "Efficient Transformer Knowledge Distillation: A Performance Review",
        "2311.13657",
        laws=("quadratic-attention", "linear-attention"),
        status="ours",
        reproduced="nothing: the paper compares scores and times of students with those of teachers and fits no form",
        decision=("attention_crossover",),
        caveats=("the share of the score that a student keeps is a measured number there, not a law",),
    ),
    Paper(
        "liu2025armor",
        "ARMOR: High-Performance Semi-Structured Pruning via Adaptive Matrix Factorization",
        "2510.05528",
        laws=("size-accuracy",),
        status="ours",
        reproduced="the overheads of table 1 by an exact count (4.95, 4.17, 3.44 and 2.4 % for Qwen2.5); the law of "
        "accuracy against size is ours, and says what a pruned model is worth",
        test="tests/laws/test_attention.py::test_block_factors_cost_what_the_paper_says",
        decision=("size_of_equal_accuracy",),
        data="table 1: four dense models and their pruned forms on three benchmarks",
        caveats=(
            "the worth of a pruned model differs between benchmarks, so it is no constant of the method",
            "below the smallest dense model it is an extrapolation",
            "which size, sparsity and block to take for a memory is not answered: there is no law of the accuracy "
            "of a pruned model",
        ),
    ),
    Paper(
        "tao2024",
        "Scaling Laws with Vocabulary",
        "2407.13623",
        laws=(
            "vocabulary-loss",
            "vocabulary-loss-untied",
            "vocabulary-growth",
            "vocabulary-at-compute",
            "optimal-size-power",
            "optimal-tokens-power",
            "tokens-per-character",
        ),
        status="verified",
        reproduced="the best vocabulary by all three approaches at eight sizes, and the coefficients of each refitted "
        "to the 1200 runs of sail-sg/scaling-with-vocab, save the exponent of approach 1",
        test="tests/laws/test_vocabulary.py::test_the_tied_loss_fitted_as_in_the_code_gives_its_coefficients",
        decision=("optimal_vocabulary", "cheapest_vocabulary", "optimal_size_and_tokens"),
        data="sail-sg/scaling-with-vocab, `exp_data.csv` (no licence stated)",
        caveats=(
            "The code fits approach 3 to D = H f(V / 1000) and solves the optimum with D = H f(V). Refitted to the "
            "true D the data explain as much (R2 0.968 against 0.971) and the best vocabulary is 26.6K words in place "
            "of 59.5K at 7e9 parameters, 66.4K in place of 219K at 70e9.",
            "Approach 1 keeps the start of least squares, exponent 0.4164; Huber's loss is least at 0.4357.",
            "Squares in place of Huber's loss move it again: 72K and 361K as coded, 16.4K and 46.0K with the true D.",
            "Words times width is the variable of the loss, so a step in the width of a model is a step in V.",
            "With the exponent of 0.5 imposed on size and data the lines of approach 1 still explain most of the best "
            "runs in logarithms: R2 0.916 for size, 0.874 for the vocabulary, 0.940 for characters.",
            "Six sizes do not hold an exponent of their own for size: untied, it may run to 0.",
        ),
    ),
    Paper(
        "tian2025",
        "Towards Greater Leverage: Scaling Laws for Efficient Mixture-of-Experts Language Models",
        "2507.17702",
        laws=(
            "leverage",
            "leverage-by-activation",
            "leverage-by-granularity",
            "leverage-by-compute",
            "optimal-size-power",
            "optimal-tokens-power",
            "learning-rate-by-compute",
            "batch-by-compute",
        ),
        status="verified",
        reproduced="a leverage over 7 at 3.1 % of experts, granularity 12 and 1e22 FLOP; the allocation of compute",
        test="tests/laws/test_experts.py::test_only_base_ten_for_compute_and_two_for_granularity_give_the_papers_numbers",
        decision=(
            "leverage",
            "equivalent_dense_size",
            "best_granularity",
            "best_activation",
            "best_learning_rate",
            "best_batch",
            "optimal_size_and_tokens",
        ),
        data="none public: the configurations are printed, the losses are not",
        caveats=(
            "The bases of the logarithms are inferred. Natural ones give a leverage of 5334 and a best granularity "
            "of 33, base 10 throughout a best granularity of 3184.",
            "The text calls d positive; the table has it negative, and only so does leverage grow with compute.",
            "A dense model has a leverage of 0.99, not 1, for A_start moves its activation above 1.",
            "Leverage is a ratio of two fitted curves, counted in FLOP; communication costs nothing in it.",
            "No coefficients of the three separate laws are printed.",
        ),
    ),
    Paper(
        "clark2022",
        "Unified Scaling Laws for Routed Language Models",
        "2202.01169",
        laws=("routed",),
        status="verified",
        reproduced="the form, fitted to the runs of google-deepmind/scaling_laws_for_routing; the paper's own "
        "coefficients were not found in a source that can be checked, so those given are our fit",
        test="tests/laws/test_routed.py::test_the_law_fits_the_public_runs_of_each_router",
        decision=("routed_dense_size", "routing_cutoff"),
        data="google-deepmind/scaling_laws_for_routing, `data/curves.csv.gz` (CC-BY 4.0)",
        caveats=("The knees E_start and E_max are known to about a factor of two.",),
        further=True,
    ),
)
