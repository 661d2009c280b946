"""The papers of the family. Precision: bits and number formats."""

from lawjax.laws.records import Paper

PAPERS: tuple[Paper, ...] = (
    Paper(
        "sun2025",
        "Scaling Laws for Floating Point Quantization Training",
        "2501.02423",
        laws=("floating-point",),
        status="verified",
        reproduced="the three critical data sizes (1730T, 27T and 0.4T tokens), the three best layouts, and the best "
        "precision of 4 to 8 bits over the paper's compute range",
        test="tests/decisions/test_precision.py::test_critical_tokens_are_the_three_that_the_paper_predicts",
        decision=("critical_tokens", "best_layout", "best_precision"),
        data="none public: the paper lists its 366 configurations without their losses",
        caveats=(
            "The paper maps channel-wise and tensor-wise scaling to an equivalent block size; those coefficients were "
            "not found.",
        ),
    ),
    Paper(
        "ouyang2024",
        "Low-Bit Quantization Favors Undertrained LLMs",
        "2411.17691",
        laws=("quantisation-gap", "quantisation-gap-at-width", "quantised-loss"),
        status="verified",
        reproduced="the columns of table 1 for 4, 3 and 2 bits by one law per width, to 1e-5, 4e-4 and, for want "
        "of digits, 2.5 %",
        test="tests/laws/test_precision.py::test_one_law_per_width_gives_the_tokens_of_the_paper",
        decision=("tokens_until_gap", "fewest_bits", "best_tokens_when_quantised"),
        data="none public: the models are, their losses are not",
        caveats=(
            "Of table 1 only the 2-bit column follows from the unified law of figure 6: use them apart.",
            "The exponent of bits is one slope through 2, 3 and 4 bits; at 8 bits it extrapolates.",
        ),
    ),
    Paper(
        "ding2025",
        "Dissecting Bit-Level Scaling Laws in Quantizing Vision Generative Models",
        "2501.06218",
        laws=("bit-level",),
        status="ours",
        reproduced="nothing: the paper prints neither a formula nor coefficients that were found",
        decision=("best_bits_at_total",),
        data="none public",
        caveats=("The formula is ours; only the question, quality against total bits, is the paper's.",),
    ),
)
