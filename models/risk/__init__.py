"""Which units are likely to get worse (mission 14): any long panel of indicators in, probabilities out.

``panel`` makes arrays of a table and ``periods`` counts its steps, ``label`` says what is forecast, ``features`` what
is known from the past, ``rules`` and ``learners`` compete, ``forecasting`` chooses among them on what none was shown.
Nothing here knows villages.
"""

from models.risk.forecasting import Forecast, forecast, forecast_of
from models.risk.label import label_series, worsens
from models.risk.panel import Panel, panel_of
from models.risk.periods import PanelError

__all__ = ["Forecast", "Panel", "PanelError", "forecast", "forecast_of", "label_series", "panel_of", "worsens"]
