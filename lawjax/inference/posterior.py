"""`Posterior`: draws of a law's parameters given runs, with all that is needed to judge them."""

import dataclasses
import functools
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Runs
from lawjax.draws import Draws, Noise
from lawjax.fitting.fit_result import observed_ranges
from lawjax.inference.diagnostics import Diagnostics, diagnose
from lawjax.inference.model import scatter
from lawjax.inference.priors import FREEDOM, SCALE
from lawjax.laws.base import Law, over_draws
from lawjax.precision import in_float64
from lawjax.storage import Record, Stored, law_meta, versions
from lawjax.text import number, table, values
from lawjax.verdict import Verdict


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Posterior(Stored):
    """Draws of a law's parameters given runs.

    Attributes:
        law: the law.
        runs: the runs it was conditioned on.
        params: one float64 array per parameter, natural units, shape (draw,) or (draw, size); chain after chain.
        noise: how single runs scatter: residual space, and scale and degrees of freedom of each draw.
        num_chains: how many chains the draws come from, all of one length.
        stats: what the sampler said of each draw, shape (draw,): energy, potential, acceptance, num_steps,
            diverging, longest_path.
        prior: draws from the prior, natural units, the noise's among them, shape (prior draw, ...).
        verdict: notes on how far the draws may be trusted.
    """

    kind: ClassVar[str] = "posterior"

    law: Law
    runs: Runs
    params: dict[str, np.ndarray]
    noise: Noise
    num_chains: int
    stats: dict[str, np.ndarray]
    prior: dict[str, np.ndarray]
    verdict: Verdict

    def __len__(self) -> int:
        return len(next(iter(self.params.values())))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.params[name]

    @property
    def family(self) -> str:
        """ "student_t" or "normal": how single runs scatter."""
        return "normal" if self.noise.freedom is None else "student_t"

    @property
    def sampled(self) -> dict[str, np.ndarray]:
        """All that was sampled: the law's parameters, then "noise_scale" and "noise_freedom"."""
        noise = {SCALE: self.noise.scale, FREEDOM: self.noise.freedom}
        return {**self.params, **{name: array for name, array in noise.items() if array is not None}}

    def by_chain(self, array: np.ndarray) -> np.ndarray:
        """An array that leads with (draw,) as one that leads with (chain, draw)."""
        return array.reshape(self.num_chains, -1, *array.shape[1:])

    @functools.cached_property
    def draws(self) -> Draws:
        """The draws as `predict`, `allocate` and `sweep` take them."""
        return Draws(
            law=self.law,
            params=self.params,
            noise=self.noise,
            observed=observed_ranges(self.law, self.runs),
            origin=f"posterior (NUTS, {self.family})",
            verdict=self.verdict,
            basis=self.runs.basis,
        )

    @property
    def stderr(self) -> dict[str, np.ndarray]:
        """Posterior standard deviation of each parameter."""
        return self.draws.stderr

    @functools.cached_property
    def diagnostics(self) -> Diagnostics:
        """R-hat, effective sample sizes and Monte Carlo errors of each parameter; divergences and energy."""
        chains = {name: self.by_chain(array) for name, array in self.sampled.items()}
        return diagnose(chains, {name: self.by_chain(array) for name, array in self.stats.items()})

    @functools.cached_property
    def log_likelihood(self) -> np.ndarray:
        """Log density of each run's response under each draw, shape (draw, run).

        It is a density of the response itself, whatever the residual space, so that laws and spaces compare.
        """
        return _log_likelihood(self)

    def to_frame(self) -> Any:
        """One row per draw as a pandas frame: chain, draw, the law's parameters, the noise's."""
        frame = dataclasses.replace(self.draws, params=self.sampled).to_frame()
        chain, draw = np.indices((self.num_chains, len(self) // self.num_chains)).reshape(2, -1)
        frame.insert(0, "chain", chain)
        frame.insert(1, "draw", draw)
        return frame

    def to_arviz(self, key: Any = 0) -> Any:
        """The posterior as ArviZ takes it: `InferenceData` before ArviZ 1.0, a `DataTree` since.

        Groups: posterior, sample_stats, log_likelihood, posterior_predictive, prior, observed_data, constant_data.

        Args:
            key: seed of the posterior predictive draws.
        Raises:
            MissingExtraError: ArviZ is not installed.
        """
        from lawjax.inference.arviz_bridge import to_arviz

        return to_arviz(self, key)

    def to_dict(self) -> dict[str, Any]:
        """Parameters, noise, diagnostics and verdict as plain data, as the command line prints it."""
        everything = dataclasses.replace(self.draws, params=self.sampled).to_dict()["params"]
        return {
            "law": self.law.name,
            "origin": self.draws.origin,
            "residual": self.noise.space,
            "num_chains": self.num_chains,
            "num_draws": len(self),
            "params": {name: everything[name] for name in self.law.params},
            "noise": {name: row for name, row in everything.items() if name not in self.law.params},
            "diagnostics": self.diagnostics.to_dict(),
            **self.runs.basis.to_dict(),
            "versions": versions(),
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A table of mean, standard deviation, 95 % interval, R-hat and effective sample size of each parameter."""
        frame = self.to_frame()
        rows = []
        for label, mixed in self.diagnostics.params.items():
            column = frame[label].to_numpy()
            shown = (column.mean(), column.std(ddof=1), *np.quantile(column, [0.025, 0.975]))
            rows.append([label, *(values(x) for x in shown), f"{mixed['rhat']:.3f}", f"{mixed['ess_bulk']:.0f}"])
        title = f"{self.law.name} given {len(self.runs)} runs, {self.family} scatter of {self.noise.space} residuals"
        found = self.diagnostics
        footer = (
            f"{found.num_chains} chains of {found.num_draws} draws; {found.divergences} diverged; "
            f"{number(float(np.mean(self.stats['num_steps'])), 2)} steps per draw\n{self.verdict}"
        )
        headers = ["parameter", "mean", "sd", "2.5 %", "97.5 %", "R-hat", "ESS"]
        return table(headers, rows, title=title, footer=footer)

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the posterior is made of, its runs included."""
        runs = self.runs.to_record()
        parts = {"runs": runs.arrays, "sampled": self.sampled, "stat": self.stats, "prior": self.prior}
        arrays = {f"{part}.{name}": array for part, held in parts.items() for name, array in held.items()}
        meta = {
            **law_meta(self.law),
            "runs": runs.meta,
            "space": self.noise.space,
            "num_chains": self.num_chains,
            "verdict": self.verdict.to_dict(),
        }
        return Record(meta, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Law | None) -> Self:
        """The posterior that `to_record` described."""
        assert law is not None
        meta = record.meta

        def part(name: str) -> dict[str, np.ndarray]:
            prefix = f"{name}."
            return {k.removeprefix(prefix): v for k, v in record.arrays.items() if k.startswith(prefix)}

        sampled, prior = part("sampled"), part("prior")
        return cls(
            law=law,
            runs=Runs.from_record(Record(meta["runs"], part("runs"))),
            params={name: sampled[name] for name in law.params},
            noise=Noise(space=meta["space"], scale=sampled[SCALE], freedom=sampled.get(FREEDOM)),
            num_chains=meta["num_chains"],
            stats=part("stat"),
            prior=prior,
            verdict=Verdict.from_dict(meta["verdict"]),
        )


@in_float64
def _log_likelihood(posterior: Posterior) -> np.ndarray:
    noise, response = posterior.noise, np.asarray(posterior.runs[posterior.law.response], dtype=np.float64)
    predicted = over_draws(posterior.law, posterior.params, posterior.runs.columns)
    assert noise.scale is not None
    freedom = None if noise.freedom is None else noise.freedom[:, None]
    scattered = scatter(noise.space, predicted, noise.scale[:, None], freedom)
    return np.asarray(scattered.log_prob(response[None]))
