"""Photos for tests."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

#: EXIF's tags: the way up, the maker, and where the position stands.
ORIENTATION, MAKE, POSITION = 0x0112, 0x010F, 0x8825


def photo(width: int = 60, height: int = 40, kind: str = "JPEG", *, turned: bool = False, shade: int = 0) -> bytes:
    """A picture whose left half is red, with a camera's name and a position in its metadata."""
    picture = Image.new("RGB", (width, height), (shade, shade, 255))
    picture.paste((255, 0, 0), (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[MAKE] = "KAMERA110"
    exif[ORIENTATION] = 6 if turned else 1
    exif.get_ifd(POSITION).update({1: "N", 2: (35.0, 14.0, 8.5), 3: "E", 4: (115.0, 26.0, 3.2)})
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def noise(width: int, height: int) -> bytes:
    """A picture that no coding makes small."""
    picture = Image.effect_noise((width, height), 90).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    return out.getvalue()
