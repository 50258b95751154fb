"""What is written beside what a person decided: a decided evaluation stands for ever, and what is computed otherwise
afterwards is another version of it, under an id of its own, which says what changed."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from models.documents import Change, Decision, Evaluation, Summary

if TYPE_CHECKING:
    from models.documents import Grade

Decided = TypeVar("Decided", Evaluation, Summary)
Version = TypeVar("Version", bound=Evaluation | Summary)
#: Not what was found: where it stands, and by which editions it was computed.
_APART: Final = ("id", "rev", "revisions", "changes", "catalogue", "policy")
#: Characters of a change; documents allow some more.
_LINE: Final = 160


def version_id(document_id: str, version: int) -> str:
    """The id of a version of an evaluation or summary; the first has none."""
    return document_id if version == 1 else f"{document_id}-{version}"


def version_of(document_id: str) -> int:
    """The number of a version, from 1, by its id."""
    return int(document_id.partition("-")[2] or 1)


def standing_decision(document: Evaluation | Summary, decisions: Iterable[Decision]) -> Decision | None:
    """The decision that confirmed this very computation: the first that was made on the score it says. What a second
    one says, at whichever gateway it came in at the same instant, has no effect."""
    meeting = [decision for decision in decisions if _meets(decision, document)]
    return min(meeting, key=lambda d: d.id.rpartition(":")[2], default=None)


def is_decided(document: Evaluation | Summary, decisions: Iterable[Decision]) -> bool:
    """Whether a person decided about this very computation."""
    return standing_decision(document, decisions) is not None


def decided_grade(evaluation: Evaluation, decisions: Iterable[Decision]) -> Grade | None:
    """The grade that was decided: the proposed one where the decision names none; None: not decided."""
    decision = standing_decision(evaluation, decisions)
    return None if decision is None else decision.grade or evaluation.grade


def in_force(versions: Sequence[Version], decisions: Collection[Decision]) -> Version:
    """Of all versions of one document, in order and at least one, the version that counts: the last on which a person
    decided, whatever was computed since; while nobody has, the last."""
    return next((one for one in reversed(versions) if is_decided(one, decisions)), versions[-1])


def next_version(versions: Sequence[Decided], computed: Decided, decisions: Sequence[Decision]) -> Decided | None:
    """The document that a computation asks for, or None where all is written. ``versions``: all that the store holds,
    in order; ``computed`` bears the first version's id."""
    if not versions:
        return computed
    last = versions[-1]
    if not is_decided(last, decisions):
        before = versions[-2] if len(versions) > 1 else None
        changes = [] if before is None else changes_between(before, computed)
        wanted = msgspec.structs.replace(computed, id=last.id, changes=changes)
        return None if wanted == msgspec.structs.replace(last, rev=msgspec.UNSET) else wanted
    changes = changes_between(last, computed)
    if not changes:
        return None
    return msgspec.structs.replace(computed, id=version_id(computed.id, len(versions) + 1), changes=changes)


def changes_between(old: Decided, new: Decided) -> list[Change]:
    """What two computations say otherwise: of components each by its points, of the rest each field."""
    before, after = _said(old), _said(new)
    names = sorted(before.keys() | after.keys(), key=lambda name: (name not in ("score", "mean", "grade"), name))
    return [
        Change(what=name, old=before.get(name, ""), new=after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    ]


def _said(document: Evaluation | Summary) -> dict[str, str]:
    said: dict[str, str] = {}
    for name in document.__struct_fields__:
        value = getattr(document, name)
        if name == "components":
            for part in value:
                said[f"components.{part.code}"] = f"{part.points:.2f} ({part.amount:g})"
                said[f"evidence.{part.code}"] = _short(part.evidence)
        elif name not in _APART:
            said[name] = _short(value)
    return said


def _meets(decision: Decision, document: Evaluation | Summary) -> bool:
    score = document.score if isinstance(document, Evaluation) else document.mean
    return decision.about == document.id and decision.score == score


def _short(value: object) -> str:
    """A value as text that fits a line; of what is longer the beginning, and a fingerprint that tells it apart."""
    if isinstance(value, int | float):
        return f"{value:g}"
    line = value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()
    return line if len(line) <= _LINE else f"{line[: _LINE - 20]}… #{zlib.crc32(line.encode()):08x}"
