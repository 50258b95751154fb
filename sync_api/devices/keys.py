"""A browser holds a key of its own for an account. The key never leaves it, so what was copied from it
renews no session."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Annotated, Final, Literal, cast

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt import InvalidKeyError
from jwt.algorithms import ECAlgorithm
from msgspec import Meta

from models.documents import encode
from models.ids import STAFF_DATABASE
from sync_api.couch import Couch, CouchError
from sync_api.errors import BadRequest, Conflict, Unauthorized

_Coordinate = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]
_P256: Final = ECAlgorithm(ECAlgorithm.SHA256)


class DeviceKey(msgspec.Struct, frozen=True):
    """The public half of a device's key, as WebCrypto gives it out (JWK, RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: _Coordinate
    y: _Coordinate

    def has_signed(self, message: str, signature: str) -> bool:
        """Whether a signature (base64url, r and s end to end as WebCrypto makes them) is the key's of a message."""
        try:
            signed = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        except (binascii.Error, ValueError):
            return False
        return _P256.verify(message.encode(), self._public(), signed)

    def check(self) -> None:
        """Raises ``BadRequest`` for a point that is not on the curve."""
        try:
            self._public()
        except (InvalidKeyError, ValueError) as error:
            en = "This is no P-256 public key: let the browser make a new one."
            raise BadRequest("bad_device_key", "设备密钥无效，请重新打开页面再试。", en) from error

    def _public(self) -> EllipticCurvePublicKey:
        return cast("EllipticCurvePublicKey", ECAlgorithm.from_jwk(cast("dict[str, str]", msgspec.to_builtins(self))))


class KeyRecord(msgspec.Struct, kw_only=True, frozen=True):
    """A device's key, as it was enrolled. It is never changed: another key is another device."""

    id: str = msgspec.field(name="_id")
    alias: str
    device: str
    key: DeviceKey
    enrolled_at: datetime


_decode = msgspec.json.Decoder(KeyRecord).decode


class DeviceKeys:
    """The keys of devices, in the staff data base."""

    def __init__(self, couch: Couch) -> None:
        self._couch = couch

    async def find(self, alias: str, device: str) -> KeyRecord | None:
        content = await self._couch.get(STAFF_DATABASE, _record_id(alias, device))
        return None if content is None else _decode(content)

    async def all(self) -> list[tuple[str, str]]:
        """Alias and device of every key of the city."""
        rows = await self._couch.range_of(STAFF_DATABASE, "key:", "key;")
        found = [row.id.removeprefix("key:").partition(".") for row in rows if row.id is not None]
        return [(alias, device) for alias, _, device in found]

    async def require_free(self, alias: str, device: str, key: DeviceKey) -> None:
        """Raises ``Conflict`` for a name that is another device's."""
        record = await self.find(alias, device)
        if record is not None and record.key != key:
            raise _device_taken()

    async def enrol(self, alias: str, device: str, key: DeviceKey, now: datetime) -> None:
        """Take in a device, or know it again. Raises ``BadRequest``, and ``Conflict`` for a name that is another's."""
        key.check()
        record = await self.find(alias, device)
        if record is None:
            fresh = KeyRecord(id=_record_id(alias, device), alias=alias, device=device, key=key, enrolled_at=now)
            try:
                await self._couch.put(STAFF_DATABASE, fresh.id, encode(fresh))
                return
            except CouchError as error:
                if error.status != 409:
                    raise
            record = await self.find(alias, device)  # enrolled by another request just now
        if record is None or record.key != key:
            raise _device_taken()

    async def require_signed(self, alias: str, device: str, message: str, signature: str) -> None:
        """Raises ``Unauthorized`` unless the device's own key has signed the message."""
        record = await self.find(alias, device)
        if record is None or not record.key.has_signed(message, signature):
            raise Unauthorized(
                "device_key_wrong",
                "登录凭证不属于这台设备，请重新登录。",
                "The session belongs to another device: log in again.",
            )


def _record_id(alias: str, device: str) -> str:
    return f"key:{alias}.{device}"


def _device_taken() -> Conflict:
    return Conflict(
        "device_taken",
        "这个设备名已由另一台设备登记。请清除浏览器中本站的数据，再重新登录。",
        "This device name belongs to another device: clear this site's data in the browser and log in again.",
    )
