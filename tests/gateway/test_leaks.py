"""Every route, asked by every role for what is its own, a sibling's, a parent's and a foreigner's: no answer gives away
what the role may not see, nor whether it is there.

A new route fails ``test_every_route_has_its_questions`` until it stands in one of the three tables below.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from ulid import ULID

from models.catalogue import default_catalogue
from models.ids import database_of
from models.policy import default_policy
from sync_api.access.accounts import LEVEL_OF_ROLE, ROLES, AssignedCase
from sync_api.app import create_app
from sync_api.settings import Settings
from tests.city import City, running_city, small_register, stamp

CITY, COUNTY, TOWNSHIP, OWN = "3717", "371724", "371724109", "371724109217"
SIBLING, NEXT_TOWNSHIP, FOREIGN = "371724109218", "371724001001", "371771003022"
DIVISION_OF_LEVEL = {"city": CITY, "county": COUNTY, "township": TOWNSHIP, "village": OWN}
DEVICE, NEIGHBOUR = "mine", "informant2"  # whose alias begins with the informant's
UNHEARD_OF = "unheard-of"
#: Who the informant is: asked for by the station that appointed them, and by nobody else.
NAME = secrets.token_hex(16)
ASSIGNED, UNASSIGNED = str(ULID()), str(ULID())

EVERYWHERE = frozenset({"city"})
IN_COUNTY = EVERYWHERE | {"county", "analyst", "leader"}
IN_TOWNSHIP = IN_COUNTY | {"station"}
IN_VILLAGE = IN_TOWNSHIP | {"administrator"}
INFORMED = IN_VILLAGE | {"informant"}
OFFICES = frozenset({"station", "county", "city"})

#: Division, kind and owner of what is in the store, and the roles that may read it.
PLAN = (
    (OWN, "report", "informant", INFORMED),
    (OWN, "report", NEIGHBOUR, IN_VILLAGE),
    (OWN, "round", "administrator", IN_VILLAGE),
    (OWN, "answer", "informant", IN_TOWNSHIP | {"informant"}),
    (OWN, "answer", NEIGHBOUR, IN_TOWNSHIP),
    (OWN, "answer", "administrator", IN_VILLAGE),
    (OWN, "omission", NEIGHBOUR, IN_TOWNSHIP),
    (OWN, "omission", "informant", IN_TOWNSHIP | {"informant"}),
    (OWN, "sanction", NEIGHBOUR, IN_TOWNSHIP),
    (OWN, "sanction", "informant", IN_TOWNSHIP | {"informant"}),
    (OWN, "appointment", "station", IN_TOWNSHIP),
    (OWN, "pledge", "station", IN_TOWNSHIP),
    (OWN, "settlements", "station", IN_VILLAGE),
    (TOWNSHIP, "training", "station", IN_TOWNSHIP),
    (SIBLING, "appointment", "station", IN_TOWNSHIP),
    (OWN, "receipt", f"informant.{DEVICE}", IN_TOWNSHIP | {"informant"}),
    (OWN, "receipt", f"informant.{DEVICE}2", IN_TOWNSHIP),
    (OWN, "receipt", f"{NEIGHBOUR}.{DEVICE}", IN_TOWNSHIP),
    (OWN, "receipt", f"administrator.{DEVICE}", IN_VILLAGE),
    (OWN, "case", ASSIGNED, IN_VILLAGE | {"department"}),
    (OWN, "acknowledgement", "administrator", IN_VILLAGE),
    (COUNTY, "acknowledgement", "department", IN_COUNTY | {"department"}),
    (COUNTY, "acknowledgement", "another", IN_COUNTY),
    (COUNTY, "withdrawal", "another", IN_COUNTY),
    (OWN, "case", UNASSIGNED, IN_VILLAGE),
    (SIBLING, "report", "informant", IN_TOWNSHIP),
    (SIBLING, "case", ASSIGNED, IN_TOWNSHIP),
    (NEXT_TOWNSHIP, "report", "another", IN_COUNTY),
    (TOWNSHIP, "meeting", "another", IN_TOWNSHIP),
    (TOWNSHIP, "service", "another", IN_TOWNSHIP),
    (SIBLING, "service", "another", IN_TOWNSHIP),
    (FOREIGN, "service", "another", EVERYWHERE),
    (COUNTY, "meeting", "another", IN_COUNTY),
    (CITY, "meeting", "another", EVERYWHERE),
    (FOREIGN, "report", "informant", EVERYWHERE),
    (FOREIGN[:6], "meeting", "another", EVERYWHERE),
)
#: As in PLAN, and who reads it some other way than by replicating: a resolution's lead.
JOINT = (
    (COUNTY, "patrol", "another", IN_COUNTY, frozenset()),
    (TOWNSHIP, "patrol", "another", IN_TOWNSHIP, frozenset()),
    (FOREIGN[:6], "patrol", "another", EVERYWHERE, frozenset()),
    (OWN, "inspection", "another", IN_VILLAGE, frozenset()),
    (COUNTY, "agenda", "another", IN_COUNTY, frozenset()),
    (FOREIGN[:6], "agenda", "another", EVERYWHERE, frozenset()),
    (COUNTY, "carrying", "department", IN_COUNTY | {"department"}, frozenset()),
    (OWN, "team", "another", IN_VILLAGE, frozenset()),
    (SIBLING, "team", "another", IN_TOWNSHIP, frozenset()),
    (FOREIGN, "team", "another", EVERYWHERE, frozenset()),
)
#: Issuing office, whom a paper is addressed to, who replicates it, and who
#: reads it beside them.
PAPERS = (
    (TOWNSHIP, (OWN, None), IN_TOWNSHIP, frozenset({"administrator"})),
    (COUNTY, (COUNTY, "民政"), IN_COUNTY, frozenset({"department"})),
    (COUNTY, (TOWNSHIP, None), IN_COUNTY, frozenset({"station"})),
    (CITY, (COUNTY, None), EVERYWHERE, IN_COUNTY),
    (NEXT_TOWNSHIP[:9], (NEXT_TOWNSHIP, None), IN_COUNTY, frozenset()),
    (FOREIGN[:9], (FOREIGN, None), EVERYWHERE, frozenset()),
)
#: Whose lights who may read.
LIT = ((OWN, INFORMED), (SIBLING, IN_TOWNSHIP), (NEXT_TOWNSHIP, IN_COUNTY), (FOREIGN, EVERYWHERE))
#: Whose refused documents which office may read.
REFUSED = ((OWN, OFFICES), (TOWNSHIP, OFFICES), (NEXT_TOWNSHIP, OFFICES - {"station"}), (FOREIGN, EVERYWHERE))


@dataclass(frozen=True)
class Planted:
    """Something in the store, the roles that replicate it, and those that may read it. ``ghost`` is an id like it that
    nothing has."""

    database: str
    id: str
    ghost: str
    replicators: frozenset[str]
    readers: frozenset[str]
    content: dict[str, Any]


@dataclass
class World:
    """A city with what was planted, and the ``secrets``: a text that gives something away, and who may know it."""

    city: City
    documents: list[Planted] = field(default_factory=list)
    refused: list[Planted] = field(default_factory=list)
    secrets: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def client(self, role: str) -> httpx.Client:
        return self.city.client(role, DEVICE)

    def hidden_from(self, role: str) -> list[str]:
        return [text for text, readers in self.secrets if role not in readers]

    @cached_property
    def databases(self) -> Mapping[str, tuple[str, ...]]:
        return {role: tuple(self.client(role).get("/auth/me").json()["databases"]) for role in ROLES}

    def plant(
        self,
        database: str,
        identity: str,
        readers: frozenset[str],
        content: dict[str, Any],
        beside: frozenset[str] = frozenset(),
    ) -> None:
        """``readers`` replicate it, those ``beside`` read it some other way."""
        mark, plain = secrets.token_hex(32), json.dumps(content)
        content = json.loads(plain.replace("MARK", mark)) | {"_id": identity}
        answer = httpx.put(f"{self.city.store.url}/{database}/{identity}", json=content)
        assert answer.status_code == 201, answer.text
        content |= {"_rev": answer.json()["rev"]}
        readers, replicators = readers | beside, readers
        planted = Planted(database, identity, _ghost(identity), replicators, readers, content)
        (self.refused if database == "d110-quarantine" else self.documents).append(planted)
        self.secrets += [(text, readers) for text in ((identity, mark) if "MARK" in plain else (identity,))]


def _ghost(identity: str) -> str:
    if identity.endswith(":lights"):  # of a village that has none yet
        return f"{identity[:9]}299:lights"
    if ":notice:" in identity:
        return f"{identity[:-4]}9{identity[-3:]}"
    return identity[:-6] + secrets.token_hex(3).upper()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    register = small_register(("371724001", "371724109", "371725001", "371771003"))
    with running_city(tmp_path_factory.mktemp("city"), register) as city:
        for role in ROLES:
            division = DIVISION_OF_LEVEL[LEVEL_OF_ROLE[role][0]]
            cases = (AssignedCase(OWN, ASSIGNED),) if role == "department" else ()
            city.add_account(role, role, division, cases=cases, department="民政" if cases else None)
        city.add_account("witness", "city", CITY)
        city.add_account(UNHEARD_OF, "station", FOREIGN[:9])
        world = World(city)
        # who is not their office learns of accounts by what they wrote only
        world.secrets += [("$argon2", frozenset()), (UNHEARD_OF, EVERYWHERE), (NAME, frozenset())]
        name = {"office": TOWNSHIP, "name": NAME, "contact": ""}
        assert httpx.put(f"{city.store.url}/d110-staff/informant:informant", json=name).status_code == 201
        _fill(world)
        yield world


def _fill(world: World) -> None:
    now = stamp(datetime.now(UTC))
    for division, kind, owner, readers in PLAN:
        identity = f"{division}:{kind}:{owner}:{ULID()}"
        world.plant(database_of(division), identity, readers, _content(kind, now))
    for division, kind, owner, readers, beside in JOINT:
        identity = f"{division}:{kind}:{owner}:{ULID()}"
        world.plant(database_of(division), identity, readers, _joint_content(kind, division, now), beside)
    content = _joint_content("meeting", COUNTY, now)
    world.plant(database_of(COUNTY), f"{COUNTY}:meeting:centre:{ULID()}", IN_COUNTY, content, frozenset({"department"}))
    for number, (office, (division, department), readers, beside) in enumerate(PAPERS, 1):
        content = paper(division, department)
        world.plant(database_of(office), f"{office}:notice:2026-{number:04d}", readers, content, beside)
    for village, readers in LIT:
        cases = [ASSIGNED, UNASSIGNED] if village == OWN else [str(ULID())]
        world.secrets += [(case, readers | {"department"} if case == ASSIGNED else readers) for case in cases[-1:]]
        world.plant(database_of(village), f"{village}:lights", readers, lights(village, cases))
    for division, readers in REFUSED:
        raw = {"id": "MARK", "received_at": now, "database": database_of(division), "author": "another"}
        raw |= {"device": DEVICE, "document_id": "MARK", "code": "malformed", "zh": "MARK", "en": "MARK"}
        identity = f"{division}:quarantine:{secrets.token_hex(16)}"
        world.plant("d110-quarantine", identity, readers, raw | {"raw": "MARK", "raw_bytes": 4})
    witness = world.city.client("witness", DEVICE)
    for one in world.documents:  # somebody else's checkpoints
        assert witness.put(f"/db/{one.database}/_local/{one.id}", json={"last_seq": 1}).status_code == 201


def paper(division: str, department: str | None) -> dict[str, Any]:
    """A paper addressed to a division, or to a department of it, which leads on the assigned case."""
    receiver = {"division": division, "name": "MARK"} | ({} if department is None else {"department": department})
    about = {
        **{"village": OWN, "case": ASSIGNED, "indicator": "4.2.1", "name_zh": "村务公开", "name_en": "Disclosure"},
        **{"light": "y", "since": "2026-11-01", "reported": "MARK", "asked": ["MARK"], "due": "2026-12-01"},
        **{"follow_up": "管理站", "contact": "管理站"},
    }
    return {
        **{"type": "notice", "paper": "rectification", "request": str(ULID()), "author": "another", "office": "管理站"},
        **{"issued_at": stamp(datetime.now(UTC)), "mark": "动管", "title": "MARK", "body": [{"text": "MARK"}]},
        "receivers": [receiver],
        **({} if department is None else {"about": about | {"department": department}}),
    }


def _content(kind: str, now: str) -> dict[str, Any]:
    """Reports and cases are such as every page can read; nobody needs to read the others."""
    content = {"type": kind, "text": "MARK", "observed_at": now, "saved_at": now}
    of_case = {"indicator": "4.2.1", "severity": "general"}
    more: dict[str, dict[str, Any]] = {
        "report": of_case | {"photos": ["MARK"]},
        "case": of_case | {"step": "opened", "author": "another"},
        "service": {"topic": "修路", "amount": 1, "unit": "公里"},
    }
    return content | more.get(kind, {"ids": ["MARK"], "received_at": now})


def _joint_content(kind: str, division: str, now: str) -> dict[str, Any]:
    """Such as every page can read. The department of the county leads what its meeting decided."""
    village = (division + OWN[len(division) :])[:12] if OWN.startswith(division) else FOREIGN
    more: dict[str, dict[str, Any]] = {
        "patrol": {"step": "planned", "villages": [village], "since": "2026-01-01", "until": "2099-01-01"},
        "inspection": {"is_planned": False, "text": "看过"},
        "agenda": {
            "topic": "joint_conference",
            "held_on": "2026-12-01",
            "items": [{"section": "next", "text": "MARK"}],
        },
        "meeting": {
            "topic": "joint_conference",
            "resolutions": [{"matter": "MARK", "decision": "MARK", "lead": "民政", "due": "2099-01-01"}],
        },
        "carrying": {"about": "MARK", "line": 0, "step": "done", "office": "民政"},
        "team": {"step": "sent", "office": division[:6]},
    }
    said = {} if kind in ("agenda", "meeting") else {"text": "MARK"}
    return {"type": kind, "observed_at": now, "saved_at": now, **said, **more[kind]}


def lights(village: str, cases: list[str]) -> dict[str, Any]:
    """A village's lights document with open cases."""
    of_case = {"indicator": "4.2.1", "severity": "general", "opened_on": "2026-11-01", "due": "2099-11-01"}
    return {
        "type": "lights",
        "lights": "g" * 90,
        "catalogue": default_catalogue().version,
        "policy": default_policy().version,
        "cases": [{"case": case, **of_case} for case in cases],
    }


Route = tuple[str, str]
#: Asks a route for whatever it gives; the role is what asks.
Listing = Callable[[httpx.Client, World, str], Iterator[httpx.Response]]
#: Asks a route for one id in a database; the last is a revision that it has, if it is there.
Probe = Callable[[httpx.Client, str, str, str], Iterator[httpx.Response]]

DB, DOC, LOCAL = "/db/{database}", "/db/{database}/{document_id}", "/db/{database}/_local/{local_id}"
DIVISIONS = (CITY, COUNTY, TOWNSHIP, OWN, SIBLING, NEXT_TOWNSHIP, FOREIGN, FOREIGN[:6])


def _in_each(path: str, **more: Any) -> Listing:
    """In each database of the city, whether it is the role's or not."""
    method = "POST" if "json" in more else "GET"

    def ask(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
        for database in (database_of(CITY), database_of(COUNTY), database_of(FOREIGN)):
            yield client.request(method, f"/db/{database}{path}", **more)

    return ask


def _at_each(path: str) -> Listing:
    """At each division."""

    def ask(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
        for code in DIVISIONS:
            yield client.get(path.format(code=code))

    return ask


def _once(path: str) -> Listing:
    def ask(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
        yield client.get(path)

    return ask


def _feeds(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
    for query in (
        "limit=1000",
        "limit=1000&include_docs=true",
        "since=0&include_docs=true",
        "since=now",
        "feed=longpoll&include_docs=true&limit=100&timeout=50",
        "feed=longpoll&since=now&timeout=50",
        "feed=continuous&include_docs=true&timeout=50",
        "limit=3&include_docs=true",
        "filter=_view",
        "feed=eventsource",
        "since=range~",
    ):
        yield from _in_each(f"/_changes?{query}")(client, world, role)


def _streams(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
    """The first event of each division's stream; one that has never been comes at once."""
    for code in DIVISIONS:
        with client.stream("GET", f"/board/{code}/events", headers={"Last-Event-ID": "other-1"}) as answer:
            first = next(answer.iter_text()) if answer.is_success else answer.read().decode()
        yield httpx.Response(answer.status_code, headers=_without_length(answer), text=first)


def _without_length(answer: httpx.Response) -> dict[str, str]:
    return {k: v for k, v in answer.headers.items() if k not in ("content-length", "content-encoding")}


def _logins(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
    for body in ({"alias": "unheard", "password": "wrong"}, {"alias": 7}, {}):
        yield client.post("/auth/login", json=body)


def _codes(path: str) -> Listing:
    def ask(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
        yield client.post(path, json={"code": "x" * 27, "device": "any", "key": {}})

    return ask


def _ledgers(path: str) -> Listing:
    """Whole, and of each division, whoever's it is."""

    def ask(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
        for query in ({}, *({"division": code} for code in DIVISIONS)):
            yield client.get(path, params=query)

    return ask


def _refreshes(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
    yield client.post("/auth/refresh", json={"refresh_token": client.headers.get("authorization", "")[7:]})


def _circulates(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
    for path in ("/notices/circulars", "/notices/circulars/preview", "/notices/circulars/preview/paper.pdf"):
        yield client.post(path, json={"ulid": str(ULID()), "month": "2099-01", "asked": ["试探"]})


def _issues(kind: str) -> Listing:
    """Issuing a paper in each village about a case that is not there."""

    def ask(client: httpx.Client, world: World, role: str) -> Iterator[httpx.Response]:
        body = {"case": str(ULID()), "reported": "试探", "asked": ["试探"], "due": "2099-01-01", "department": "民政"}
        for village in (OWN, SIBLING, NEXT_TOWNSHIP, FOREIGN):
            yield client.post(f"/notices/{kind}", json=body | {"ulid": str(ULID()), "village": village})

    return ask


LISTINGS: dict[Route, Listing] = {
    ("GET", "/notices"): _once("/notices"),
    ("GET", "/notices/register/{form}"): _once("/notices/register/csv"),
    ("POST", "/notices/warnings"): _issues("warnings"),
    ("POST", "/notices/warnings/preview"): _issues("warnings/preview"),
    ("POST", "/notices/warnings/preview/paper.pdf"): _issues("warnings/preview/paper.pdf"),
    ("POST", "/notices/orders"): _issues("orders"),
    ("POST", "/notices/orders/preview"): _issues("orders/preview"),
    ("POST", "/notices/orders/preview/paper.pdf"): _issues("orders/preview/paper.pdf"),
    ("POST", "/notices/circulars"): _circulates,
    ("POST", "/notices/circulars/preview"): _circulates,
    ("POST", "/notices/circulars/preview/paper.pdf"): _circulates,
    ("POST", "/auth/login"): _logins,
    ("POST", "/auth/refresh"): _refreshes,
    ("POST", "/auth/enrol"): _codes("/auth/enrol"),
    ("POST", "/auth/enrol/look"): _codes("/auth/enrol/look"),
    ("GET", "/auth/me"): _once("/auth/me"),
    ("GET", "/board/{code}"): _at_each("/board/{code}"),
    ("GET", "/board/{code}/events"): _streams,
    ("GET", "/board/{code}/history"): _at_each("/board/{code}/history"),
    ("GET", "/board/{code}/lamps/{form}"): _at_each("/board/{code}/lamps/csv"),
    ("GET", "/photos/of/{village}"): _at_each("/photos/of/{code}"),
    ("GET", "/cases"): _once("/cases"),
    ("GET", "/casework/tasks"): _once("/casework/tasks"),
    ("GET", "/casework/tasks/{form}"): _once("/casework/tasks/csv"),
    ("GET", "/casework/statistics/{code}"): _at_each("/casework/statistics/{code}?since=2026-01-01&until=2026-12-31"),
    ("GET", "/casework/statistics/{code}/{form}"): _at_each(
        "/casework/statistics/{code}/csv?since=2026-01-01&until=2026-12-31"
    ),
    ("GET", "/casework/behind/{code}"): _at_each(
        "/casework/behind/{code}?since=2026-01-01&until=2026-12-31&figure=disputes.found"
    ),
    ("GET", "/casework/behind/{code}/{form}"): _at_each(
        "/casework/behind/{code}/csv?since=2026-01-01&until=2026-12-31&figure=disputes.found"
    ),
    ("GET", "/evaluations/{code}/{period}"): _at_each("/evaluations/{code}/2026H1"),
    ("GET", "/evaluations/{code}/{period}/{form}"): _at_each("/evaluations/{code}/2026H1/csv"),
    ("GET", "/evaluations/{code}/{version}/evidence"): _at_each("/evaluations/{code}/2026H1/evidence"),
    ("GET", "/evaluations/{code}/{version}/evidence/{form}"): _at_each("/evaluations/{code}/2026H1/evidence/csv"),
    ("GET", "/patrols/open"): _once("/patrols/open"),
    ("GET", "/patrols/{code}"): _at_each("/patrols/{code}"),
    ("GET", "/patrols/{code}/{form}"): _at_each("/patrols/{code}/csv"),
    ("GET", "/joint/meetings/{code}"): _at_each("/joint/meetings/{code}"),
    ("GET", "/joint/meetings/{code}/{form}"): _at_each("/joint/meetings/{code}/csv"),
    ("GET", "/joint/agenda/{code}"): _at_each("/joint/agenda/{code}"),
    ("GET", "/joint/resolutions"): _once("/joint/resolutions"),
    ("GET", "/joint/resolutions/{code}/{form}"): _at_each("/joint/resolutions/{code}/csv"),
    ("GET", "/joint/teams/{code}"): _at_each("/joint/teams/{code}"),
    ("GET", "/joint/teams/{code}/{form}"): _at_each("/joint/teams/{code}/csv"),
    ("GET", "/informants/{code}"): _at_each("/informants/{code}"),
    ("GET", "/informants/{code}/register/{form}"): _at_each("/informants/{code}/register/csv"),
    ("GET", "/informants/{code}/coverage/{form}"): _at_each("/informants/{code}/coverage/csv"),
    ("GET", "/informants/{code}/trainings"): _at_each("/informants/{code}/trainings"),
    ("GET", "/informants/{code}/trainings/{form}"): _at_each("/informants/{code}/trainings/csv"),
    ("GET", "/informants/{code}/allowance"): _at_each("/informants/{code}/allowance?month=2026-11"),
    ("GET", "/informants/{code}/allowance/{form}"): _at_each("/informants/{code}/allowance/csv?month=2026-11"),
    ("GET", "/pledges/{code}"): _at_each("/pledges/{code}"),
    ("GET", "/pledges/{code}/{form}"): _at_each("/pledges/{code}/csv"),
    ("GET", "/records/{kind}/{code}"): _at_each("/records/service/{code}"),
    ("GET", "/truthfulness/{code}"): _at_each("/truthfulness/{code}"),
    ("GET", "/truthfulness/{code}/{form}"): _at_each("/truthfulness/{code}/csv"),
    ("GET", "/truthfulness/{code}/{part}/{form}"): _at_each("/truthfulness/{code}/candidates/csv"),
    ("GET", "/watch/{code}"): _at_each("/watch/{code}"),
    ("GET", "/watch/{code}/{form}"): _at_each("/watch/{code}/csv"),
    ("GET", "/casework/services/{code}"): _at_each("/casework/services/{code}"),
    ("GET", "/casework/services/{code}/{form}"): _at_each("/casework/services/{code}/csv"),
    ("GET", "/casework/overview/{code}"): _at_each("/casework/overview/{code}"),
    ("GET", "/casework/overview/{code}/{form}"): _at_each("/casework/overview/{code}/csv"),
    ("GET", "/casework/overview/{code}/parts/{form}"): _at_each("/casework/overview/{code}/parts/csv"),
    ("GET", "/casework/overview/{code}/trend/{form}"): _at_each("/casework/overview/{code}/trend/csv"),
    ("GET", "/casework/overview/{code}/weeks/{until}"): _at_each("/casework/overview/{code}/weeks/2026-11-22"),
    ("GET", "/casework/overview/{code}/weeks/{until}/{form}"): _at_each(
        "/casework/overview/{code}/weeks/2026-11-22/csv"
    ),
    ("GET", "/casework/terminal/{code}"): _at_each("/casework/terminal/{code}"),
    ("GET", "/casework/terminal/{code}/{form}"): _at_each("/casework/terminal/{code}/csv"),
    ("GET", "/casework/terminal/{code}/months/{form}"): _at_each("/casework/terminal/{code}/months/csv"),
    ("GET", "/casework/ledger"): _ledgers("/casework/ledger"),
    ("GET", "/casework/ledger/{form}"): _ledgers("/casework/ledger/csv"),
    ("GET", "/quarantine"): _once("/quarantine"),
    ("GET", "/quarantine/{form}"): _once("/quarantine/csv"),
    ("GET", "/devices"): _once("/devices"),
    ("GET", "/devices/{form}"): _once("/devices/csv"),
    ("GET", DB): _in_each(""),
    ("GET", f"{DB}/_changes"): _feeds,
    ("POST", f"{DB}/_pull"): _in_each("/_pull", json={}),
    ("POST", f"{DB}/_ensure_full_commit"): _in_each("/_ensure_full_commit", json={}),
}


def _document(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    path = f"/db/{database}/{identity}"
    for query in ("", "?revs=true", f"?rev={rev}", "?open_revs=all", f'?open_revs=["{rev}"]', "?attachments=true"):
        yield client.get(path + query)
    yield client.get(f"{path}?open_revs=all", headers={"Accept": "multipart/mixed"})
    yield client.get(f"{path}/photo.jpg")
    yield client.get(f'/db/{database}/_all_docs?key="{identity}"')


def _named(path: str, body: Callable[[str, str], Any]) -> Probe:
    def ask(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
        yield client.post(f"/db/{database}{path}", json=body(identity, rev))

    return ask


def _hand_in(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.post("/hand-in", json={"docs": [_forged(identity, rev)]})


def _put_document(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.put(f"/db/{database}/{identity}", json=_forged(identity, rev))
    yield client.put(f"/db/{database}/{identity}?new_edits=false", json=_forged(identity, rev) | {"_deleted": True})


def _forged(identity: str, rev: str) -> dict[str, Any]:
    """A document that would be taken at that id, were it the writer's to write."""
    kind, now = identity.split(":")[1], stamp(datetime.now(UTC))
    more = {"report": {"indicator": "4.2.1", "severity": "general"}, "case": {"step": "progress"}}
    content = {"_id": identity, "_rev": rev, "type": kind, "observed_at": now, "saved_at": now, "text": "试探"}
    return content | more.get(kind, {})


def _get_local(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.get(f"/db/{database}/_local/{identity}")


def _put_local(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    for body in ({"last_seq": 1, "_rev": "0-1"}, {"last_seq": 1}):
        yield client.put(f"/db/{database}/_local/{identity}", json=body)


def _pull_beyond(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    """A tablet that says to hold what is not its own."""
    for holds in ([identity], [identity[:4]]):
        yield client.post(f"/db/{database}/_pull", json={"holds": holds, "since": f"range~~{identity}~0"})
    yield client.post(f"/db/{database}/_pull", json={"only": [identity]})


def _release(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.post(f"/quarantine/{identity}/release")


def _dismiss(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.post(f"/quarantine/{identity}/dismiss", json={"text": "试探"})


def _case_of(identity: str) -> str:
    """Where the case that a document is about would stand."""
    division, kind, *rest = identity.split(":")
    return f"/casework/cases/{division}/{(rest[0] if kind == 'case' else rest[-1]) if rest else kind}"


def _case_file(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.get(_case_of(identity))


def _record_step(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    body = {"ulid": str(ULID()), "step": "progress", "text": "试探"}
    yield client.post(f"{_case_of(identity)}/steps", json=body)


def _seal(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.post(f"{_case_of(identity)}/sealed/read")
    yield client.post(f"{_case_of(identity)}/sealed", json={"ulid": str(ULID()), "text": "试探"})


def _answer(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.get(f"{_case_of(identity)}/answers")
    yield client.post(f"{_case_of(identity)}/answers", json={"ulid": str(ULID()), "text": "试探"})


def _enter_report(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    division = identity.partition(":")[0]
    if identity.endswith(":lights"):  # whose ghost is a village that the register has not, which is no secret
        return
    body = {"village": division, "indicator": "4.2.1", "severity": "general", "channel": "hotline", "text": "试探"}
    yield client.post("/casework/reports", json=body | {"ulid": str(ULID()), "office": "371799"})


def _decide(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    if not identity.endswith(":lights"):
        body = {"ulid": str(ULID()), "about": f"{identity.partition(':')[0]}:evaluation:2026H1", "score": 1}
        yield client.post("/evaluations/decisions", json=body | {"text": "13812345678"})  # never taken


def _enter_service(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    if identity.endswith(":lights"):
        return
    body = {"ulid": str(ULID()), "division": identity.partition(":")[0], "topic": "修路", "amount": 0, "unit": ""}
    yield client.post("/casework/services", json=body | {"text": "13812345678"})  # never taken


def _lot(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.get(f"/patrols/lots/{identity}/csv")
    yield client.post("/patrols/draws", json={"ulid": str(ULID()), "about": identity, "word": "13812345678"})


def _works_jointly(path: str, **fields: Any) -> Probe:
    """Writes for the division of an id, about that id; what it says is never taken."""

    def ask(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
        division = identity.partition(":")[0]
        if identity.endswith(":lights"):
            return
        village = division if len(division) == 12 else FOREIGN
        said = {
            name: {"DIVISION": division, "VILLAGE": village, "ID": identity}.get(str(v), v)
            for name, v in fields.items()
        }
        body = {"ulid": str(ULID()), "text": "13812345678"} | said
        yield client.post(path, json={name: value for name, value in body.items() if value is not None})

    return ask


def _of_informants(path: str, **fields: Any) -> Probe:
    """Entering something of an informant where a document lies; never taken."""

    def ask(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
        if identity.endswith(":lights"):
            return
        division, where = identity.partition(":")[0], "division" if path == "trainings" else "village"
        yield client.post(f"/informants/{path}", json={"ulid": str(ULID()), where: division, **fields})

    return ask


_TERM = {"since": "2026-01-01", "until": "2099-01-01"}


def _settle(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    """Saying of what lies there that somebody did not report it; and deciding on it."""
    if identity.endswith(":lights"):
        return
    said = {"village": identity.partition(":")[0], "about": identity, "finding": "missed", "text": "13812345678"}
    for step in ({"step": "confirmed", "alias": "nobody"}, {"step": "set_aside"}):
        yield client.post("/truthfulness/findings", json={"ulid": str(ULID()), **said, **step})  # never taken


def _judge(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    body = {"ulid": str(ULID()), "about": identity, "step": "upheld", "text": "13812345678"}
    yield client.post("/truthfulness/judgements", json=body)


def _appeal(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    yield client.post("/truthfulness/appeals", json={"ulid": str(ULID()), "about": identity, "text": "13812345678"})


def _sanction(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    if identity.endswith(":lights"):
        return
    body = {"village": identity.partition(":")[0], "alias": "nobody", "omissions": [identity], "disciplines": []}
    yield client.post("/truthfulness/sanctions", json={"ulid": str(ULID()), "text": "试探", **body})


def _verdict(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    body = {"village": identity.partition(":")[0], "is_right": True, "text": "13812345678"}
    yield client.post("/watch/verdicts", json={"ulid": str(ULID()), **body})  # never taken


def _photo(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    path, tus = f"/photos/{identity}/{'0' * 64}", {"Tus-Resumable": "1.0.0"}
    yield client.get(path)
    yield client.get(f"{path}/thumbnail")
    yield client.head(path, headers=tus)
    piece = tus | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    yield client.patch(path, headers=piece, content=b"x")
    named = [
        f"{name} {b64encode(value.encode()).decode()}" for name, value in (("report", identity), ("sha256", "0" * 64))
    ]
    yield client.post("/photos", headers=tus | {"Upload-Length": "9", "Upload-Metadata": ",".join(named)})


def _notice(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    path = f"/notices/{identity}"
    for ending in ("", "/paper.pdf", "/paper.docx"):
        yield client.get(path + ending)
    yield client.post(f"{path}/acknowledge")
    yield client.post(f"{path}/withdraw", json={"ulid": str(ULID()), "text": "电话13812345678"})  # never taken


def _publish(client: httpx.Client, database: str, identity: str, rev: str) -> Iterator[httpx.Response]:
    body = {"ulid": str(ULID()), "about": identity, "copies": ["13812345678"]}
    yield client.post("/notices/meetings", json=body)  # never taken


PROBES: dict[Route, Probe] = {
    ("POST", "/notices/meetings"): _publish,
    **dict.fromkeys(
        (
            ("GET", "/notices/{notice_id}"),
            ("GET", "/notices/{notice_id}/paper.pdf"),
            ("GET", "/notices/{notice_id}/paper.docx"),
            ("POST", "/notices/{notice_id}/acknowledge"),
            ("POST", "/notices/{notice_id}/withdraw"),
        ),
        _notice,
    ),
    **dict.fromkeys(
        (
            ("POST", "/photos"),
            ("PATCH", "/photos/{report}/{sha256}"),
            ("GET", "/photos/{report}/{sha256}"),
            ("GET", "/photos/{report}/{sha256}/thumbnail"),
        ),
        _photo,
    ),
    ("GET", "/casework/cases/{village}/{case}"): _case_file,
    ("POST", "/casework/cases/{village}/{case}/steps"): _record_step,
    ("GET", "/casework/cases/{village}/{case}/answers"): _answer,
    ("POST", "/casework/cases/{village}/{case}/answers"): _answer,
    ("POST", "/casework/reports"): _enter_report,
    ("POST", "/casework/cases/{village}/{case}/sealed"): _seal,
    ("POST", "/casework/cases/{village}/{case}/sealed/read"): _seal,
    ("POST", "/casework/services"): _enter_service,
    **dict.fromkeys((("GET", "/patrols/lots/{patrol_id}/{form}"), ("POST", "/patrols/draws")), _lot),
    ("POST", "/patrols/plans"): _works_jointly("/patrols/plans", division="DIVISION", villages=[OWN], **_TERM),
    ("POST", "/patrols/lots"): _works_jointly("/patrols/lots", division="DIVISION", count=1, **_TERM),
    ("POST", "/patrols/inspections"): _works_jointly("/patrols/inspections", village="VILLAGE", patrol="ID"),
    ("POST", "/joint/agendas"): _works_jointly(
        "/joint/agendas", text=None, division="DIVISION", held_on="2026-12-01", items=[{"section": "next", "text": "1"}]
    ),
    ("POST", "/joint/agendas/withdrawals"): _works_jointly("/joint/agendas/withdrawals", about="ID"),
    ("POST", "/joint/meetings"): _works_jointly(
        "/joint/meetings", division="DIVISION", resolutions=[], departments=[], about="ID"
    ),
    ("POST", "/joint/carrying"): _works_jointly("/joint/carrying", about="ID", line=0, step="done"),
    ("POST", "/joint/teams"): _works_jointly("/joint/teams", village="VILLAGE", office=COUNTY, about="ID"),
    ("POST", "/records/withdrawals"): _works_jointly("/records/withdrawals", withdraws="ID"),
    ("POST", "/evaluations/decisions"): _decide,
    ("POST", "/truthfulness/findings"): _settle,
    ("POST", "/truthfulness/judgements"): _judge,
    ("POST", "/truthfulness/appeals"): _appeal,
    ("POST", "/truthfulness/sanctions"): _sanction,
    ("POST", "/watch/verdicts"): _verdict,
    ("POST", "/informants/appointments"): _of_informants("appointments", alias="nobody"),
    ("POST", "/informants/settlements"): _of_informants(
        "settlements", natural_villages=[{"name": "电话13812345678", "households": 1, "people": 1}]
    ),
    ("POST", "/informants/pledges"): _of_informants("pledges", signer="nobody", until="1999-01-01"),
    ("POST", "/informants/trainings"): _of_informants("trainings", topic="电话13812345678", attended=1),
    ("GET", DOC): _document,
    ("PUT", DOC): _put_document,
    ("GET", LOCAL): _get_local,
    ("PUT", LOCAL): _put_local,
    ("POST", "/hand-in"): _hand_in,
    ("POST", f"{DB}/_bulk_docs"): _named(
        "/_bulk_docs", lambda identity, rev: {"docs": [_forged(identity, rev)], "new_edits": False}
    ),
    ("POST", f"{DB}/_bulk_get"): _named(
        "/_bulk_get?revs=true&latest=true", lambda identity, rev: {"docs": [{"id": identity, "rev": rev}]}
    ),
    ("POST", f"{DB}/_revs_diff"): _named("/_revs_diff", lambda identity, rev: {identity: [rev, "9-" + "0" * 32]}),
    ("POST", f"{DB}/_changes"): _named(
        "/_changes?filter=_doc_ids&include_docs=true", lambda identity, rev: {"doc_ids": [identity]}
    ),
    ("POST", f"{DB}/_pull"): _pull_beyond,
    ("POST", "/quarantine/{quarantine_id}/release"): _release,
    ("POST", "/quarantine/{quarantine_id}/dismiss"): _dismiss,
}
#: What everybody may read, the register among it: it is public data.
PUBLIC: set[Route] = {
    ("POST", "/auth/logout"),
    ("PUT", DB),
    ("GET", "/db"),
    ("GET", "/divisions/{code}"),
    ("GET", "/divisions/{code}/below"),
    ("GET", "/catalogue"),
    ("GET", "/health"),
    *(("GET", path) for path in ("/", "/board", "/tablet", "/assets/{file_path}", "/tablet/{file_path}")),
    *(("GET", path) for path in ("/schema", "/schema/openapi.json", "/schema/{path}")),
}
#: Act on an account that is named, not on a document, or on the asker's own.
OF_ACCOUNTS: set[Route] = {
    ("POST", "/devices/revoke"),
    ("POST", "/devices/wiped"),
    ("POST", "/devices/enrolments"),
    ("POST", "/parcels"),
    ("POST", "/parcels/look"),
    ("POST", "/informants/names"),
    ("POST", "/informants/names/read"),
}
#: Nobody's session is needed to log in.
OPEN = {("POST", "/auth/login"), ("POST", "/auth/refresh"), ("POST", "/auth/enrol"), ("POST", "/auth/enrol/look")}


def text_of(answer: httpx.Response) -> str:
    """All that an answer says: status, headers and the unpacked body."""
    headers = "\n".join(f"{k}: {v}" for k, v in answer.headers.multi_items() if k != "date")
    return f"{answer.status_code}\n{headers}\n{answer.text}"


def test_every_route_has_its_questions(tmp_path: Path) -> None:
    app = create_app(Settings(token_secret=secrets.token_hex(32), data_dir=tmp_path), "http://127.0.0.1:9")
    offered = {
        (method, getattr(route, "path_format", route.path))
        for route in app.routes
        for method in getattr(route, "methods", {"WS"})
        if method not in ("OPTIONS", "HEAD")
    }
    assert offered == LISTINGS.keys() | PROBES.keys() | OF_ACCOUNTS | PUBLIC


@pytest.mark.parametrize("role", ROLES)
def test_a_role_finds_all_that_is_its_own_and_nothing_else(world: World, role: str) -> None:
    client, found = world.client(role), set[str]()
    for database in world.databases[role]:
        rows = client.get(f"/db/{database}/_changes?limit=1000").json()["results"]
        found |= {row["id"] for row in rows}
        answer = client.post(f"/db/{database}/_pull", json={})
        if role == "leader":  # who looks only has no tablet
            assert answer.status_code == 403
            continue
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert {row["id"] for row in rows} == {line["_id"] for line in lines if "_id" in line}
    planted = {one.id for one in world.documents}
    assert found & planted == {one.id for one in world.documents if role in one.replicators}
    assert found - planted <= {f"{CITY}:register"}


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_a_route_gives_away_is_anothers(world: World, role: str) -> None:
    hidden, client, told = world.hidden_from(role), world.client(role), ""
    for route, ask in LISTINGS.items():
        for answer in ask(client, world, role):
            text = text_of(answer)
            assert answer.status_code < 500, (route, text)
            leaked = [secret for secret in hidden if secret in text]
            assert not leaked, (route, leaked)
            told += text
    known = {secret for secret, readers in world.secrets if role in readers}
    assert [secret for secret in known if secret not in told] == []  # the search would have found them


@pytest.mark.parametrize("role", ROLES)
def test_what_is_anothers_is_answered_like_what_is_not_there(world: World, role: str) -> None:
    hidden, client = world.hidden_from(role), world.client(role)
    targets = [one for one in [*world.documents, *world.refused] if role not in one.readers]
    for one in targets:
        for route, ask in PROBES.items():
            if one.id.endswith(":lights") and "revision" not in one.content and route[0] == "PUT":
                continue
            there, absent = (
                [text_of(answer).replace(identity, "ID") for answer in ask(client, one.database, identity, rev)]
                for identity, rev in ((one.id, one.content["_rev"]), (one.ghost, one.content["_rev"]))
            )
            assert there == absent, (route, one.id)
            assert [s for s in hidden if s in "".join(there)] == [], (route, one.id)
    for one in targets:
        assert world.city.raw(f"{one.database}/{one.id}")["_rev"] == one.content["_rev"]


@pytest.mark.parametrize("role", ROLES)
def test_databases_that_nobody_reaches_are_answered_like_such_that_are_not_there(world: World, role: str) -> None:
    client, there = world.client(role), world.documents[0]
    for hidden in ("d110-staff", "d110-quarantine", "_users", "_replicator"):
        for ask in (probe for (_, path), probe in PROBES.items() if path.startswith(DB)):
            pairs = [
                [text_of(answer) for answer in ask(client, database, there.id, there.content["_rev"])]
                for database in (hidden, "d" * len(hidden))
            ]
            assert pairs[0] == pairs[1]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in EVERYWHERE])
def test_an_account_of_another_office_is_answered_like_none(world: World, role: str) -> None:
    bodies = {"/devices/revoke": {"device": "any"}, "/devices/enrolments": {"device": "any"}}
    for path, body in (bodies | {"/informants/names/read": {}, "/informants/names": {"name": "试探"}}).items():
        answers = [
            text_of(world.client(role).post(path, json={"alias": alias, **body}))
            for alias in (UNHEARD_OF, "no-such-one")
        ]
        assert answers[0] == answers[1]
        assert answers[0].startswith(("403", "404"))


def test_nobody_learns_anything_without_a_session(world: World) -> None:
    one = world.documents[0]
    with httpx.Client(base_url=world.city.url) as nobody:
        for route, ask in LISTINGS.items():
            if route not in OPEN:
                assert {answer.status_code for answer in ask(nobody, world, "nobody")} == {401}, route
        for route, probe in PROBES.items():
            answers = list(probe(nobody, one.database, one.id, one.content["_rev"]))
            assert {answer.status_code for answer in answers} <= {401, 404}, route
            assert not [s for s in world.hidden_from("nobody") for a in answers if s in text_of(a).replace(one.id, "")]


@pytest.mark.parametrize("role", ROLES)
def test_a_live_board_tells_of_no_other_village(world: World, role: str) -> None:
    client = world.client(role)
    division = OWN if role == "department" else client.get("/auth/me").json()["divisions"][0]
    board = client.get(f"/board/{division}").json()
    headers = {"Last-Event-ID": board["event_id"]}
    told = ""
    with client.stream("GET", f"/board/{division}/events", headers=headers) as stream:
        for village in (FOREIGN, NEXT_TOWNSHIP, SIBLING, OWN):  # the own last: all before it has been told by then
            path = f"{world.city.store.url}/{database_of(village)}/{village}:lights"
            document = httpx.get(path).json()
            document["lights"] = document["lights"].translate(str.maketrans("gr", "rg"))
            assert httpx.put(path, json=document).status_code == 201
            _wait_until_shown(world, village, document["lights"])
        for text in stream.iter_text():
            told += text
            if f'"{OWN}"' in told:
                break
    hidden = {village for village, readers in LIT if role not in readers | {"department"}}
    hidden |= {SIBLING, NEXT_TOWNSHIP, FOREIGN} if role == "department" else set()
    assert [village for village in hidden if village in told] == []


def _wait_until_shown(world: World, village: str, letters: str) -> None:
    client = world.client("city")
    assert any(client.get(f"/board/{village}").json()["lights"] == letters for _ in range(1_000))
