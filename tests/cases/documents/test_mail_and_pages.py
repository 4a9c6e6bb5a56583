"""Mail and web pages as the world writes them: encodings, parts, forwarded mail, merged cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cases.documents.by_format import read_pages
from harness.cases.documents.pages import PageLimits, Pages
from harness.cases.documents.web.encodings import codec_of, decode_as
from harness.errors import HarnessError

_BOUNDS = PageLimits(20_000_000, 100)
_WORD = "Größe"


def read(content: str | bytes, name: str = "a.eml") -> Pages:
    data = content.encode() if isinstance(content, str) else content
    return read_pages(data, Path(name), _BOUNDS)


def mail(about: str, body: bytes) -> bytes:
    return f"Content-Type: text/plain{about}\n\n".encode() + body


def told(pages: Pages) -> list[str]:
    return [warning.what for warning in pages.warnings]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize(
    "label", ["", "; charset=utf-8", "; charset=us-ascii", "; charset=unknown-8bit"]
)
def test_the_letters_of_a_mail_are_right_whatever_it_says_of_them(
    encoding: str, label: str
) -> None:
    pages = read(mail(label, _WORD.encode(encoding)))
    assert pages.text == _WORD
    is_plain = encoding == "utf-8" and label in ("", "; charset=utf-8")
    is_said = encoding == "cp1252" and label == "; charset=us-ascii"  # which means cp1252
    assert bool(told(pages)) is not (is_plain or is_said)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("default", None),
        ("utf8mb4", "utf-8"),
        ("cp-850", "cp850"),
        ("iso-8859-8-i", "iso8859-8"),
        ("windows-874", "cp874"),
        ("x-gbk", "gb18030"),
        ("latin-9", "iso8859-15"),
        ("win-1251", "cp1251"),
        ("ks_c_5601-1987", "cp949"),
        ("rot13", None),
        ("unicode_escape", None),
        ("undefined", None),
        ("punycode", None),
        ("é", None),
        ("a" * 5_000, None),
    ],
)
def test_names_of_encodings_are_those_of_mail_programs(label: str, codec: str | None) -> None:
    assert codec_of(label) == codec


@given(st.binary(max_size=50), st.sampled_from(["", "utf-8", "latin1", "gbk", "x", "utf-16"]))
def test_bytes_are_always_text_and_no_letter_is_replaced_unsaid(data: bytes, label: str) -> None:
    decoded = decode_as(data, label)
    assert "\ufffd" not in decoded.text or decoded.doubt or "\ufffd".encode() in data


def test_a_page_in_a_mail_may_say_its_encoding() -> None:
    page = f'<meta charset="windows-1251"><p>{"Сумма"}</p>'.encode("windows-1251")
    assert read(b"Content-Type: text/html\n\n" + page).text == "Сумма"


def test_all_texts_of_a_mail_are_read_where_they_stand() -> None:
    """Apple Mail sets an attachment between two texts."""
    parts = ["\n\nfirst", "Content-Type: application/pdf; name=a.pdf\n\nx", "\n\nsecond"]
    parts += ["Content-Type: text/plain; name=notes.txt\nContent-Disposition: attachment\n\nz"]
    body = "".join(f"--b\n{part.lstrip() if part[0] != chr(10) else part[1:]}\n" for part in parts)
    text = read(f"Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n").text
    assert text == (
        "first\n\n[attachment: a.pdf, application/pdf]\n\nsecond\n\n"
        "[attachment: notes.txt, text/plain]"
    )


def test_a_forwarded_mail_is_text() -> None:
    forwarded = "From: eve@example.org\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\n\nTotal 5"
    text = read(
        "Subject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n"
        f"--b\nContent-Type: message/rfc822\n\n{forwarded}\n--b--\n"
    ).text
    assert text == (
        "Subject: Fwd\n\nsee below\n\n[forwarded message]\nFrom: eve@example.org\n"
        f"Subject: {_WORD}\n\nTotal 5"
    )


@pytest.mark.parametrize(("plain", "expected"), [("Total 5", "Total 5"), ("no HTML?", "To be")])
def test_the_plain_version_of_a_text_is_read_unless_it_says_nothing(
    plain: str, expected: str
) -> None:
    page = "<p>To be paid within 30 days, with a long list of articles</p>"
    page = page if plain == "no HTML?" else "<p>Total <b>5</b>"
    text = read(
        f"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n{plain}\n"
        f"--b\nContent-Type: text/html\n\n{page}\n--b--\n"
    ).text
    assert text.startswith(expected)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_plain_version_without_the_numbers_of_the_page_is_not_taken_for_it(rows: int) -> None:
    table = "".join(f"<tr><td>item {n}<td>{n}.50</tr>" for n in range(rows))
    whole = "".join(f"item {n}: {n}.50\n" for n in range(rows))
    terms = "This mail is confidential and meant for the person it is addressed to alone. " * 50

    def text(plain: str) -> str:
        return read(
            f"Content-Type: multipart/alternative; boundary=b\n\n--b\n\n{plain}\n"
            f"--b\nContent-Type: text/html\n\n<table>{table}</table>\n--b--\n"
        ).text

    assert f"| item {rows - 1} | {rows - 1}.50 |" in text(terms)
    assert text(whole) == whole.strip()


def test_encoded_words_are_joined_before_their_letters_are_read() -> None:
    """A letter of two bytes may be cut in half between two words (RFC 2047 forbids, many do)."""
    subject = "=?utf-8?q?Gr=C3?= =?utf-8?q?=B6=C3=9Fe?= und =?unknown-8bit?q?Gr=F6=DFe?="
    assert read(f"Subject: {subject}\n\nx").text == f"Subject: {_WORD} und {_WORD}\n\nx"
    assert read(b"Subject: " + _WORD.encode() + b"\n\nx").text == f"Subject: {_WORD}\n\nx"


def test_a_web_archive_is_read_as_the_page_it_holds() -> None:
    text = read(
        "Subject: Offer\nContent-Type: multipart/related; boundary=b\n\n--b\n"
        "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
        "<p class=3Dx>Total 5</p>\n--b\nContent-Type: image/png; name=a.png\n\nx\n--b--\n",
        "a.mhtml",
    ).text
    assert text == "Subject: Offer\n\nTotal 5\n\n[attachment: a.png, image/png]"


@pytest.mark.parametrize("size", [3, 3_000, 100_000])
def test_headers_of_any_length_are_read_in_time(size: int) -> None:
    people = ", ".join(f"p{n}@example.org" for n in range(size))
    words = " ".join(f"=?utf-8?q?a{n}?=" for n in range(size))
    parameters = ";\n ".join(f"p{n}=x" for n in range(size))
    head = f"To: {people}\nSubject: {words}\nContent-Type: text/plain; {parameters}\n\nend"
    text = read(head).text
    assert text.startswith(f"To: {people}\n")
    assert text.endswith("end")


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: text/plain; name*0=a; name*=b; name*x=c\n\nx",
        b"Content-Type: multipart/mixed\n\nx",
        b"Content-Type: message/rfc822\n\n",
        b"Content-Type: text/plain; charset*=x''y\n\nx",
        b"Content-Transfer-Encoding: base64\n\n=",
        b"Subject: =?utf-8?b?=?= =?x?q?=zz?=\n\n",
        b"\0\xff\n\n\0",
        b"To: " + b"(" * 5_000 + b"\n\nx",
    ],
)
def test_mail_that_breaks_the_rules_is_read_as_well_as_can_be(content: bytes) -> None:
    assert "\0" not in read(content).text


def test_mail_within_mail_without_end_is_refused() -> None:
    with pytest.raises(HarnessError, match="cannot be read as an e-mail: RecursionError"):
        read("Content-Type: message/rfc822\n\n" * 3_000)


def test_merged_cells_of_a_page_keep_their_columns() -> None:
    table = (
        "<table><tr><th rowspan=2>Item<th colspan=2>Price</tr><tr><th>Net<th>Gross</tr>"
        "<tr><td>Pen<td>3<td>4</tr></table>"
    )
    assert read(table, "a.html").text.splitlines() == [
        "| Item | Price | |",
        "| | Net | Gross |",
        "| Pen | 3 | 4 |",
    ]


def test_a_cell_that_reaches_down_is_beside_every_row_and_no_further() -> None:
    rows = "".join(f"<tr><td>r{n}<td>v{n}</tr>" for n in range(1, 3_000))
    text = read(f"<table><tr><td rowspan=3000>A<td>r0<td>v0</tr>{rows}</table>", "a.html").text
    lines = text.splitlines()
    assert lines[0] == "| A | r0 | v0 |"
    assert lines[1:] == [f"| | r{n} | v{n} |" for n in range(1, 3_000)]
    assert read("<table><tr><td rowspan=9>A</table><table><tr><td>B</table>", "a.html").text == (
        "| A |\n| B |"
    )


def test_cells_that_span_without_end_are_refused() -> None:
    with pytest.raises(HarnessError, match="span more than 1,000,000 rows and columns"):
        read("<table>" + "<tr><td rowspan=65534 colspan=1000>a" * 20_000, "a.html")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (b'<meta charset="utf-16"><p>Total 5', "Total 5"),
        (b'<meta charset="undefined"><p>Total 5', "Total 5"),
        (b'<meta charset="iso-8859-1"><p>5 \x80', "5 €"),
        (b'<?xml version="1.0" encoding="windows-1252"?><p>5 \x80', "5 €"),
        ("<p>Größe".encode("utf-16"), "Größe"),
    ],
)
def test_a_page_is_in_the_encoding_that_a_browser_takes_it_for(page: bytes, text: str) -> None:
    assert read(page, "a.html") == Pages(text, kind="html")


def test_ticked_boxes_of_a_page_are_told_from_others() -> None:
    page = "<input type=checkbox checked>Paid<br><input type=radio>Open"
    assert read(page, "a.html").text == "☒ Paid\n☐ Open"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{\\rtf1 Total 5}", "is RTF, which is not read"),
        (b"BM\x36\0\0\0\0\0\0\0", "is a BMP image"),
        (b"%!PS-Adobe", "is PostScript"),
        (b"\0\0\0\x18ftypheic", "is a HEIC image"),
        (b"\xd0\xcf\x11\xe0" + "__properties_version1.0".encode("utf-16-le"), "Outlook message"),
    ],
)
@pytest.mark.parametrize("name", ["a.bin", "a.txt", "a.html"])
def test_formats_that_are_not_read_are_named(content: bytes, said: str, name: str) -> None:
    with pytest.raises(HarnessError, match=said):
        read(content, name)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<select><option>Net<option selected>Gross</select> due", "Gross due"),
        ("<select><option>Net</option><option>Gross</option></select> due", "Net due"),
        ("<select multiple><option>Net<option>Gross</select> due", "due"),
        ("<select><optgroup><option>Net<option selected>Gross</optgroup></select>!", "Gross!"),
        ("<input list=l value=Oslo><datalist id=l><option>Rome</datalist> due", "Oslo due"),
        ("<svg><title>icon</title><text>Due</text><text>5</text></svg>", "Due\n5"),
        ("<svg><defs><text>no</text></defs><text>Due</text></svg>", "Due"),
        ("rate <math><mi>x</mi><mo>=</mo><mn>5</mn><annotation>t</annotation></math>", "rate x=5"),
    ],
)
def test_what_a_browser_shows_of_choices_drawings_and_formulas_is_text(
    markup: str, text: str
) -> None:
    assert read(markup, "a.html").text == text


@pytest.mark.parametrize("options", [3, 3_000])
def test_of_many_options_the_chosen_one_is_read(options: int) -> None:
    listed = "".join(f"<option>Town {number}" for number in range(options))
    markup = f"<p>From <select>{listed}<option selected>Oslo</select> to Rome</p>"
    assert read(markup, "a.html").text == "From\nOslo to Rome"


@pytest.mark.parametrize("kind", ["text/calendar", "text/markdown", "text/x-amp-html"])
def test_text_of_any_kind_that_is_no_file_is_what_a_mail_says(kind: str) -> None:
    assert read(f"Content-Type: {kind}\n\nSUMMARY: Meet").text == "SUMMARY: Meet"


def test_why_a_mail_was_not_delivered_is_read() -> None:
    report = (
        "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: text/plain\n\nFailed\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nStatus: 5.1.1\n"
        "--x--"
    )
    assert read(report).text == "Failed\n\nReporting-MTA: dns; a\nStatus: 5.1.1"
