"""Other packages that choose the next runs, in a process of their own, which may run another Python than lawjax.

`python -m contenders.suggesters NAME` reads a job as JSON and prints seconds and sizes as JSON.
"""

import json
import subprocess
import sys
import warnings
from typing import Any

from harness import seconds

from contenders.ask import BENCHMARKS, MOST_SECONDS, interpreter

Answer = dict[str, Any]
POINTS = 25


def simple_scaling_laws(
    runs: dict[str, list[float]], num_draws: int, num_candidates: int, num_runs: int, target: float
) -> Answer:
    """`suggest_runs` on its own fit's draws, candidates along isoFLOP lines."""
    import numpy as np
    import polars as pl
    from simple_scaling_laws import cost_model, fit
    from simple_scaling_laws.design import suggest_runs

    table = pl.DataFrame(
        {
            "training_run_id": [f"run {i}" for i in range(len(runs["N"]))],
            "model_size__N": runs["N"],
            "dataset_size__D": runs["D"],
            "test_loss__nats": runs["loss"],
        }
    )
    model = fit(table, law="separable-power", n_draws=num_draws)
    cost = cost_model("power", k=6.0, a=1.0, b=1.0)
    lines = np.geomspace(1e17, target / 100, num_candidates // POINTS).tolist()
    choose = lambda: suggest_runs(model, [target], cost, n=num_runs, candidate_budgets=lines, points=POINTS)
    cold, warm = seconds(choose, repeats=3)
    return dict(cold=cold, warm=warm, num_draws=num_draws, num_candidates=len(lines) * POINTS)


RIVALS = dict(simple_scaling_laws=simple_scaling_laws)


def ask(rival: str, **job: Any) -> Answer:
    """What a package answered; empty where it is not installed or failed."""
    done = subprocess.run(
        [interpreter(), "-m", "contenders.suggesters", rival],
        input=json.dumps(job), capture_output=True, text=True, cwd=BENCHMARKS, timeout=MOST_SECONDS,
    )  # fmt: skip
    if done.returncode:
        print(f"{rival}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return {}
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Read a job, run it, print its answer as the last line."""
    warnings.simplefilter("ignore")
    try:
        answer = RIVALS[sys.argv[1]](**json.load(sys.stdin))
    except ModuleNotFoundError:
        answer = {}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
