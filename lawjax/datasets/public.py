"""Public tables of training runs: where each lies, at which commit, and how it becomes `Runs`.

lawjax holds no copy of them: most sources state no licence. `fetch` downloads the authors' own files and each
`tidy` function says, in the open, what is renamed, computed or left out.
"""

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lawjax.data.files import read_source
from lawjax.data.reading import read_runs, runs_from_columns
from lawjax.data.runs import Runs
from lawjax.datasets.download import locate
from lawjax.errors import InputError, choose

NONE_STATED = "none stated"
Files = Mapping[str, Path]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PublicData:
    """A public data set.

    Attributes:
        repo: "owner/name" on GitHub.
        commit: the commit that is read.
        files: sha256 of each file by its path in the repository.
        licence: as the repository states it, or "none stated".
        reference: the paper that made the runs, and those who published the file.
        holds: what a row is and which columns there are.
        tidy: makes `Runs` of the files, given as local paths by their path in the repository.
    """

    repo: str
    commit: str
    files: Mapping[str, str]
    licence: str
    reference: str
    holds: str
    tidy: Callable[[Files], Runs]

    @property
    def summary(self) -> dict[str, str]:
        """One row of `lawjax.datasets.available()`."""
        source = f"{self.repo}@{self.commit[:10]}"
        return {"holds": self.holds, "licence": self.licence, "reference": self.reference, "source": source}


def fetch(name: str, *, cache: str | os.PathLike[str] | None = None) -> Runs:
    """The runs of a public data set, downloaded once, then read from the cache.

    The files come from their authors' repository at a fixed commit, and their checksums are verified. Most state no
    licence (see `available`): use them, but ask before passing them on.

    Args:
        name: a name in `PUBLIC`.
        cache: folder to keep the download in; else `LAWJAX_CACHE`, else the user's cache folder. `LAWJAX_DATA_URL`
            names a mirror, `LAWJAX_DATA_DIR` a folder to read without a network; both as `owner/name/path`.
    Returns:
        The table; `PUBLIC[name].holds` says what its columns are.
    Raises:
        InputError: no such data set, no network, an HTTP error, a wrong checksum, or a cache that cannot be written.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.datasets.fetch("hoffmann2022")  # doctest: +SKIP
        >>> len(runs)  # doctest: +SKIP
        245
    """
    from lawjax.datasets.bundled import BUNDLED

    if name in BUNDLED:
        raise InputError(f'{name!r} comes with lawjax and needs no download: lawjax.datasets.load("{name}").')
    data = PUBLIC[choose("public data set", name, PUBLIC)]
    runs = data.tidy(locate(data.repo, data.commit, data.files, cache))
    return dataclasses.replace(runs, origin=dataclasses.replace(runs.origin, source=name, unusable=()))


def _only_file(files: Files) -> Path:
    (path,) = files.values()
    return path


def _select(runs: Runs, names: Sequence[str], **more: Any) -> Runs:
    """The runs with only these columns; `more` holds computed ones."""
    columns = runs.columns | more
    return dataclasses.replace(runs, columns={name: columns[name] for name in names})


def tidy_hoffmann(files: Files) -> Runs:
    """D = C / (6 N); the published fit used the runs whose loss is below the fifth largest."""
    runs = read_runs(_only_file(files), columns={"N": "Model Size", "C": "Training FLOP"})
    used = (runs["loss"] < np.sort(runs["loss"])[-5]).astype(np.int64)
    names = ["N", "D", "C", "loss", "used_in_published_fit"]
    return _select(runs, names, D=runs["C"] / (6 * runs["N"]), used_in_published_fit=used)


def tidy_kyo_takano(files: Files) -> Runs:
    """As it is: N counts other parameters than Hoffmann's, so 6 N D is not exactly C."""
    return _select(read_runs(_only_file(files)), ["N", "D", "C", "loss"])


def tidy_vocabulary(files: Files) -> Runs:
    """Renamed only; the loss is that of the model minus that of word frequencies, hence negative."""
    theirs = {
        "V": "vocab_size",
        "H": "num_characters",
        "N_nv": "Non_vocab_parameters",
        "C": "FLOPs",
        "loss": "Lossu",
    }
    runs = read_runs(_only_file(files), columns=theirs)
    return _select(runs, [*theirs, "embed_dim"])


def tidy_rectified(files: Files) -> Runs:
    """One row per model, task and number of samples; a group is one curve, "task/model"."""
    parts = [_curves(path) for path in files.values()]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return runs_from_columns({name: columns[name] for name in ("N", "D", "loss")}, group=columns["curve"].tolist())


def _curves(path: Path) -> dict[str, np.ndarray]:
    """The table of one task, whose columns are numbers of samples, as long columns."""
    table = read_source(path).table
    samples = [column for column in table.column_names if column.isdigit()]
    curves = [f"{path.stem}/{model}" for model in table["config name"].to_pylist()]
    return {
        "N": np.repeat(table["size"].to_numpy(), len(samples)),
        "D": np.tile(np.array([int(column) for column in samples]), len(curves)),
        "loss": np.stack([table[column].to_numpy() for column in samples], axis=1).ravel(),
        "curve": np.repeat(curves, len(samples)),
    }


def tidy_steplaw(files: Files) -> Runs:
    """Renamed only; the study's own fits use the smoothed loss."""
    theirs = {
        "d_model": "h",
        "d_ffn": "ffnh",
        "num_heads": "numh",
        "num_layers": "numl",
        "batch": "bs",
        "steps": "ti",
        "smooth_loss": "smooth loss",
    }
    return _select(read_runs(_only_file(files), columns=theirs), ["N", "D", "loss", "lr", *theirs])


def tidy_llama3(files: Files) -> Runs:
    """The digitised values; rows that repeat them as exponentials are dropped."""
    theirs = {"N": "params", "D": "tokens", "C": "budget"}
    return _select(read_runs(_only_file(files), columns=theirs, where="condition == raw_loss"), [*theirs, "loss"])


PUBLIC: Mapping[str, PublicData] = {
    "hoffmann2022": PublicData(
        repo="epoch-research/analyzing-chinchilla",
        commit="92258837425e1b5f2851d624287f0120583a3d0e",
        files={"data/svg_extracted_data.csv": "193478df4e90f040016431996c45682659306840ecdadf83cfb9cd5ca0aa1b30"},
        licence=NONE_STATED,
        reference="Hoffmann et al. 2022, arXiv:2203.15556; digitised by Besiroglu et al. 2024, arXiv:2404.10102",
        holds="the 245 runs of Chinchilla's figure 4: N, D, C, loss [nats/token], used_in_published_fit",
        tidy=tidy_hoffmann,
    ),
    "kyo_takano": PublicData(
        repo="kyo-takano/chinchilla",
        commit="75e5858f6e7c5b60d1fab69f66258132347b060c",
        files={"examples/llm/df.csv": "2ed2c412c6b408cb26896b92c0721fe9afa6515726b0db78c33db37cbf2816f9"},
        licence="Apache-2.0",
        reference="Hoffmann et al. 2022, arXiv:2203.15556; as in the software `chinchilla`",
        holds="234 of the runs of Chinchilla's figure 4: N (counted anew), D, C, loss [nats/token]",
        tidy=tidy_kyo_takano,
    ),
    "vocabulary": PublicData(
        repo="sail-sg/scaling-with-vocab",
        commit="6701cc202af8b075a46eef8e9d263b3f2ebe012c",
        files={"exp_data.csv": "6571e877469a44cb50b2d05e1fa485587369ee1c47941a4b3b2bfef80496f1b2"},
        licence=NONE_STATED,
        reference="Tao et al. 2024, arXiv:2407.13623",
        holds=(
            "1200 checkpoints over 10 vocabularies: V [entries], H [characters], N_nv (without the vocabulary), C, "
            "embed_dim, loss (less that of word frequencies, negative)"
        ),
        tidy=tidy_vocabulary,
    ),
    "rectified_sft": PublicData(
        repo="linhaowei1/Fine-tuning-Scaling-Law",
        commit="5214568013af65e3cefd03860ecd7bc9358b308c",
        files={
            "benchmark/flan.csv": "ead24af8eaa97ac0507bbd76c4880eb09c6361e252f4971666ba55017215d1e9",
            "benchmark/gigaword.csv": "7d0b08ef9df06eefb4355f859fb44e7860c1e55effd781d318d60a1f8661f2b3",
            "benchmark/wmt19.csv": "523b044495f87c1f954c359fb489cf4e38f739c7fca8161d70665853fb2d293a",
        },
        licence="Apache-2.0",
        reference="Lin et al. 2024, arXiv:2402.02314",
        holds="90 fine-tuning curves, a group each: N, D [samples; 0 is before tuning], loss [nats/token]",
        tidy=tidy_rectified,
    ),
    "steplaw": PublicData(
        repo="step-law/steplaw",
        commit="32a8f4cc50247695fb56cc6c9117abdf67c97763",
        files={"data/dense_lr_bs_loss.csv": "9e46181076c04d450294d75dfe6f72adc416e231e154a07b337e378f9410002c"},
        licence=NONE_STATED,
        reference="Li et al. 2025, arXiv:2503.04715",
        holds=(
            "1911 dense models over learning rate and batch: N (without the embedding), D, lr, batch [sequences of "
            "2048], loss, smooth_loss [nats/token], shape"
        ),
        tidy=tidy_steplaw,
    ),
    "llama3_isoflop": PublicData(
        repo="Open-Athena/scaling-law-analysis",
        commit="3e0656ee3dce1a2c89aa67691920f5eb9d30f0fc",
        files={
            "data/isoflops/extract/llama_3/isoflops.csv": (
                "9450f8829778ce8bfb51cc9b18ef121ef18f0c81758cd8fbe74d9dcf0545a692"
            )
        },
        licence=NONE_STATED,
        reference="Grattafiori et al. 2024, arXiv:2407.21783; digitised by Open Athena",
        holds="133 points of Llama 3's iso-FLOP curves: N = C / (6 D), D, C, loss (as drawn)",
        tidy=tidy_llama3,
    ),
}
"""Every public data set by name."""
