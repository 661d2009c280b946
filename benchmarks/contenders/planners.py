"""Published ways to allocate a budget, in a process of their own, which may run another Python than lawjax.

`python -m contenders.planners NAME` reads a job as JSON and prints solves, seconds and sizes as JSON.
"""

import json
import sys
import warnings
from typing import Any

import numpy as np
from harness import seconds

Answer = dict[str, Any]


def chinchilla(budgets: list[float], params: dict[str, list[float]], **_: Any) -> Answer:
    """Its closed form: one set of parameters, every budget, 6 N D alone, no interval."""
    from chinchilla import Chinchilla

    point = {name: values[0] for name, values in params.items()}
    point = {"E": point["E"], "A": point["A"], "B": point["B"], "alpha": point["alpha"], "beta": point["beta"]}
    amounts = np.geomspace(budgets[0], budgets[-1], len(budgets) * len(params["E"]))
    found: list[Any] = []
    cold, warm = seconds(lambda: found.append(Chinchilla.allocate_compute(amounts, point)))
    sizes = np.asarray(found[-1][0])
    return dict(
        solves=len(amounts), cold=cold, warm=warm, sizes=sizes[[0, -1]].tolist(), amounts=amounts[[0, -1]].tolist()
    )


def simple_scaling_laws(budgets: list[float], runs: dict[str, list[float]], num_draws: int, **_: Any) -> Answer:
    """`optimal_allocation` of its own fit's draws: 6 N D as a power cost, quantiles over draws."""
    import polars as pl
    from simple_scaling_laws import cost_model, fit

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
    cold, warm = seconds(lambda: model.optimal_allocation(budgets, cost), repeats=2)
    return dict(solves=len(budgets) * num_draws, cold=cold, warm=warm)


RIVALS = dict(chinchilla=chinchilla, simple_scaling_laws=simple_scaling_laws)


def main() -> None:
    """Read a job, run it, print its answer as the last line."""
    warnings.simplefilter("ignore")
    try:
        answer = RIVALS[sys.argv[1]](**json.load(sys.stdin))
    except ModuleNotFoundError as error:
        answer = dict(missing=error.name)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
