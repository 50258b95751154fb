"""Parameters and wording of the simulation, as its two data files hold them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from models.documents import Severity
from models.terms import SERVICES

if TYPE_CHECKING:
    from models.catalogue import Catalogue

SEVERITIES: tuple[Severity, ...] = ("minor", "general", "major")


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Health(_Section, frozen=True):
    village_sd: float
    weak_share: float
    weak_depth: float
    township_sd: float
    persistence: float
    innovation_sd: float
    shock_rate: float
    shock_depth: float
    team_rate: float
    team_gain: float
    tipping: float
    steepness: float


class Stress(_Section, frozen=True):
    level: float
    trait_sd: float
    noise_sd: float
    noise_persistence: float
    weak: float
    load_shape: float
    load_likeness: float
    mishap_rate: float
    mishap_end: float
    mishap_low: float
    mishap_high: float


class Season(_Section, frozen=True):
    months: tuple[int, ...]
    indicators: tuple[str, ...]
    add: float


class Meetings(_Section, frozen=True):
    first_day_of_month: int
    last_day_of_month: int
    early_rate: float
    skipped: float
    skipped_weak: float
    late_rate: float
    late_rate_weak: float
    late_days_mean: float


class Conditions(_Section, frozen=True):
    begin_rate: float
    begin_rate_weak: float
    end_rate: float
    end_rate_weak: float


class Rounds(_Section, frozen=True):
    absent_rate: float
    absent_rate_weak: float
    return_rate: float
    unread: float
    unread_weak: float
    follow_up: float
    follow_up_days: tuple[int, int]


class Channels(_Section, frozen=True):
    tablet: float
    letter_box: float
    hotline: float
    visit: float
    department: float


class Incidents(_Section, frozen=True):
    minor_per_year: float
    general_per_year: float
    major_per_year: float
    weak_times: float
    untold: float
    found_by_patrol: float
    found_after_days: tuple[int, int]
    informants_mean_extra: float
    informants_max: int
    told_hours_median: float
    told_hours_sigma: float
    channels: Channels


class Casework(_Section, frozen=True):
    minor_days_median: float
    general_days_median: float
    major_days_median: float
    days_sigma: float
    weak_slows: float
    stuck: float
    stuck_minor: float
    deadline_set: float
    escalated: float
    relapse: float
    relapse_weak: float
    relapse_after_days: tuple[int, int]
    answered: float


class Patrols(_Section, frozen=True):
    per_township_and_month: float
    indicators: int


class Staffing(_Section, frozen=True):
    natural_villages_mean_extra: float
    people_median: float
    people_sigma: float
    shared: float


class Deed(_Section, frozen=True):
    topic: str
    weight: float
    least: float
    most: float
    decimals: int = 0


class Services(_Section, frozen=True):
    per_township_and_month: float
    deeds: tuple[Deed, ...]


class TopicWeights(_Section, frozen=True):
    minor: float
    general: float
    major: float


class Topic(_Section, frozen=True):
    indicator: str
    weight: TopicWeights
    found: str
    done: str
    minor: tuple[str, ...] = ()
    general: tuple[str, ...] = ()
    major: tuple[str, ...] = ()

    def texts(self, severity: Severity) -> tuple[str, ...]:
        texts: tuple[str, ...] = getattr(self, severity)
        return texts


class Wording(_Section, frozen=True):
    places: tuple[str, ...]
    noticed: tuple[str, ...]
    assigned: tuple[str, ...]
    deadline: tuple[str, ...]
    team_sent: tuple[str, ...]
    progress: tuple[str, ...]
    reviewed: tuple[str, ...]
    escalated: tuple[str, ...]
    reopened: tuple[str, ...]
    answer_taken: tuple[str, ...]
    answer_done: tuple[str, ...]
    patrol: tuple[str, ...]


class Parameters(_Section, frozen=True):
    """All that the simulation is told. What each number means stands beside it in parameters.toml."""

    months: int
    burn_in_months: int
    health: Health
    stress: Stress
    best: dict[str, float]
    season: tuple[Season, ...]
    meetings: Meetings
    conditions: Conditions
    rounds: Rounds
    incidents: Incidents
    casework: Casework
    patrols: Patrols
    staffing: Staffing
    services: Services
    topics: tuple[Topic, ...]
    wording: Wording


def load_parameters(parameters: bytes, topics: bytes) -> Parameters:
    """From the bytes of parameters.toml and topics.toml. Raises ValueError that names what is wrong."""
    tables = tomllib.loads(parameters.decode()) | tomllib.loads(topics.decode())
    loaded = msgspec.convert(tables, Parameters)
    for deed in loaded.services.deeds:
        if deed.topic not in SERVICES:
            raise ValueError(f"{deed.topic} is no service that forms propose")
    for topic in loaded.topics:
        for severity in SEVERITIES:
            if getattr(topic.weight, severity) > 0 and not topic.texts(severity):
                raise ValueError(f"topic {topic.indicator} has a weight for {severity} reports but no text for them")
    return loaded


def default_parameters() -> Parameters:
    """Those that the package carries."""
    folder = files("models.simulation")
    return load_parameters((folder / "parameters.toml").read_bytes(), (folder / "topics.toml").read_bytes())


def check_indicators(parameters: Parameters, catalogue: Catalogue) -> None:
    """Raises ValueError if parameters speak of an indicator that the catalogue does not have."""
    named = {topic.indicator for topic in parameters.topics} | set(parameters.best)
    named.update(code for season in parameters.season for code in season.indicators)
    unknown = sorted(named - set(catalogue.index))
    if unknown:
        raise ValueError(f"simulation parameters name indicators unknown to the catalogue: {', '.join(unknown)}")
