"""Forecasts: what runs beyond those at hand will give, by several laws, with bands that were tried on the past."""

from lawjax.forecasting.forecasting import forecast, forecast_each
from lawjax.forecasting.result import Forecast, Forecasts

__all__ = ["Forecast", "Forecasts", "forecast", "forecast_each"]
