"""Pictures as bytes, and the parts of which PNG and JPEG files are made."""

import io
import struct
import zlib
from functools import cache

from PIL import Image, ImageDraw

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture(width: int = 48, height: int = 40) -> Image.Image:
    """A dark form on light paper."""
    image = Image.new("RGB", (width, height), (240, 235, 225))
    drawing = ImageDraw.Draw(image)
    drawing.ellipse((width // 4, height // 5, width // 2, height * 4 // 5), outline=0, width=3)
    drawing.line((width // 2, height // 5, width * 3 // 4, height * 3 // 4), (20, 20, 90), 3)
    return image


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int,
    height: int,
    depth: int = 8,
    colour: int = 0,
    *,
    rows: bytes | None = None,
    before: bytes = b"",
    after: bytes = b"",
    interlace: int = 0,
) -> bytes:
    """A PNG of parts; by default its pixels are grey ramps."""
    if rows is None:
        samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
        line = (width * samples * depth + 7) // 8
        rows = b"".join(
            b"\0" + bytes((row * 5 + column) % 256 for column in range(line))
            for row in range(height)
        )
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"".join(
        [
            SIGNATURE,
            chunk(b"IHDR", header),
            before,
            chunk(b"IDAT", zlib.compress(rows)),
            after,
            chunk(b"IEND", b""),
        ]
    )


@cache
def black_png(width: int, height: int) -> bytes:
    """All black, one bit a pixel; compressed a row at a time."""
    packer = zlib.compressobj(1)
    line = b"\0" * (1 + (width + 7) // 8)
    packed = b"".join([packer.compress(line) for _ in range(height)]) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def with_chunk(content: bytes, added: bytes) -> bytes:
    """The PNG with a chunk right after its header."""
    return content[:33] + added + content[33:]


def with_segment(content: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG with a segment right after its beginning."""
    return content[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + content[2:]


def exif(orientation: int, *, order: str = "<", kind: int = 3, count: int = 1) -> bytes:
    """Exif data with nothing but an orientation."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(order + "HHIHH", 0x0112, kind, count, orientation, 0)
    return mark + struct.pack(order + "IH", 8, 1) + entry + b"\0\0\0\0"
