"""What is forecast of villages: that their lights get worse; and, apart from it, that what was cleared comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.early_warning.casework import HALF_YEAR_MONTHS
from models.risk.label import worsens
from models.risk.panel import Floats, Panel

if TYPE_CHECKING:
    from models.policy.early_warning import EarlyWarningPolicy


def gets_worse(panel: Panel, policy: EarlyWarningPolicy) -> Floats:
    """``(V, T)``, as ``models.risk.worsens`` has it, by what the policy calls worse."""
    return worsens(panel, policy.horizon_months, policy.worse_by)


def comes_back(panel: Panel) -> Floats:
    """``(V, T)``: of villages that had a case cleared within the half year before, 1 where one comes back within the
    half year after, by what was known at its end. NaN for others, and where it is not over yet."""
    came_back, cleared = panel.context["cases.came_back"], panel.context["cases.cleared_lately"]
    found = np.full(came_back.shape, np.nan, np.float32)
    later = came_back[:, HALF_YEAR_MONTHS:]
    found[:, : later.shape[1]] = np.where(cleared[:, : later.shape[1]] > 0, later > 0, np.nan)
    return found
