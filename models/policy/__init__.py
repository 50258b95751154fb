"""The policy of the offices as data: deadlines, relapse, clock tolerance."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Annotated

import msgspec
from msgspec import Meta

from models.documents import Severity
from models.ids import Level
from models.policy.early_warning import EarlyWarningPolicy
from models.policy.evaluation import EvaluationPolicy
from models.policy.informants import InformantPolicy
from models.policy.truthfulness import TruthfulnessPolicy

Days = Annotated[int, Meta(ge=0)]


class FollowUpDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minor: Days
    general: Days
    major: Days


class Relapse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    within_days: Days


class Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a matter of one severity asks of the levels: which must act, which are told at once, and within how many
    days it is to be taken up."""

    acts: Level
    told: tuple[Level, ...]
    take_up_days: Days


class Responses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    minor: Response
    general: Response
    major: Response


class Clearing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Matters of which severities are cleared only after a review that found them better."""

    reviewed_first: tuple[Severity, ...]


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long names of a case are kept after it was closed."""

    keep_days: Days


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What times are believed."""

    ahead_minutes_max: Annotated[int, Meta(ge=0)]
    decision_behind_minutes_max: Annotated[int, Meta(ge=1)]
    behind_days_max: Annotated[int, Meta(ge=1)]


class Health(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an office should look after a tablet."""

    silent_days: Annotated[int, Meta(ge=1)]
    clock_minutes: Annotated[int, Meta(ge=1)]
    storage_left_mb: Annotated[int, Meta(ge=0)]


class Offices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the office of a level signs; ``{name}`` is its division's name."""

    city: str
    county: str
    township: str
    village: str


class Notices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Wording and marks of issued papers, the days that a warning notice proposes for an answer, and the percentage of
    all-clears in time below which a circular names a unit."""

    answer_days: Annotated[int, Meta(ge=1)]
    in_time_percent: Annotated[int, Meta(ge=0, le=100)]
    mark_ending: str
    marks: dict[str, str]
    late_warning: str
    late_rectification: str
    explanation: str
    offices: Offices


class Teams(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What each thing that makes a village hard weighs, and from which sum on a team of the township or of the county
    is proposed."""

    paralysed: Annotated[int, Meta(ge=0)]
    weak: Annotated[int, Meta(ge=0)]
    major: Annotated[int, Meta(ge=0)]
    overdue: Annotated[int, Meta(ge=0)]
    relapse: Annotated[int, Meta(ge=0)]
    departments: Annotated[int, Meta(ge=0)]
    township: Annotated[int, Meta(ge=1)]
    county: Annotated[int, Meta(ge=1)]


class Meetings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In how many villages a topic must be open to be called a tendency."""

    tendency_villages: Annotated[int, Meta(ge=2)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    follow_up_days: FollowUpDays
    relapse: Relapse
    response: Responses
    clearing: Clearing
    sealed: Sealed
    clock: Clock
    health: Health
    notices: Notices
    teams: Teams
    meetings: Meetings
    evaluation: EvaluationPolicy
    informants: InformantPolicy
    truthfulness: TruthfulnessPolicy
    early_warning: EarlyWarningPolicy

    def response_to(self, severity: Severity) -> Response:
        found: Response = getattr(self.response, severity)
        return found


def load_policy(data: bytes) -> Policy:
    """Read a policy file. Raises ``ValueError`` (TOML) or ``msgspec.ValidationError`` naming the field."""
    return msgspec.convert(tomllib.loads(data.decode()), Policy)


def default_policy() -> Policy:
    """The policy that ships with the project (data of this package)."""
    return load_policy(resources.files(__package__).joinpath("heze.toml").read_bytes())
