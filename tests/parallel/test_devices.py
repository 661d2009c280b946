"""Several devices give what one device gives, bit for bit."""

import json
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import pytest

from lawjax.parallel.mesh import local_mesh, over_devices
from tests.parallel import work

ROOT = Path(__file__).resolve().parents[2]


def with_devices(num, task):
    """What a task gives in a process with so many CPU devices."""
    command = [sys.executable, "-m", "tests.parallel.work", str(num), task]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=900)
    return json.loads(done.stdout)


@pytest.mark.parametrize("num", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_sweeps_do_not_depend_on_the_number_of_devices(num):
    assert with_devices(num, "sweeps") == work.sweeps()


@pytest.mark.slow
def test_bootstraps_and_calibrations_do_not_either():
    assert with_devices(2, "everything") == with_devices(1, "everything")


def test_one_device_is_chosen_by_jax_itself():
    with jax.default_device(jax.devices()[0]):
        assert local_mesh().devices.tolist() == [jax.devices()[0]]


def test_on_one_device_the_function_is_called_as_it_is():
    seen = []

    def function(own, shared, **static):
        seen.append((own, shared, static))
        return own + shared

    own, shared = jnp.arange(3), jnp.asarray([1])
    assert over_devices(local_mesh(), function, own, shared, power=2).tolist() == [1, 2, 3]
    assert seen[0][0] is own
    assert seen[0][2] == {"power": 2}
