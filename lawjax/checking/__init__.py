"""Checks of a law: against other laws, and against runs it has not seen."""

from lawjax.checking.backtested import Backtest
from lawjax.checking.comparison import Comparison, compare
from lawjax.checking.rolling import backtest

__all__ = ["Backtest", "Comparison", "backtest", "compare"]
