"""Public tables, each cut in two: runs to fit, and the larger ones to predict.

Those that lawjax can download come through `datasets.fetch`; the others are read, where LAWJAX_TABLES names a folder of
tidy CSV files, and left out where it does not.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import lawjax as lj
from lawjax import laws

TABLES = os.environ.get("LAWJAX_TABLES")
HOFFMANN_CUT = 1e21
RECTIFIED_SEEN, RECTIFIED_TARGET = 102_400, 1_638_400


class Holdout(NamedTuple):
    """Runs to fit, and inputs and responses to predict.

    Attributes:
        runs: what is fitted.
        target: inputs of the larger runs, by column.
        truth: their responses.
        laws: in place of the default ones.
    """

    runs: lj.Runs
    target: dict[str, np.ndarray]
    truth: np.ndarray
    laws: tuple[lj.Law, ...] | None = None


def rectified() -> dict[str, Holdout]:
    """Ninety fine-tuning curves (Lin et al. 2024, arXiv:2402.02314), sixteen times beyond."""
    runs = lj.datasets.fetch("rectified_sft")
    codes, labels = runs.members("group")
    samples, loss = np.asarray(runs["D"]), np.asarray(runs["loss"])
    found = {}
    for code, label in enumerate(labels):
        own = codes == code
        seen, ahead = own & (samples > 0) & (samples <= RECTIFIED_SEEN), own & (samples == RECTIFIED_TARGET)
        part = lj.Runs.from_columns(D=samples[seen], loss=loss[seen])
        found[label] = Holdout(part, {"D": samples[ahead]}, loss[ahead])
    return found


def rectified_whole() -> dict[str, lj.Runs]:
    """The same curves with all their sizes, without the loss before fine-tuning."""
    runs = lj.datasets.fetch("rectified_sft")
    kept = runs.take(np.asarray(runs["D"]) > 0, "no fine-tuning")
    codes, labels = kept.members("group")
    named = {name: np.asarray(kept[name]) for name in ("D", "loss")}
    return {
        label: lj.Runs.from_columns(**{name: column[codes == code] for name, column in named.items()})
        for code, label in enumerate(labels)
    }


def hoffmann() -> Holdout:
    """Runs read off a figure of Hoffmann et al. 2022, outliers kept; those of 1e21 FLOPs and more are predicted."""
    runs = lj.datasets.fetch("hoffmann2022")
    return _cut(runs, np.asarray(runs["C"]) < HOFFMANN_CUT, ("N", "D"), also=("C",))


def vocabulary() -> lj.Runs:
    """Runs of ten vocabularies (Tao et al. 2024, arXiv:2407.13623) of 2.18e17 FLOPs and more; losses less a unigram's.

    Tokens are counted by the paper's tokens per character.
    """
    runs = lj.datasets.fetch("vocabulary")
    kept = runs.take(np.asarray(runs["C"]) >= 2.18e17, "short runs")
    words, width = np.asarray(kept["V"]), np.asarray(kept["embed_dim"])
    per_character = lj.predict(laws.published("tao2024-tokens"), {"V": words}).median
    return lj.Runs.from_columns(
        N_nv=kept["N_nv"],
        N_v=words * width,
        D=np.asarray(kept["H"]) * per_character,
        C=kept["C"],
        loss=kept["loss"],
    )


def others() -> Iterator[tuple[str, Callable[[], dict[str, Holdout]]]]:
    """Tables of other papers, by name; each may hold several."""
    if TABLES is None:
        return
    yield "Porian et al. 2024: loss at the optimum against compute", _porian
    yield "Muennighoff et al. 2023: repeated data", _muennighoff
    yield "Chen et al. 2025: parallel streams", _parscale
    yield "Ye et al. 2025: learning curves of mixtures", _mixing
    yield "Clark et al. 2022: routed models", _routed
    yield "Clark et al. 2022: learning curves", _routed_curves
    yield "Llama 3: isoFLOP runs (read off a figure)", _llama


def _read(name: str) -> Any:
    import pandas as pd

    return pd.read_csv(Path(str(TABLES)) / name)


def _cut(
    runs: lj.Runs, seen: np.ndarray, inputs: tuple[str, ...], also: tuple[str, ...] = (), among: Any = None
) -> Holdout:
    part = {name: np.asarray(runs[name])[seen] for name in (*inputs, *also, "loss")}
    ahead = {name: np.asarray(runs[name])[~seen] for name in inputs}
    return Holdout(lj.Runs.from_columns(**part), ahead, np.asarray(runs["loss"])[~seen], among)


def _lower_part(frame: Any, along: np.ndarray, share: float, among: Any = None) -> Holdout:
    """The rows up to a quantile of the axis are fitted, the others predicted."""
    runs = lj.Runs.from_columns(**{name: frame[name].to_numpy(dtype=float) for name in frame.columns})
    seen = along <= np.quantile(along, share, method="lower")
    return _cut(runs, seen, tuple(name for name in frame.columns if name != "loss"), among=among)


def _porian() -> dict[str, Holdout]:
    frame = _read("porian/optimal_pairs.csv").rename(columns={"flops": "C", "loss_opt": "loss"}).dropna(subset="loss")
    series = ["file", "dataset", "hparams", "warmup", "decay", "param_count", "split"]
    return {
        str(name): _lower_part(own[["C", "loss"]], own["C"].to_numpy(), 0.7)
        for name, own in frame.groupby(series)
        if len(own) >= 8
    }


def _muennighoff() -> dict[str, Holdout]:
    frame = _read("muennighoff/data_constrained_fit_set.csv").rename(columns={"params": "N", "tokens": "D"})
    own = frame[["N", "D", "epochs", "loss"]]
    return {"": _lower_part(own, (frame["N"] * frame["D"]).to_numpy(), 0.7, (laws.get("data-constrained"),))}


def _parscale() -> dict[str, Holdout]:
    frame = _read("parscale/losses.csv").rename(columns={"params_non_embedding": "N", "parallel_streams": "P"})
    return {
        str(name): _lower_part(own[["N", "P", "loss"]], own["N"].to_numpy(), 0.7, (laws.get("parallel-streams"),))
        for name, own in frame.groupby("dataset")
    }


def _mixing() -> dict[str, Holdout]:
    frame = _read("mixinglaws/five_domain_grouped.csv").rename(columns={"loss_full": "loss"})
    curves = {str(name): own.sort_values("step") for name, own in frame.groupby("run") if len(own) >= 10}
    return {n: _lower_part(own[["step", "loss"]], own["step"].to_numpy(), 0.4) for n, own in curves.items()}


def _routed() -> dict[str, Holdout]:
    frame = _read("routing_moe/final_losses_dense_hash_rlr.csv")
    frame = frame[(frame.seed == 42) & (frame.k == 1) & (frame.routing_frequency == 0.5)]
    frame = frame.rename(columns={"dense_parameter_count": "N", "num_experts": "E", "loss_validation": "loss"})
    return {
        str(name): _lower_part(own[["N", "E", "loss"]], own["N"].to_numpy(), 0.7, (laws.get("routed"),))
        for name, own in frame[frame.router_type != "Dense"].groupby("router_type")
    }


def _routed_curves() -> dict[str, Holdout]:
    frame = _read("routing_moe/curves_dense_hash_rlr.csv").rename(columns={"loss_validation": "loss"})
    frame = frame[frame.step > 0].drop_duplicates(["hyper_id", "step"]).dropna(subset="loss")
    return {
        str(name): _lower_part(own[["step", "loss"]], own["step"].to_numpy(), 0.4)
        for name, own in frame.groupby("hyper_id")
    }


def _llama() -> dict[str, Holdout]:
    frame = _read("llama3_isoflop/isoflops.csv")
    frame = frame[frame.condition == "raw_loss"].rename(columns={"params": "N", "tokens": "D"})
    return {"": _lower_part(frame[["N", "D", "loss"]], frame["budget"].to_numpy(), 0.7)}


def ladder() -> tuple[lj.Runs, dict[str, tuple[float, float]]]:
    """The OLMo ladder's final runs (Bhagia et al. 2024, arXiv:2412.04403), and each task's score and published guess.

    The scores to predict are those of 13.7e9 parameters and 5e12 tokens.
    """
    frame = _read("olmo_ladder/ladder_runs.csv")
    frame = frame[frame.run.isin(["1xC", "2xC", "5xC", "10xC"])].sort_values("step").groupby(["model", "run"]).tail(1)
    told = _read("olmo_ladder/published_predictions.csv")
    told = told[told.experiment == "chained_main"]
    truth = {}
    for task in (column.removesuffix("_bpb") for column in frame.columns if column.endswith("_bpb")):
        row = told[told.task.str.startswith(task)].iloc[0]
        truth[task] = (float(row.actual), float(row.predicted))
    columns = {name: frame[name].to_numpy(dtype=float) for name in frame.columns if name[-4:] in ("_bpb", "_acc")}
    return lj.Runs.from_columns(N=frame.params.to_numpy(), D=frame.tokens.to_numpy(), **columns), truth
