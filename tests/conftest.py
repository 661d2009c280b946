"""Shared fixtures: strict JAX, the shared real runs where they exist, and small tables made once."""

import itertools
import os
from pathlib import Path

import jax
import numpy as np
import pytest
from jaxtyping import install_import_hook

import tests.typecheck  # noqa: F401  the hook below finds it by name

install_import_hook("lawjax.laws", "tests.typecheck.check")
jax.config.update("jax_numpy_rank_promotion", "raise")

# Workers, processes that tests start, and later runs share what was compiled: most of the suite's time is XLA's.
COMPILED = Path(__file__).resolve().parents[1] / ".pytest_cache" / "compiled"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(COMPILED))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
jax.config.update("jax_compilation_cache_dir", os.environ["JAX_COMPILATION_CACHE_DIR"])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)

MAPS = Path("/proc/self/maps")
MOST_MAPS = 20_000
"""Memory maps beyond which compiled programs are dropped, one fit having some 500; Linux allows 65530."""
COUNTED_EVERY = 10
FORGOTTEN_EVERY = 120
"""Tests after which they are dropped where maps cannot be counted."""

_COUNT = itertools.count(1)
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def _programs_do_not_pile_up():
    yield
    count = next(_COUNT)
    if count % COUNTED_EVERY == 0 and _too_many_programs(count):
        jax.clear_caches()


def _too_many_programs(count: int) -> bool:
    if not MAPS.exists():
        return count % FORGOTTEN_EVERY == 0
    with MAPS.open("rb") as maps:
        return sum(1 for _ in maps) > MOST_MAPS


@pytest.fixture
def quick_compilation():
    """Programs compiled without the costly passes: for tests that compile much and compute little."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real runs beside the project, or skip."""
    folder = Path(os.environ.get("LAWJAX_SHARED", SHARED)) / "data"
    if not folder.is_dir():
        pytest.skip("the folder of shared real runs is not here")
    return folder


@pytest.fixture(scope="session")
def shared_originals() -> Path:
    """Folder of upstream files, byte for byte, or skip."""
    folder = Path(os.environ.get("LAWJAX_SHARED", SHARED)) / "originals"
    if not folder.is_dir():
        pytest.skip("the folder of upstream files is not here")
    return folder


@pytest.fixture(scope="session")
def hoffmann(shared_data):
    """The 240 digitised runs of Hoffmann et al. that the published refit used."""
    import lawjax as lj

    return lj.read_runs(
        shared_data / "hoffmann_epoch" / "chinchilla_fig4.csv",
        columns={"N": "params", "D": "tokens", "loss": "loss", "C": "flops"},
        where="used_in_published_fit==1",
    )


@pytest.fixture(scope="session")
def hoffmann_245(shared_data):
    """All digitised runs of Hoffmann et al., outliers kept."""
    import lawjax as lj

    return lj.read_runs(
        shared_data / "hoffmann_epoch" / "chinchilla_fig4.csv",
        columns={"N": "params", "D": "tokens", "loss": "loss", "C": "flops"},
    )


@pytest.fixture(scope="session")
def hoffmann_fit(hoffmann):
    """The Chinchilla law fitted to them, with Huber's loss."""
    import lawjax as lj

    return lj.fit(lj.laws.CHINCHILLA, hoffmann)


@pytest.fixture(scope="session")
def truth() -> dict[str, float]:
    """Chinchilla parameters that simulated runs follow."""
    return {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37}


@pytest.fixture
def generator() -> np.random.Generator:
    """A seeded NumPy generator."""
    return np.random.default_rng(0)
