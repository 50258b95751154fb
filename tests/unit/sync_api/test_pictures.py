"""What is kept of a photo, and what is none."""

import io
import struct
import zlib

import pytest
from PIL import Image

from sync_api.photos.pictures import THUMBNAIL_PIXELS, PictureError, cleaned
from tests.photos import photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_position_and_camera_are_gone_and_the_picture_stays(kind: str) -> None:
    content = photo(kind=kind)
    assert b"KAMERA110" in content
    kept, media_type, thumbnail = cleaned(content)
    assert media_type == f"image/{kind.lower()}"
    for bytes_ in (kept, thumbnail):
        assert b"KAMERA110" not in bytes_ and b"Exif" not in bytes_
        with Image.open(io.BytesIO(bytes_)) as picture:
            assert dict(picture.getexif()) == {}
            red, _, blue = picture.convert("RGB").getpixel((5, 20))
            assert red > 200 and blue < 60


def test_a_picture_is_turned_as_it_was_held() -> None:
    kept, _, _ = cleaned(photo(60, 40, turned=True))
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (40, 60)


def test_a_thumbnail_is_small_whatever_the_photo_is() -> None:
    _, _, thumbnail = cleaned(photo(3000, 1000))
    with Image.open(io.BytesIO(thumbnail)) as picture:
        assert max(picture.size) == THUMBNAIL_PIXELS


def bomb() -> bytes:
    """A PNG of some bytes that says it has 10⁹ pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 40_000, 25_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [b"", b"not a photo", photo()[:300], photo(kind="PNG")[:200], bomb(), b"GIF89a" + b"\0" * 40, b"<svg/>"],
    ids=["empty", "text", "cut JPEG", "cut PNG", "bomb", "GIF", "SVG"],
)
def test_what_is_no_whole_photo_is_refused_in_both_languages(content: bytes) -> None:
    with pytest.raises(PictureError) as raised:
        cleaned(content)
    assert raised.value.zh and raised.value.en
