"""How benchmarks time and print: the first call apart from the median of later ones, the device named."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SMALL = os.environ.get("LAWJAX_SMALL") == "1"
FULL = os.environ.get("LAWJAX_FULL") == "1"


def seconds(run: Callable[[], Any], repeats: int = 5) -> tuple[float, float]:
    """Seconds of the first call and the median of the `repeats` after it; `run` returns when its work is done."""
    first, *rest = (once(run) for _ in range(repeats + 1))
    return first, float(np.median(rest))


def wall_and_cpu(run: Callable[[], Any], repeats: int = 5) -> tuple[float, float, float]:
    """Seconds of the first call, and medians of the later ones: seconds, and CPU seconds of this process's threads.

    Other work on the machine lengthens the former, not the latter.
    """
    first, wall, cpu = once(run), [], []
    for _ in range(repeats):
        began = time.process_time()
        wall.append(once(run))
        cpu.append(time.process_time() - began)
    return first, float(np.median(wall)), float(np.median(cpu))


def once(run: Callable[[], Any]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def in_a_fresh_process(code: str) -> tuple[float, str]:
    """Seconds from the start of a new interpreter to its end, and what the code printed."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return time.perf_counter() - began, done.stdout


def header(title: str) -> str:
    """What was measured on what."""
    import jax

    device = jax.devices()[0]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, jax {jax.__version__}"
    return f"{title}\n{device.device_kind} ({device.platform}), {machine}"
