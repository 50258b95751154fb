"""What the nights left in the mirror, as tables for the notebooks. Nothing is written, and no store is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np
import pandas as pd

from jobs.evaluation import kept_evaluations, kept_periods
from jobs.faults import DamagedError, MirrorError
from jobs.kept_setup import kept_setup
from jobs.mirror import read_mirror
from jobs.risk import Night, lists_file, read_panel, risk_folder, scores_file
from jobs.rows import events_of
from jobs.settings import SettingsError, read_settings
from jobs.whole_files import read_json, read_table
from models.documents import Evaluation, LightsDocument, Risk, Verdict, WatchOutcome
from models.early_warning.listing import WHY
from models.early_warning.outcomes import together
from models.early_warning.panel import VillagePanel
from models.early_warning.trends import feature_words
from models.early_warning.verdicts import is_of, last_verdicts
from models.ids import CODE_LENGTHS
from models.lights import GREEN, RED, STALE, from_letters
from models.periods import Period
from models.risk.panel import Panel, joined
from models.setup import Setup

#: What lights a lamp.
CAUSES: Final = ("reading", "case", "silence")
_decode_lights = msgspec.json.Decoder(LightsDocument).decode
S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Mirror:
    """A mirror as the last night left it. ``faults``: what could not be read of it so far, and so is left out, a line
    each."""

    data_dir: Path
    setup: Setup
    faults: dict[str, None] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.data_dir / "mirror"

    @property
    def left_out(self) -> str:
        """What could not be read so far, and why; "" where all could."""
        return "<br>".join(self.faults)

    @cached_property
    def nights(self) -> list[Night]:
        """What each night said of the watch lists, the earliest first."""
        return list(self._each(self._night_files(), lambda file: read_json(file, Night)))

    @property
    def day(self) -> date:
        """The day that the last night computed for."""
        if nights := self._night_files():
            return date.fromisoformat(nights[-1].stem)
        ends = [read_mirror(self.folder, one, self.setup.rulebook.catalogue)[1] for one in self.setup.register.counties]
        return max(ends).date()

    def name(self, code: str) -> str:
        divisions = self.setup.register.divisions
        return divisions[code].name if code in divisions else code

    def path(self, village: str) -> str:
        """The names of a village and what it lies in."""
        return " ".join(self.place(village).values())

    def place(self, village: str) -> dict[str, str]:
        """The names of what a village lies in, for a line of a table."""
        return {
            "县区 county": self.name(village[: CODE_LENGTHS["county"]]),
            "乡镇 township": self.name(village[: CODE_LENGTHS["township"]]),
            "村 village": self.name(village),
        }

    def counties_in(self, division: str) -> list[str]:
        """The counties that a division is or lies in; of a city all of them."""
        return [one for one in self.setup.register.counties if one.startswith(division) or division.startswith(one)]

    def county_panel(self, county: str) -> VillagePanel:
        """A county's panel: some seconds. Raises ``MirrorError``."""
        return read_panel(self.setup, self.folder, county, self.day)

    def panel(self, division: str) -> Panel:
        """The panel of a division's county, or of all counties of a city that can be read: some seconds. Raises
        ``MirrorError`` where none can."""
        panels = list(self._each(self.counties_in(division), self.county_panel))
        if not panels:
            raise MirrorError(self.left_out)
        return joined(panels)

    def risks(self) -> list[Risk]:
        """What the last night said of each township; none where it could say nothing yet."""
        files = [lists_file(self.folder, county) for county in self.setup.register.counties]
        read = self._each(filter(Path.exists, files), lambda file: read_json(file, list[Risk]))
        return [one for of_county in read for one in of_county]

    def scores(self) -> pd.DataFrame:
        """Each village's ``probability``, ``relapse`` and ``rank`` in its county, by ``village``."""
        files = [scores_file(self.folder, county) for county in self.setup.register.counties]
        columns = ["village", "probability", "relapse", "rank", "is_unknown"]
        read = list(self._each(filter(Path.exists, files), lambda file: read_table(file, columns).to_pandas()))
        return (pd.concat(read) if read else pd.DataFrame(columns=columns)).set_index("village")

    def verdicts(self) -> dict[str, Verdict]:
        """What an analyst said last of each village, as far as the mirror goes."""
        catalogue = self.setup.rulebook.catalogue
        read = self._each(self.setup.register.counties, lambda county: read_mirror(self.folder, county, catalogue)[0])
        return {one.village: one for rows in read for one in last_verdicts(events_of(rows, Verdict))}

    def watched(self, risks: Iterable[Risk], verdicts: Mapping[str, Verdict]) -> pd.DataFrame:
        """A line for each village that is watched, the likeliest first."""
        rows: list[dict[str, object]] = []
        new = "\n● 新 new"
        listed = (one for risk in risks for one in risk.watched)
        for one in sorted(listed, key=lambda one: (-one.chance, one.village)):
            said = verdicts.get(one.village)
            said = said if said is not None and is_of(said, one.since) else None
            rows.append(
                {
                    "村 village": "\n".join(self.place(one.village).values()),
                    "可能性 chance": f"{one.chance}%",
                    "自 since": f"{one.since}{new if one.since == self.day else ''}",
                    "原因 reasons": "\n".join(f"{reason.zh}\n{reason.en}" for reason in one.reasons),
                    "研判 verdict": "" if said is None else _verdict_words(said),
                    "代码 code": one.village,
                }
            )
        return pd.DataFrame(rows)

    def dropped(self, risks: Iterable[Risk]) -> pd.DataFrame:
        """A line for each village that was watched and is not any more, as long as that is kept; the latest first."""
        rows: list[dict[str, object]] = [
            {
                **self.place(one.village),
                "自 since": one.since,
                "移出 until": one.until,
                "可能性 chance": one.chance,
                "原因 why": " / ".join(WHY[one.why]),
                "代码 code": one.village,
            }
            for one in sorted((one for risk in risks for one in risk.ended), key=lambda one: one.until, reverse=True)
        ]
        return pd.DataFrame(rows)

    def by_county(self, risks: Iterable[Risk]) -> pd.DataFrame:
        """A line for each county: villages ``watched``, ``new`` tonight among them, ``dropped`` tonight, ``unknown``;
        and of its list of half a year ago how many ``then`` were watched and got ``worse``, beside all ``others``."""
        found = []
        listed = list(risks)
        for county in self.setup.register.counties:
            here = [one for one in listed if one.id.startswith(county)]
            was = together(one.outcome for one in here if one.outcome is not None) or WatchOutcome(on=self.day)
            found.append(
                {
                    "county": self.name(county),
                    "watched": sum(len(one.watched) for one in here),
                    "new": sum(one.since == self.day for of in here for one in of.watched),
                    "dropped": sum(one.until == self.day for of in here for one in of.ended),
                    "unknown": sum(len(one.unknown) for one in here),
                    "then": was.watched,
                    "worse": was.worse,
                    "not_comparable": was.unknown,
                    "others": was.others,
                    "others_worse": was.others_worse,
                }
            )
        return pd.DataFrame(found)

    def _feature(self, name: str) -> str:
        return feature_words(name, self.setup.rulebook.catalogue)

    def drift(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Of each night and county the ``drift`` (PSI of what is said); and of the last night the features that moved
        much, by county."""
        nights = [
            {"night": night.day, "county": self.name(run.county), "drift": run.drift}
            for night in self.nights
            for run in night.runs
            if not run.fault
        ]
        last = self.nights[-1].runs if self.nights else []
        moved = [
            {"县区 county": self.name(run.county), "特征 feature": self._feature(feature), "PSI": psi}
            for run in last
            for feature, psi in run.moved.items()
        ]
        return pd.DataFrame(nights, columns=["night", "county", "drift"]), pd.DataFrame(moved)

    def villages_to_choose(self, division: str, risks: Iterable[Risk]) -> dict[str, str]:
        """The code of each village of a division by its name in a list, those that are watched first."""
        register = self.setup.register
        chance = {one.village: one.chance for risk in risks for one in risk.watched}
        villages = register.villages[register.villages_in(division)]
        order = sorted(villages, key=lambda village: (-chance.get(village, -1), village))
        mark = {village: "● " if village in chance else "" for village in villages}
        return {f"{mark[one]}{self.path(one)} {one}": one for one in order}

    def divisions_to_choose(self) -> dict[str, str]:
        """The code of the city, each county and each township by its name in a list."""
        register = self.setup.register
        [city] = {county[: CODE_LENGTHS["city"]] for county in register.counties}
        found = {f"全市 {self.name(city)} the whole city": city}
        for county in register.counties:
            found[self.name(county)] = county
            found |= {f"{self.name(county)} {self.name(one)}": one for one in register.children.get(county, ())}
        return found

    def unknown(self, risks: Iterable[Risk]) -> pd.DataFrame:
        """A line for each village of which too little is known to say anything."""
        return pd.DataFrame([self.place(one) | {"代码 code": one} for risk in risks for one in risk.unknown])

    def periods(self) -> list[Period]:
        """The periods of which evaluations are kept, the earliest first."""
        found = {period for one in self.setup.register.counties for period in kept_periods(self.folder, one)}
        return sorted(found, key=lambda period: (period.last_day, period.first_day))

    def evaluations(self, division: str, period: Period) -> dict[str, Evaluation]:
        """By village the evaluations of a division's villages, as the last run left them."""
        found: dict[str, Evaluation] = {}
        read = self._each(self.counties_in(division), lambda county: kept_evaluations(self.folder, county, period))
        for of_county in read:
            found |= of_county
        return {village: one for village, one in found.items() if village.startswith(division)}

    def lights(self) -> list[LightsDocument]:
        """Each village's lamps. Raises ``MirrorError`` where some come from another catalogue."""
        files = sorted((self.folder / "lights").glob("county=*/lights.parquet"))
        found = [one for of_county in self._each(files, _lights_of) for one in of_county]
        version = self.setup.rulebook.catalogue.version
        if {one.catalogue for one in found} - {version}:
            raise MirrorError(
                f"有些灯不是按目录 {version} 计算的，请先运行 d110 nightly / some lamps come from another catalogue "
                f"than {version}: run `d110 nightly` first"
            )
        return found

    def lamps(self) -> pd.DataFrame:
        """A row for each lamp that is lit: ``village``, ``township``, ``indicator``, ``cause`` (``CAUSES``) and
        ``is_red``. A lamp counts as lit by a case where an open case lights it, whether or not a reading would, too."""
        documents, catalogue = self.lights(), self.setup.rulebook.catalogue
        if not documents:
            return pd.DataFrame(columns=["village", "township", "indicator", "cause", "is_red"])
        light = from_letters([document.lights for document in documents])
        has_case = np.zeros(light.shape, bool)
        for row, document in enumerate(documents):
            for case in document.cases:
                if case.severity != "minor" or case.is_overdue:  # a minor case lights nothing before it is overdue
                    has_case[row, catalogue.index[case.indicator]] = True
        cause = np.select([light == STALE, has_case], ["silence", "case"], "reading")
        row_of, column_of = np.nonzero(light != GREEN)
        village = np.array([document.id.partition(":")[0] for document in documents])
        return pd.DataFrame(
            {
                "village": village[row_of],
                "township": [code[: CODE_LENGTHS["township"]] for code in village[row_of]],
                "indicator": [catalogue.indicators[at].code for at in column_of],
                "cause": pd.Categorical(cause[row_of, column_of], CAUSES),
                "is_red": light[row_of, column_of] == RED,
            }
        )

    def _night_files(self) -> list[Path]:
        return sorted((risk_folder(self.folder) / "nights").glob("*.json"))

    def _each(self, what: Iterable[S], read: Callable[[S], T]) -> Iterator[T]:
        """What can be read of several counties or nights; of the others it is kept why not."""
        for one in what:
            try:
                yield read(one)
            except MirrorError as error:
                self.faults[str(error)] = None


def open_mirror(environ: Mapping[str, str]) -> Mirror:
    """The mirror in the folder that ``D110_DATA_DIR`` names. Raises ``MirrorError``, ``SettingsError``."""
    settings = read_settings(environ)
    return Mirror(settings.data_dir, kept_setup(settings.mirror_dir))


def read_or_say(read: Callable[[], T]) -> tuple[T | None, str]:
    """What is read, or None and why it can't be."""
    try:
        return read(), ""
    except (MirrorError, SettingsError) as error:
        return None, str(error)


def open_or_say(environ: Mapping[str, str]) -> tuple[Mirror | None, str]:
    """The mirror, or None and why there is none."""
    return read_or_say(lambda: open_mirror(environ))


def lit_by(lamps: pd.DataFrame, part: str) -> pd.DataFrame:
    """Lit lamps by ``township`` or ``indicator``: a column for each of ``CAUSES``, and ``red``."""
    counts = pd.crosstab(lamps[part], lamps["cause"]).reindex(columns=list(CAUSES), fill_value=0)
    return counts.assign(red=lamps.groupby(part)["is_red"].sum())


def _lights_of(file: Path) -> list[LightsDocument]:
    try:
        return [_decode_lights(text) for text in read_table(file)["json"].to_pylist()]
    except msgspec.MsgspecError as error:
        raise DamagedError(file, error) from error


def _verdict_words(said: Verdict) -> str:
    return f"{'属实 right' if said.is_right else '不属实 wrong'} {said.text}".strip()
