"""Photos as bytes: what is one, without what a camera writes into it about person and place, and small. Pure."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL import Image

#: A tablet scales what it takes to some hundred kB; another client's camera may not.
BYTES_MAX: Final = 8 * 1024 * 1024
#: 50 megapixels: more than cameras of tablets have, and what a bomb of some kB must not unfold to.
PIXELS_MAX: Final = 50_000_000
THUMBNAIL_PIXELS: Final = 320
_ORIENTATION: Final = 0x0112
#: What makes a picture of each EXIF orientation upright (EXIF 2.32, 4.6.4 A), as Pillow names it. Pillow itself is
#: loaded by who sends a photo: three hundred tablets could wait in its place.
_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class PictureError(Exception):
    """The bytes are no photo that is taken; ``zh`` and ``en`` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def cleaned(content: bytes) -> tuple[bytes, str, bytes]:
    """The photo without its metadata, turned as it is to be seen; its media type; and a thumbnail (JPEG).

    Position, owner and serial number stand in the metadata, so none of it is kept. Raises ``PictureError``.
    """
    picture, kind = _open(content)
    try:
        upright = _upright(picture)
        small = upright.convert("RGB")
        small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        return _encoded(upright, kind), _TYPES[kind], _encoded(small, "JPEG")
    except (OSError, ValueError, SyntaxError) as error:  # what was read with much leniency cannot always be written
        raise _no_picture() from error


def _no_picture() -> PictureError:
    return PictureError("不是完整的 JPEG、PNG 或 WebP 照片。", "Not a whole photo in JPEG, PNG or WebP.")


def _open(content: bytes) -> tuple[Image.Image, str]:
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(content), formats=tuple(_TYPES))
        if picture.width * picture.height > PIXELS_MAX:
            raise PictureError("照片的像素过多。", "The photo has too many pixels.")
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _no_picture() from error
    # a JPEG with further pictures behind the first, as many telephones write it: the first is the photo
    return picture, "JPEG" if picture.format == "MPO" else str(picture.format)


def _upright(picture: Image.Image) -> Image.Image:
    """Only the orientation is read; Pillow's own ``exif_transpose`` rewrites all of it and fails on damage."""
    from PIL import Image

    try:
        turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, struct.error):
        turn = None  # metadata that cannot be read are no reason to lose the picture
    return picture if turn is None else picture.transpose(Image.Transpose[turn])


def _encoded(picture: Image.Image, kind: str) -> bytes:
    """Written anew from its pixels alone: what is not a pixel is left behind."""
    from PIL import Image

    bare = Image.new(picture.mode, picture.size)
    if picture.mode == "P" and (palette := picture.getpalette()) is not None:
        bare.putpalette(palette)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, kind, **({"quality": 85} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()
