"""Documents in other formats than text, made when they are wanted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

from harness.cases.documents.paper.png import Pixels, png

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
IMAGE = png(Pixels(40, 20, 3, 120), bytes(range(120)) * 20)


def pdf(*pages: str, encrypted: bool = False) -> bytes:
    """Return a PDF with a page for each text; a page without text holds an image."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    ]
    objects.append(
        _stream(
            b"\x00\xff" * 8,
            b"/Type/XObject/Subtype/Image/Width 4/Height 4"
            b"/ColorSpace/DeviceGray/BitsPerComponent 8",
        )
    )
    kids = []
    for text in pages:
        lines = "".join(f"({line}) Tj T* " for line in text.split("\n"))
        content = (
            f"BT /F1 12 Tf 14 TL 72 700 Td {lines}ET" if text else "400 0 0 600 72 72 cm /I1 Do"
        )
        objects.append(_stream(content.encode("latin-1")))
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>/XObject<</I1 4 0 R>>>>>>".encode()
        )
    objects[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(kids)}]>>".encode()
    return written_pdf(objects, encrypted=encrypted)


def filled_form(value: str) -> bytes:
    """Return a PDF whose one field is filled in."""
    look = _stream(
        f"/Tx BMC BT /F1 12 Tf 2 5 Td ({value}) Tj ET EMC".encode(),
        b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 3 0 R>>>>",
    )
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DR<</Font<</F1 3 0 R>>>>>>>>",
            b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
            _stream(b"BT /F1 12 Tf 72 700 Td (Total due:) Tj ET"),
            (
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Annots[6 0 R]"
                b"/Resources<</Font<</F1 3 0 R>>>>>>"
            ),
            f"<</Type/Annot/Subtype/Widget/FT/Tx/T(total)/V({value})/F 4/Rect[150 695 350 715]"
            "/DA(/F1 12 Tf 0 g)/AP<</N 7 0 R>>/P 5 0 R>>".encode(),
            look,
        ]
    )


def annotated(text: str, *annotations: str, is_form: bool = False) -> bytes:
    """Return a PDF with a line of text and annotations; object 6 is a look, 4 none."""
    first = 7
    numbers = range(first, first + len(annotations))
    named = " ".join(f"{number} 0 R" for number in numbers)
    form = f"/AcroForm<</Fields[{named}]/DR<</Font<</F1 3 0 R>>>>>>" if is_form else ""
    lines = "".join(f"({line}) Tj T* " for line in text.split("\n"))
    look = _stream(
        b"BT /F1 12 Tf 2 5 Td (typed 77) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F1 3 0 R>>>>",
    )
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{form}>>".encode(),
        b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
        _stream(f"BT /F1 12 Tf 20 TL 92 700 Td {lines}ET".encode()),
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Annots[{named}]"
        "/Resources<</Font<</F1 3 0 R>>>>>>".encode(),
        look,
    ]
    return written_pdf([*objects, *(f"<</Type/Annot/P 5 0 R{a}>>".encode() for a in annotations)])


def stamped(stamp: str, width: int) -> bytes:
    """Return a PDF whose page is an image of this width in points, with a line of text over it."""
    image = _stream(
        b"\x00\xff" * 8,
        b"/Type/XObject/Subtype/Image/Width 4/Height 4/ColorSpace/DeviceGray/BitsPerComponent 8",
    )
    content = f"q {width} 0 0 700 0 0 cm /I1 Do Q BT /F1 9 Tf 20 770 Td ({stamp}) Tj ET"
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[6 0 R]>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
            image,
            _stream(content.encode()),
            (
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R"
                b"/Resources<</Font<</F1 3 0 R>>/XObject<</I1 4 0 R>>>>>>"
            ),
        ]
    )


def written_pdf(objects: list[bytes], *, encrypted: bool = False) -> bytes:
    """Return the file that holds these objects, the first being its catalogue."""
    if encrypted:
        secret = b"<" + b"5a" * 32 + b">"
        objects = [*objects, b"<</Filter/Standard/V 1/R 2/P -4/O %b/U %b>>" % (secret, secret)]
    out = bytearray(b"%PDF-1.7\n")
    starts = []
    for number, content in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % start for start in starts)
    lock = b"/Encrypt %d 0 R/ID[<00><00>]" % len(objects) if encrypted else b""
    out += b"trailer<</Size %d/Root 1 0 R%b>>\n" % (len(objects) + 1, lock)
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % table


def _stream(content: bytes, about: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (about, len(content), content)


def docx(body: str, **parts: str) -> bytes:
    """Return a Word document with this body; other parts by name, `word/<name>.xml`."""
    wrapped = {f"word/{name}.xml": f"<w:part {_W}>{text}</w:part>" for name, text in parts.items()}
    main = f"<w:document {_W}><w:body>{body}</w:body></w:document>"
    return archive({"[Content_Types].xml": "<Types/>", "word/document.xml": main, **wrapped})


def paragraph(*runs: str, style: str = "") -> str:
    """Return a paragraph of texts."""
    about = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{about}{''.join(f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return written.getvalue()


def email(body: str, *, subtype: str = "plain") -> bytes:
    """Return an e-mail with an attachment."""
    message = EmailMessage()
    message["From"] = "Ana <ana@example.org>"
    message["To"] = "bo@example.org"
    message["Subject"] = "Größe & Preis"
    message["Date"] = "Tue, 14 May 2024 09:30:00 +0200"
    message.set_content(body, subtype=subtype)
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Angebot ü.pdf")
    return message.as_bytes()
