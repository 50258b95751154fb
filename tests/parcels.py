"""Parcels for tests, written after the description of ``sync_api/parcels/sealing.py``."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.city import DeviceKeys, stamp
from tests.photos import sha256_of


def parcel(
    key: str,
    signer: DeviceKeys,
    alias: str,
    device: str,
    *docs: dict[str, Any],
    photos: tuple[tuple[str, bytes], ...] = (),
    **more: Any,
) -> bytes:
    """Sealed to a gateway's public key, and signed; ``photos``: a report's id and a picture each."""
    point = urlsafe_b64decode(key + "=")
    head = {"alias": alias, "device": device, "made_at": stamp(datetime.now(UTC)), "docs": list(docs)}
    named = [{"report": report, "sha256": sha256_of(one), "bytes": len(one)} for report, one in photos]
    whole = json.dumps(head | {"photos": named} | more, ensure_ascii=False, separators=(",", ":"))
    zipped = gzip.compress(whole.encode())
    said = len(zipped).to_bytes(4) + zipped + b"".join(one for _, one in photos)
    key_id = hashlib.sha256(point).digest()[:8]
    content = signer.sign(f"parcel {key_id.hex()} {hashlib.sha256(said).hexdigest()}").encode() + said
    ephemeral, iv = ec.generate_private_key(ec.SECP256R1()), os.urandom(12)
    own = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    header = b"D110-P1\n" + key_id + (len(content) + 16).to_bytes(4) + own + iv
    shared = ephemeral.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    secret = HKDF(SHA256(), 32, salt=None, info=b"d110 parcel").derive(shared)
    return header + AESGCM(secret).encrypt(iv, content, header)
