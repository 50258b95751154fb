"""Informants (mission 5), by alias: who holds an appointment (``terms``), which natural villages nobody covers
(``coverage``), and what is paid for a month (``allowance``). Pure functions of the events known."""

from models.informants.allowance import AllowanceRow, Attended, allowances
from models.informants.coverage import (
    Covered,
    VillageCoverage,
    appointment_fault,
    blind_spots,
    coverage,
    settlements_of,
)
from models.informants.terms import Term, on_duty, serving, terms_of

__all__ = [
    "AllowanceRow",
    "Attended",
    "Covered",
    "Term",
    "VillageCoverage",
    "allowances",
    "appointment_fault",
    "blind_spots",
    "coverage",
    "on_duty",
    "serving",
    "settlements_of",
    "terms_of",
]
