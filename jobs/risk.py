"""Which villages are likely to get worse: learned once a month from all counties, said each night of each.

{mirror}/risk/county=371724/scores.parquet    each village's probability, rank and reasons
{mirror}/risk/county=371724/profile.parquet   how they lay when the model first looked at them
{mirror}/risk/county=371724/lists.json        what is said of each township, as the store has it
{mirror}/risk/nights/2026-11-27.json          what a night found: drift, outcomes, what is new
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa

from jobs.couch import Couch, CouchError
from jobs.derived import stored_documents, write_changed
from jobs.faults import DamagedError, MirrorError
from jobs.mirror import read_mirror
from jobs.risk_files import FORM, Card, load_model, read_card, save_model, write_card
from jobs.rows import case_facts, events_of, reading_log
from jobs.whole_files import read_table, write_table, write_whole
from models import calendar
from models.documents import (
    Appointment,
    NoLongerWatched,
    Risk,
    Settlements,
    Verdict,
    Watched,
    WatchOutcome,
    WatchReason,
)
from models.early_warning.label import comes_back, gets_worse
from models.early_warning.listing import choose, no_longer, watched
from models.early_warning.outcomes import outcome, together, watched_on
from models.early_warning.panel import Days, VillagePanel, Written, month_ends, village_panel
from models.early_warning.reasons import reasons_of
from models.ids import database_of
from models.risk.drift import MOVED_MUCH, Profile, profile_of, psi
from models.risk.features import FeatureRows, is_thin
from models.risk.learners import Probabilities, log_loss, odds
from models.risk.model import WORTH, Model, fit, known_label
from models.risk.panel import Floats, Panel, joined
from models.risk.rules import RULES
from models.setup import Setup

#: A model learns from the counties of at most so many villages; which, is drawn, and stays the same.
VILLAGES_MAX: Final = 20_000
#: Fewer months than this tell nothing.
MONTHS_MIN: Final = 2
SHORTEST_MONTH: Final = 28
#: Features that have moved most, of which a night tells.
MOVED_TOLD: Final = 5
_STANDING: Final = ("severity", "yellow", "red", "headroom", "category_")
COLUMNS: Final = pa.schema(
    [
        ("village", pa.string()),
        ("probability", pa.float64()),
        ("relapse", pa.float64()),
        ("rank", pa.int32()),
        ("is_watched", pa.bool_()),
        ("since", pa.date32()),
        ("is_unknown", pa.bool_()),
        ("reasons_zh", pa.list_(pa.string())),
        ("reasons_en", pa.list_(pa.string())),
    ]
)
PROFILE_COLUMNS: Final = pa.schema(
    [
        ("model", pa.string()),
        ("name", pa.string()),
        ("edges", pa.list_(pa.float32())),
        ("shares", pa.list_(pa.float32())),
    ]
)


class WatchRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a night says of one county: how many villages are ``watched``, ``new`` among them, ``dropped`` since the
    last night, ``unknown``; ``ties``: how many are as likely as the last one watched; ``drift``: the PSI of what is
    said, and ``moved`` that of features which moved much, since the model first looked at the county; ``outcome`` of
    the list of half a year ago. Without a ``county`` it is of the model that all have; ``mended``: what of it was
    damaged, so that it was learned anew."""

    county: str
    villages: int = 0
    watched: int = 0
    new: int = 0
    dropped: int = 0
    unknown: int = 0
    ties: int = 0
    drift: float = 0.0
    moved: dict[str, float] = {}
    outcome: WatchOutcome | None = None
    written: int = 0
    mended: str = ""
    fault: str = ""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    day: str
    model: str
    champion: str
    runs: list[WatchRun]


@dataclass(frozen=True)
class Fitted:
    """The model in use, that of relapses where there is one, and the card; ``mended``: what was damaged, so that it was
    learned anew, "" if nothing was."""

    worse: Model
    relapse: Model | None
    card: Card
    mended: str = ""


def risk_folder(mirror: Path) -> Path:
    return mirror / "risk"


def panel_ends(setup: Setup, today: date) -> Days:
    """The days on which the months end that are looked at: up to today, as far back as the policy asks and they were
    watched whole."""
    ends = month_ends(today, setup.rulebook.policy.early_warning.history_months)
    return ends[ends >= setup.rulebook.watched_since + SHORTEST_MONTH - 1]


def panel_of_rows(rows: pa.Table, setup: Setup, county: str, ends: Days) -> VillagePanel:
    """A county's villages as a panel over the months that end on ``ends``, by what had been saved by each end."""
    saved = calendar.local_day_of_ms(rows["saved_at"].cast(pa.int64()).to_numpy())
    month = np.searchsorted(ends, saved)
    villages = setup.register.villages[setup.register.villages_in(county)]
    known = rows.filter(pa.array(month < len(ends)))
    written = Written(
        villages=tuple(villages),
        logs=[reading_log(rows.filter(pa.array(month == at)), villages) for at in range(len(ends))],
        facts=case_facts(known, setup.rulebook.catalogue),
        appointments=events_of(known, Appointment),
        settlements=events_of(known, Settlements),
        verdicts=events_of(known, Verdict),
    )
    return village_panel(written, setup.rulebook, ends)


def read_panel(setup: Setup, mirror: Path, county: str, today: date) -> VillagePanel:
    """A county's panel from its mirror. Raises ``MirrorError``."""
    rows, _ = read_mirror(mirror, county, setup.rulebook.catalogue)
    return panel_of_rows(rows, setup, county, panel_ends(setup, today))


def bring_model_up_to_date(setup: Setup, mirror: Path, today: date) -> Fitted | None:
    """The model in use, learned anew where a month has passed since; None while there is too little history.

    What was learned anew is the challenger of what is in use: it takes over unless the old one was better on the latest
    month whose end is known, which neither was shown. What is damaged is learned anew, too. Raises ``MirrorError`` when
    no county has a mirror.
    """
    folder, ends = risk_folder(mirror), panel_ends(setup, today)
    if len(ends) < MONTHS_MIN:
        return None
    basis, card, known, mended = _basis(setup), None, None, ""
    try:
        card = read_card(folder)
        if card is not None and card.basis == basis:
            known = load_model(folder, card.sha256)
    except DamagedError as error:
        mended = str(error)
    if card is not None and known is not None and card.until_month == _month(int(ends[-1])):
        return Fitted(*known, card)
    panel = _panel_to_learn_from(setup, mirror, today)
    policy = setup.rulebook.policy.early_warning
    worse = gets_worse(panel, policy)
    challenger = fit(panel, policy.horizon_months, worse)
    relapse = fit(panel, policy.horizon_months, comes_back(panel))
    before = None if known is None else known[0]
    word, keeps = _beside(before, challenger, panel, worse)
    model, fitted_on = challenger, today.isoformat()
    if keeps and before is not None and card is not None:
        model, fitted_on = before, card.fitted_on
    sha256 = save_model(folder, model, relapse)
    made = Card(
        model=f"{np.datetime64(model.until, 'M')}-{_name_of(model, basis)}",
        sha256=sha256,
        fitted_on=fitted_on,
        until_month=_month(int(ends[-1])),
        policy=setup.rulebook.policy.version,
        catalogue=setup.rulebook.catalogue.version,
        horizon_months=policy.horizon_months,
        worse_by=policy.worse_by,
        villages=len(panel.units),
        months=len(panel.periods),
        rows=model.rows,
        share_worse=model.share,
        champion=model.champion,
        is_rule=model.champion in RULES,
        losses=dict(model.choice.losses),
        replaced=mended or word,
        is_simulated=setup.rulebook.is_simulated,
        basis=basis,
    )
    write_card(folder, made)
    return Fitted(model, relapse, made, mended)


def watch_county(couch: Couch, setup: Setup, mirror: Path, county: str, fitted: Fitted, today: date) -> WatchRun:
    """Say of a county's villages how likely they are to get worse, and bring the list of each township up to date.
    Twice in a row changes nothing. Raises ``MirrorError``, ``CouchError``."""
    policy = setup.rulebook.policy.early_warning
    panel = read_panel(setup, mirror, county, today)
    townships = setup.register.children.get(county, ())
    database = couch.database(database_of(county))
    stored = stored_documents(database, [f"{township}:risk" for township in townships], Risk)
    worse = gets_worse(panel, policy)
    known = known_label(panel, worse, fitted.worse.horizon)
    found = fitted.worse.features_now(panel, known)
    probability = fitted.worse.probabilities(panel, found)
    villages = [str(village) for village in panel.units]
    unknown = frozenset(np.array(villages)[is_thin(panel)].tolist())
    before = {one.village: one for document in stored.values() for one in document.watched}
    capacity = policy.capacity_of(county, len(villages))
    listed = choose(villages, probability, unknown, fitted.worse.share, before, capacity, policy.stay_percent)
    reasons = reasons_of(fitted.worse, panel, found, known, setup.rulebook.catalogue, listed.chosen)
    is_relearned = any(one.watched and one.model != fitted.card.model for one in stored.values())
    now = watched(villages, probability, listed, reasons, before, today, is_relearned=is_relearned)
    ended = no_longer(
        villages,
        probability,
        listed,
        unknown,
        fitted.worse.share,
        before,
        [one for document in stored.values() for one in document.ended],
        today,
        policy,
        is_relearned=is_relearned,
    )
    outcomes = _outcomes(panel, worse, fitted.worse.horizon, stored, today)
    said = _documents(setup, townships, now, ended, unknown, outcomes, fitted.card.model)
    written = write_changed(database, stored, said, lambda one: not (one.watched or one.ended or one.unknown))
    _save_scores(mirror, county, villages, probability, _relapse(fitted.relapse, panel), unknown, now)
    write_whole(lists_file(mirror, county), msgspec.json.encode(said))
    drift, moved = _drift(profile_file(mirror, county), fitted, found, probability)
    return WatchRun(
        county=county,
        villages=len(villages),
        watched=len(now),
        new=sum(one.since == today for one in now),
        dropped=sum(one.until == today for one in ended),
        unknown=len(unknown),
        ties=listed.ties,
        drift=drift,
        moved=moved,
        outcome=together(outcomes.values()),
        written=written,
    )


def watch_city(
    couch: Couch, setup: Setup, mirror: Path, today: date, on_county: Callable[[WatchRun], None]
) -> list[WatchRun]:
    """``watch_county`` for every county in turn, by a model that is up to date; a county that fails stops no other."""
    try:
        fitted = bring_model_up_to_date(setup, mirror, today)
    except MirrorError as error:
        failed = WatchRun(county="", fault=str(error))
        on_county(failed)
        return [failed]
    if fitted is None:
        return []
    mended = [WatchRun(county="", mended=fitted.mended)] if fitted.mended else []
    for run in mended:
        on_county(run)
    runs: list[WatchRun] = []
    for county in setup.register.counties:
        try:
            run = watch_county(couch, setup, mirror, county, fitted, today)
        except (CouchError, MirrorError, OSError) as error:
            run = WatchRun(county=county, fault=str(error))
        on_county(run)
        runs.append(run)
    save_night(mirror, today, fitted.card, runs)
    return [*mended, *runs]


def save_night(mirror: Path, today: date, card: Card, runs: Sequence[WatchRun]) -> None:
    """Keep what a night found."""
    night = Night(day=today.isoformat(), model=card.model, champion=card.champion, runs=list(runs))
    write_whole(risk_folder(mirror) / "nights" / f"{today}.json", msgspec.json.encode(night))


def _panel_to_learn_from(setup: Setup, mirror: Path, today: date) -> Panel:
    """All counties together; of a larger land so many, drawn."""
    counties = list(setup.register.counties)
    order = np.random.default_rng(len(counties)).permutation(len(counties))
    panels: dict[str, Panel] = {}
    fault: MirrorError | None = None
    for county in (counties[at] for at in order.tolist()):
        if sum(len(panel.units) for panel in panels.values()) >= VILLAGES_MAX:
            break
        try:
            panels[county] = read_panel(setup, mirror, county, today)
        except MirrorError as error:
            fault = error
    if not panels:
        raise fault or MirrorError("没有县区 / there is no county")
    return joined([panels[county] for county in counties if county in panels])


def _beside(before: Model | None, challenger: Model, panel: Panel, worse: Floats) -> tuple[str, bool]:
    """What is to be said of the model before, and whether it stays in use."""
    at = len(panel.periods) - 1 - challenger.horizon
    loss = challenger.choice.newest.get(challenger.champion)
    if before is None or loss is None or before.until > int(panel.periods[-1]):
        return "", False
    early = panel.until(at)
    found = before.features_now(early, known_label(early, worse, before.horizon))
    if found.names != before.names:
        return "features differ, replaced", False
    is_known = ~np.isnan(worse[:, at])
    its = log_loss(before.probabilities(early, found)[is_known], worse[is_known, at])
    keeps = its < loss * (1 - WORTH)
    return f"{its:.4f} beside {loss:.4f} on the newest month, {'kept' if keeps else 'replaced'}", keeps


def _name_of(model: Model, basis: str) -> str:
    """Eight signs that follow from what was learned: the same data give a model of the same name, so that lists which
    say the same are the same documents. A file's hash does not follow from it: skops writes when it was made."""
    said = (basis, model.until, model.rows, model.share, model.champion, dict(model.choice.losses))
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:8]


def _basis(setup: Setup) -> str:
    """What makes another model necessary: another policy or catalogue means other labels and features, another release
    may keep them otherwise."""
    catalogue, policy = setup.rulebook.catalogue.version, setup.rulebook.policy.early_warning
    return f"{FORM} {catalogue} {policy.horizon_months} {policy.worse_by} {policy.history_months}"


def _relapse(model: Model | None, panel: Panel) -> Probabilities:
    """The probability that what was cleared comes back, NaN where nothing was."""
    found = np.full(len(panel.units), np.nan)
    if model is None:
        return found
    label = comes_back(panel)
    rows = model.features_now(panel, known_label(panel, label, model.horizon))
    cleared = panel.context["cases.cleared_lately"][:, -1] > 0
    return np.where(cleared, model.probabilities(panel, rows), np.nan)


def _drift(
    file: Path, fitted: Fitted, found: FeatureRows, probability: Probabilities
) -> tuple[float, dict[str, float]]:
    """How far a county lies from where it lay when the model first looked at it: what is said of it, and the features
    that moved much. Of these only those that say how villages stand, since what follows the calendar moves by itself.
    Counties differ, so none is held against another."""
    names = ("", *found.names)
    rows = np.column_stack([odds(probability).astype(np.float32), found.values])
    profile = _kept_profile(file, fitted.card.model, names)
    if profile is None:
        profile = profile_of(rows)
        columns = [[fitted.card.model] * len(names), list(names), profile.edges.tolist(), profile.shares.tolist()]
        write_table(file, pa.table(columns, schema=PROFILE_COLUMNS))
    moved = psi(profile, rows)
    used = (1 + fitted.worse.columns).tolist()
    able = [at for at in used if names[at].startswith(_STANDING) and moved[at] >= MOVED_MUCH]
    order = sorted(able, key=lambda at: -moved[at])[:MOVED_TOLD]
    return round(float(moved[0]), 4), {names[at]: round(float(moved[at]), 4) for at in order}


def _kept_profile(file: Path, model: str, names: tuple[str, ...]) -> Profile | None:
    """None where there is none of this model: it looks for the first time, or the file was damaged."""
    try:
        table = read_table(file) if file.exists() else PROFILE_COLUMNS.empty_table()
    except DamagedError:
        return None  # what moved is counted from now on
    if table.schema != PROFILE_COLUMNS or table["model"].to_pylist() != [model] * len(names):
        return None
    if tuple(table["name"].to_pylist()) != names:
        return None
    edges, shares = (np.array(table[name].to_pylist(), np.float32) for name in ("edges", "shares"))
    return Profile(edges, shares)


def _outcomes(
    panel: Panel, worse: Floats, horizon: int, stored: Mapping[str, Risk], today: date
) -> dict[str, WatchOutcome]:
    """By document, what became of the list that it held half a year ago: counted once a month."""
    at, found = len(panel.periods) - 1 - horizon, dict[str, WatchOutcome]()
    if at < 0:
        return found
    then = calendar.day_of(int(month_ends(today, horizon + 1)[0]))
    for identity, document in stored.items():
        known, listed = document.outcome, watched_on([document], then)
        if known is not None and (known.on.year, known.on.month) == (then.year, then.month):
            found[identity] = known
        elif listed:
            found[identity] = outcome(panel, worse, at, listed, then, identity.partition(":")[0])
    return found


def _documents(
    setup: Setup,
    townships: Sequence[str],
    now: Sequence[Watched],
    ended: Sequence[NoLongerWatched],
    unknown: frozenset[str],
    outcomes: Mapping[str, WatchOutcome],
    model: str,
) -> list[Risk]:
    """What is to be said of each township."""
    return [
        Risk(
            id=f"{township}:risk",
            policy=setup.rulebook.policy.version,
            model=model,
            watched=[one for one in now if one.village.startswith(township)],
            ended=[one for one in ended if one.village.startswith(township)],
            unknown=sorted(village for village in unknown if village.startswith(township)),
            outcome=outcomes.get(f"{township}:risk"),
            simulated=setup.rulebook.is_simulated,
        )
        for township in townships
    ]


def _save_scores(
    mirror: Path,
    county: str,
    villages: Sequence[str],
    probability: Probabilities,
    relapse: Probabilities,
    unknown: frozenset[str],
    now: Sequence[Watched],
) -> None:
    listed = {one.village: one for one in now}
    order = sorted(range(len(villages)), key=lambda at: (-probability[at], villages[at]))
    reasons: Mapping[str, list[WatchReason]] = {village: one.reasons for village, one in listed.items()}
    columns = {
        "village": [villages[at] for at in order],
        "probability": [float(probability[at]) for at in order],
        "relapse": [None if np.isnan(relapse[at]) else float(relapse[at]) for at in order],
        "rank": list(range(1, len(order) + 1)),
        "is_watched": [villages[at] in listed for at in order],
        "since": [listed[villages[at]].since if villages[at] in listed else None for at in order],
        "is_unknown": [villages[at] in unknown for at in order],
        "reasons_zh": [[one.zh for one in reasons.get(villages[at], ())] for at in order],
        "reasons_en": [[one.en for one in reasons.get(villages[at], ())] for at in order],
    }
    write_table(scores_file(mirror, county), pa.table(columns, schema=COLUMNS))


def scores_file(mirror: Path, county: str) -> Path:
    return risk_folder(mirror) / f"county={county}" / "scores.parquet"


def profile_file(mirror: Path, county: str) -> Path:
    return risk_folder(mirror) / f"county={county}" / "profile.parquet"


def lists_file(mirror: Path, county: str) -> Path:
    return risk_folder(mirror) / f"county={county}" / "lists.json"


def _month(day: int) -> str:
    return calendar.day_of(day).isoformat()[:7]
