"""Parcels at the station: looked at, and taken in as if their tablet had sent them itself."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from litestar import Controller, post
from msgspec import Raw

from models.divisions import Register
from models.ids import database_of
from sync_api.access.accounts import Role, Session
from sync_api.errors import BadRequest, Forbidden, GatewayError
from sync_api.parcels.sealing import Parcel, altered
from sync_api.parts import Gateway, Parts, SessionRequest, offices_only, requires_session
from sync_api.photos.pictures import PictureError
from sync_api.photos.routes import own_photo
from sync_api.photos.store import WrongHash, WrongOffset
from sync_api.replication.bodies import read_body
from sync_api.replication.intake import UNREADABLE, read_id
from sync_api.replication.push import PushRow

#: As many as a tablet sends at a time.
_BATCH_DOCUMENTS: Final = 100


class Place(msgspec.Struct):
    code: str
    name: str


class ParcelView(msgspec.Struct):
    """What is in it, and none of what it says. ``kinds``: how many documents of each kind; ``known``: how many of them
    the store has already; ``is_shut_off``: its device or account was, so that all of it waits for an office."""

    alias: str
    role: Role
    device: str
    made_at: datetime
    part: int
    parts: int
    villages: list[Place]
    kinds: dict[str, int]
    known: int
    photos: int
    since: datetime | None
    until: datetime | None
    is_shut_off: bool


class Untaken(msgspec.Struct):
    """What was not taken, in both languages; ``is_kept``: it waits in quarantine for an office."""

    id: str
    reason: str
    is_kept: bool = False


class ParcelTaken(msgspec.Struct):
    """``stored`` and ``known`` lie in the store, ``photos`` as well; the tablet learns of it by its next sync."""

    stored: int
    known: int
    photos: int
    refused: list[Untaken]
    photos_refused: list[Untaken]


class _Seen(msgspec.Struct):
    """Of a document what a parcel's summary tells."""

    id: str = msgspec.field(name="_id", default="")
    type: str = ""
    saved_at: datetime | None = None


class ParcelsController(Controller):
    path = "/parcels"
    tags = ("parcels",)
    guards = (requires_session,)

    @post("/look", operation_id="lookAtParcel", status_code=200)
    async def look(self, request: SessionRequest, gateway: Parts) -> ParcelView:
        """What is in a parcel, which is the body. 400 ``no_parcel``, ``parcel_cut``, ``parcel_altered``,
        ``parcel_of_others``, ``unknown_device``; 403 ``not_looked_after``; 413."""
        parcel, author = await _opened(gateway, request)
        register = (await gateway.installation.setup()).register
        seen = [*map(_seen, parcel.head.docs)]
        villages = sorted({one.id.partition(":")[0] for one in seen} | {p.report[:12] for p in parcel.head.photos})
        times = sorted(one.saved_at for one in seen if one.saved_at is not None)
        return ParcelView(
            alias=author.account.alias,
            role=author.account.role,
            device=author.device,
            made_at=parcel.head.made_at,
            part=parcel.head.part,
            parts=parcel.head.parts,
            villages=[Place(code, register.divisions[code].name) for code in villages if code in register.divisions],
            kinds=dict(Counter(one.type for one in seen)),
            known=len(await _known(gateway, register, [one.id for one in seen])),
            photos=len(parcel.pictures),
            since=times[0] if times else None,
            until=times[-1] if times else None,
            is_shut_off=author.is_revoked,
        )

    @post("/", operation_id="takeParcel", status_code=200)
    async def take(self, request: SessionRequest, gateway: Parts) -> ParcelTaken:
        """Take it in: each document is judged as if its author's tablet had pushed it, or handed it in where it may not
        push any more, and so is each photo. The same one again changes nothing. As ``/parcels/look``."""
        office = offices_only(request)
        parcel, author = await _opened(gateway, request)
        register = (await gateway.installation.setup()).register
        known = await _known(gateway, register, [read_id(bytes(raw)) for raw in parcel.head.docs])
        digest = hashlib.sha256(parcel.signed.encode()).hexdigest()[:16]
        details = {"device": author.device, "documents": str(len(parcel.head.docs)), "parcel": digest}
        details |= {"photos": str(len(parcel.pictures)), "made_at": parcel.head.made_at.isoformat(timespec="seconds")}
        await gateway.audit.record(office.alias, "parcel_taken", author.account.alias, **details)
        async with gateway.admission.turn(author.account.alias):
            rows = await _push(gateway, author, parcel.head.docs)
            photos_refused = await _take_photos(gateway, author, parcel)
        stored = [row.id for row in rows if row.ok]
        return ParcelTaken(
            stored=sum(identity not in known for identity in stored),
            known=sum(identity in known for identity in stored),
            photos=len(parcel.pictures) - len(photos_refused),
            refused=[Untaken(row.id, row.reason, row.error == "forbidden") for row in rows if not row.ok],
            photos_refused=photos_refused,
        )


async def _opened(gateway: Gateway, request: SessionRequest) -> tuple[Parcel, Session]:
    """The parcel in the body, and whose it is: signed by the key of a device that is enrolled for the account."""
    office = offices_only(request)
    parcel = await asyncio.to_thread(gateway.parcel_key.open, await read_body(request))
    head = parcel.head
    author = await gateway.gate.session_of(head.alias, head.device)
    record = await gateway.keys.find(head.alias, head.device)
    if author is None or record is None:
        zh = "本系统没有登记过这台平板，不能代收。"
        raise BadRequest("unknown_device", zh, "No such tablet was ever enrolled here: it cannot be taken in.")
    if not record.key.has_signed(parcel.signed, parcel.signature):
        raise altered()
    if not office.may_manage(author.account):
        zh = "这个离线包不是本单位所辖账号的，请交给该账号自己的管理站。"
        en = "It belongs to an account that this office does not look after: give it to the account's own station."
        raise Forbidden("not_looked_after", zh, en)
    return parcel, author


async def _push(gateway: Gateway, author: Session, docs: Sequence[Raw]) -> list[PushRow]:
    """As the tablet does: what belongs to where its author works is pushed, anything else handed in."""
    setup = await gateway.installation.setup()
    by_place: dict[str | None, list[Raw]] = defaultdict(list)
    for raw in docs:
        division = read_id(bytes(raw)).partition(":")[0]
        is_here = division in setup.register.divisions and division.startswith(author.account.divisions)
        by_place[database_of(division) if is_here else None].append(raw)
    rows: list[PushRow] = []
    for database, batch in _batches(by_place):
        if database is None:
            rows += await gateway.push.hand_in(author, setup, batch)
        else:
            rows += await gateway.push.take(author, setup, database, batch)
    return rows


def _batches(by_place: dict[str | None, list[Raw]]) -> Iterator[tuple[str | None, list[Raw]]]:
    for database, raws in by_place.items():
        for at in range(0, len(raws), _BATCH_DOCUMENTS):
            yield database, raws[at : at + _BATCH_DOCUMENTS]


async def _take_photos(gateway: Gateway, author: Session, parcel: Parcel) -> list[Untaken]:
    """Put the photos in after their reports; those that could not be, which stay on the tablet."""
    refused = []
    for named, picture in zip(parcel.head.photos, parcel.pictures, strict=True):
        try:
            await gateway.photos.take(await own_photo(gateway, author, named.report, named.sha256), picture)
        except (GatewayError, PictureError) as error:
            refused.append(Untaken(named.report, f"{error.zh} / {error.en}"))
        except WrongHash:
            refused.append(Untaken(named.report, "照片已损坏。 / The photo is damaged."))
        except WrongOffset:
            refused.append(Untaken(named.report, "平板正在上传这张照片。 / The tablet is just sending it."))
    return refused


async def _known(gateway: Gateway, register: Register, ids: Sequence[str]) -> set[str]:
    """Those of some ids that the store has already."""
    by_database: dict[str, list[str]] = defaultdict(list)
    for identity in ids:
        if identity.partition(":")[0] in register.divisions:
            by_database[database_of(identity)].append(identity)
    found: set[str] = set()
    for database, wanted in by_database.items():
        rows = await gateway.couch.rows_of(database, wanted)
        found |= {row.id for row in rows if row.id is not None and row.value is not None and not row.value.deleted}
    return found


def _seen(raw: Raw) -> _Seen:
    try:
        return msgspec.json.decode(raw, type=_Seen)
    except UNREADABLE:
        return _Seen(read_id(bytes(raw)))
