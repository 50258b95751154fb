"""All errors a client of the gateway can meet: each has a status, a stable code, and a word in Chinese and English.

GatewayError
 ├─ Unauthorized    401  who are you
 ├─ Forbidden       403  not yours
 ├─ NotFound        404
 ├─ MethodNotAllowed 405
 ├─ Conflict        409
 ├─ PreconditionFailed 412
 ├─ BadRequest      400
 ├─ TooLarge        413
 ├─ UnsupportedMedia 415
 ├─ TooManyRequests 429
 ├─ UploadRefused   460  what was uploaded is not what it should be (tus)
 ├─ Busy            503  with Retry-After
 ├─ StoreUnavailable 503  with Retry-After
 │   └─ StillReading     the gateway was started just now
 └─ StoreFault    500  the store answered what nobody expected

On ``/db`` they take CouchDB's shape, since PouchDB retries any other for ever; elsewhere RFC 9457's.
"""

from __future__ import annotations

import logging
from typing import ClassVar, Final

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Send

from sync_api.field_faults import request_fault

log = logging.getLogger(__name__)

#: Long enough for the launcher to have a fallen store up again.
RETRY_AFTER_S: Final = 5


class GatewayError(Exception):
    status: ClassVar[int] = 500
    #: The name CouchDB gives such an error.
    couch_name: ClassVar[str] = "internal_server_error"

    def __init__(self, code: str, zh: str, en: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.code, self.zh, self.en = code, zh, en
        self.headers = headers or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


class BadRequest(GatewayError):
    status, couch_name = 400, "bad_request"


class Unauthorized(GatewayError):
    status, couch_name = 401, "unauthorized"


class Forbidden(GatewayError):
    status, couch_name = 403, "forbidden"


class NotFound(GatewayError):
    status, couch_name = 404, "not_found"

    def __init__(
        self,
        code: str = "not_found",
        zh: str = "没有这一项，或者它不在您的范围内。",
        en: str = "There is no such thing, or it lies outside your scope.",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code, zh, en, headers)


class MethodNotAllowed(GatewayError):
    status, couch_name = 405, "method_not_allowed"


class Conflict(GatewayError):
    status, couch_name = 409, "conflict"


class PreconditionFailed(GatewayError):
    status, couch_name = 412, "file_exists"


class TooLarge(GatewayError):
    status, couch_name = 413, "too_large"


class UnsupportedMedia(GatewayError):
    status, couch_name = 415, "bad_content_type"


class UploadRefused(GatewayError):
    status, couch_name = 460, "bad_request"


class TooManyRequests(GatewayError):
    status, couch_name = 429, "too_many_requests"


class Busy(GatewayError):
    status, couch_name = 503, "service_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "busy",
            "系统繁忙，稍后会自动继续；平板上写下的内容不会丢失。",
            "The gateway has more to do than it can; all goes on by itself. What was written on a tablet stays there.",
            {"Retry-After": str(RETRY_AFTER_S)},
        )


class StoreUnavailable(GatewayError):
    status, couch_name = 503, "service_unavailable"

    def __init__(self, detail: str = "") -> None:
        super().__init__(
            "store_unavailable",
            "数据库暂时不可用，恢复后会自动继续；平板上写下的内容不会丢失。",
            "The store cannot be reached just now; all goes on by itself when it is back. What was written on a tablet "
            "stays there." + (f" ({detail})" if detail else ""),
            {"Retry-After": str(RETRY_AFTER_S)},
        )


class StillReading(StoreUnavailable):
    """What is kept in memory is not read whole yet; the store is well."""

    def __init__(self, zh: str, en: str) -> None:
        """``zh``, ``en``: what is being read, as ``台账``, ``the ledger``."""
        super().__init__()
        self.code = "still_reading"
        self.zh = f"系统刚刚启动，正在读取{zh}，几十秒内会自动显示。"
        self.en = f"The gateway was started just now and is reading {en}; it shows by itself within a minute."


class StoreFault(GatewayError):
    def __init__(self, detail: str) -> None:
        super().__init__(
            "store_fault",
            "数据库返回了意外的结果，请把这一代码告诉管理员。平板上写下的内容不会丢失。",
            "The store answered unexpectedly; tell the administrator. What was written on a tablet stays there."
            f" ({detail})",
        )


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457 problem details, with the stable code and both languages."""

    title: str
    status: int
    code: str
    detail: str
    detail_zh: str
    type: str = "about:blank"


def couch_error(error: GatewayError) -> dict[str, str]:
    """CouchDB's shape; the reason says it in both languages."""
    return {"error": error.couch_name, "reason": f"{error.zh} / {error.en}", "code": error.code}


async def send_error(send: Send, error: GatewayError) -> None:
    """An error of ``/db`` outside the framework."""
    headers = [(b"content-type", b"application/json")]
    headers += [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    body = msgspec.json.encode(couch_error(error))
    await send({"type": "http.response.body", "body": body, "more_body": False})


def answer_gateway_error(request: Request[object, object, State], error: GatewayError) -> Response[object]:
    """Turn an error into the shape that the client of this path understands."""
    if request.url.path.startswith("/db"):
        return Response(couch_error(error), status_code=error.status, headers=error.headers)
    problem = Problem(type(error).__name__, error.status, error.code, error.en, error.zh)
    return Response(problem, status_code=error.status, headers=error.headers, media_type="application/problem+json")


def answer_unexpected(request: Request[object, object, State], error: Exception) -> Response[object]:
    """A fault of the gateway's own: logged whole, told in one line."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer_gateway_error(
        request, GatewayError("internal", "系统内部错误，请告诉管理员。", "Internal error: tell the administrator.")
    )


_BY_STATUS: Final[dict[int, type[GatewayError]]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    409: Conflict,
    413: TooLarge,
    429: TooManyRequests,
}
#: What Litestar says in words of its own, said in ours.
_WORDS: Final[dict[int, tuple[str, str, str]]] = {
    404: ("no_such_route", "没有这个地址。", "No such address."),
    405: ("no_such_method", "这个地址不支持这种方法。", "This address does not know this method."),
    413: ("too_large", "一次请求的内容过大，请分批。", "Too much in one request: send it in parts."),
}


def answer_http_exception(request: Request[object, object, State], error: HTTPException) -> Response[object]:
    """Litestar's own errors (no such route, a body that is no JSON …) in the same two shapes; of a field that does not
    fit they say which, and what to do."""
    kind = _BY_STATUS.get(error.status_code, GatewayError)
    words = _WORDS.get(error.status_code, ("bad_request", "请求格式不正确。", str(error.detail)))
    fault = request_fault(error.extra, str(error.detail)) if isinstance(error, ValidationException) else None
    if fault is not None:
        words = (words[0], *fault)
    headers = dict(error.headers or {})
    return answer_gateway_error(request, kind(*words, headers))
