"""The papers of the family. Data quality: repetition, filtering, pruning, synthetic data."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = (
    Paper(
        "hernandez2022",
        "Scaling Laws and Interpretability of Learning from Repeated Data",
        "2205.10487",
        ("repeated-data",),
        "ours",
        "its example in words: 800M parameters, a tenth of the tokens repeated, perform as 400M",
        test="tests/decisions/test_data_quality.py::test_a_model_of_800m_with_repeated_data_is_worth_one_of_400m",
        decision=("size_left_by_repeats", "repeats_to_avoid"),
        caveats=(
            "The paper finds double descent and measures harm as an effective size; the bell in log repeats is ours.",
            "It needs runs on both sides of the worst number of repeats.",
        ),
    ),
    Paper(
        "qin2025",
        "Scaling Laws of Synthetic Data for Language Models",
        "2503.19551",
        ("rectified",),
        "verified",
        "none: its fitted constants were not found; the law is that of lin2024",
        decision=("examples_for_loss",),
        caveats=(
            "Its plateau near 300B tokens and the tokens its models would need lie far beyond the runs behind them.",
        ),
    ),
    Paper(
        "lin2024",
        "Selecting Large Language Model to Fine-tune via Rectified Scaling Law",
        "2402.02314",
        ("rectified", "rectified-hill"),
        "verified",
        "its 90 curves: no fit has a larger error than its own, and the mean error is 0.0077 against its 0.0080",
        test="tests/laws/test_rectified.py::test_every_one_of_ninety_curves_is_fitted_as_well_as_by_the_authors",
        decision=("examples_for_loss",),
        data="linhaowei1/Fine-tuning-Scaling-Law (Apache-2.0): 30 models, 3 data sets, 14 sizes",
        caveats=(
            "The loss without fine-tuning does not lie on the curve, so it is left out of fits.",
            "In a fifth of the curves the floor E runs to 0: it is then hard to tell from what was learned before.",
        ),
        further=True,
    ),
    Paper(
        "kang2023",
        "Performance Scaling via Optimal Transport: Enabling Data Selection from Partially Revealed Sources",
        "2307.02460",
        ("projektor-3", "projektor-size"),
        "verified",
        "the projection of its code from two pilots, 0.88394, and the 7.4 times their noise that it carries",
        test="tests/laws/test_projektor.py::test_the_projection_of_two_pilots_is_that_of_the_authors_code",
        decision=("project_performance",),
        caveats=(
            "Checked against a co-author's code (anitksahu/projektor_multimodal), not against the paper's text.",
            "It is unbounded, and the distance to the validation set is an input: computing it takes another library.",
        ),
    ),
    Paper(
        "goyal2024",
        "Scaling Laws for Data Filtering: Data Curation cannot be Compute Agnostic",
        "2404.07177",
        (
            "effective-utility",
            "effective-utility-code",
            "effective-data",
            "filtered-pools-utility-4",
            "filtered-pools-data-4",
        ),
        "verified",
        "378 and 16 values of the authors' functions to 1e-9, and which buckets they keep at four budgets",
        test="tests/laws/test_filtering.py::test_the_authors_functions_are_reproduced",
        decision=("buckets_to_keep",),
        data="none public: fitted coefficients only",
        caveats=(
            "The authors' code adds d before it multiplies by the later epochs, so its d is not a floor.",
            "a, b and d are correlated, with five points per pool behind them.",
        ),
    ),
    Paper(
        "muennighoff2023",
        "Scaling Data-Constrained Language Models",
        "2305.16264",
        ("data-constrained", "chinchilla"),
        "verified",
        "R^2 0.7722046 and objective 0.0158259 on its 182 runs, R^2 0.4451684 without decay, and optimal sizes",
        test="tests/laws/test_repetition.py::test_published_coefficients_fit_their_runs_as_published",
        decision=("epochs_worth_repeating", "best_epochs"),
        data="huggingface/datablations (Apache-2.0): 182 runs of the fit, 296 in all",
        caveats=(
            "The published decay constants are one of five optima or more; the best has R_D_star = 95, R_N_star = 1.7.",
            "With the runs that the authors left out, R_D_star runs to infinity.",
        ),
        further=True,
    ),
    Paper(
        "sorscher2022",
        "Beyond Neural Scaling Laws: Beating Power Law Scaling via Data Pruning",
        "2206.14486",
        ("pruned-perceptron",),
        "verified",
        "29 solutions of the replica equations of its theory",
        test="tests/laws/test_pruning.py::test_the_theory_gives_the_errors_of_the_replica_equations",
        decision=("fraction_to_keep",),
        caveats=(
            "The paper's empirical curves are printed without constants; the law is its theory of a perceptron. "
            "Fitting its one parameter, the angle of the probe, solves a saddle point per run and step: it is slow.",
            "The equations were confirmed by simulated perceptrons, not read in the paper.",
        ),
    ),
)
