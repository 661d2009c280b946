"""How forecasts are made, and what one is before it is told."""

from typing import Any, NamedTuple

import numpy as np

from lawjax.checking.outlook import Outlook
from lawjax.forecasting.result import Forecast


class Options(NamedTuple):
    """How forecasts are made, as for `forecast`."""

    along: str | None
    kind: str
    prob: float
    noise: str
    recency: float
    average: str
    drift: float
    widen: bool
    key: Any


class Answer(NamedTuple):
    """A forecast, with the mixture of laws that it tells of.

    Attributes:
        forecast: the forecast.
        mixed: draws of the mixture at the targets.
        widening: of its band, shape (row,).
    """

    forecast: Forecast
    mixed: Outlook
    widening: np.ndarray
