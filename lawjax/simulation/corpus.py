"""A text corpus that every Python installation has: the sources of its own standard library.

`load_corpus` reads it. About 12 MB on Python 3.11: enough to train small byte-level models for less than one
epoch, with no download and no licence question. The bytes differ a little between Python versions, which is
why a corpus carries its hashes.
"""

import dataclasses
import hashlib
import sysconfig
from pathlib import Path

from lawjax.errors import InputError

LEFT_OUT = frozenset({"site-packages", "dist-packages", "test", "tests", "idle_test", "lib2to3", "__pycache__"})
HELD_OUT_SHARE = 1 / 12
MIN_HELD_OUT = 500_000


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Training and held-out bytes, split by file, with the names that each part came from.

    Attributes:
        train: training files end to end, in the order of `train_files`.
        held_out: held-out files end to end, in the order of `held_out_files`.
        train_files, held_out_files: names relative to the root, with forward slashes.
    """

    train: bytes
    held_out: bytes
    train_files: tuple[str, ...]
    held_out_files: tuple[str, ...]

    def describe(self) -> dict[str, int | str]:
        """Sizes [files, bytes] and SHA-256 of both parts: what identifies the corpus of a run."""
        return {
            "train_files": len(self.train_files),
            "train_bytes": len(self.train),
            "train_sha256": hashlib.sha256(self.train).hexdigest(),
            "held_out_files": len(self.held_out_files),
            "held_out_bytes": len(self.held_out),
            "held_out_sha256": hashlib.sha256(self.held_out).hexdigest(),
        }


def load_corpus(root: Path | None = None, *, min_held_out: int = MIN_HELD_OUT) -> Corpus:
    """Read every `.py` file below `root`, shuffle the files and hold some out, always in the same way.

    Order and split depend on the relative names alone, through SHA-256: neighbouring modules end up far
    apart, a prefix of the bytes is as mixed as the whole, and a file stays on its side of the split when
    other files come or go.

    Args:
        root: folder to read; None means the standard library of this Python.
        min_held_out: fewest held-out bytes to accept [bytes].
    Returns:
        The corpus, about one file in twelve held out.
    Raises:
        InputError: fewer held-out bytes than `min_held_out`.
    """
    root = Path(sysconfig.get_path("stdlib")) if root is None else root
    names = sorted(_source_names(root), key=_digest)
    held_out_files = tuple(name for name in names if _is_held_out(name))
    train_files = tuple(name for name in names if not _is_held_out(name))
    corpus = Corpus(_read(root, train_files), _read(root, held_out_files), train_files, held_out_files)
    if len(corpus.held_out) < min_held_out:
        raise InputError(
            f"the corpus below {root} holds out {len(corpus.held_out)} bytes, fewer than {min_held_out}. Use a "
            f"Python whose standard library is installed as `.py` files, or pass another `root`."
        )
    return corpus


def _source_names(root: Path) -> list[str]:
    paths = (path.relative_to(root) for path in root.rglob("*.py"))
    return [path.as_posix() for path in paths if LEFT_OUT.isdisjoint(path.parts)]


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _is_held_out(name: str) -> bool:
    # The order uses the first bytes of the digest; the last ones are independent of it.
    return int.from_bytes(_digest(name)[-4:], "big") < HELD_OUT_SHARE * 2**32


def _read(root: Path, names: tuple[str, ...]) -> bytes:
    return b"".join((root / name).read_bytes() for name in names)
