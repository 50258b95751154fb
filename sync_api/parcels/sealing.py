"""A parcel as a file: what a tablet could not send, sealed to the gateways' key. Whoever finds it reads nothing.

    D110-P1\\n   8 bytes
    key id      8   of the gateways' public key
    length      4   of what is sealed, so that a cut file is told from an altered one
    ephemeral  65   the public half of a key made for this parcel alone (P-256, uncompressed)
    iv         12
    sealed          AES-256-GCM under HKDF-SHA-256 of the two keys' secret; all before it is additional data

Sealed are a signature by the device's own key (86 signs, base64url), the length of what follows (4), a head (JSON,
gzip) and the photos, one after the other.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Meta, Raw

from models.documents import Alias, Device
from sync_api.errors import BadRequest, TooLarge

MAGIC: Final = b"D110-P1\n"
_KEY_ID_BYTES: Final = 8
_POINT_BYTES: Final = 65
_IV_BYTES: Final = 12
_HEADER_BYTES: Final = len(MAGIC) + _KEY_ID_BYTES + 4 + _POINT_BYTES + _IV_BYTES
_SIGNATURE_BYTES: Final = 86
#: A tablet parts what is more (``parcel.ts``).
PARCEL_BYTES_MAX: Final = 25 * 1024 * 1024
HEAD_BYTES_MAX: Final = 32 * 1024 * 1024
#: The order of the curve's points: a private key is a number below it.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class PhotoInParcel(msgspec.Struct):
    report: str
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Meta(ge=1)]


class Head(msgspec.Struct):
    """``part`` of ``parts``: much is carried in several files, each of which is whole by itself."""

    alias: Alias
    device: Device
    made_at: datetime
    docs: list[Raw]
    photos: list[PhotoInParcel]
    part: Annotated[int, Meta(ge=1, le=10_000)] = 1
    parts: Annotated[int, Meta(ge=1, le=10_000)] = 1


class Parcel(msgspec.Struct, frozen=True):
    """An opened one. ``signed`` is the text that the device's key must have signed; ``pictures`` as in the head."""

    head: Head
    pictures: list[bytes]
    signature: str
    signed: str


class ParcelKey:
    """The key that parcels are sealed to: the same at every gateway that has the same secret, and stored nowhere."""

    def __init__(self, secret: str) -> None:
        number = int.from_bytes(_stretched(secret.encode(), b"d110 parcels", 48))
        self._private = ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._key_id = hashlib.sha256(point).digest()[:_KEY_ID_BYTES]
        #: As a tablet learns it, base64url.
        self.public = urlsafe_b64encode(point).rstrip(b"=").decode()

    def open(self, file: bytes) -> Parcel:
        """Raises ``BadRequest`` with one reason: no such file, cut, another gateway's, altered; ``TooLarge``."""
        if len(file) > PARCEL_BYTES_MAX:
            zh, en = "文件过大，平板导出的离线包没有这么大。", "Too large: no tablet makes a parcel of that size."
            raise TooLarge("parcel_too_large", zh, en)
        if not file.startswith(MAGIC):
            zh, en = (
                "这不是平板导出的离线包。请选择以 .d110 结尾的文件。",
                "This is no parcel of a tablet: choose a file that ends in .d110.",
            )
            raise BadRequest("no_parcel", zh, en)
        header, sealed = file[:_HEADER_BYTES], file[_HEADER_BYTES:]
        length = int.from_bytes(header[16:20])
        if len(header) < _HEADER_BYTES or len(sealed) < length:
            zh, en = (
                "文件不完整，没有拷全。请重新拷贝，或在平板上重新导出。",
                "The file is cut: copy it again, or let the tablet make it anew.",
            )
            raise BadRequest("parcel_cut", zh, en)
        if header[8:16] != self._key_id:
            raise BadRequest(
                "parcel_of_others",
                "这个离线包是给另一套系统的，本系统打不开。内容仍在平板上，请让平板联网同步一次后重新导出。",
                "This parcel is sealed to another system. All of it is still on the tablet: let it synchronise here "
                "once, and make the parcel anew.",
            )
        try:
            return self._read(self._unsealed(header, sealed))
        except (InvalidTag, ValueError, zlib.error, msgspec.MsgspecError) as error:
            raise altered() from error

    def _unsealed(self, header: bytes, sealed: bytes) -> bytes:
        """Raises ``InvalidTag``, or ``ValueError`` for a point that is not on the curve."""
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), header[20 : 20 + _POINT_BYTES])
        key = _stretched(self._private.exchange(ec.ECDH(), ephemeral), b"d110 parcel", 32)
        return AESGCM(key).decrypt(header[-_IV_BYTES:], sealed, header)

    def _read(self, content: bytes) -> Parcel:
        """Raises ``ValueError``, ``zlib.error`` or ``MsgspecError`` for what no tablet writes."""
        signature, said = content[:_SIGNATURE_BYTES].decode("ascii"), content[_SIGNATURE_BYTES:]
        end = 4 + int.from_bytes(said[:4])
        head = msgspec.json.decode(_unzipped(said[4:end]), type=Head)
        pictures, at = [], end
        for photo in head.photos:
            pictures.append(said[at : at + photo.bytes])
            at += photo.bytes
        if at != len(said):
            raise ValueError("photos and head differ")
        signed = f"parcel {self._key_id.hex()} {hashlib.sha256(said).hexdigest()}"
        return Parcel(head, pictures, signature, signed)


def altered() -> BadRequest:
    zh = "文件在途中被改动或损坏，不能代收。请在平板上重新导出。"
    return BadRequest("parcel_altered", zh, "The file was altered or damaged on its way: let the tablet make it anew.")


def _stretched(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(secret)


def _unzipped(zipped: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = unpacker.decompress(zipped, HEAD_BYTES_MAX)
    if not unpacker.eof:
        raise ValueError("too large, or cut")
    return plain
