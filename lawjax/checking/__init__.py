"""Checks of a law: against other laws, and against runs it has not seen."""

from lawjax.checking.backtest import Backtest, backtest
from lawjax.checking.compare import Comparison, compare

__all__ = ["Backtest", "Comparison", "backtest", "compare"]
