"""Print what our readers and markitdown get out of documents that trip readers.

`python benchmarks/documents.py` reads with ours alone; `--other PYTHON` names an interpreter that
has `markitdown[docx,xlsx,pdf]`, which is heavy: it is compared in its own environment. Each sample
says which texts a person sees in it, in order, and which nobody sees.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness.cases.documents.by_format import read_pages
from harness.cases.documents.pages import PageLimits
from harness.errors import HarnessError
from tests.cases.documents.office import annotated, docx, email, filled_form, paragraph, pdf
from tests.cases.documents.test_office_documents import cells

_BOUNDS = PageLimits(10_000_000, 1_000)
_OTHER = """
import sys
from markitdown import MarkItDown
print(MarkItDown().convert(sys.argv[1]).text_content)
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A document, and what a person reads in it."""

    name: str
    data: bytes
    seen: tuple[str, ...]
    """In this order; blanks do not count."""
    unseen: tuple[str, ...] = ()

    def is_read(self, text: str) -> bool:
        """Tell whether a reader got what is seen and nothing of what is not."""
        plain, at = "".join(text.split()), 0
        for part in self.seen:
            wanted = "".join(part.split())
            at = plain.find(wanted, at)
            if at < 0:
                return False
            at += len(wanted)
        return not any("".join(part.split()) in plain for part in self.unseen)


def samples() -> list[Sample]:
    """Return one document for each way in which text was seen to get lost."""
    place = "/F 4/Rect[250 695 350 715]/DA(/F1 12 Tf 0 g)/AP<</N 6 0 R>>"
    typed = f"/Subtype/FreeText/Contents(typed 77){place}"
    merged = "<table><tr><td rowspan=2>Item<td colspan=2>Price<tr><td>Net<td>Gross</table>"
    removed = "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
    struck = f"<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins>{removed}</w:p>"
    latin = b"From: a@example.org\nContent-Type: text/plain\n\nPreis f\xfcr Gr\xf6\xdfe 5 \x80"
    return [
        Sample("text.pdf", pdf("Total 5", "Page two"), ("Total 5", "Page two")),
        Sample("form.pdf", filled_form("Total 77"), ("Total 77",)),
        Sample("typed-over.pdf", annotated("Total due:", typed), ("Total due:", "typed 77")),
        Sample("plain.docx", docx(paragraph("Total ", "5 \u20ac")), ("Total 5 \u20ac",)),
        Sample(
            "header.docx",
            docx(paragraph("Total 5"), header1=paragraph("ACME")),
            ("ACME", "Total 5"),
        ),
        Sample("tracked.docx", docx(struck), ("new",), ("old",)),
        Sample("zeros.xlsx", cells(("00042", "@"), (42, "00000")), ("00042", "00042")),
        Sample("currency.xlsx", cells((1234.5, "#,##0.00 \u20ac")), ("234.50", "\u20ac")),
        Sample("percent.xlsx", cells((0.05, "0%")), ("5%",)),
        Sample("merged.html", merged.encode(), ("Item", "Price", "Net", "Gross")),
        Sample(
            "hidden.html", b"<p>Total 5<p style='display:none'>Total 6", ("Total 5",), ("Total 6",)
        ),
        Sample(
            "latin1.html",
            b"<meta charset=iso-8859-1><p>Gr\xf6\xdfe 5 \x80",
            ("Gr\u00f6\u00dfe 5 \u20ac",),
        ),
        Sample(
            "mail.eml",
            email("Total 5"),
            ("Gr\u00f6\u00dfe & Preis", "Total 5", "Angebot \u00fc.pdf"),
        ),
        Sample("html-mail.eml", email("<p>Total&nbsp;5", subtype="html"), ("Total", "5")),
        Sample("no-charset.eml", latin, ("Preis f\u00fcr Gr\u00f6\u00dfe 5 \u20ac",)),
    ]


def ours(sample: Sample) -> str:
    """Return what our reader gets; a refusal is what it says."""
    try:
        return read_pages(sample.data, Path(sample.name), _BOUNDS).text
    except HarnessError as error:
        return f"refused: {error.problems[0].what}"


def other(python: str) -> Callable[[Sample], str]:
    """Return a reader in another interpreter."""

    def read(sample: Sample) -> str:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / sample.name
            file.write_bytes(sample.data)
            command = [python, "-c", _OTHER, str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return done.stdout if not done.returncode else done.stderr

    return read


def main() -> None:
    """Print a line a document, and how many each reader got right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--other", metavar="PYTHON", help="interpreter with markitdown")
    python = parser.parse_args().other
    readers = {"harness": ours, **({"markitdown": other(python)} if python else {})}
    right = dict.fromkeys(readers, 0)
    print(f"{'document':<18}" + "".join(f"{name:>12}" for name in readers))
    for sample in samples():
        read = {name: sample.is_read(reader(sample)) for name, reader in readers.items()}
        for name, is_right in read.items():
            right[name] += is_right
        print(
            f"{sample.name:<18}" + "".join(f"{'read' if r else 'not':>12}" for r in read.values())
        )
    print(f"{'of ' + str(len(samples())):<18}" + "".join(f"{n:>12}" for n in right.values()))


if __name__ == "__main__":
    main()
