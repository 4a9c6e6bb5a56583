"""Character encodings of mail and web pages, by names that may be wrong or missing."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

_NAMES: Final = {
    **dict.fromkeys(
        ("ascii", "usascii", "ansix341968", "iso88591", "iso885911987", "latin1", "l1", "cp819"),
        "cp1252",
    ),
    **dict.fromkeys(("iso88599", "latin5"), "cp1254"),
    **dict.fromkeys(("iso885911", "tis620", "windows874", "dos874"), "cp874"),
    **dict.fromkeys(("iso88598i", "iso88598e", "logical", "visual"), "iso8859-8"),
    **dict.fromkeys(("latin9", "l9", "iso885915"), "iso8859-15"),
    **dict.fromkeys(("gb2312", "gbk", "xgbk", "gb231280", "csgb2312", "chinese"), "gb18030"),
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "mskanji", "windows31j", "ms932"), "cp932"),
    **dict.fromkeys(("euckr", "ksc56011987", "ksc5601", "korean", "windows949"), "cp949"),
    **dict.fromkeys(("big5", "xxbig5", "cnbig5", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(("utf8", "utf8mb4", "utf8mb3", "unicode11utf8", "xunicode20utf8"), "utf-8"),
    **dict.fromkeys(("macintosh", "xmacroman", "mac"), "mac-roman"),
    **dict.fromkeys(("xmaccyrillic", "xmacukrainian"), "mac-cyrillic"),
    **dict.fromkeys(("koi8ru", "koi8"), "koi8-u"),
}
"""As the Encoding Standard of the web has them, and as mail programs write them."""
_NO_TEXT: Final = re.compile("undefined|idna|punycode|mbcs|oem|.*escape")
"""Codecs of Python that are no encodings of documents."""
_STATEFUL: Final = ("utf-16", "utf-32", "utf-7", "iso2022", "hz")
"""Encodings whose bytes may be ASCII without meaning it."""
_DIGITS: Final = re.compile(r"(?:x-?)?(?:cp|windows|win|ibm|dos|ansi)[-_ ]?(\d{3,5})")


_ONE_BYTE: Final = ("cp12", "iso8859", "cp8", "mac", "koi8")
"""Encodings in which any bytes are text: what is UTF-8 as well is hardly theirs."""
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text, and what is doubtful about how its bytes were read."""

    text: str
    doubt: str | None
    """None where the bytes are what they are said to be."""


def codec_of(label: str | None) -> str | None:
    """Return the codec that a label means; None for one that means none, `unknown-8bit` for one.

    >>> codec_of("ISO-8859-1"), codec_of("cp-850"), codec_of("x-gbk"), codec_of("unknown-8bit")
    ('cp1252', 'cp850', 'gb18030', None)
    """
    plain = (label or "").strip().strip("\"'").lower()
    if not plain.isascii() or len(plain) > 40:  # noqa: PLR2004  # no label is as long
        return None
    if known := _NAMES.get(re.sub("[^a-z0-9]", "", plain)):
        return known
    numbered = _DIGITS.fullmatch(plain)
    try:
        codec = codecs.lookup(f"cp{numbered[1]}" if numbered else plain)
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True) and not _NO_TEXT.fullmatch(codec.name)
    return codec.name if is_text else None


def decode_as(data: bytes, label: str | None) -> DecodedText:
    """Return bytes as the text they are said to be, or else as UTF-8, or else as Windows-1252.

    Nothing is replaced without a doubt being told.

    >>> decode_as("Größe".encode("cp1252"), "utf-8")
    DecodedText(text='Größe', doubt="is not the 'utf-8' it says it is: read as Windows-1252")
    """
    for mark, name in _MARKS.items():
        if data.startswith(mark) and (text := _decoded(data.removeprefix(mark), name)) is not None:
            return DecodedText(text, None)
    codec = codec_of(label)
    if data.isascii() and not (codec or "").startswith(_STATEFUL):
        return DecodedText(data.decode("ascii"), None)
    fault = f"is not the {label!r} it says it is" if label else "does not say its encoding"
    as_utf_8 = _decoded(data, "utf-8")
    as_said = _decoded(data, codec) if codec is not None else None
    if as_utf_8 is not None and (as_said is None or (codec or "").startswith(_ONE_BYTE)):
        is_told = label and codec != "utf-8"
        return DecodedText(as_utf_8, f"{fault}: read as UTF-8" if is_told else None)
    if as_said is not None:
        return DecodedText(as_said, None)
    whole = _decoded(data, "cp1252")
    if whole is not None:
        return DecodedText(whole, f"{fault}: read as Windows-1252")
    return DecodedText(
        data.decode("cp1252", "replace"), f"{fault}: some of its bytes are no letters"
    )


def _decoded(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (LookupError, UnicodeError):
        return None
