"""How benchmarks time and print: medians over repeats, warm and cold apart, the device named."""

import os
import platform
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

SMALL = os.environ.get("LAWJAX_SMALL") == "1"


def seconds(run: Callable[[], Any], repeats: int = 5) -> tuple[float, float]:
    """Seconds of the first call and the median of the `repeats` after it; `run` returns when its work is done."""
    first, *rest = (_once(run) for _ in range(repeats + 1))
    return first, float(np.median(rest))


def _once(run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def header(title: str) -> str:
    """What was measured on what."""
    device = jax.devices()[0]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, jax {jax.__version__}"
    return f"{title}\n{device.device_kind} ({device.platform}), {machine}"
