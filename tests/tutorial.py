"""The project of docs/tutorial.md: ten invoices made here, an extractor, and its commands."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.cases.documents.office import pdf

_VENDORS: Final = ("Nordlicht GmbH", "Atelier Vauquelin", "Brightwater Ltd", "Officine Gallo")
_PARTS: Final = ("LED desk lamp", "Office chair", "Oak shelf", "Paper, A4", "Cable, 2 m")
_PROGRESS: Final = re.compile(r"^.*: \d+ of \d+ \u00b7 .*\n", re.MULTILINE)
_BY_TIME: Final = re.compile(r"\nThe best is .*?\n(?=next )", re.DOTALL)
"""What a comparison says of runs that take long enough to be measured, as on a busy machine."""
EXTRACTOR: Final = """\
import re


def invoice(case):
    text = case.documents[0].text
    lines = re.findall(r"(\\d+) +(\\w.*?) +([\\d.]+)$", text, re.MULTILINE)
    return {
        "vendor": text.split("\\n")[0],
        "number": re.search(r"INV-\\d+", text)[0],
        "date": re.search(r"Date: (.*)", text)[1],
        "total": float(re.search(r"Total ([\\d.]+)", text)[1]),
        "lines": [{"count": int(n), "part": p, "price": float(x)} for n, p, x in lines],
    }
"""
"""Reads invoices, but stops at the comma of an amount of a thousand and more."""
MENDED: Final = EXTRACTOR.replace(
    'float(re.search(r"Total ([\\d.]+)", text)[1])',
    'float(re.search(r"Total ([\\d.,]+)", text)[1].replace(",", ""))',
)


def make_documents(folder: Path) -> None:
    """Write ten invoices as PDF, and the ground truth of each."""
    draw = random.Random(7)
    for name in ("invoices", "truths"):
        (folder / name).mkdir()
    for number in range(1, 11):
        vendor = draw.choice(_VENDORS)
        lines = [
            (part, draw.randint(1, 9), draw.randint(300, 20_000) / 100)
            for part in draw.sample(_PARTS, 3)
        ]
        day = f"2026-{draw.randint(1, 9):02}-{draw.randint(1, 28):02}"
        total = round(sum(count * price for _, count, price in lines), 2)
        text = [vendor, f"Invoice INV-{1000 + number}", f"Date: {day}", ""]
        text += [f"{count:>2}  {part:<16} {price:>9.2f}" for part, count, price in lines]
        text += ["", f"Total {total:,.2f} EUR"]
        truth = {
            "vendor": vendor,
            "number": f"INV-{1000 + number}",
            "date": day,
            "total": total,
            "lines": [{"count": c, "part": p, "price": x} for p, c, x in lines],
        }
        (folder / f"invoices/inv-{number:02}.pdf").write_bytes(pdf("\n".join(text)))
        (folder / f"truths/inv-{number:02}.json").write_text(json.dumps(truth, indent=2))


def name_extractor(folder: Path) -> None:
    """Write the extractor beside the suite, and its name into the suite."""
    suite = folder / "evals/invoices/suite.yaml"
    (suite.parent / "extract.py").write_text(EXTRACTOR)
    said = '\nextractor: {kind: python, function: "extract:invoice"}\n'
    suite.write_text(suite.read_text() + said)


def mend_extractor(folder: Path) -> None:
    """Let the extractor read amounts of a thousand and more."""
    (folder / "evals/invoices/extract.py").write_text(MENDED)


def newest_run(folder: Path) -> str:
    """Return the name of the folder's newest run."""
    return max((run.parent for run in folder.glob("reports/*/run.json")), key=_ended).name


def _ended(run: Path) -> int:
    return (run / "eval-results.json").stat().st_mtime_ns


def transcript(folder: Path, command: str) -> str:
    """Return a command and what it prints in the folder, without what differs from run to run."""
    words = [sys.executable, "-m", "harness", *command.split()[1:]]
    # a process of its own: this one would go on with the extractor it has imported
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    printed, shown = done.stdout + done.stderr, command
    for number, stamp in enumerate(sorted(_stamps(folder))):
        fixed = f"20261130-{101_500 + 100 * number}"
        printed, shown = (text.replace(stamp, fixed) for text in (printed, shown))
        printed = re.sub(rf"\b{stamp[-6:]}\b", fixed[-6:], printed)
    printed = re.sub(r"\b(\d+ min )?\d+(\.\d+)? s\b", "0.04 s", printed).rstrip("\n")
    printed = _BY_TIME.sub("", printed)
    printed = _PROGRESS.sub("", printed)  # a slow machine is told how far it is
    return f"```console\n$ {shown}\n{printed}\n```\n"


def _stamps(folder: Path) -> set[str]:
    """Return the days and times that run folders begin with."""
    return {run.name[:15] for run in folder.glob("reports/*") if run.name[:8].isdigit()}
