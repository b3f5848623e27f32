"""Pictures for the notice board: checked before they are decoded, made anew, kept under their hash."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from commune_hub.errors import InvalidError
from commune_hub.hashed_files import HashedFiles

if TYPE_CHECKING:
    from PIL import Image

UPLOAD_MAX_BYTES = 8 * 1024 * 1024
PIXELS_MAX = 40_000_000
"""A phone's picture has 12 to 50 million points; decoded, so many take 120 MB of the hub's memory."""

SIDE_MAX = 1_920
"""Longest side that is kept: what the largest display shows."""

QUALITY = 88
FORMATS = ("PNG", "JPEG", "WEBP")
KEPT_MAX = 200
"""Pictures of the board and of drafts, some 60 MB."""

_WHITE = (255, 255, 255)

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """A picture that is kept."""

    sha256: str
    width: int
    height: int


class Pictures:
    """Keep pictures under their hash in a directory.

    picture = pictures.keep(uploaded, used={…})     # InvalidError, FullError
    pictures.path(picture.sha256)                   # MissingError
    """

    def __init__(self, directory: Path) -> None:
        self._files = HashedFiles(
            directory,
            ".jpg",
            KEPT_MAX,
            "Không có ảnh này. (No such picture.)",
            f"picture (ảnh): đã có {KEPT_MAX} ảnh, hãy gỡ bớt thông báo có ảnh "
            "(too many pictures; remove some notices first)",
        )

    def keep(self, content: bytes, used: Collection[str]) -> Picture:
        """Check a picture, make it anew and keep it; `used` are the hashes that notices name.

        What is kept is a JPEG of at most SIDE_MAX, turned upright, without anything but its points: no place,
        no name, no time of a phone, and nothing that hides behind the picture.
        """
        with _one_at_a_time:
            made, size = _made_anew(content)
            return Picture(self._files.keep(made, used), *size)

    def has(self, sha256: str) -> bool:
        """Tell whether this picture is here."""
        return self._files.has(sha256)

    def path(self, sha256: str) -> Path:
        """Return the file of a picture; raises MissingError."""
        return self._files.path(sha256)


def _made_anew(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return the picture as it is kept, with its size."""
    from PIL import Image, ImageOps

    with _opened(content) as opened:
        try:
            opened.draft("RGB", (SIDE_MAX, SIDE_MAX))  # a JPEG is decoded no larger than needed
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((SIDE_MAX, SIDE_MAX))
            whole = upright.convert("RGBA")
        except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
            raise _unreadable(error) from None
    flat = Image.new("RGB", whole.size, _WHITE)
    flat.paste(whole, mask=whole.getchannel("A"))
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=QUALITY, subsampling=0)
    return made.getvalue(), flat.size


def _opened(content: bytes) -> Image.Image:
    """Read a picture's head only, and refuse what must not be decoded."""
    from PIL import Image

    if len(content) > UPLOAD_MAX_BYTES:
        raise InvalidError(
            f"picture (ảnh): {len(content)} byte, tối đa {UPLOAD_MAX_BYTES // 2**20} MB (the file is too big)"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_points("quá nhiều") from None
    except (OSError, ValueError, SyntaxError) as error:
        raise _unreadable(error) from None
    if opened.width * opened.height > PIXELS_MAX:
        raise _too_many_points(f"{opened.width} × {opened.height}")
    return opened


def _too_many_points(found: str) -> InvalidError:
    return InvalidError(
        f"picture (ảnh): {found} điểm ảnh, tối đa {PIXELS_MAX // 1_000_000} triệu; hãy thu nhỏ ảnh "
        f"(too many pixels, at most {PIXELS_MAX // 1_000_000} million)"
    )


def _unreadable(error: Exception) -> InvalidError:
    said = str(error)[:80] or type(error).__name__
    return InvalidError(
        f"picture (ảnh): không đọc được, cần ảnh PNG, JPEG hoặc WebP (PNG, JPEG or WebP is needed): {said}"
    )
