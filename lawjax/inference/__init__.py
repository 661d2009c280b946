"""Posteriors: priors from the law's usual ranges, a sampler that knows the shape of the posterior, and a verdict."""

from lawjax.inference.posterior import Posterior
from lawjax.inference.sampling import sample

__all__ = ["Posterior", "sample"]
