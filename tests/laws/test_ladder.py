"""The two steps of the OLMo ladder: losses from size and tokens, scores from losses, and both chained."""

import csv

import numpy as np
import pytest

import lawjax as lj

SIZES = ("190M", "370M", "760M", "1B")
LENGTHS = ("1xC", "2xC", "5xC", "10xC")
TARGET = {"N": 13202396160.0, "D": 5000088518656.0}
TASKS = {
    "hellaswag": "hellaswag_val_5shot",
    "arc_challenge": "arc_challenge_test_5shot",
    "piqa": "piqa_val_5shot",
    "csqa": "csqa_val_5shot",
    "socialiqa": "socialiqa_val_5shot",
    "openbookqa": "openbookqa_test_5shot",
    "arc_easy": "arc_easy_test_5shot",
    "mmlu": "mmlu_avg_test_5shot",
}


def averaged(values, window=5):
    """Mean of each checkpoint and up to four before it, as the source smooths them."""
    return np.array([values[max(0, i - window + 1) : i + 1].mean() for i in range(len(values))])


@pytest.fixture(scope="module")
def ladder(shared_data):
    """Every run of the ladder as columns in the order of its checkpoints."""
    with open(shared_data / "olmo_ladder" / "ladder_runs.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in ("model", "run")]
    runs = {}
    for row in rows:
        runs.setdefault((row["model"], row["run"]), []).append([float(row[name] or "nan") for name in names])
    return {key: dict(zip(names, np.array(table).T, strict=True)) for key, table in runs.items()}


@pytest.fixture(scope="module")
def published(shared_data):
    """What the source predicts for the 13B model, by experiment and task."""
    with open(shared_data / "olmo_ladder" / "published_predictions.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["target_model"] == "13B-5T"]
    return {(row["experiment"], row["task"]): float(row["predicted"]) for row in rows}


def loss_fit(ladder, task):
    """Step 1: the loss of each run's end, the mean of its last five checkpoints."""
    ends = [ladder[size, length] for size in SIZES for length in LENGTHS]
    runs = lj.Runs.from_columns(
        N=[end["params"][-1] for end in ends],
        D=[end["tokens"][-1] for end in ends],
        loss=[end[f"{task}_bpb"][-5:].mean() for end in ends],
    )
    return lj.fit(lj.laws.CHINCHILLA, runs)


def score_fit(ladder, task):
    """Step 2: every checkpoint but the first tenth of a run, and one point with no loss and a full score."""
    losses, scores = [1e-9], [1.0]
    for size in SIZES:
        for length in LENGTHS:
            run = ladder[size, length]
            skip = int(np.ceil(0.1 * len(run["step"])))
            losses += list(averaged(run[f"{task}_bpb"][skip:]))
            scores += list(averaged(run[f"{task}_acc"][skip:]))
    runs = lj.Runs.from_columns(L=losses, score=scores)
    return lj.fit(lj.laws.LOSS_TO_SCORE, runs, loss="squared", residual="raw", num_starts=8)


@pytest.mark.parametrize("task", TASKS)
def test_the_chain_predicts_the_scores_that_the_ladder_published(ladder, published, task):
    link = score_fit(ladder, task).params
    chain = lj.decisions.chained(loss_fit(ladder, task).point, link)
    chained = float(lj.predict(chain, TARGET).median[0])
    own_loss = averaged(ladder["13B-5T", ""][f"{task}_bpb"])[-1]
    direct = float(lj.laws.LOSS_TO_SCORE(own_loss, **link))
    assert direct == pytest.approx(published["step2_main", TASKS[task]], abs=1e-5)
    assert chained == pytest.approx(published["chained_main", TASKS[task]], abs=1e-5)


def test_the_chain_carries_the_doubt_of_both_steps(ladder):
    losses, scores = loss_fit(ladder, "hellaswag"), score_fit(ladder, "hellaswag")
    both = lj.predict(lj.decisions.chained(losses, scores), TARGET)
    last = lj.predict(lj.decisions.chained(losses.point, scores), TARGET)
    assert both.high[0] - both.low[0] > 2 * (last.high[0] - last.low[0]) > 0
