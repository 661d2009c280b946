"""Published coefficients. Precision: bits and number formats."""

from lawjax.laws.precision.floating_point import FLOATING_POINT
from lawjax.laws.precision.low_bit import QUANTISATION_GAP, QUANTISATION_GAP_AT_WIDTH, QUANTISED_LOSS
from lawjax.laws.records import Published, Worked
from lawjax.laws.size.loss import KAPLAN_ND

RECOMPUTED = "recomputed apart from lawjax, in NumPy, from the printed constants"
_PYTHIA = "Pythia 160M to 12B, checkpoints from 1B to 206B tokens, quantised with GPTQ"
_TABLE = "of table 1 of Ouyang et al. 2024, arXiv:2411.17691, at 1B, 7B, 70B and 405B"
_CONTRADICTION = (
    "The paper's table 1 does not follow from its unified law: at the tokens that the table gives for a gap of 0.2 in "
    "4 bits, the unified law gives 0.187, 0.219, 0.264 and 0.304. Compare `ouyang2024-4bit` and `ouyang2024-3bit`."
)
_GAP = dict(k=0.017, alpha=0.2261, beta=0.5251, gamma=5.4967)
_SIXTEEN_BITS = dict(N_c=4.74e19, alpha_N=0.045, D_c=7.63e10, alpha_D=0.399)


def _at(E: float, M: float) -> dict[str, float]:
    return dict(N=1e9, D=1e11, E=E, M=M, B=128.0)


PUBLISHED: tuple[Published, ...] = (
    Published(
        "sun2025",
        FLOATING_POINT,
        dict(n=69.2343, alpha=0.2368, d=68973.0621, beta=0.5162, eps=1.9061, gamma=11334.5197, delta=3.1926, nu=2.9543),
        "Sun et al. 2025, arXiv:2501.02423, table 2",
        "gamma multiplies; some accounts print it as an exponent, which 11334 cannot be. At 8 bits the cost of "
        "precision is 1e-4 of the loss, so gamma, delta and nu rest on the narrowest formats.",
        setting="366 runs of 41M to 679M parameters on 10B to 100B tokens",
        log_base="2",
        worked=(
            Worked(_at(8, 7), 2.562635, 1e-6, RECOMPUTED),
            Worked(_at(4, 3), 2.563070, 1e-6, RECOMPUTED),
            Worked(_at(5, 2), 2.563257, 1e-6, RECOMPUTED),
            Worked(_at(2, 1), 2.597866, 1e-6, RECOMPUTED),
            Worked(_at(1, 1), 2.742631, 1e-6, RECOMPUTED),
        ),
    ),
    Published(
        "ouyang2024",
        QUANTISATION_GAP,
        _GAP,
        "Ouyang et al. 2024, arXiv:2411.17691, figure 6 (the unified law)",
        _CONTRADICTION,
        setting=f"{_PYTHIA} to 2, 3 and 4 bits",
        worked=(
            Worked(dict(N=7e9, D=1e14, P=4.0), 1.113087, 1e-6, RECOMPUTED),
            Worked(dict(N=405e9, D=1e14, P=3.0), 2.161777, 1e-6, RECOMPUTED),
        ),
    ),
    Published(
        "ouyang2024-4bit",
        QUANTISATION_GAP_AT_WIDTH,
        dict(k=6.13249e-6, alpha=0.383503, beta=0.655059),
        f"recomputed by least squares on logarithms from the 4-bit column {_TABLE}",
        _CONTRADICTION,
        setting=f"{_PYTHIA} to 4 bits",
        worked=(
            Worked(dict(N=405e9, D=48.4861e12), 0.2, 1e-4, "table 1, gap 0.2"),
            Worked(dict(N=1e9, D=5.8422e12), 0.5, 1e-4, "table 1, gap 0.5"),
        ),
    ),
    Published(
        "ouyang2024-3bit",
        QUANTISATION_GAP_AT_WIDTH,
        dict(k=1.1695035e-5, alpha=0.354700, beta=0.6727655),
        f"recomputed by least squares on logarithms from the 3-bit column {_TABLE}",
        _CONTRADICTION,
        setting=f"{_PYTHIA} to 3 bits",
        worked=(
            Worked(dict(N=405e9, D=2.5807e12), 0.2, 3e-4, "table 1, gap 0.2"),
            Worked(dict(N=1e9, D=0.4251e12), 0.5, 3e-4, "table 1, gap 0.5"),
        ),
    ),
    Published(
        "ouyang2024-2bit",
        QUANTISATION_GAP_AT_WIDTH,
        dict(k=4.11496e-4, alpha=0.223939, beta=0.519460),
        f"recomputed by least squares on logarithms from the 2-bit column {_TABLE}",
        "The column has two to three digits, and its gaps come out within 1.3 %. Alone of the three columns it follows "
        "from the unified law, whose gaps lie within 3 % of it.",
        setting=f"{_PYTHIA} to 2 bits",
        worked=(
            Worked(dict(N=405e9, D=0.0151e12), 0.2, 5e-3, "table 1, gap 0.2"),
            Worked(dict(N=405e9, D=0.0868e12), 0.5, 5e-3, "table 1, gap 0.5"),
            Worked(dict(N=1e9, D=0.0066e12), 0.5, 5e-3, "table 1, gap 0.5"),
        ),
    ),
    Published(
        "ouyang2024-pythia",
        KAPLAN_ND,
        _SIXTEEN_BITS,
        "Ouyang et al. 2024, arXiv:2411.17691, figure 7",
        "N counts non-embedding parameters.",
        setting="Pythia 160M to 12B in 16 bits",
        worked=(Worked(dict(N=7e9, D=1e11), 2.8338697, 1e-6, RECOMPUTED),),
    ),
    Published(
        "ouyang2024-quantised",
        QUANTISED_LOSS,
        {**_SIXTEEN_BITS, **_GAP},
        "Ouyang et al. 2024, arXiv:2411.17691, figures 6 and 7",
        _CONTRADICTION,
        setting=f"{_PYTHIA} to 2, 3 and 4 bits",
        worked=(Worked(dict(N=7e9, D=8.8897270e10, P=3.0), 2.9770226, 1e-6, RECOMPUTED + ", at its least"),),
    ),
)
