"""Published coefficients that fill whole tables: by domain, axis, test set or task."""

import itertools
import math
from collections.abc import Iterator

from lawjax.laws.records import Published, Worked
from lawjax.laws.size.curves import GENERALISATION_GAP, SHIFTED_POWER_LAW
from lawjax.laws.size.generative import IRREDUCIBLE_POWER_LAW, OPTIMAL_SIZE_POWER, SCALE_POWER_LAW
from lawjax.laws.size.translation import LOG_LINEAR_COMPUTE, LOG_LINEAR_SIZE

PF_DAY = 8.64e19
"""FLOP of a petaFLOP/s-day, the unit in which compute is printed."""

_HENIGHAN = "Henighan et al. 2020, arXiv:2010.14701, "
_RECOMPUTED = "recomputed from the printed constants"
_EIGHT = (
    "Table 3 gives the same curve per image, of 192 tokens; there C_0 would be 1.8e-9, so this entry looks like a slip "
    "of the exponent. Compare `henighan2020-image-8x8-per-image`."
)
_MATHS = "The legend of figure 1 prints the exponent 0.14 for the same curve."
_TWIN = "The same numbers as for image-vq-32x32, which may be a slip of the copy that was read."
_NOTES = {"image-8x8-c": _EIGHT, "math-c": _MATHS, "text-to-image-image-optimal": _TWIN}

_DOMAINS = (
    # domain, then (L_inf, x_0, alpha, loss at 1e9 parameters), the same in PF-days at 1, and (C_N, beta, N_opt at 1)
    ("language", (None, 1.47e14, 0.070, 2.29992), (None, 3.47e8, 0.048, 2.57002), (3.3e-13, 0.73, 1.2927e9)),
    ("image-8x8", (3.12, 8.0e1, 0.24, 3.13980), (3.13, 1.8e-8, 0.19, 3.16377), (5.3e-14, 0.64, 3.1366e8)),
    ("image-16x16", (2.64, 2.8e2, 0.22, 2.67617), (2.64, 1.6e-8, 0.16, 2.69658), (4.8e-12, 0.75, 3.0837e8)),
    ("image-32x32", (2.20, 6.3e1, 0.13, 2.31585), (2.21, 3.6e-9, 0.1, 2.35310), (1.6e-13, 0.65, 2.0765e8)),
    ("image-vq-16x16", (3.99, 2.7e4, 0.13, 4.24473), (4.09, 6.1e-7, 0.11, 4.29720), (6.2e-14, 0.64, 2.8371e8)),
    ("image-vq-32x32", (3.07, 1.9e4, 0.14, 3.28829), (3.17, 2.6e-6, 0.12, 3.38370), (9.4e-13, 0.7, 2.6231e8)),
    ("text-to-image-text", (None, 5.6e8, 0.037, 0.97878), None, None),
    ("text-to-image-image", (2.0, 5.1e3, 0.16, 2.14230), (1.93, 1.5e-6, 0.15, 2.06379), (9.4e-13, 0.7, 2.6231e8)),
    ("image-to-text-text", (None, 7.0e8, 0.039, 0.98619), None, None),
    ("image-to-text-image", (2.0, 5.5e3, 0.15, 2.16258), (1.97, 1.5e-6, 0.16, 2.08700), (3.3e-12, 0.72, 1.8479e8)),
    ("video", (1.01, 3.7e4, 0.24, 1.09637), (0.95, 2.2e-5, 0.14, 1.17281), (1.13e-12, 0.71, 3.0361e8)),
    ("math", (0.28, 1.1e4, 0.16, 0.44092), (0.14, 1.4e-5, 0.17, 0.28957), (2.3e-12, 0.69, 1.0725e8)),
)
_PER_IMAGE = (
    # resolution, then L_inf, x_0 [PF-days], alpha, and the loss at 1 PF-day
    ("8x8", 602.0, 1.9e3, 0.19, 606.197),
    ("16x16", 2026.0, 1.7e10, 0.16, 2069.338),
    ("32x32", 6806.0, 2.7e26, 0.1, 7245.680),
    ("64x64-vq-16x16", 1047.0, 4.7e15, 0.11, 1099.958),
    ("64x64-vq-32x32", 3246.0, 3.1e19, 0.12, 3464.255),
)
_SERIES = (
    # architecture, axis, then (x_0, alpha, loss at 1e7 parameters, 1e9 points or 1 PF-day) per test set
    ("encoder", "n", (1.4e31, 0.026, 4.2442), (6.7e36, 0.023, 4.8529), (3.7e16, 0.029, 1.8944)),
    ("decoder", "n", (2.9e47, 0.016, 4.4402), (1.5e48, 0.017, 5.0118), (2.0e34, 0.015, 2.5675)),
    ("encoder", "d", (9.6e30, 0.029, 4.3400), (1.0e39, 0.023, 4.8978), (5.3e12, 0.094, 2.2391)),
    ("decoder", "d", (1.1e44, 0.019, 4.6322), (4.4e31, 0.030, 4.7786), (9.9e13, 0.090, 2.8158)),
    ("encoder", "c", (3.9e26, 0.020, 3.4027), (2.8e29, 0.020, 3.8810), (1.5e7, 0.024, 1.4867)),
    ("decoder", "c", (1.9e33, 0.017, 3.6791), (1.4e47, 0.013, 4.1011), (6.0e23, 0.014, 2.1523)),
)
_TEST_SETS = (
    ("lsf", "long-sequence forecasting out of distribution"),
    ("monash", "Monash, out of distribution"),
    ("id", "in distribution"),
)
_AXES = {
    "n": ("parameters", "modelsize_vs_metric.ipynb", 1e7, ""),
    "d": ("training time points", "datasize_vs_metric.ipynb", 1e9, ""),
    "c": (
        "compute in PF-days",
        "compute_vs_metric.ipynb",
        1.0,
        "x is in PF-days as plotted. The code counts evaluations where it should count optimiser steps, so under the "
        "shipped settings the axis, and x_0, are 1000 times too small; the exponent is not touched.",
    ),
}


def _curve(name: str, row: tuple, unit: float, at: float, source: str, setting: str) -> Published:
    floor, x_0, alpha, loss = row
    law = SCALE_POWER_LAW if floor is None else IRREDUCIBLE_POWER_LAW
    printed = dict(x_0=x_0, alpha=alpha) | ({} if floor is None else dict(L_inf=floor))
    scale = {} if unit == 1.0 else {"x": unit}
    worked = (Worked(dict(x=at * unit), loss, 2e-5, _RECOMPUTED),)
    return Published(name, law, printed, source, _NOTES.get(name.removeprefix("henighan2020-"), ""), scale, setting,
                     worked=worked)  # fmt: skip


def _domains() -> Iterator[Published]:
    for domain, by_size, by_compute, optimum in _DOMAINS:
        name, source, setting = f"henighan2020-{domain}", _HENIGHAN + "table 1", domain.replace("-", " ")
        yield _curve(f"{name}-n", by_size, 1.0, 1e9, source, f"{setting}: loss per token against parameters")
        if by_compute is not None:
            yield _curve(f"{name}-c", by_compute, PF_DAY, 1.0, source, f"{setting}: loss per token against FLOP")
        if optimum is not None:
            yield _optimum(f"{name}-optimal", optimum, source, setting)


def _optimum(name: str, row: tuple, source: str, setting: str) -> Published:
    C_N, beta, size = row
    worked = (Worked(dict(C=PF_DAY), size, 1e-4, _RECOMPUTED),)
    note = _NOTES.get(name.removeprefix("henighan2020-"), "")
    return Published(name, OPTIMAL_SIZE_POWER, dict(C_N=C_N, beta=beta), source, note, {"C": PF_DAY},
                     f"{setting}: points on the convex hull of loss against compute", worked=worked)  # fmt: skip


def _per_image() -> Iterator[Published]:
    for resolution, *row in _PER_IMAGE:
        setting = f"images, {resolution}: loss per image [nats] against FLOP"
        name = f"henighan2020-image-{resolution}-per-image"
        yield _curve(name, tuple(row), PF_DAY, 1.0, _HENIGHAN + "table 3", setting)


def _series() -> Iterator[Published]:
    for model, axis, *curves in _SERIES:
        quantity, notebook, at, note = _AXES[axis]
        for (key, test_set), (x_0, alpha, loss) in zip(_TEST_SETS, curves, strict=True):
            yield Published(
                f"yao2024-{model}-{axis}-{key}",
                SCALE_POWER_LAW,
                dict(x_0=x_0, alpha=alpha),
                f"Yao et al. 2024, arXiv:2410.12360: legend in analysis/{notebook} of Qingrenn/TSFM-ScalingLaws",
                note,
                setting=f"{model}-only time-series models, {test_set}: negative log-likelihood against {quantity}",
                worked=(Worked(dict(x=at), loss, 5e-5, _RECOMPUTED),),
            )


GENERATIVE: tuple[Published, ...] = (*_domains(), *_per_image())
TIME_SERIES: tuple[Published, ...] = tuple(_series())

_FLORENZ = "Spravil et al. 2025, arXiv:2503.09443, "
_SETS = {
    "uc": "unseen captioning (Spanish, Chinese)",
    "st": "seen translation",
    "sc": "seen captioning (English, German)",
}
_BY_COMPUTE = {"uc": (1.86, -0.15, 2.290868), "st": (2.02, -0.18, 1.659587), "sc": (1.42, -0.15, 0.831764)}
_BY_SIZE = {
    "uc": (2.30, -0.16, -0.04, 2.583004),
    "st": (3.03, -0.15, -0.19, 1.558179),
    "sc": (2.20, -0.13, -0.15, 0.697592),
}
FLORENZ = tuple(
    Published(
        f"spravil2025-{key}-c",
        LOG_LINEAR_COMPUTE,
        dict(alpha0=alpha0, alpha1=alpha1),
        _FLORENZ + "table 2",
        setting=f"{_SETS[key]}: cross-entropy on the Pareto frontier in GMACs",
        log_base="10",
        worked=(Worked(dict(C=1e10), loss, 1e-6, _RECOMPUTED),),
    )
    for key, (alpha0, alpha1, loss) in _BY_COMPUTE.items()
) + tuple(
    Published(
        f"spravil2025-{key}-ns",
        LOG_LINEAR_SIZE,
        dict(beta0=beta0, beta1=beta1, beta2=beta2),
        _FLORENZ + "table 3",
        "The equations are not typeset in the copy that was read; raw N and S are the units that give sane losses.",
        setting=f"{_SETS[key]}: cross-entropy, models of 0.4B to 11.2B, 0.5M to 10M samples",
        log_base="10",
        worked=(Worked(dict(N=11.2e9, S=1e7), loss, 1e-6, _RECOMPUTED),),
    )
    for key, (beta0, beta1, beta2, loss) in _BY_SIZE.items()
)

_GAPS = (
    ("pour-water", "objects", 0.825, 0.703, 0.117478),
    ("pour-water", "environments", 1.180, 0.844, 0.113659),
    ("pour-water", "pairs", 1.068, 0.579, 0.214479),
    ("mouse-arrangement", "objects", 0.826, 0.697, 0.119594),
    ("mouse-arrangement", "environments", 0.827, 0.466, 0.227188),
    ("mouse-arrangement", "pairs", 1.263, 0.683, 0.190103),
)
ROBOTS = tuple(
    Published(
        f"lin2024imitation-{task}-{kind}",
        GENERALISATION_GAP,
        dict(beta=beta, alpha=alpha),
        "Lin et al. 2024, arXiv:2410.18647: legend in assets/scaling-law-curve.png of Fanqi-Lin/Data-Scaling-Laws",
        "Printed with the minus sign in the exponent.",
        setting=f"{task.replace('-', ' ')}, optimality gap against training {kind}, 1 to 32, all demonstrations",
        worked=(Worked(dict(X=16.0), gap, 1e-5, _RECOMPUTED),),
    )
    for task, kind, beta, alpha, gap in _GAPS
)

_COMPARISON = "LAION-AI/scaling-laws-for-comparison (Nezhurina et al. 2025, arXiv:2506.04598)"
_REFITTED = f"recomputed: fitted by us to the tables of {_COMPARISON} by its rule for the frontier"
_TABLES = f"tables beside the figures in {_COMPARISON}, scaling_laws/derived_scaling_laws/"
_RIDGE = "Parameters trade off along a ridge, A from 10 to 2000; only predictions can be compared."
_LOGARITHM = "Its column b is taken to be log x0, which our own fits to the same tables confirm. " + _RIDGE
_LARGEST = 2.59e21
_ARCHITECTURES = {"clip": "openCLIP", "mammut": "openMaMMUT"}
_TASKS = {
    "imagenet": "error of ImageNet-1k zero-shot classification, DataComp-1.4B, cosine schedule",
    "imagenet-r": "error of ImageNet-R zero-shot classification, DataComp-1.4B, cosine schedule",
    "coco": "1 - recall@5 of COCO image retrieval, DataComp-1.4B, cosine schedule",
    "relaion": "error of ImageNet-1k zero-shot classification, Re-LAION, cosine schedule",
    "ade20k": "1 - mIoU of ADE20K segmentation, DataComp-1.4B",
}
_FRONTIERS = (
    # model, task, figure of a printed fit; E, A, x0 [GFLOP], alpha; the error at 2.14e21 and at 2.59e21 FLOP
    ("clip", "imagenet", "", (0.1104, 59.7, 1.05e8, 0.2276), (0.2037, 0.1997)),
    ("mammut", "imagenet", "", (0.0757, 79.7, 2.0e8, 0.2325), (0.1839, 0.1792)),
    ("clip", "coco", "", (0.2164, 52.6, 9.6e7, 0.2294), (0.2945, 0.2911)),
    ("mammut", "coco", "", (0.1964, 81.6, 1.7e8, 0.2434), (0.2777, 0.2740)),
    ("clip", "relaion", "", (0.0931, 22.1, 8.4e7, 0.1750), (0.2471, 0.2421)),
    ("mammut", "relaion", "", (0.0, 25.3, 2.1e8, 0.1684), (0.2124, 0.2057)),
    ("clip", "ade20k", "", (0.4676, 17.9, 4.0e7, 0.2084), (0.5158, 0.5139)),
    ("mammut", "ade20k", "", (0.5019, 399.0, 1.4e8, 0.3642), (0.5148, 0.5139)),
    ("clip", "imagenet", "fig1", (0.111169, 57.862083, math.exp(18.391321), 0.226604), (0.20412, 0.20019)),
    ("mammut", "imagenet", "fig1", (0.101112, 125.356572, math.exp(19.289384), 0.255670), (0.18934, 0.18514)),
    ("clip", "imagenet-r", "fig10", (0.0, 68.058933, math.exp(18.540562), 0.228449), (0.10376, 0.09933)),
    ("mammut", "imagenet-r", "fig10", (0.000291, 76.142172, math.exp(18.500197), 0.231235), (0.10754, 0.10291)),
)
_SAID = {"mammut-imagenet": (Worked(dict(x=_LARGEST), 0.180, 1e-2, "the README predicts 82.0 % for openMaMMUT-L/14"),)}
_NOTES_OF = {
    "mammut-imagenet": " For L/14 on 12.8B samples 80.34 % was measured, put down to repeated samples.",
    "mammut-relaion": " The floor went to 0, the edge of its values.",
    "mammut-imagenet-fig1": " It gives 81.5 % for L/14 on 12.8B samples, where the README says 82.0 %.",
    "mammut-ade20k": " Its floor lies above that of openCLIP, so openCLIP wins in the end: floors are not told apart.",
}


def _frontier(model: str, task: str, figure: str, row: tuple, errors: tuple) -> Published:
    key = "-".join(filter(None, (model, task, figure)))
    worked = tuple(Worked(dict(x=x), y, 2e-3, _RECOMPUTED) for x, y in zip((2.14e21, _LARGEST), errors, strict=True))
    return Published(
        f"nezhurina2025-{key}",
        SHIFTED_POWER_LAW,
        dict(zip(("E", "A", "x0", "alpha"), row, strict=True)),
        f"{_TABLES}{figure}" if figure else _REFITTED,
        (_LOGARITHM if figure else _RIDGE) + _NOTES_OF.get(key, ""),
        {"x": 1e9},
        f"{_ARCHITECTURES[model]}: {_TASKS[task]}; x in FLOP",
        worked=worked + _SAID.get(key, ()),
    )


VISION: tuple[Published, ...] = tuple(itertools.starmap(_frontier, _FRONTIERS))
