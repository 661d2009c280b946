"""Classical estimators of scaling exponents: lines in logarithms, isoFLOP minima, the envelope of training curves.

They fit no law of size and tokens, so they are the plain reference that a parametric fit is compared with.
"""

from lawjax.classical.envelope import Envelope, envelope
from lawjax.classical.estimate import Estimate
from lawjax.classical.isoflop import isoflop
from lawjax.classical.isoflop_result import BudgetCurve, IsoFlop
from lawjax.classical.power import PowerLaw, log_log

__all__ = ["BudgetCurve", "Envelope", "Estimate", "IsoFlop", "PowerLaw", "envelope", "isoflop", "log_log"]
