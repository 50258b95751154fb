"""Figures of a benchmark: one form for all, so that any two runs can be compared by a program."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A measured value beside its reference of the same run.

    ``ratio`` is value over reference; ``goal`` says in words what is asked, ``met`` whether it is. A figure without a
    reference has an absolute goal; one without a goal is shown for what it is.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    goal: str | None = None
    met: bool | None = None


def share(name: str, value: float, unit: str, reference: float, ratio_max: float) -> Figure:
    """A figure whose goal is a share of its reference."""
    ratio = value / reference
    return Figure(
        name=name,
        value=round(value, 4),
        unit=unit,
        reference=round(reference, 4),
        ratio=round(ratio, 4),
        goal=f"ratio <= {ratio_max:g}",
        met=ratio <= ratio_max,
    )


def limit(name: str, value: float, unit: str, value_max: float) -> Figure:
    """A figure whose goal is an absolute limit."""
    return Figure(name=name, value=round(value, 4), unit=unit, goal=f"<= {value_max:g} {unit}", met=value <= value_max)


def at_least(name: str, value: float, unit: str, value_min: float) -> Figure:
    """A figure whose goal is an absolute minimum."""
    return Figure(name=name, value=round(value, 4), unit=unit, goal=f">= {value_min:g} {unit}", met=value >= value_min)


def times_faster(name: str, value: float, unit: str, reference: float) -> Figure:
    """A figure beside what the plain way takes; it has no goal of its own."""
    return Figure(
        name=name, value=round(value, 4), unit=unit, reference=round(reference, 4), ratio=round(value / reference, 4)
    )


def figures_text(figures: Sequence[Figure], as_json: bool) -> str:
    """Figures as a JSON list or as lines for people."""
    if as_json:
        return msgspec.json.format(msgspec.json.encode(figures)).decode()
    return "\n".join(map(_line, figures))


def _line(figure: Figure) -> str:
    mark = {True: "✓", False: "✗", None: " "}[figure.met]
    against = f" of {figure.reference:g} {figure.unit} = {figure.ratio:.1%}" if figure.reference else ""
    return f"{mark} {figure.name}: {figure.value:g} {figure.unit}{against}  {figure.goal or ''}".rstrip()
