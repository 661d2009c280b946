"""Simulation-based calibration: is the posterior of a law, with its noise and its sampler, the right one?

`calibrate` draws parameters from the priors, simulates responses at a design, samples the posterior of each simulated
data set, and ranks the truth among the draws. Under a right posterior every rank is equally likely.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.inputs import input_columns
from lawjax.data.reading import runs_from_columns
from lawjax.data.runs import Runs
from lawjax.errors import InputError, check_whole, choose
from lawjax.fitting.centring import Centring
from lawjax.inference.model import Target
from lawjax.inference.options import Options, choose_options
from lawjax.laws.base import Law, over_runs
from lawjax.laws.usual import params_at
from lawjax.parallel.processes import team_of
from lawjax.precision import as_key, in_float64
from lawjax.simulation.calibration_result import Calibration
from lawjax.simulation.mistakes import MISTAKES, Experiment, check_mistake, honest
from lawjax.simulation.posteriors import sample_together
from lawjax.simulation.ranked import Quantity, Ranked, ranked_quantities

MOST_REDRAWS = 100
RANKED_AT_A_TIME = 32


class DataSets(NamedTuple):
    """Simulated data sets: truths on the line (data set, dim), responses (data set, run), how many were drawn anew."""

    truths: Any
    responses: Any
    num_redrawn: int


@in_float64
def calibrate(
    law: Law,
    design: Mapping[str, Any] | Runs,
    *,
    noise: str = "student_t",
    residual: str | None = None,
    priors: Mapping[str, Any] | None = None,
    num_data_sets: int = 1000,
    num_ranks: int = 99,
    key: Any = 0,
    quantities: Mapping[str, Quantity] | None = None,
    target: Mapping[str, Any] | None = None,
    budget: float | None = None,
    prob: float = 0.99,
    mistake: str | None = None,
    progress: bool = False,
    distributed: bool = False,
    **model: Any,
) -> Calibration:
    r"""Ranks of the truth among posterior draws, over data sets simulated from the priors.

    With $\theta \sim p(\theta)$, $y \sim p(y \mid \theta)$ and draws $\theta_1, \ldots, \theta_L$ from
    $p(\theta \mid y)$, the rank of any $q(\theta, y)$ among the $q(\theta_l, y)$ is uniform on $0, \ldots, L$. Where
    it is not, the density, the sampler or the priors are not what simulated the data.

    Ranked are every parameter of law and noise, the log-likelihood (which sees mistakes that no parameter shows), a
    prediction beyond the design, the best size at a budget where the law has N and D, and what `quantities` adds. Every
    data set counts: those whose chains failed their gate are reported and ranked all the same, since to leave out hard
    ones would bias the ranks. A response that could not have been observed, because it is not finite or reaches the
    edge of the response's support, is drawn anew with its truth, which is a rule on the data alone and biases nothing.

    Args:
        law: the law.
        design: the inputs of the runs, a dict of arrays or `Runs`, which may have groups and further columns. A
            response in it sets the level of the priors (see `sample`) and nothing else; without one the law in the
            middle of its usual ranges does.
        noise, residual, priors: as for `sample`.
        num_data_sets: how many to simulate.
        num_ranks: how many draws the truth is ranked among, evenly thinned from the chains.
        key: seed; data set i depends on it and on i alone.
        quantities: further numbers to rank by, functions of the law's parameters in natural units, by name.
        target: a run to predict; None means ten times the design's largest value of each scalable input.
        budget: FLOPs of 6 N D for the best size; None means ten times the design's largest.
        prob: probability that a right posterior passes, over all quantities together.
        mistake: "scaled_noise", "shifted_prior", "no_jacobian" or "clustered": a deliberate one, which must be found.
        progress: show a bar on the terminal.
        distributed: share the data sets among the processes joined by `lawjax.parallel.distributed`, each of which
            makes this call and gets the result.
        model: further options of the model, as for `sample`: `effects`, `scale_along`, `trials`, `vary` and others.
    Returns:
        A `Calibration`; its `verdict` says in which way posteriors are off.
    Raises:
        InputError: a wrong option or design, or priors that hardly ever give data that could be observed.
        LostProcessError: a process that shares the work died.
    References:
        Talts et al. 2018, arXiv:1804.06788. Säilynoja, Bürkner and Vehtari 2022, arXiv:2103.10522 (the band). Modrák et
        al. 2023, arXiv:2211.02383 (why the log-likelihood is ranked, and why data may be rejected).
    Example:
        >>> import numpy as np
        >>> import lawjax as lj
        >>> from lawjax.simulation import calibrate
        >>> found = calibrate(lj.laws.POWER_LAW, {"x": np.geomspace(1, 1e4, 12)}, noise="normal", num_data_sets=100)
        >>> found.accepted
        True
    """
    check_whole("num_data_sets", num_data_sets, 20)
    check_whole("num_ranks", num_ranks, 9)
    if not 0 < prob < 1:
        raise InputError(f"`prob` must lie between 0 and 1, got {prob!r}.")
    team = team_of(distributed)
    runs = design_runs(law, design)
    if mistake == "clustered":
        model = {"effects": "none", **model}
    options = _options(law, runs, noise=noise, residual=residual, **model)
    centring = Centring.of(law, runs)
    density = Target.of(law, runs, centring, options, priors)
    ranked = ranked_quantities(law, runs.columns, centring, quantities=quantities, target=target, budget=budget)
    experiment = _experiment(density, mistake, runs.group)
    key_draw, key_first, key_again, key_ties = _streams(as_key(key), num_data_sets)
    data_sets = simulate_data_sets(experiment, key_draw)
    sampled = experiment.target, data_sets.responses, (key_first, key_again)
    found = sample_together(team, *sampled, num_ranks, progress=progress)
    return Calibration(
        law=law,
        model=_words(options),
        ranks=rank_truths(density, ranked, data_sets, found.draws, key_ties),
        num_ranks=num_ranks,
        prob=prob,
        failed=found.failed,
        num_redrawn=data_sets.num_redrawn,
        num_again=found.num_again,
        mistake=mistake,
    )


def _streams(key: Any, num: int) -> list[Any]:
    """Four independent keys for each data set, which depend on its position alone."""
    keys = jax.vmap(lambda index: jax.random.split(jax.random.fold_in(key, index), 4))(jnp.arange(num))
    return [keys[:, stream] for stream in range(4)]


def design_runs(law: Law, design: Mapping[str, Any] | Runs) -> Runs:
    """The design as unweighted runs, with a response of the level that the priors rest on."""
    if isinstance(design, Runs):
        missing = [name for name in law.inputs if name not in design]
        if missing:
            raise InputError(
                f"the design has no column for {missing}; law {law.name!r} has the inputs {list(law.inputs)}."
            )
        runs = dataclasses.replace(design.counted(), weight=None)
    else:
        runs = runs_from_columns(input_columns(law, design))
    if law.response in runs:
        return runs
    middle = np.asarray(over_runs(law, params_at(law, 0.5), {name: runs[name] for name in law.inputs}))
    if not np.all(np.isfinite(middle)):
        raise InputError(
            f"law {law.name!r} is not finite at this design; give it a column `{law.response}` of likely values."
        )
    return dataclasses.replace(runs, columns={**runs.columns, law.response: middle})


def _options(law: Law, runs: Runs, **model: Any) -> Options:
    if model.get("rounding") is not None:
        raise InputError("`rounding` cannot be calibrated: simulated responses are exact. Leave it out.")
    return choose_options(law, runs, **model)


def _words(options: Options) -> str:
    """The model in a few words: what differs from plain normal scatter."""
    chosen = {name: value for name, value in options.to_dict().items() if name not in ("noise", "space")}
    more = [
        f"{name}={dict(value) if isinstance(value, tuple) else value}"
        for name, value in chosen.items()
        if value and value != "none"
    ]
    return ", ".join([f"{options.noise} scatter of {options.space} residuals", *more])


def _experiment(target: Target, mistake: str | None, group: Any) -> Experiment:
    if mistake is None:
        return honest(target)
    make = MISTAKES[choose("mistake", mistake, MISTAKES)]
    check_mistake(target, mistake)
    return make(target, None if group is None else np.asarray(group))


def simulate_data_sets(experiment: Experiment, keys: Any) -> DataSets:
    """A truth and a response per key; those that could not have been observed are drawn anew.

    Raises:
        InputError: some could not be observed in a hundred draws.
    """

    @jax.jit
    def draw(keys: Any, attempt: Any) -> Any:
        return jax.vmap(lambda key: experiment.draw(jax.random.fold_in(key, attempt)))(keys)

    truths, responses = draw(keys, 0)
    num_redrawn = 0
    for attempt in range(1, MOST_REDRAWS):
        bad = ~observable(experiment.target, responses)
        if not np.any(bad):
            return DataSets(truths, responses, num_redrawn)
        num_redrawn += int(np.sum(bad))
        again = draw(keys, attempt)
        truths, responses = (
            jnp.where(bad[:, None], new, old) for new, old in zip(again, (truths, responses), strict=True)
        )
    raise InputError("the priors hardly ever give responses that could be observed; give narrower `priors`.")


def observable(target: Target, responses: Any) -> np.ndarray:
    """Which responses are finite and inside the support of the residual space, shape (data set,)."""
    responses = np.asarray(responses)
    usable = np.isfinite(responses)
    if target.space != "raw" and target.likelihood.trials is None:
        usable &= (responses > 0) & (responses < (1 if target.space == "logit" else np.inf))
    return np.all(usable, axis=1)


def rank_truths(target: Target, ranked: Ranked, data_sets: DataSets, draws: Any, keys: Any) -> dict[str, np.ndarray]:
    """Rank of the truth among the draws, shape (data set, draw, dim), for each quantity, shape (data set,).

    A value that is not a number counts as the largest; equal ones, such as a best size at the end of its grid, fall
    to either side at random.
    """

    def rank(row: Any) -> dict[str, Any]:
        response, truth, drawn, key = row
        values = functools.partial(ranked, dataclasses.replace(target, response=response))
        of_key = functools.partial(_rank, key=key)
        return jax.tree.map(of_key, values(truth), jax.vmap(values)(drawn))

    rows = data_sets.responses, data_sets.truths, jnp.asarray(draws), keys
    ranks = jax.jit(lambda rows: jax.lax.map(rank, rows, batch_size=RANKED_AT_A_TIME))(rows)
    return {name: np.asarray(ranks[name], dtype=np.int64) for name in ranked.order(ranks)}


def _rank(truth: Any, drawn: Any, *, key: Any) -> Any:
    truth, drawn = (jnp.where(jnp.isnan(x), jnp.inf, x) for x in (truth, drawn))
    ties = jnp.sum(drawn == truth)
    return jnp.sum(drawn < truth) + jax.random.randint(key, (), 0, ties + 1)
