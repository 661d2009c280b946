import dataclasses
import math
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from lawjax.errors import InputError
from lawjax.simulation import ledger, study
from lawjax.simulation.corpus import load_corpus
from lawjax.simulation.recipe import RECIPE, learning_rates, plan_run
from lawjax.simulation.training import main, train, train_all, training_batches, validation_windows
from lawjax.simulation.transformer import (
    Transformer,
    TransformerConfig,
    count_all_params,
    count_params,
    flops_per_token,
)

TINY = TransformerConfig(d_model=8, num_layers=1, num_heads=1)
SESSION = {"date": "2026-01-01"}


@pytest.fixture(scope="module")
def corpus():
    return load_corpus()


@pytest.fixture
def row():
    texts = {"run": "d8-l1-t0.02M-s0", "device": "cpu"}
    return {name: texts.get(name, kind(7)) for name, kind in ledger.COLUMNS.items()}


def initial_model(config):
    return Transformer(config, rngs=nnx.Rngs(0))


def unigram_entropy(text):
    share = np.bincount(np.frombuffer(text, np.uint8)) / len(text)
    return -sum(p * math.log(p) for p in share if p > 0)


def make_sources(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return load_corpus(root, min_held_out=0)


def test_the_corpus_is_the_same_each_time_it_is_read(corpus):
    assert load_corpus() == corpus


def test_no_file_is_both_trained_on_and_held_out(corpus):
    assert not set(corpus.train_files) & set(corpus.held_out_files)


def test_enough_is_held_out_and_validated_on(corpus):
    assert len(corpus.held_out) >= 500_000
    assert validation_windows(corpus.held_out, context=128)[:, 1:].size == 262_144


def test_a_file_stays_on_its_side_of_the_split_when_others_come(tmp_path):
    files = {f"module_{number}.py": f"x = {number}\n" for number in range(50)}
    before = make_sources(tmp_path, files)
    after = make_sources(tmp_path, {f"later_{number}.py": "" for number in range(50)})
    assert set(before.held_out_files) <= set(after.held_out_files)
    assert set(before.train_files) <= set(after.train_files)


def test_tests_and_installed_packages_are_left_out(tmp_path):
    corpus = make_sources(
        tmp_path, {"a.py": "a", "test/b.py": "b", "site-packages/c/d.py": "d", "json/tests/e.py": "e", "notes.txt": ""}
    )
    assert corpus.train_files + corpus.held_out_files == ("a.py",)


def test_a_corpus_that_holds_out_too_little_is_refused(tmp_path):
    make_sources(tmp_path, {"a.py": "a"})
    with pytest.raises(InputError, match="fewer than 500000"):
        load_corpus(tmp_path)


@pytest.mark.parametrize("width", study.WIDTHS)
def test_the_counted_parameters_are_those_of_the_model(width):
    config = TransformerConfig.of_width(width)
    params = jax.eval_shape(lambda: nnx.state(initial_model(config), nnx.Param))
    sizes = [leaf.size for leaf in jax.tree.leaves(params)]
    assert sum(sizes) == count_all_params(config)
    assert sum(sizes) - config.vocab * width == count_params(config)


def test_flops_are_three_forward_passes_of_matrix_multiplies():
    config = TransformerConfig.of_width(64)
    weights = count_all_params(config) - (2 * config.num_layers + 1) * config.d_model
    scores = 4 * config.num_layers * config.context * config.d_model
    assert flops_per_token(config) == 3 * (2 * weights + scores)


def test_a_later_byte_does_not_change_earlier_logits():
    model = initial_model(TransformerConfig.of_width(16))
    tokens = jnp.arange(20)[None, :]
    before, after = model(tokens), model(tokens.at[0, 12].set(200))
    assert jnp.array_equal(before[0, :12], after[0, :12])
    assert not jnp.allclose(before[0, 12:], after[0, 12:])


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(InputError, match="even multiple of `num_heads`"):
        TransformerConfig(d_model=10, num_layers=1, num_heads=3)


@pytest.mark.parametrize("tokens", [60_000, 300_000, 9_600_000])
def test_the_learning_rate_peaks_after_warm_up_and_ends_at_the_runs_own_horizon(tokens):
    run = plan_run(TINY, tokens)
    rates = learning_rates(run)
    assert rates.shape == (run.steps,)
    assert abs(int(rates.argmax()) - run.warmup_steps) <= 1
    assert rates.max() == pytest.approx(run.lr, rel=0.02)
    assert 0 < rates[-1] < 1e-3 * run.lr


def test_the_rule_lowers_the_rate_with_size_and_raises_the_batch_with_tokens():
    assert RECIPE.peak_lr(10**6, 10**6) < RECIPE.peak_lr(10**4, 10**6)
    batches = [RECIPE.batch_sequences(tokens) for tokens in study.TOKENS]
    assert batches == sorted(batches)
    assert batches[0] < batches[-1]


def test_the_rule_is_recovered_from_rates_whose_best_follows_it():
    lr, a, b = 0.01, 0.2, 0.1
    rows = [
        {"params": N, "tokens": D, "lr": rate, "loss": math.log(rate / (lr * (N / 1e5) ** -a * (D / 1e6) ** -b)) ** 2}
        for N in (1e4, 1e5, 1e6)
        for D in (3e5, 3e6)
        for rate in study.TUNING_RATES
    ]
    assert study.fit_lr_rule(rows) == pytest.approx((lr, a, b))


def test_the_study_crosses_sizes_and_tokens_and_repeats_seeds():
    runs = study.plan_study()
    assert len({run.name for run in runs}) == len(runs) >= 60
    assert max(run.flops for run in runs) <= study.MAX_FLOPS
    repeated = {(run.config, run.target_tokens) for run in runs if run.seed == 2}
    assert {(run.config, run.target_tokens) for run in runs} > repeated
    assert len(repeated) >= 6
    sizes = [count_params(run.config) for run in runs]
    assert math.log10(max(sizes) / min(sizes)) > 2.5


def test_no_training_byte_is_seen_twice_in_one_epoch():
    run = plan_run(TINY, 300_000)
    text = np.arange(run.tokens + 1, dtype=np.uint32).astype(np.uint8).tobytes()
    seen = np.concatenate(list(training_batches(run, text)))[:, :-1]
    assert sorted(seen.ravel()) == sorted(np.frombuffer(text, np.uint8)[:-1])


def test_a_run_longer_than_the_corpus_sees_every_byte_again_in_another_order():
    run = plan_run(TINY, 300_000)
    windows = run.steps * run.sequences // 3
    text = np.arange(windows * TINY.context + 1, dtype=np.uint32).astype(np.uint8).tobytes()
    seen = np.concatenate(list(training_batches(run, text)))[: 2 * windows]
    first, second = seen[:windows], seen[windows:]
    assert sorted(map(bytes, first)) == sorted(map(bytes, second))
    assert not np.array_equal(first, second)


def test_a_corpus_shorter_than_one_window_is_refused():
    with pytest.raises(InputError, match="fewer than one window"):
        next(training_batches(plan_run(TINY, 300_000), b"short"))


def test_a_short_real_run_beats_uniform_and_unigram_guessing_and_its_seed_decides_it(corpus):
    run = plan_run(TINY, 60_000)
    loss, again, other = (train(each, corpus) for each in (run, run, dataclasses.replace(run, seed=1)))
    assert loss < unigram_entropy(corpus.held_out) < math.log(256)
    assert loss == again != other


def test_finished_runs_are_written_once_and_skipped_on_restart(tmp_path, corpus, capsys):
    runs, path = [plan_run(TINY, 20_000)], tmp_path / "runs.csv"
    train_all(runs, path, corpus=corpus)
    written = path.read_bytes()
    train_all(runs, path, corpus=corpus)
    assert path.read_bytes() == written
    assert "0 runs to train, 1 already done" in capsys.readouterr().out
    (row,) = ledger.read(path)
    assert (row["run"], row["params"], row["tokens"]) == (runs[0].name, count_params(TINY), runs[0].tokens)


def test_a_table_of_another_corpus_is_refused(tmp_path, corpus):
    runs, path = [plan_run(TINY, 20_000)], tmp_path / "runs.csv"
    ledger.open_ledger(path, {"corpus": "another"}, SESSION)
    with pytest.raises(InputError, match="`corpus`, `architecture`, `context`, `recipe` changed"):
        train_all(runs, path, corpus=corpus)


def test_runs_of_two_recipes_are_refused_in_one_table(tmp_path, corpus):
    other = dataclasses.replace(RECIPE, lr=1.0)
    with pytest.raises(InputError, match="one recipe, got 1 and 2"):
        train_all([plan_run(TINY, 20_000), plan_run(TINY, 20_000, recipe=other)], tmp_path / "runs.csv", corpus=corpus)


def test_half_a_last_line_is_dropped_with_a_warning(tmp_path, row):
    path = tmp_path / "runs.csv"
    ledger.open_ledger(path, {}, SESSION)
    ledger.append(path, row)
    whole = path.read_bytes()
    path.write_bytes(whole + b"d8-l1-t0.04M-s0,12")
    with pytest.warns(UserWarning, match="half a line"):
        rows = ledger.open_ledger(path, {}, SESSION)
    assert rows == [row]
    assert path.read_bytes() == whole


def test_a_short_line_within_the_table_is_refused(tmp_path, row):
    path = tmp_path / "runs.csv"
    ledger.open_ledger(path, {}, SESSION)
    with open(path, "a") as file:
        file.write("d8-l1-t0.04M-s0,12\n")
    ledger.append(path, row)
    with pytest.raises(InputError, match=r"line 2 of runs\.csv is not a full run"):
        ledger.open_ledger(path, {}, SESSION)


def test_a_table_without_provenance_or_with_other_columns_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("N,D,loss\n")
    with pytest.raises(InputError, match=r"no runs\.provenance\.json beside it"):
        ledger.open_ledger(path, {}, SESSION)
    with pytest.raises(InputError, match="expected the header run,params"):
        ledger.read(path)


def test_every_start_is_recorded_beside_the_table(tmp_path):
    path = tmp_path / "runs.csv"
    ledger.open_ledger(path, {"recipe": 1}, {"date": "first"})
    ledger.open_ledger(path, {"recipe": 1}, {"date": "second"})
    text = (tmp_path / "runs.provenance.json").read_text()
    assert text.index('"first"') < text.index('"second"')


def test_floats_are_written_so_that_they_read_back_the_same(tmp_path, row):
    path = tmp_path / "runs.csv"
    ledger.open_ledger(path, {}, SESSION)
    ledger.append(path, {**row, "loss": 0.1 + 0.2, "lr": math.nan})
    (back,) = ledger.read(path)
    assert back["loss"] == 0.1 + 0.2
    assert math.isnan(back["lr"])


def test_the_command_line_explains_itself(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "--max-flops" in capsys.readouterr().out


def test_importing_the_room_loads_no_flax_and_starts_no_backend():
    code = (
        "import sys, lawjax.simulation, jax; assert 'flax' not in sys.modules; "
        "jax.config.update('jax_num_cpu_devices', 2); assert jax.device_count() == 2"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
