"""Files of public repositories: from the cache, from the network or from a folder, always with their checksum."""

import errno
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lawjax.errors import InputError

GITHUB = "https://raw.githubusercontent.com"
TIMEOUT_SECONDS = 30


def locate(
    repo: str, commit: str, files: Mapping[str, str], cache: str | os.PathLike[str] | None = None
) -> dict[str, Path]:
    """Local paths of a repository's files, downloaded where they are not in the cache.

    `LAWJAX_DATA_DIR` names a folder to read from instead, without any network; `LAWJAX_DATA_URL` a mirror to download
    from; both hold the files as `owner/name/path`. `LAWJAX_CACHE` moves the cache.

    Args:
        repo: "owner/name".
        commit: the commit at which the files are read.
        files: sha256 of each file by its path in the repository.
        cache: folder to keep downloads in; the user's cache folder by default.
    Returns:
        The path of each file by its path in the repository.
    Raises:
        InputError: no network, an HTTP error, another content than expected, or a folder that cannot be written.
    """
    folder = os.environ.get("LAWJAX_DATA_DIR")
    if folder:
        return {path: _from_folder(Path(folder) / repo / path, sha256) for path, sha256 in files.items()}
    root = _cache_root(cache) / repo / commit
    return {path: _download(_url(repo, commit, path), sha256, root / path) for path, sha256 in files.items()}


def _cache_root(cache: str | os.PathLike[str] | None) -> Path:
    import pooch

    return Path(cache or os.environ.get("LAWJAX_CACHE") or pooch.os_cache("lawjax"))


def _url(repo: str, commit: str, path: str) -> str:
    """Where a file is downloaded from; a mirror holds one commit, which the checksum pins."""
    mirror = os.environ.get("LAWJAX_DATA_URL")
    return f"{mirror.rstrip('/')}/{repo}/{path}" if mirror else f"{GITHUB}/{repo}/{commit}/{path}"


def _from_folder(path: Path, sha256: str) -> Path:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(
            f"LAWJAX_DATA_DIR is set, but {str(path)!r} cannot be read ({error.strerror}). Put the file there, or "
            "unset LAWJAX_DATA_DIR to download it."
        ) from None
    if found != sha256:
        raise InputError(
            f"{str(path)!r} is not the file that is meant: expected sha256 {sha256}, got {found}. "
            "Put the original there."
        )
    return path


def _download(url: str, sha256: str, target: Path) -> Path:
    import pooch
    import requests

    downloader: Any = pooch.HTTPDownloader(timeout=TIMEOUT_SECONDS)
    known = f"sha256:{sha256}"
    try:
        return Path(pooch.retrieve(url, known, target.name, target.parent, downloader=downloader))
    except requests.HTTPError as error:
        raise InputError(f"the server refuses the download ({error}). {_OTHER_WAYS}") from None
    except requests.RequestException as error:
        raise InputError(f"cannot reach {url} ({type(error).__name__}). Is there a network? {_OTHER_WAYS}") from None
    except ValueError as error:
        raise InputError(f"{url} is not the file that is meant. {error} {_OTHER_WAYS}") from None
    except OSError as error:
        raise InputError(f"cannot keep the download in {str(target.parent)!r}: {_disk(error)}") from None


_OTHER_WAYS = (
    "Try again later, set LAWJAX_DATA_URL to a mirror, or put the files into a folder as owner/name/path and set "
    "LAWJAX_DATA_DIR to it."
)


def _disk(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "the disk is full. Free some space, or set LAWJAX_CACHE to a folder on another disk."
    return f"{error.strerror or error}. Set LAWJAX_CACHE to a folder that can be written, or pass cache=..."
