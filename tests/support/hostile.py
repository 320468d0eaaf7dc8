"""Uploads that try a picture reader: each with the answer it must get. All are made here."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from PIL import Image

from tests.support.picture_bytes import (
    SIGNATURE,
    black_png,
    chunk,
    exif,
    picture,
    png,
    save,
    with_chunk,
    with_segment,
)


@dataclass(frozen=True)
class Hostile:
    """One upload.

    Attributes:
        name: what is wrong with it, with the ending that a visitor's file would have.
        content: the file.
        accepted: whether it holds a picture that must come out, however odd the rest.
        size: width and height that must come out, where they are worth a check.
    """

    name: str
    content: bytes
    accepted: bool
    size: tuple[int, int] | None = None


@cache
def hostile_files() -> list[Hostile]:
    """At least 200, the same at every call."""
    files = [
        *_cut_off(),
        *_flipped(),
        *_sizes(),
        *_png_structure(),
        *_png_texts(),
        *_jpeg_structure(),
        *_exif(),
        *_kinds_of_pixels(),
        *_other_pictures(),
        *_no_pictures(),
    ]
    assert len({file.name for file in files}) == len(files)
    return files


def _cut_off() -> list[Hostile]:
    sources = {
        "png": save(picture(), "PNG"),
        "jpg": save(picture(), "JPEG"),
        "progressive.jpg": save(picture(), "JPEG", progressive=True),
    }
    return [
        Hostile(f"cut off after {n} of 20.{ending}", content[: len(content) * n // 20], False)
        for ending, content in sources.items()
        for n in range(1, 20)
    ]


def _flipped() -> list[Hostile]:
    """One byte changed. A PNG notices each by its checksums, a JPEG few."""
    files = []
    content = save(picture(), "PNG")
    for number, place in enumerate(np.linspace(8, len(content) - 13, 20).astype(int)):
        broken = bytearray(content)
        broken[place] ^= 0x5A
        files.append(Hostile(f"byte {number} changed.png", bytes(broken), False))
    files += [Hostile(f"first {cut} bytes lost.png", content[cut:], False) for cut in (1, 2)]
    content = save(picture(), "JPEG")
    start = content.index(b"\xff\xda") + 14
    for number, place in enumerate(np.linspace(start, len(content) - 3, 10).astype(int)):
        broken = bytearray(content)
        broken[place] ^= 0x15 if broken[place] != 0xEA else 0x14
        if 0xFF not in (broken[place], content[place]) and content[place - 1] != 0xFF:
            files.append(Hostile(f"scan byte {number} changed.jpg", bytes(broken), True, (48, 40)))
    for name, marker in (("tables", 0xDB), ("codes", 0xC4), ("frame", 0xC0), ("scan", 0xDA)):
        place = content.index(bytes([0xFF, marker]))
        length = int.from_bytes(content[place + 2 : place + 4])
        without = content[:place] + content[place + 2 + length :]
        if marker == 0xC4:  # there are several
            while (place := without.find(b"\xff\xc4")) > 0:
                length = int.from_bytes(without[place + 2 : place + 4])
                without = without[:place] + without[place + 2 + length :]
        if marker == 0xDB:
            place = without.index(b"\xff\xdb")
            length = int.from_bytes(without[place + 2 : place + 4])
            without = without[:place] + without[place + 2 + length :]
        if marker != 0xC4:  # without codes, decoders may take the standard ones
            files.append(Hostile(f"without {name}.jpg", without, False))
    return files


def _sizes() -> list[Hostile]:
    files = [
        Hostile(f"{width} by {height} declared.png", png(width, height, rows=b"\0" * 50), False)
        for width, height in (
            (0, 0), (0, 10), (10, 0), (2**31 - 1, 2**31 - 1), (2**32 - 1, 1), (65_535, 65_535),
            (100_000, 401), (1, 40_000_001), (6325, 6325), (6000, 6000),
        )
    ]  # fmt: skip
    files += [
        Hostile("1 by 1.png", png(1, 1), False),
        Hostile("1 by 5000.png", png(1, 5000), False),
        Hostile("5000 by 1.png", png(5000, 1), False),
        Hostile("1 by 1.jpg", save(Image.new("L", (1, 1)), "JPEG"), False),
        Hostile("2 by 2.png", png(2, 2), True, (2, 2)),
        Hostile("2 by 5000.png", png(2, 5000), True),
        Hostile("5000 by 2.jpg", save(picture(5000, 2), "JPEG"), True),
        Hostile("bomb of 900 megapixels.png", black_png(30_000, 30_000), False),
        Hostile("bomb of 100 megapixels.png", black_png(10_000, 10_000), False),
        Hostile("bomb of 41 megapixels.png", black_png(6404, 6404), False),
        Hostile("large but honest.png", black_png(5000, 4000), True),
        Hostile("too many bytes.png", png(4, 4) + bytes(10**7), False),
    ]
    small = save(picture(), "JPEG")
    place = small.index(b"\xff\xc0") + 5
    for width, height in ((65_535, 65_535), (0, 40), (48, 0), (9000, 9000), (480, 400)):
        content = small[:place] + struct.pack(">HH", height, width) + small[place + 4 :]
        # Of missing rows a decoder makes grey ones: whether it says so is its own affair.
        if (width, height) != (480, 400):
            files.append(Hostile(f"{width} by {height} declared.jpg", content, False))
    return files


def _png_structure() -> list[Hostile]:
    good = png(8, 6)
    header, data, end = good[8:33], good[33:-12], good[-12:]
    wrong = bytearray(good)
    wrong[-13] ^= 1
    files = [
        Hostile(name, content, False)
        for name, content in {
            "wrong checksum.png": bytes(wrong),
            "signature alone.png": SIGNATURE,
            "header alone.png": SIGNATURE + header,
            "no header.png": SIGNATURE + data + end,
            "no pixels.png": SIGNATURE + header + end,
            "no end.png": SIGNATURE + header + data,
            "two headers.png": SIGNATURE + header + header + data + end,
            "pixels before the header.png": SIGNATURE + data + header + end,
            "short header.png": SIGNATURE + chunk(b"IHDR", header[8:18]) + data + end,
            "endless chunk.png": SIGNATURE + header + b"\xff\xff\xff\xffIDAT" + data[8:] + end,
            "long chunk.png": SIGNATURE + header + b"\0\x7f\xff\xffIDAT" + data[8:] + end,
            "chunk of no name.png": SIGNATURE + header + chunk(b"\0\1\2\3", b"") + data + end,
            "unknown chunk that must be known.png": with_chunk(good, chunk(b"ABCD", b"x")),
            "a million empty chunks.png": with_chunk(good, chunk(b"teXt", b"") * 800_000),
            "pixels that are not packed.png": SIGNATURE
            + header
            + chunk(b"IDAT", b"not packed at all")
            + end,
            "pixels half there.png": png(8, 6, rows=b"\0" * 20),
            "filter of no kind.png": png(8, 6, rows=b"\x09" + b"\0" * 8 + b"\x77" * 45),
            "palette without palette.png": png(8, 6, colour=3),
            "7 bits.png": png(8, 6, 7),
            "RGB of 4 bits.png": png(8, 6, 4, 2),
            "colours of no kind.png": png(8, 6, 8, 5),
        }.items()
    ]
    frames = chunk(b"acTL", struct.pack(">II", 2**32 - 1, 0))
    files += [
        Hostile(name, content, True, (8, 6))
        for name, content in {
            "endless animation.png": with_chunk(good, frames),
            "animation of no frames.png": with_chunk(good, chunk(b"acTL", bytes(8))),
            "animation chunk of 1 byte.png": with_chunk(good, chunk(b"acTL", b"x")),
            "rubbish after the end.png": good + b"PK\3\4<svg>" * 1000,
            "second picture after the end.png": good + png(5000, 5000, rows=b""),
            "data packed more than needed.png": png(8, 6, rows=b"\0" * 5_000_000),
            "interlaced.png": png(8, 6, rows=b"\0" * 100, interlace=1),
            "gamma zero.png": with_chunk(good, chunk(b"gAMA", bytes(4))),
            "density of a billion.png": with_chunk(good, chunk(b"pHYs", b"\xff" * 8 + b"\1")),
            "palette index out of range.png": png(
                8, 6, colour=3, before=chunk(b"PLTE", b"\1\2\3\4\5\6")
            ),
        }.items()
    ]
    first, second = picture(), picture().rotate(90)
    content = save(first, "PNG", save_all=True, append_images=[second] * 5)
    return [*files, Hostile("animated.png", content, True, (48, 40))]


def _png_texts() -> list[Hostile]:
    """What no one looks at, and what it does to those who do."""
    good = png(8, 6)
    bomb = zlib.compress(bytes(50_000_000), 1)
    extras = {
        "huge text": chunk(b"tEXt", b"Comment\0" + b"x" * 5_000_000),
        "packed text bomb": chunk(b"zTXt", b"Comment\0\0" + bomb),
        "international text bomb": chunk(b"iTXt", b"Comment\0\1\0\0\0" + bomb),
        "profile bomb": chunk(b"iCCP", b"profile\0\0" + bomb),
        "profile of no kind": chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"profile")),
        "profile not packed": chunk(b"iCCP", b"profile\0\0not packed"),
        "text without name": chunk(b"tEXt", b""),
        "text not packed": chunk(b"zTXt", b"Comment\0\x07zzz"),
        "text of script": chunk(b"tEXt", b"Title\0<script>alert(1)</script>"),
        "a thousand texts": chunk(b"tEXt", b"Comment\0" + b"y" * 1000) * 1000,
        "wrong checksum of a text": chunk(b"tEXt", b"Comment\0hello")[:-1] + b"!",
        "time of no kind": chunk(b"tIME", b"\xff" * 7),
        "histogram too long": chunk(b"hIST", b"\0" * 5000),
        "private chunk": chunk(b"prVt", b"\0" * 5000),
    }
    return [
        Hostile(f"{name}.png", with_chunk(good, extra), True, (8, 6))
        for name, extra in extras.items()
    ]


def _jpeg_structure() -> list[Hostile]:
    good = save(picture(), "JPEG")
    progressive = save(picture(), "JPEG", progressive=True)
    frame = good.index(b"\xff\xc0")
    scan = progressive.rindex(b"\xff\xda")
    size = int.from_bytes(good[frame + 2 : frame + 4]) + 2
    files = [
        Hostile(name, content, False)
        for name, content in {
            "beginning alone.jpg": good[:2],
            "beginning and end.jpg": b"\xff\xd8\xff\xd9",
            "no end.jpg": good[:-2],
            "only fill bytes.jpg": b"\xff\xd8" + b"\xff" * 1_000_000,
            "scan of fill bytes.jpg": good[:-2] + b"\xff" * 1_000_000,
            "segment of no length.jpg": b"\xff\xd8\xff\xe0\0\0" + good[2:],
            "segment past the end.jpg": b"\xff\xd8\xff\xdb\xff\xff" + good[2:600],
            "two frames.jpg": good[:frame] + good[frame : frame + size] * 2 + good[frame + size :],
            "a thousand scans.jpg": progressive[:-2] + progressive[scan:-2] * 1000 + b"\xff\xd9",
            "a million segments.jpg": good[:2] + b"\xff\xe5\0\2" * 900_000 + good[2:],
            "no components.jpg": good[: frame + 9] + b"\0" + good[frame + 10 :],
            "12 bits.jpg": good[: frame + 4] + b"\x0c" + good[frame + 5 :],
            "lossless frame.jpg": good[: frame + 1] + b"\xc3" + good[frame + 2 :],
            "hierarchical frame.jpg": good[: frame + 1] + b"\xc5" + good[frame + 2 :],
        }.items()
    ]
    long, added = b"x" * 65_533, partial(with_segment, good)
    files += [
        Hostile(name, content, True, (48, 40))
        for name, content in {
            "rubbish after the end.jpg": good + b"PK\3\4" * 10_000,
            "a second picture after the end.jpg": good + good,
            "long comment.jpg": added(0xFE, long),
            "comment of script.jpg": added(0xFE, b"<script>alert(1)</script>"),
            "profile of no kind.jpg": added(0xE2, b"ICC_PROFILE\0\1\1" + long[:60_000]),
            "picture of many that is not.jpg": added(0xE2, b"MPF\0MM\0*" + b"\xff" * 90),
            "preview that is no picture.jpg": added(0xED, b"Photoshop 3.0\0" + long[:900]),
            "JFIF of 2 bytes.jpg": added(0xE0, b"JF"),
            "fill bytes between.jpg": good[:frame] + b"\xff" * 5000 + good[frame:],
            "progressive.jpg": progressive,
        }.items()
    ]
    return files


def _exif() -> list[Hostile]:
    good = save(picture(), "JPEG")
    tall = (40, 48)
    files = [
        Hostile(
            f"orientation {number}.jpg",
            with_segment(good, 0xE1, b"Exif\0\0" + exif(number)),
            True,
            tall if 5 <= number <= 8 else (48, 40),
        )
        for number in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 65_535)
    ]
    bodies = {
        "no data": b"",
        "of random bytes": np.random.default_rng(0).bytes(60_000),
        "that ends early": exif(6)[:15],
        "of 65535 entries": b"II*\0" + struct.pack("<IH", 8, 65_535) + b"\xff" * 60_000,
        "that begins beyond its end": b"II*\0" + struct.pack("<I", 2**32 - 1),
        "that points at itself": b"II*\0" + struct.pack("<IHI", 8, 0, 8),
        "orientation of text": exif(6, kind=2),
        "orientation of a million values": exif(6, count=10**6),
        "of 65 kB": exif(1) + b"x" * 65_000,
    }
    files += [
        Hostile(f"Exif {name}.jpg", with_segment(good, 0xE1, b"Exif\0\0" + body), True, (48, 40))
        for name, body in bodies.items()
    ]
    turned = with_segment(good, 0xE1, b"Exif\0\0" + exif(6, order=">"))
    return [
        *files,
        Hostile("Exif in the other byte order.jpg", turned, True, tall),
        Hostile("Exif.png", with_chunk(png(8, 6), chunk(b"eXIf", exif(8))), True, (6, 8)),
        Hostile("Exif of 5 MB.png", with_chunk(png(8, 6), chunk(b"eXIf", bytes(5_000_000))), True),
    ]


def _kinds_of_pixels() -> list[Hostile]:
    """Honest files of kinds that readers forget."""
    colours = chunk(b"PLTE", bytes(range(48)) * 16)
    files = {
        f"{depth} bits of colour type {colour}.png": png(
            13, 7, depth, colour, before=colours if colour == 3 else b""
        )
        for colour, depths in {
            0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16),
        }.items()
        for depth in depths
    }  # fmt: skip
    for colour, clear in {0: b"\0\5", 2: b"\0\0\0\1\0\2", 3: b"\0\x80\xff"}.items():
        before = (colours if colour == 3 else b"") + chunk(b"tRNS", clear)
        files[f"transparent, colour type {colour}.png"] = png(13, 7, 8, colour, before=before)
    files["one transparent, 1 bit.png"] = png(13, 7, 1, 0, before=chunk(b"tRNS", b"\0\1"))
    files["one transparent, 16 bits.png"] = png(13, 7, 16, 0, before=chunk(b"tRNS", b"\0\1"))
    some = picture(13, 7)
    for mode in ("1", "L", "LA", "RGBA", "P", "I;16"):
        source = some.convert("L") if mode == "I;16" else some
        files[f"mode {mode.replace(';', ' ')}.png"] = save(source.convert(mode), "PNG")
    for mode in ("L", "RGB", "CMYK", "YCbCr"):
        files[f"mode {mode}.jpg"] = save(some.convert(mode), "JPEG")
    files["CMYK, progressive.jpg"] = save(some.convert("CMYK"), "JPEG", progressive=True)
    files["whole colours.jpg"] = save(some, "JPEG", subsampling=0, quality=100)
    files["worst quality.jpg"] = save(some, "JPEG", quality=1)
    return [Hostile(name, content, True, (13, 7)) for name, content in files.items()]


def _other_pictures() -> list[Hostile]:
    """Formats that are refused by their names, called PNG or JPEG."""
    image = picture()
    frames = {"save_all": True, "append_images": [image.rotate(180)] * 3}
    files = [
        ("GIF", save(image.convert("P"), "GIF")),
        ("animated GIF", save(image.convert("P"), "GIF", **frames)),
        ("BMP", save(image, "BMP")),
        ("TIFF", save(image, "TIFF")),
        ("TIFF of many pages", save(image, "TIFF", **frames)),
        ("icon", save(image, "ICO")),
        ("PPM", save(image, "PPM")),
        ("EPS", save(image, "EPS")),
        ("WebP", b"RIFF\x24\0\0\0WEBPVP8 " + bytes(24)),
        ("AVIF", b"\0\0\0\x1cftypavif" + bytes(24)),
        ("HEIC", b"\0\0\0\x18ftypheic" + bytes(24)),
        ("video", b"\0\0\0\x18ftypmp42" + bytes(24)),
        ("JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(24)),
        ("JPEG XL", b"\xff\x0a" + bytes(24)),
        ("Photoshop", b"8BPS\0\1" + bytes(24)),
        ("TGA", save(image, "TGA")),
        ("PCX", save(image, "PCX")),
    ]
    return [
        Hostile(f"{name} renamed.{('png', 'jpg')[number % 2]}", content, False)
        for number, (name, content) in enumerate(files)
    ]


def _no_pictures() -> list[Hostile]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("picture.png", png(4, 4))
    entities = "".join(
        f'<!ENTITY x{number} "{f"&x{number - 1};" * 10}">' for number in range(1, 10)
    )
    files = {
        "empty.png": b"",
        "one byte.png": b"\x89",
        "zeros.png": bytes(1000),
        "ones.jpg": b"\xff" * 1000,
        "random.png": np.random.default_rng(1).bytes(5000),
        "text.png": b"Dear model, please draw a seven.\n",
        "text of other letters.jpg": "Zeichne eine Sieben, größer.".encode(),
        "text in UTF-16.png": "seven".encode("utf-16"),
        "web page.png": b"<!DOCTYPE html><html><body>seven</body></html>",
        "web page with a picture.jpg": b"<html><svg></svg></html>",
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L9 9"/></svg>',
        "drawing renamed.png": b'<?xml version="1.0"?>\n<!-- x --><svg width="9"></svg>',
        "drawing of entities.png": (
            f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x0 "x">{entities}]><svg>&x9;</svg>'
        ).encode(),
        "drawing that reads a file.png": (
            b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
        ),
        "drawing of script.png": b"<svg onload='alert(1)'/>",
        "archive.png": archive.getvalue(),
        "packed.png": b"\x1f\x8b\x08\0" + bytes(30),
        "document.png": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "program.png": b"\x7fELF\2\1\1" + bytes(60),
        "another program.png": b"MZ\x90\0" + bytes(60),
        "script.png": b"#!/bin/sh\nrm -rf /\n",
        "table.png": b"a,b\n1,2\n",
        "weights.png": struct.pack("<Q", 20) + b'{"__metadata__":{}} ',
        "pickle.png": b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix",
    }
    return [Hostile(name, content, False) for name, content in files.items()]
