"""Photos: uploaded by tus 1.0.0 (tus.io) after the report that names them, and shown to whoever may see the report.

An upload's address says what it is, ``/photos/{report}/{sha256}``, so a tablet that lost the answer of its ``POST``
asks there how far it came. Another gateway's disk knows nothing of it (404): the client begins anew.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

import msgspec
from litestar import Controller, Response, get, head, patch, post
from litestar.params import FromPath

from models.ids import database_of
from sync_api.access.accounts import Account, Session
from sync_api.couch import IdRow
from sync_api.errors import (
    BadRequest,
    Busy,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    TooLarge,
    UnsupportedMedia,
    UploadRefused,
)
from sync_api.parts import FOR_REVOKED, Gateway, Parts, SessionRequest, requires_session
from sync_api.photos.pictures import BYTES_MAX, PictureError
from sync_api.photos.store import SHA256, PhotoKey, WrongHash, WrongOffset

TUS: Final = "1.0.0"
_HEADERS: Final = {"Tus-Resumable": TUS, "Cache-Control": "no-store"}


class PhotoView(msgspec.Struct):
    """A photo of a case, by the case's ULID: under ``/photos/{report}/{sha256}`` and its ``/thumbnail``, once it has
    come."""

    case: str
    report: str
    sha256: str


class PhotosController(Controller):
    path = "/photos"
    tags = ("photos",)
    guards = (requires_session,)

    @post("/", operation_id="beginPhoto", status_code=201, opt={FOR_REVOKED: True})
    async def begin(self, request: SessionRequest, gateway: Parts) -> Response[None]:
        """Begin an upload, or find the one that was begun. ``Upload-Metadata``: ``report`` and ``sha256``."""
        _check_version(request)
        named = _metadata(request.headers.get("upload-metadata", ""))
        report, sha256 = named.get("report", ""), named.get("sha256", "")
        key = await own_photo(gateway, request.user, report, sha256)
        length = _whole(request, "upload-length")
        if length > BYTES_MAX:
            zh, en = f"照片超过 {BYTES_MAX >> 20} MB。", f"The photo has more than {BYTES_MAX >> 20} MB."
            raise TooLarge("photo_too_large", zh, en)
        if await gateway.photos.length(key) is None and not gateway.photos.begin(key, length):
            raise Busy
        return Response(None, status_code=201, headers=_HEADERS | {"Location": f"/photos/{report}/{sha256}"})

    @head("/{report:str}/{sha256:str}", operation_id="photoOffset", opt={FOR_REVOKED: True})
    async def offset(
        self, request: SessionRequest, report: FromPath[str], sha256: FromPath[str], gateway: Parts
    ) -> Response[None]:
        """How far an upload came."""
        _check_version(request)
        key = await own_photo(gateway, request.user, report, sha256)
        offset, length = await _state(gateway, key)
        if offset == length and gateway.photos.state(key) is not None:  # the store was down when it ended
            await _finish(gateway, key, length)
        headers = _HEADERS | {"Upload-Offset": str(offset), "Upload-Length": str(length)}
        return Response(None, status_code=200, headers=headers)

    @patch("/{report:str}/{sha256:str}", operation_id="addToPhoto", status_code=204, opt={FOR_REVOKED: True})
    async def add(
        self, request: SessionRequest, report: FromPath[str], sha256: FromPath[str], gateway: Parts
    ) -> Response[None]:
        """Add a piece. 409 ``wrong_offset``; 460 ``photo_refused`` when the whole is not what it should be."""
        _check_version(request)
        if request.headers.get("content-type") != "application/offset+octet-stream":
            raise UnsupportedMedia("bad_type", "内容类型不正确。", "A piece is application/offset+octet-stream.")
        key = await own_photo(gateway, request.user, report, sha256)
        (held, length), offset = await _state(gateway, key), _whole(request, "upload-offset")
        if offset != held:
            raise _wrong_offset()
        async for piece in request.stream():
            offset = _append(gateway, key, length, offset, piece)
        await gateway.photos.settle(key, length)
        if offset == length and gateway.photos.state(key) is not None:
            await _finish(gateway, key, length)
        return Response(None, status_code=204, headers=_HEADERS | {"Upload-Offset": str(offset)})

    @get("/{report:str}/{sha256:str}", operation_id="photo")
    async def photo(
        self, request: SessionRequest, report: FromPath[str], sha256: FromPath[str], gateway: Parts
    ) -> Response[bytes | None]:
        return await _shown(gateway, request, report, sha256, "photo")

    @get("/{report:str}/{sha256:str}/thumbnail", operation_id="photoThumbnail")
    async def thumbnail(
        self, request: SessionRequest, report: FromPath[str], sha256: FromPath[str], gateway: Parts
    ) -> Response[bytes | None]:
        return await _shown(gateway, request, report, sha256, "thumbnail")

    @get("/of/{village:str}", operation_id="photosOfVillage")
    async def of_village(self, request: SessionRequest, village: FromPath[str], gateway: Parts) -> list[PhotoView]:
        """The photos that a village's reports, and their corrections, name, as far as the user may see them."""
        register = (await gateway.installation.setup()).register
        if village not in register.divisions or not request.user.account.board_scope().allows(f"{village}:"):
            raise NotFound("no_such_village", "没有这个村。", "There is no such village within your scope.")
        start, end = f"{village}:report:", f"{village}:report;"
        rows = await gateway.couch.range_of(database_of(village), start, end, include_docs=True)
        views = []
        for report in filter(None, map(_report, rows)):
            if _may_see(request.user, report):
                views += [PhotoView(report.case, report.id, sha256) for sha256 in report.photos]
        return views


def _append(gateway: Gateway, key: PhotoKey, length: int, offset: int, piece: bytes) -> int:
    if not piece:
        return offset
    try:
        return gateway.photos.append(key, length, offset, piece)
    except WrongOffset as error:
        raise _wrong_offset() from error


def _wrong_offset() -> Conflict:
    return Conflict("wrong_offset", "上传位置不符，请重新询问进度。", "Ask by HEAD where to go on.")


async def _finish(gateway: Gateway, key: PhotoKey, length: int) -> None:
    try:
        await gateway.photos.finish(key, length)
    except WrongHash as error:
        zh, en = "照片在传输中损坏，请重新上传。", "The photo is not what was announced: upload it again."
        raise UploadRefused("photo_damaged", zh, en) from error
    except PictureError as error:
        raise UploadRefused("photo_refused", error.zh, error.en) from error


async def _state(gateway: Gateway, key: PhotoKey) -> tuple[int, int]:
    length = await gateway.photos.length(key)
    if length is not None:
        return length, length
    if (state := gateway.photos.state(key)) is None:
        raise NotFound("no_such_upload", "没有这个上传，请重新开始。", "There is no such upload: begin anew.")
    return state


async def own_photo(gateway: Gateway, session: Session, report: str, sha256: str) -> PhotoKey:
    """The photo that a report of the user's own names, wherever it was written, and also where it waits for an office.
    Raises ``NotFound``, ``Forbidden``."""
    alias = session.account.alias
    if not SHA256.fullmatch(sha256):  # whatever a report names: it becomes the name of a file
        found = None
    elif f":report:{alias}:" in report:
        found = await _read(gateway, report) or await _refused(gateway, session.account, report)
    else:
        found = await _find(gateway, session, report)
    if found is None or sha256 not in found.photos:
        raise NotFound("no_such_photo", "没有上报提到这张照片。", "No report of yours names this photo.")
    if report.split(":")[2] != alias:
        raise Forbidden("not_author", "只能上传自己上报的照片。", "Only the report's author uploads its photos.")
    return PhotoKey(report.partition(":")[0], sha256, alias)


class _Report(msgspec.Struct):
    """Of a report what its photos are about."""

    id: str = msgspec.field(name="_id")
    photos: list[str] = []
    amends: str | None = None

    @property
    def village(self) -> str:
        return self.id.partition(":")[0]

    @property
    def case(self) -> str:
        """The case that the report, or the one it corrects, opened."""
        return (self.amends or self.id).rpartition(":")[2]


async def _read(gateway: Gateway, identity: str) -> _Report | None:
    """A report of the store; None where there is none, or the id is none of a report."""
    register = (await gateway.installation.setup()).register
    village, *kind = identity.split(":")
    if kind[:1] != ["report"] or village not in register.divisions:
        return None
    [row] = await gateway.couch.rows_of(database_of(village), [identity], include_docs=True)
    return _report(row)


async def _refused(gateway: Gateway, account: Account, identity: str) -> _Report | None:
    """An own report that waits for an office, as far as it can be read."""
    if identity.partition(":")[0] not in (*account.divisions, *account.former):
        return None  # whatever it calls itself, it was written for one of these
    kept = await gateway.desk.of_author(account, identity)
    try:
        return None if kept is None else msgspec.json.decode(kept.raw, type=_Report)
    except msgspec.MsgspecError:
        return None


async def _find(gateway: Gateway, session: Session, identity: str) -> _Report | None:
    """A report that the user may see."""
    if session.account.role != "department" and not session.scope.allows(identity):
        return None  # as soon as it can be known, so that an answer's time does not tell what is there
    report = await _read(gateway, identity)
    return report if report is not None and _may_see(session, report) else None


def _may_see(session: Session, report: _Report) -> bool:
    """The report's readers; a department sees those of its cases."""
    account = session.account
    if account.role != "department":
        return session.scope.allows(report.id)
    return report.village.startswith(account.divisions) and account.may_see_case(report.village, report.case)


def _report(row: IdRow) -> _Report | None:
    return msgspec.json.decode(row.doc, type=_Report) if row.has_doc else None


async def _shown(
    gateway: Gateway, request: SessionRequest, report: str, sha256: str, name: str
) -> Response[bytes | None]:
    found = await _find(gateway, request.user, report)
    content = None
    if found is not None and sha256 in found.photos:
        village, _, author, *_ = report.split(":")
        key = PhotoKey(village, sha256, author)
        # who names a hash that another has sent does not see what lies behind it
        if await gateway.photos.length(key) is not None:
            if request.headers.get("if-none-match") == f'"{sha256}-{name}"':
                return Response(None, status_code=304, headers=_shown_headers(sha256, name))
            content = await gateway.photos.read(key, name)
    if content is None:
        raise NotFound("no_such_photo", "没有这张照片，或尚未上传。", "There is no such photo, or it has not come yet.")
    return Response(content, media_type=_media_type(content), headers=_shown_headers(sha256, name))


def _shown_headers(sha256: str, name: str) -> dict[str, str]:
    """The hash names the content, so it never changes; but who may see it does, so it is asked for each time."""
    return {"Cache-Control": "private, no-cache", "ETag": f'"{sha256}-{name}"', "Vary": "Authorization, Cookie"}


def _media_type(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return "image/png"
    return "image/jpeg" if content.startswith(b"\xff\xd8") else "image/webp"


def _check_version(request: SessionRequest) -> None:
    if request.headers.get("tus-resumable") != TUS:
        raise PreconditionFailed(
            "tus_version", "上传协议版本不支持。", f"Say Tus-Resumable: {TUS}.", {"Tus-Version": TUS}
        )


def _whole(request: SessionRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise BadRequest("bad_header", f"缺少或错误的 {header}。", f"{header} must be a whole number.")
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """``Upload-Metadata``: pairs of a name and a base64 text."""
    found: dict[str, Any] = {}
    for pair in filter(None, text.split(",")):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise BadRequest("bad_header", "Upload-Metadata 不正确。", "Upload-Metadata cannot be read.") from error
    return found
