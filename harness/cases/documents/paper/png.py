"""Pixels as a PNG image: the one format we write, without a library for all of them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

_GREY, _RGB, _RGBA = 0, 2, 6
_COLOURS: Final = {1: _GREY, 3: _RGB, 4: _RGBA}


@dataclass(frozen=True, slots=True)
class Pixels:
    """Pixel layout in memory, eight bits a channel."""

    width: int
    height: int
    channels: int
    """1 grey, 3 RGB, 4 RGBA."""
    stride: int
    """Bytes from one row to the next."""


def png(pixels: Pixels, data: bytes) -> bytes:
    """Return a PNG file (ISO/IEC 15948), each row stored as it is and then deflated."""
    length = pixels.width * pixels.channels
    rows = b"".join(
        b"\0" + data[start : start + length]
        for start in range(0, pixels.height * pixels.stride, pixels.stride)
    )
    size = struct.pack(
        ">IIBBBBB", pixels.width, pixels.height, 8, _COLOURS[pixels.channels], 0, 0, 0
    )
    parts = ((b"IHDR", size), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
