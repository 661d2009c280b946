"""Several processes return what one would, and say which of them died."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lawjax as lj
from lawjax.cli import main
from lawjax.errors import InputError
from lawjax.fitting import resample
from lawjax.parallel import distributed
from lawjax.parallel.processes import Team, packed, team_of, unpacked
from lawjax.sweeps import lock, sweep_status
from tests.helpers import SWEEP
from tests.parallel import work

ROOT = Path(__file__).resolve().parents[2]
ASKED = [*SWEEP, "--json"]


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Job:
    """Processes that run at once; those that are still there at the end are killed."""

    def __init__(self, commands):
        pipes = dict(cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.children = [subprocess.Popen([sys.executable, "-m", *command], **pipes) for command in commands]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.kill()
            child.communicate()

    def ended(self):
        """Status, output and what was said, of each."""
        last, found = time.monotonic() + 900, []
        for child in self.children:
            out, err = child.communicate(timeout=last - time.monotonic())
            found.append((child.returncode, out, err))
        return found


def job(task, num, folder):
    """So many processes that share a task."""
    address = f"127.0.0.1:{free_port()}"
    return Job(["tests.parallel.work", "1", task, address, str(num), str(index), str(folder)] for index in range(num))


def printed(out):
    """The JSON object on the last line; Gloo prints above it."""
    return json.loads(out.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def alone():
    """What one process gives."""
    return work.sweeps()


def test_two_processes_return_what_one_does_and_name_the_one_that_fails(alone, tmp_path):
    with job("of_two", 2, tmp_path / "store") as running:
        found = [printed(out) for _, out, _ in running.ended()]
    for index, own in enumerate(found):
        assert {name: own[name] for name in alone} == alone
        assert own["store"] == alone["one"]
        assert own["told"] == ["", "me"]
        assert ("the disk is full", "process 1" in own["known"]) == (own["known"][-16:], index == 0)
    assert sweep_status(tmp_path / "store").num_done == work.SHARDS


def test_a_dead_process_is_named_a_stranger_refused_and_finished_shards_are_kept(alone, tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    folder = tmp_path / "store"
    with job("dies", 2, folder) as running:
        first, second = running.children
        wait_for_shards(folder, work.SHARDS // 2 + 3)
        with pytest.raises(InputError, match=rf"is being written by process {first.pid} on "):
            work.swept(folder=folder, shards=work.SHARDS)
        (tmp_path / "go").touch()
        survivor, _ = running.ended()
    message = rf"process 1 \(.*, pid {second.pid}\) died .* Finished shards are kept in the store '.*': start all"
    assert survivor[0] == 1
    assert re.search(rf"LostProcessError: {message}", survivor[2])
    assert sweep_status(folder).num_done == work.SHARDS // 2 + 3
    assert sweep_status(folder).writer is None
    assert work.swept(folder=folder, shards=work.SHARDS) == alone["one"]


def wait_for_shards(folder, num):
    last = time.monotonic() + 120
    while len(list(folder.glob("shard-*"))) < num:
        assert time.monotonic() < last
        time.sleep(0.05)


def test_the_command_shares_a_sweep_and_one_process_prints_it(tmp_path, capsys):
    who = ["--distributed", "--coordinator", f"127.0.0.1:{free_port()}", "--num-processes", "2", "--process-id"]
    with Job(["lawjax", *ASKED, *who, str(index), "--store", str(tmp_path)] for index in range(2)) as running:
        (status, out, _), (other, silent, _) = running.ended()
    assert (status, other) == (0, 0)
    assert "tables" not in silent
    assert main(ASKED) == 0
    assert printed(out)["tables"] == json.loads(capsys.readouterr().out)["tables"]


@pytest.mark.slow
def test_four_processes_with_two_devices_each_do_so_too_and_share_bootstraps_and_calibrations(tmp_path):
    address = f"127.0.0.1:{free_port()}"
    with Job(
        ["tests.parallel.work", "2", "of_four", address, "4", str(index), str(tmp_path)] for index in range(4)
    ) as running:
        found = [printed(out) for _, out, _ in running.ended()]
    assert found == [work.everything()] * 4


def test_the_shares_of_a_bootstrap_put_together_are_the_bootstrap(truth):
    fit = lj.fit(lj.laws.CHINCHILLA, lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=40, noise=0.01, key=0))
    source = resample._Drawn(fit, resample.make_plan(fit, seed=(1,)), 13)
    with work.jax.enable_x64(True):
        parts = [resample._refit_some([fit], [source], 8, Team(index, ("a", "b")).share(13)) for index in range(2)]
        (whole,) = resample._refit_some([fit], [source], 8, range(13))
    assert whole.vector.shape == (13, 5)
    for name, array in whole._asdict().items():
        assert work.np.array_equal(work.np.concatenate([getattr(part[0], name) for part in parts]), array), name


def test_every_thing_is_in_the_share_of_one_process():
    shares = [Team(index, tuple("abcde")).share(13) for index in range(5)]
    assert [thing for share in shares for thing in share] == list(range(13))
    assert [len(Team(index, tuple("abc")).share(2)) for index in range(3)] == [0, 1, 1]


def test_arrays_come_back_from_bytes_as_they_were():
    arrays = {"a b": work.np.arange(6.0).reshape(2, 3), "none": work.np.zeros(0, "U1")}
    again = unpacked(packed(arrays))
    assert {name: (array.tolist(), array.dtype) for name, array in again.items()} == {
        name: (array.tolist(), array.dtype) for name, array in arrays.items()
    }


def test_sharing_without_a_job_is_refused():
    with pytest.raises(InputError, match=r"inside `with lawjax\.parallel\.distributed"):
        team_of(True)


def test_joining_after_something_was_computed_is_refused():
    work.jax.devices()
    with (
        pytest.raises(InputError, match="Join them once, before anything is computed"),
        distributed("127.0.0.1:1", 2, 1),
    ):
        pass


def test_who_takes_part_must_be_known(monkeypatch):
    monkeypatch.setattr(work.jax.distributed, "initialize", unknown)
    with pytest.raises(InputError, match=r"coordinator_address should be defined\.\) Give"), distributed():
        pass


def unknown(*_, **__):
    raise ValueError("coordinator_address should be defined.")


def test_naming_processes_without_sharing_is_an_error_of_status_two(capsys):
    assert main([*ASKED, "--num-processes", "2"]) == 2
    assert "--num-processes says who takes part in a job of several processes; add --distributed" in (
        capsys.readouterr().err
    )
