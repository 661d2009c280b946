"""Public data sets: what tidying gives, and what can go wrong on the way here."""

import errno
import functools
import http.server
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

import lawjax as lj
from lawjax.data.runs import Runs
from lawjax.datasets import PUBLIC, fetch
from lawjax.errors import InputError


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in ("LAWJAX_DATA_DIR", "LAWJAX_DATA_URL", "LAWJAX_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def offline(shared_originals, monkeypatch):
    monkeypatch.setenv("LAWJAX_DATA_DIR", str(shared_originals))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        self.server.asked.append(self.path)


@pytest.fixture
def serve(monkeypatch):
    """Serve a folder on loopback as the mirror; the list of what is asked for."""
    servers = []

    def start(folder):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        monkeypatch.setenv("LAWJAX_DATA_URL", f"http://127.0.0.1:{server.server_port}/")
        return server.asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def read_text(path):
    """A table with its cells as text, so that Python's own `float` reads the reference."""
    return pd.read_csv(path, dtype=str)


TIDY = {
    "hoffmann2022": (
        "hoffmann_epoch/chinchilla_fig4.csv",
        {"N": "params", "D": "tokens", "C": "flops", "loss": "loss", "used_in_published_fit": "used_in_published_fit"},
    ),
    "kyo_takano": (
        "kyo_takano_chinchilla/chinchilla_runs.csv",
        {"N": "params", "D": "tokens", "C": "flops", "loss": "loss"},
    ),
    "vocabulary": (
        "vocabulary/exp_data.csv",
        {
            "V": "vocab_size",
            "H": "characters",
            "N_nv": "params_nonvocab",
            "C": "flops",
            "loss": "loss_unigram_normalized",
            "embed_dim": "embed_dim",
        },
    ),
    "steplaw": (
        "steplaw/dense_lr_bs_loss.csv",
        {
            "N": "params_non_embedding",
            "D": "tokens",
            "loss": "loss",
            "lr": "peak_lr",
            "d_model": "d_model",
            "d_ffn": "d_ffn",
            "num_heads": "n_heads",
            "num_layers": "n_layers",
            "batch": "batch_sequences",
            "steps": "train_iters",
            "smooth_loss": "smooth_loss",
        },
    ),
}


@pytest.mark.parametrize("name", TIDY)
def test_tidying_gives_the_columns_of_the_reference_table(name, offline, shared_data):
    path, theirs = TIDY[name]
    reference = read_text(shared_data / path)
    runs = fetch(name)
    assert list(runs.columns) == list(theirs)
    for ours, column in theirs.items():
        np.testing.assert_array_equal(runs[ours], reference[column].map(float), err_msg=ours)


def test_the_llama_points_are_the_digitised_ones(offline, shared_data):
    reference = read_text(shared_data / "llama3_isoflop" / "isoflops.csv")
    raw = reference[reference.condition == "raw_loss"]
    runs = fetch("llama3_isoflop")
    for ours, column in {"N": "params", "D": "tokens", "C": "budget", "loss": "loss"}.items():
        np.testing.assert_array_equal(runs[ours], raw[column].map(float), err_msg=ours)
    assert runs.rows_dropped == 133
    np.testing.assert_allclose(runs["N"] * runs["D"] * 6, runs["C"], rtol=1e-12)


def test_the_fine_tuning_curves_are_one_group_each(offline, shared_data):
    reference = read_text(shared_data / "rectified_sft" / "finetuning_losses.csv")
    columns = [reference[name].map(float) for name in ("params", "finetune_samples", "test_loss")]
    runs = fetch("rectified_sft")
    curves = np.array(runs.origin.group_labels)[runs.group]
    assert runs.num_groups == 90
    assert set(zip(curves, runs["N"], runs["D"], runs["loss"])) == set(
        zip(reference["dataset"] + "/" + reference["model"], *columns)
    )
    assert len(runs) == len(reference)


def test_the_published_fit_used_240_of_hoffmanns_runs(offline):
    assert fetch("hoffmann2022")["used_in_published_fit"].sum() == 240


@pytest.mark.parametrize("name", PUBLIC)
def test_a_data_set_is_downloaded_once_and_then_read_from_the_cache(name, serve, shared_originals, tmp_path):
    asked = serve(shared_originals)
    first = fetch(name, cache=tmp_path)
    assert len(asked) == len(PUBLIC[name].files)
    second = fetch(name, cache=tmp_path)
    assert len(asked) == len(PUBLIC[name].files)
    assert isinstance(first, Runs)
    assert first.origin.source == name
    assert first.sha256 == second.sha256


def test_a_damaged_file_in_the_cache_is_downloaded_anew(serve, shared_originals, tmp_path, monkeypatch):
    monkeypatch.setenv("LAWJAX_CACHE", str(tmp_path))
    asked = serve(shared_originals)
    first = fetch("kyo_takano")
    kept = tmp_path / "kyo-takano/chinchilla" / PUBLIC["kyo_takano"].commit / "examples/llm/df.csv"
    assert kept.stat().st_size > 0
    kept.write_bytes(b"")
    assert fetch("kyo_takano").sha256 == first.sha256
    assert len(asked) == 2


@pytest.fixture
def forged(tmp_path):
    """A folder with another file where kyo_takano's should be."""
    path = tmp_path / "mirror" / "kyo-takano/chinchilla/examples/llm/df.csv"
    path.parent.mkdir(parents=True)
    path.write_text("C,N,D,loss\n1,2,3,4\n")
    return tmp_path / "mirror"


def test_a_download_with_a_wrong_checksum_is_refused_and_not_kept(serve, forged, tmp_path):
    serve(forged)
    expected = PUBLIC["kyo_takano"].files["examples/llm/df.csv"]
    with pytest.raises(
        InputError, match=f"is not the file that is meant.*expected sha256:{expected} but got [0-9a-f]{{64}}"
    ):
        fetch("kyo_takano", cache=tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_a_folder_with_a_wrong_file_is_refused(forged, monkeypatch):
    monkeypatch.setenv("LAWJAX_DATA_DIR", str(forged))
    with pytest.raises(InputError, match=r"is not the file that is meant: expected sha256 2ed2c4\w+, got \w{64}"):
        fetch("kyo_takano")


def test_a_folder_without_the_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("LAWJAX_DATA_DIR", str(tmp_path))
    with pytest.raises(InputError, match=r"LAWJAX_DATA_DIR is set, but .*df.csv' cannot be read \(No such file"):
        fetch("kyo_takano")


def test_a_file_that_the_server_lacks_is_an_error_with_its_status(serve, tmp_path):
    (tmp_path / "mirror").mkdir()
    serve(tmp_path / "mirror")
    with pytest.raises(InputError, match=r"the server refuses the download \(404 .*set LAWJAX_DATA_DIR to it"):
        fetch("kyo_takano", cache=tmp_path / "cache")


def test_no_network_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setenv("LAWJAX_DATA_URL", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"cannot reach http://127.0.0.1:9/.*ConnectionError.*Is there a network\?"):
        fetch("kyo_takano", cache=tmp_path)


def test_a_cache_that_is_a_file_is_refused(serve, forged, tmp_path):
    serve(forged)
    (tmp_path / "cache").write_text("")
    with pytest.raises(InputError, match=r"cannot keep the download in .*Set LAWJAX_CACHE to a folder that can be"):
        fetch("kyo_takano", cache=tmp_path / "cache")


def test_a_full_disk_is_said_so(monkeypatch, tmp_path):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pooch.retrieve", full)
    with pytest.raises(InputError, match=r"the disk is full. Free some space"):
        fetch("kyo_takano", cache=tmp_path)


def test_the_default_address_is_the_authors_commit(monkeypatch, tmp_path):
    asked = []

    def retrieve(url, *args, **kwargs):
        asked.append(url)
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pooch.retrieve", retrieve)
    with pytest.raises(InputError, match="Permission denied"):
        fetch("kyo_takano", cache=tmp_path)
    commit = "75e5858f6e7c5b60d1fab69f66258132347b060c"
    assert asked == [f"https://raw.githubusercontent.com/kyo-takano/chinchilla/{commit}/examples/llm/df.csv"]


def test_a_bundled_name_says_that_it_needs_no_download():
    with pytest.raises(InputError, match="'bytelm' comes with lawjax and needs no download"):
        fetch("bytelm")


def test_an_unknown_name_is_refused():
    with pytest.raises(InputError, match=r"unknown public data set 'hoffman'. Choose one of .hoffmann2022."):
        fetch("hoffman")


@pytest.mark.parametrize("data", PUBLIC.values(), ids=list(PUBLIC))
def test_every_record_pins_commit_and_checksums_and_states_a_licence(data):
    assert len(data.commit) == 40
    assert all(len(sha256) == 64 for sha256 in data.files.values())
    assert data.licence in ("Apache-2.0", "none stated")


def test_importing_the_room_loads_no_network_library_and_no_pandas():
    code = (
        "import sys, lawjax.datasets, lawjax.data; print({'pooch', 'requests', 'pandas', 'polars'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_room_is_reached_from_the_top():
    assert lj.datasets.fetch is fetch
