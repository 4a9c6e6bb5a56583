"""A run like a real week's work: management letters, read by a small model."""

from __future__ import annotations

import random

from tests.report.records import Record, Run, case, diff, missing, results, run

_COMPANIES = (
    ("Nordvik Seafood", "Bergen"), ("Halden Paper", "Halden"), ("Arctis Logistics", "Tromsø"),
    ("Brandt & Söhne", "Lübeck"), ("Oster Turbines", "Kiel"), ("Varga Optics", "Pécs"),
    ("Lumen Dairy", "Tampere"), ("Castellan Foods", "Girona"), ("Marlow Castings", "Derby"),
    ("Tessier Glass", "Reims"), ("Quill Instruments", "Delft"), ("Hollis Freight", "Cork"),
)  # fmt: skip
_SEGMENTS = ("Retail", "Wholesale", "Services", "Licensing", "Export")
_AUDITORS = ("Ferrand Audit", "Lindqvist & Partners", "Mosley Grant")


def _find(text: str, shown: str, name: str) -> list[Record]:
    start = text.find(shown)
    if start < 0:
        return []
    return [{"document": name, "start": start, "end": start + len(shown)}]


class _Letter:
    """A management letter, the values in it and what a model made of them."""

    def __init__(self, number: int, rng: random.Random) -> None:
        self.rng = rng
        self.company, self.city = _COMPANIES[number % len(_COMPANIES)]
        self.year = 2024 - number // len(_COMPANIES)
        self.diffs: list[Record] = []
        self.name = "letter.txt"
        self.rows = [
            (segment, rng.randrange(1200, 98000) * 1000, round(rng.uniform(-12, 24), 1))
            for segment in rng.sample(_SEGMENTS, rng.randrange(2, 4))
        ]
        self.staff = rng.randrange(140, 9200)
        self.auditor = rng.choice(_AUDITORS)
        self.day = rng.randrange(1, 28)
        self.text = self._write()

    def _write(self) -> str:
        rows = "\n".join(
            f"  {segment:<12}{revenue // 1000:>10,}{change:>+8.1f} %"
            for segment, revenue, change in self.rows
        )
        return (
            f"{self.company.upper()}\n{self.city}\n\n"
            f"Letter to our shareholders for the year ended {self.day} March {self.year}\n\n"
            "Dear shareholders,\n\nthe year behind us was shaped by higher freight rates and a "
            "weaker autumn, yet demand held up in every region in which we trade. The figures "
            "below are in thousands of euro; changes are against the year before.\n\n"
            f"{rows}\n\n"
            f"At the close of the year {self.company} employed {self.staff:,} people. "
            "The board proposes an unchanged dividend.\n\n"
            f"Our accounts were audited by {self.auditor}, who issued an unqualified opinion. "
            "We thank them, our customers and above all our colleagues.\n\nThe board\n"
        )

    def judge(
        self, path: str, expected: object, shown: str, comparator: str, **wrong: object
    ) -> None:
        """Add a verdict: correct unless `wrong` names an outcome and a prediction."""
        evidence = {"expected": _find(self.text, shown, self.name)}
        if not wrong:
            evidence["predicted"] = evidence["expected"]
            found = diff(path, "correct", comparator, expected=expected, predicted=expected)
        else:
            found = diff(path, str(wrong.pop("outcome")), comparator, expected=expected, **wrong)
            if "predicted" in wrong:
                evidence["predicted"] = _find(self.text, str(wrong["predicted"]), self.name)
        self.diffs.append({**found, "evidence": evidence})

    def judge_rows(self) -> None:
        """Judge the table: revenues are often left in thousands, signs are often lost."""
        for place, (segment, revenue, change) in enumerate(self.rows):
            at = f"revenues[{place}]"
            self.judge(f"{at}.segment", segment, segment, "text")
            shown = f"{revenue // 1000:,}"
            chance = self.rng.random()
            wrong: Record = {}
            if chance < 0.36:
                wrong = {"outcome": "wrong_value", "predicted": revenue // 1000,
                         "similarity": 0.31, "tags": ["scale"]}  # fmt: skip
            elif chance < 0.5:
                wrong = {"outcome": "format_error", "predicted": shown, "value_equal": False}
            self.judge(f"{at}.revenue", revenue, shown, "number", **wrong)
            if wrong and "value_equal" not in wrong:
                self.diffs[-1]["evidence"]["predicted"] = self.diffs[-1]["evidence"]["expected"]
            wrong = {}
            if change < 0 and self.rng.random() < 0.5:
                wrong = {"outcome": "wrong_value", "predicted": -change, "tags": ["sign"],
                         "similarity": 0.5}  # fmt: skip
            elif self.rng.random() < 0.25:
                wrong = {"outcome": "format_error", "predicted": f"{change:+.1f} %",
                         "value_equal": True}  # fmt: skip
            self.judge(f"{at}.change_percent", change, f"{change:+.1f} %", "number", **wrong)

    def judge_rest(self) -> None:
        """Judge the single fields."""
        self.judge("company.name", self.company, self.company, "text")
        self.judge("company.city", self.city, self.city, "text")
        date = f"{self.year}-03-{self.day:02d}"
        shown = f"{self.day} March {self.year}"
        wrong: Record = {}
        if self.rng.random() < 0.3:
            wrong = {"outcome": "format_error", "predicted": shown, "value_equal": True}
        self.judge("year_end", date, shown, "date", **wrong)
        wrong = {"outcome": "omission"} if self.rng.random() < 0.15 else {}
        self.judge("employees", self.staff, f"{self.staff:,}", "number", **wrong)
        wrong = {}
        if self.rng.random() < 0.2:
            wrong = {"outcome": "wrong_value", "predicted": self.auditor.split()[0],
                     "tags": ["truncated"], "similarity": 0.62}  # fmt: skip
        self.judge("auditor", self.auditor, self.auditor, "text", **wrong)
        if self.rng.random() < 0.2:
            evidence = {"predicted": _find(self.text, "unchanged dividend", self.name)}
            made_up = diff("dividend", "hallucination", predicted="unchanged", tags=["grounded"])
            self.diffs.append({**made_up, "evidence": evidence})


def realistic(cases: int = 24, *, complete: bool = True) -> Run:
    """Return a run over management letters, its troubles those of a small model."""
    rng = random.Random(7)
    made: list[Record] = []
    sources: Record = {}
    for number in range(cases):
        letter = _Letter(number, rng)
        letter.judge_rows()
        letter.judge_rest()
        slug = letter.company.lower().replace(" & ", "-").replace(" ", "-").replace("ö", "o")
        case_id = f"{slug}-{letter.year}"
        tags = ["table"] + (["two-pages"] if number % 5 == 0 else [])
        more: Record = {"tags": tags, "abstained": 2}
        if number % 6 == 1:
            more["repairs"] = ["code_fence"]
        if number == 4:
            more["approximate"] = ["revenues"]
        documents = [{"name": letter.name, "text": letter.text, "note": ""}]
        if number % 5 == 0:
            documents.append({"name": "annex.txt", "text": "Annex\n\nNotes to the accounts.\n",
                              "note": ""})  # fmt: skip
        made.append(case(case_id, letter.diffs, **more))
        sources[case_id] = {
            "documents": documents,
            "raw": '```json\n{"company": {"name": "' + letter.company + '"}}\n```',
        }
    _fail(made[5], "truncated", "The reply ended in the middle of a string (4,096 tokens).")
    if cases > 16:
        _fail(made[16], "not_json", "No JSON in the reply: 'I am sorry, the table is not legible.'")
    if not complete:
        for place in (8, 13, 21):
            made[place] = missing(made[place]["id"], "transport", "HTTP 429 after 5 attempts.")
    return Run(run(complete=complete), results(made, complete=complete), sources)


def _fail(one: Record, kind: str, message: str) -> None:
    """Turn a case into one without an answer: every expected field is an omission."""
    diffs = [
        {key: value for key, value in found.items() if key not in ("predicted", "tags")}
        | {"outcome": "omission"}
        for found in one["diffs"]
        if "expected" in found
    ]
    for found in diffs:
        found.pop("value_equal", None)
        found.pop("similarity", None)
        found["evidence"] = {"expected": found["evidence"]["expected"]}
    failure = {"kind": kind, "message": message, "missing": False}
    one.update(case(one["id"], diffs, tags=one["tags"], failure=failure))
