"""Bodies of requests: unpacked within a bound, decoded, and a batch that is no JSON told apart by its documents."""

from __future__ import annotations

import re
import zlib
from typing import Any, Final

import msgspec
from msgspec import Raw

from sync_api.errors import BadRequest, TooLarge
from sync_api.parts import SessionRequest

BODY_BYTES_MAX: Final = 32 * 1024 * 1024
#: The beginning of a batch, and the signs that its documents can be told apart by: texts are passed over whole.
_DOCS: Final = re.compile(rb'"docs"\s*:\s*\[')
#: A text that never ends is taken to the end at once: to look for its end again from each quote would take for ever.
_STRUCTURE: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[{}\[\],]', re.DOTALL)


async def read_body(request: SessionRequest) -> bytes:
    """The body, unpacked where it came with gzip, as CouchDB takes it, too; bounded before it is unpacked further.
    Raises ``TooLarge``, ``BadRequest``."""
    coding = request.headers.get("content-encoding", "identity")
    if coding not in ("identity", "gzip"):
        raise BadRequest("bad_coding", f"不支持 {coding} 压缩。", f"Bodies are taken plain or with gzip, not {coding}.")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if coding == "gzip" else None
    chunks, size = [], 0
    async for chunk in request.stream():
        plain = chunk if unpacker is None else _unpacked(unpacker, chunk, BODY_BYTES_MAX - size + 1)
        size += len(plain)
        if size > BODY_BYTES_MAX:
            raise TooLarge(
                "too_large", "一次上报的内容过大，请分批。", f"More than {BODY_BYTES_MAX} bytes in one request."
            )
        chunks.append(plain)
    if unpacker is not None and not unpacker.eof:
        raise _bad_gzip()
    return b"".join(chunks)


def _bad_gzip() -> BadRequest:
    en = "The body is no whole gzip stream: send it again."
    return BadRequest("bad_coding", "压缩内容已损坏，请重新上报。", en)


def _unpacked(unpacker: zlib._Decompress, chunk: bytes, bytes_max: int) -> bytes:
    try:
        return unpacker.decompress(chunk, bytes_max)
    except zlib.error as error:
        raise _bad_gzip() from error


def parse_body(body: bytes, kind: type[Any]) -> Any:
    """Decode a request body. Raises ``BadRequest``."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        en = "The body is not the JSON that is asked for at this address."
        raise BadRequest("malformed", "请求内容不是此处所要求的 JSON。", en) from error
    except RecursionError as error:
        raise BadRequest("malformed", "请求内容嵌套过深。", "The body is nested too deeply.") from error


def split_leniently(body: bytes) -> list[Raw] | None:
    """The documents of a batch that is no JSON only inside a document (half a character, NaN, a thousand brackets, a
    missing comma), each by itself, so that one of them does not hold up the rest; None where the brackets or quotes of
    the batch do not pair, or it has no documents."""
    begun = _DOCS.search(body)
    if begun is None:
        return None
    documents: list[Raw] = []
    depth, start = 0, begun.end()
    for found in _STRUCTURE.finditer(body, start):
        sign = found[0]
        if sign in b"{[":
            depth += 1
        elif sign in b"}]" and depth:
            depth -= 1
        elif sign == b"," and not depth:
            documents.append(Raw(body[start : found.start()].strip()))
            start = found.end()
        elif sign == b"]":
            last = body[start : found.start()].strip()
            return [*documents, Raw(last)] if last else documents
    return None
