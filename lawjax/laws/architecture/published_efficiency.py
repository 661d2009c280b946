"""Published coefficients of streams, activations, patches and pruned models."""

from lawjax.laws.architecture.overhead import SIZE_ACCURACY
from lawjax.laws.architecture.patches import PATCH_SIZE
from lawjax.laws.architecture.sparsity import RELU_ACTIVATION, SILU_ACTIVATION
from lawjax.laws.architecture.streams import PARALLEL_STREAMS
from lawjax.laws.records import Published, Worked

PARSCALE = "rerun of parametric_fit.py of QwenLM/ParScale (Chen et al. 2025, arXiv:2505.10475)"
DEMONSTRATION = "parscale-parallel-scaling-law.hf.space, the authors' demonstration of the law"
SPARSING = "Luo et al. 2024, arXiv:2411.02335, table 2"
SPARSING_NOTE = "D in billions of tokens. Fitted to the checkpoints of one run, by plain squares."
PATCHES = "recomputed: least squares on the error rates of table 1 of Wang et al. 2025, arXiv:2502.03738"
PATCHES_NOTE = "The paper plots the law and prints no coefficients; these are ours, for the top-1 error rate."
ARMOR = "recomputed: a line through the logits of the dense accuracies in table 1 of Liu et al. 2025, arXiv:2510.05528"


def _relu(size: str, A_0: float, b: float, c: float, alpha: float, worked: Worked, source: str = SPARSING) -> Published:
    return Published(
        f"luo2024-relu-{size.lower()}",
        RELU_ACTIVATION,
        dict(A_0=A_0, b=b, c=c, alpha=alpha),
        source,
        SPARSING_NOTE,
        scale={"D": 1e9},
        setting=f"a ReLU model of {size} parameters",
        worked=(worked,),
    )


def _silu(size: str, A_0: float, c: float, alpha: float, worked: Worked) -> Published:
    return Published(
        f"luo2024-silu-{size.lower()}",
        SILU_ACTIVATION,
        dict(A_0=A_0, c=c, alpha=alpha),
        SPARSING,
        SPARSING_NOTE
        + " All checkpoints give other coefficients. Without its first six those of 0.2B come out as published; which "
        "were left out is not known for the other sizes.",
        scale={"D": 1e9},
        setting=f"a SiLU model of {size} parameters",
        worked=(worked,),
    )


def _measured(D: float, ratio: float, rtol: float) -> Worked:
    """The last checkpoint of a run."""
    return Worked(dict(D=D), ratio, rtol, "measured: last checkpoint in Raincleared-Song/SparsingLawData")


def _patches(model: str, pixels: int, E: float, A: float, alpha: float, error: float, smallest: int = 1) -> Published:
    label = model.lower()
    return Published(
        f"wang2025patches-{label}-{pixels}",
        PATCH_SIZE,
        dict(E=E, A=A, alpha=alpha),
        PATCHES,
        PATCHES_NOTE,
        setting=f"top-1 error of {model} on ImageNet-1k at {pixels} pixels; patches of {smallest} to 16 pixels",
        worked=(Worked(dict(P=8.0), error, 0.01, "Wang et al. 2025, table 1 (measured)"),),
    )


EFFICIENCY: tuple[Published, ...] = (
    Published(
        "chen2025parscale-stack",
        PARALLEL_STREAMS,
        dict(E=0.69124, A=1.1306e7, alpha=0.18937, k=0.39346),
        PARSCALE,
        "Only k and the predictions are well determined: E, A and alpha trade off over a decade of sizes.",
        setting="Stack-V2-Python, 24 models of 0.5B to 4.4B non-embedding parameters, 1 to 8 streams, one token budget",
        worked=(Worked(dict(N=2.8e9, P=4.0), 1.01548, 1e-5, DEMONSTRATION),),
    ),
    Published(
        "chen2025parscale-pile",
        PARALLEL_STREAMS,
        dict(E=1.28877, A=1.9735e8, alpha=0.19633, k=0.33446),
        PARSCALE,
        "Only k and the predictions are well determined: E, A and alpha trade off over a decade of sizes.",
        setting="Pile, 24 models of 0.5B to 4.4B non-embedding parameters, 1 to 8 streams, one token budget",
        worked=(Worked(dict(N=4353203200.0, P=1.0), 1.8335, 1e-4, "recomputed; 1.8451 was measured, the worst case"),),
    ),
    _relu("0.1B", 0.0614, -0.0151, 3.20, 0.101, _measured(41633519229.0, 0.0709293485, 4e-3)),
    _relu("0.2B", 0.0674, -3.05, 0.286, 0.449, _measured(85126352962.0, 0.0730994940, 1.5e-3)),
    _relu("0.4B", 0.0690, -3.46, 0.0790, 0.683, _measured(145272891825.0, 0.0714874268, 7e-3)),
    _relu("0.8B", 0.0721, -3.49, 0.00797, 1.01, _measured(272407909707.0, 0.0753005743, 2e-3)),
    _relu("1.2B", 0.0782, -3.89, 0.000903, 1.33, _measured(317830825027.0, 0.0813133121, 2e-3)),
    _relu(
        "2.4B",
        0.0712,
        -3.82,
        9.04e-6,
        2.11,
        _measured(291337014705.0, 0.0761557817, 4e-3),
        "Raincleared-Song/SparsingLawData, calc.py",
    ),
    _silu("0.1B", 0.409, 0.102, 0.479, _measured(41615466993.0, 0.3919914365, 5e-4)),
    _silu("0.2B", 0.390, 0.208, 0.844, _measured(92823107436.0, 0.3860039115, 2e-3)),
    _silu("0.4B", 0.385, 0.420, 1.03, _measured(145267573431.0, 0.3825731874, 5e-4)),
    _silu("0.8B", 0.383, 0.562, 0.995, _measured(192951516357.0, 0.3808287978, 3e-3)),
    _silu("1.2B", 0.382, 0.538, 0.967, _measured(227006730145.0, 0.3790922761, 5e-4)),
    _patches("DeiT-B", 64, 0.1856, 0.001719, 1.567, 0.231),
    _patches("DeiT-B", 128, 0.1662, 0.002204, 1.146, 0.190, smallest=2),
    _patches("Adv-B", 64, 0.1900, 0.001169, 1.665, 0.228),
    _patches("Adv-B", 128, 0.1772, 0.0001863, 1.863, 0.185),
    _patches("Adv-B", 224, 0.1539, 0.0003672, 1.443, 0.161),
    Published(
        "liu2025armor-mmlu",
        SIZE_ACCURACY,
        dict(N_50=2.737e8, slope=0.3313),
        ARMOR,
        "Four points; below the smallest dense model it is an extrapolation.",
        setting="dense Qwen2.5 of 7.61B, 14.7B, 32.5B and 72.7B parameters on MMLU",
        worked=(Worked(dict(N=72.7e9), 0.8606, 5e-3, "Liu et al. 2025, table 1 (measured)"),),
    ),
    Published(
        "liu2025armor-bbh",
        SIZE_ACCURACY,
        dict(N_50=1.0446e9, slope=0.41825),
        ARMOR,
        "Four points; below the smallest dense model it is an extrapolation.",
        setting="dense Qwen2.5 of 7.61B, 14.7B, 32.5B and 72.7B parameters on BBH",
        worked=(Worked(dict(N=72.7e9), 0.8501, 7e-3, "Liu et al. 2025, table 1 (measured)"),),
    ),
    Published(
        "liu2025armor-hellaswag",
        SIZE_ACCURACY,
        dict(N_50=3.5501e8, slope=0.13952),
        ARMOR,
        "Four points; below the smallest dense model it is an extrapolation.",
        setting="dense Qwen2.5 of 7.61B, 14.7B, 32.5B and 72.7B parameters on HellaSwag",
        worked=(Worked(dict(N=72.7e9), 0.6763, 2.5e-3, "Liu et al. 2025, table 1 (measured)"),),
    ),
)
