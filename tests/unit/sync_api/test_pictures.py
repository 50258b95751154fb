"""What is kept of a photo, and what is none."""

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from sync_api.photos.pictures import THUMBNAIL_PIXELS, PictureError, cleaned
from tests.photos import ORIENTATION, photo


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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_of_holding_a_camera_comes_out_as_pillow_turns_it(orientation: int) -> None:
    picture = Image.new("RGB", (48, 32), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 16, 8))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    out = io.BytesIO()
    picture.save(out, "PNG", exif=exif)
    with Image.open(io.BytesIO(out.getvalue())) as taken, Image.open(io.BytesIO(cleaned(out.getvalue())[0])) as kept:
        expected = ImageOps.exif_transpose(taken)
        assert (kept.size, kept.tobytes()) == (expected.size, expected.tobytes())


def test_of_a_jpeg_with_further_pictures_behind_it_the_first_is_kept() -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (255, 0, 0)).save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), (0, 0, 255))]
    )
    kept, media_type, _ = cleaned(out.getvalue())
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, media_type) == ("JPEG", "image/jpeg")
        assert picture.getpixel((5, 5))[0] > 200


@pytest.mark.filterwarnings(
    "ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning"
)  # Pillow says what is damaged
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP"]), st.lists(st.tuples(st.integers(0, 299), st.integers(0, 255)), max_size=6)
)
def test_whatever_is_damaged_is_cleaned_or_refused(kind: str, damages: list[tuple[int, int]]) -> None:
    content = bytearray(photo(kind=kind, turned=True))
    for at, byte in damages:
        content[at % len(content)] = byte
    with contextlib.suppress(PictureError):
        cleaned(bytes(content))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_picture_whose_metadata_cannot_be_read_is_kept_without_them(kind: str) -> None:
    content = photo(kind=kind, turned=True)
    at = content.index(b"MM\0*") if b"MM\0*" in content else content.index(b"II*\0")
    kept, _, _ = cleaned(content[:at] + b"XX" + content[at + 2 :])
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (60, 40)


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


def test_what_can_be_read_but_not_written_again_is_refused() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 20), shade) for shade in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    content = bytearray(out.getvalue())
    at = content.index(b"VP8X") + 12
    content[at : at + 3] = (20_000).to_bytes(3, "little")  # a canvas that is wider than WebP's writer takes
    with pytest.raises(PictureError):
        cleaned(bytes(content))
