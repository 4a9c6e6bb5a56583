"""Two more runs: one written by an enemy, one with 1,000 cases."""

from __future__ import annotations

import random

from tests.report.records import Record, Run, case, diff, results, run, with_causes

# --- written by an enemy -----------------------------------------------------------------------

HOSTILE = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "javascript:window.hacked=1",
    "{{ 7 * 7 }}{% include 'x' %}",
    "<!-- <script> -->",
    '"><svg onload=window.hacked=1>',
    "price \u202e00.1\u202c \u2066iso\u2069",
    "zero\u200bwidth\u200djoin\ufeff",
    "line\u2028separator\u2029",
    "\x00\x1b[31mred\x07",
    "lone \ud800 surrogate",
    "[bold red]markup[/bold red] [/]",
    "\U0001f600 astral \U0001f468\u200d\U0001f469",
    "</title></style><base href=//evil.example>",
    "]]></textarea></noscript>",
)


def hostile() -> Run:
    """Return a run in which every text that can come from outside tries something."""
    cases: list[Record] = []
    sources: Record = {}
    for place, text in enumerate(HOSTILE):
        document = f"before {text} after {text[::-1]} {'x' * 40}"
        evidence = [{"document": text, "start": 7, "end": 7 + len(text)}]
        diffs = [
            diff("f", "wrong_value", text, expected=text, predicted=text + "!", tags=[text],
                 similarity=0.5, predicted_path=text,
                 evidence={"expected": evidence, "predicted": []})
            | {"field": text, "path": text, "why": [text]},
            diff("g", "hallucination", predicted=text, evidence={"predicted": evidence}),
            diff("h", "omission", expected=text),
            diff("i", "correct", expected=text, predicted=text),
        ]  # fmt: skip
        more: Record = {"tags": [text], "repairs": [text], "approximate": [text]}
        if place % 4 == 3:
            more["failure"] = {"kind": text, "message": text, "missing": place % 8 == 7}
        cases.append(case(f"{place} {text}", diffs, **more))
        documents = [{"name": text, "text": document, "note": text},
                     {"name": f"{text} 2", "text": None, "note": text}]  # fmt: skip
        sources[f"{place} {text}"] = {"documents": documents, "raw": text}
    huge = "A" * 1_000_000
    cases.append(case("huge", [diff("v", "wrong_value", expected=huge, predicted=[huge])]))
    sources["huge"] = {
        "documents": [{"name": "huge.txt", "text": "B" * 100_001, "note": ""}],
        "raw": "C" * 100_001,
    }
    scored = with_causes(results(cases, complete=False))
    bad = "".join(HOSTILE)
    named = {"suite": bad, "extractor": bad, "signature": {"suite": bad, "rules": bad}}
    prompt = {"name": bad, "sha256": bad}
    record = {**run(complete=False), **named, "description": bad, "prompt": prompt, "run_id": bad}
    return Run(record, {**scored, **named, **_figures(bad)}, sources)


def _figures(bad: str) -> Record:
    """Return figures beside the headline in which every name tries something."""
    third = {"precision": 0.3, "recall": 0.3, "f1": 0.3}
    items = {"paired": 1, "extra": 1, "missing": 1}
    labels = [*HOSTILE[:5], None]
    return {
        "conventions": {bad: {"macro": third, "micro": third}},
        "entities": {
            "pooled": None,
            "types": [{"field": bad, "is_entity": True, **items, **third}],
        },
        "attributes": [
            {
                "field": bad,
                "coded": 2,
                "agreement": 0.5,
                "agreed": {"hits": 1, "of": 2},
                "macro_f1": None,
                "pooled_f1": 0.5,
            }
        ],
        "classification": [
            {
                "field": "f[]" if text == bad else text,
                "kind": bad,
                "labels": labels,
                "matrix": [[1] * len(labels) for _ in labels],
                "classes": [{"label": each, "support": 1, **third} for each in (text, bad)],
                "items": 20,
                "accuracy": 0.5,
                "right": {"hits": 10, "of": 20},
                "micro_f1": 0.5,
                "macro_f1": 0.5,
                "weighted_f1": 0.5,
                "warning": bad,
            }
            for text in HOSTILE
        ],
    }


# --- large -------------------------------------------------------------------------------------

_TEXT = (
    "account agree amount annual balance board capital carry charge clause client close court "
    "credit deliver demand deposit duty effect entry equal expense figure final freight grant "
    "gross ground holder interest invoice issue item ledger letter liable market matter notice "
    "number office option order owner paper party payment period place price profit quarter"
)
_WORDS = _TEXT.split(" ")


def large(cases: int = 1000, fields: int = 20) -> Run:
    """Return a run of many cases, one field in eight wrong, documents of about 1,000 characters."""
    rng = random.Random(11)
    made: list[Record] = []
    sources: Record = {}
    for number in range(cases):
        words = rng.choices(_WORDS, k=100)
        values = [f"{rng.choice(_WORDS)} {rng.randrange(10**6)}" for _ in range(fields)]
        text = ""
        diffs = []
        for place, value in enumerate(values):
            text += " ".join(words[place * 5 : place * 5 + 5]) + " "
            span = [{"document": "d.txt", "start": len(text), "end": len(text) + len(value)}]
            text += value + ".\n"
            path = f"block_{place // 4}.field_{place}"
            chance = rng.random()
            found = diff(path, "correct", expected=value, predicted=value,
                         evidence={"expected": span, "predicted": span})  # fmt: skip
            if chance < 0.02 + place * 0.01:
                both = {"expected": span, "predicted": span}
                found = diff(path, "wrong_value", expected=value, predicted=value[:-3],
                             similarity=0.8, evidence=both)  # fmt: skip
            elif chance > 0.98:
                found = diff(path, "omission", expected=value, evidence={"expected": span})
            diffs.append(found)
        case_id = f"case-{number:04d}"
        made.append(case(case_id, diffs, tags=[f"batch-{number % 7}"]))
        sources[case_id] = {
            "documents": [{"name": "d.txt", "text": text, "note": ""}],
            "raw": "{" + ", ".join(f'"field_{i}": "{v}"' for i, v in enumerate(values)) + "}",
        }
    return Run(run(), results(made), sources)
