"""Stored results as tables: a row a field, a case, a tag, a verdict, or what a field costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from harness.core import number_text
from harness.core.inert_text import inert
from harness.core.outcomes import Outcome
from harness.report.tables.table import ABSENT_CELL, Table, TableColumn, as_cell, json_cell
from harness.report.words.lead_sentences import worst_first
from harness.run.stored.stored_costs import AllocatedCost, FieldCost, FieldCosts
from harness.run.stored.stored_figures import failure_kind
from harness.run.stored.stored_results import CaseRecord, DiffRecord, FieldRecord, ResultsDocument


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """Filter of verdicts; an empty part takes all."""

    cases: Collection[str] = ()
    fields: Collection[str] = ()
    outcomes: Collection[str] = ()
    tags: Collection[str] = ()

    def takes(self, case: str, diff: DiffRecord) -> bool:
        """Tell whether a verdict is asked for."""
        return (
            (not self.cases or case in self.cases)
            and (not self.fields or diff["field"] in self.fields or diff["path"] in self.fields)
            and (not self.outcomes or diff["outcome"] in self.outcomes)
            and (not self.tags or not set(self.tags).isdisjoint(diff.get("tags", ())))
        )


def _count(key: str, heading: str, rank: int = 0) -> TableColumn:
    return TableColumn(key, heading, number_text.count, right=True, rank=rank)


def _percent(key: str, heading: str, rank: int = 0) -> TableColumn:
    return TableColumn(key, heading, number_text.percent, right=True, rank=rank)


def _tokens(value: float | None) -> str:
    return "" if value is None else number_text.count(round(value))


def _dollars(value: float | None) -> str:
    return "" if value is None else number_text.money(value)


def _words(value: Sequence[str]) -> str:
    return inert(", ".join(value))


_OUTCOMES: Final = tuple(
    _count(o.value, o.value.replace("_", " "), 4 if o is Outcome.CORRECT else 1) for o in Outcome
)
_SCORES: Final = (_percent("precision", "P", 3), _percent("recall", "R", 3), _percent("f1", "F1"))


def fields_table(results: ResultsDocument) -> Table:
    """Return a row for each field, those that cost the most F1 first."""
    lost = TableColumn("f1_lost", "lost", number_text.points, right=True)
    columns = (
        TableColumn("field", "field", as_cell, tail=True),
        _count("support", "expected"),
        *_OUTCOMES,
        *_SCORES,
        _percent("lenient_f1", "lenient", 2),
        lost,
    )
    losing = worst_first(results["fields"])
    rest = sorted((f for f in results["fields"] if f not in losing), key=lambda f: str(f["field"]))
    return Table(columns, tuple(_flat(field) for field in (*losing, *rest)))


def cases_table(results: ResultsDocument) -> Table:
    """Return a row for each case, the worst first; a failure's kind stands beside its zero."""
    failure = TableColumn("failure", "no answer", as_cell)
    columns = (
        TableColumn("case", "case", as_cell, tail=True),
        *_replicate(results),
        *_OUTCOMES,
        *_SCORES,
        _percent("lenient_f1", "lenient", 2),
        failure,
    )
    cases = sorted(results["cases"], key=_badness)
    rows = (
        {
            **_flat(case),
            "case": case["id"],
            "replicate": case.get("replicate") or 1,
            "failure": failure_kind(case),
        }
        for case in cases
    )
    return Table(columns, tuple(rows))


def _replicate(results: ResultsDocument) -> tuple[TableColumn, ...]:
    """Return the column that tells answers to one case apart, where there are several."""
    many = (results.get("replicates") or 1) > 1
    return (TableColumn("replicate", "replicate", number_text.count, right=True),) if many else ()


def tags_table(results: ResultsDocument) -> Table:
    """Return a row for each tag of the suite's cases."""
    columns = (
        TableColumn("tag", "tag", as_cell),
        _count("cases", "cases"),
        _percent("macro_f1", "macro F1"),
        _percent("micro_f1", "micro F1"),
    )
    rows = (
        {
            "tag": tag["tag"],
            "cases": tag["cases"],
            "macro_f1": tag["macro"]["f1"],
            "micro_f1": tag["micro"]["f1"],
        }
        for tag in results["tags"]
    )
    return Table(columns, tuple(rows))


def costs_table(costs: FieldCosts) -> Table:
    """Return a row for each field and each list's items, the dearest first; what is left last."""
    columns = (
        TableColumn("field", "field", as_cell, tail=True),
        _count("answers", "answers"),
        _count("values", "values"),
        TableColumn("output_tokens", "tokens out", _tokens, right=True),
        TableColumn("input_tokens", "tokens in", _tokens, right=True),
        TableColumn("usd", "cost", _dollars, right=True),
        TableColumn("usd_each", "each", _dollars, right=True),
        _percent("share", "share"),
    )
    rows = cost_rows(costs)
    return Table(columns if costs["priced"] else (*columns[:5], columns[7]), rows)


def cost_rows(costs: FieldCosts) -> tuple[Mapping[str, object], ...]:
    """Return what fields, lists and answers without a field took, with their share of it all."""
    parts: list[AllocatedCost] = [*costs["fields"], costs["rest"]]
    key: Literal["usd", "output_tokens"] = "usd" if costs["priced"] else "output_tokens"
    whole = sum(part[key] or 0.0 for part in parts)

    def row(
        field: str, cost: AllocatedCost, answers: int | None, values: int | None
    ) -> Mapping[str, object]:
        usd, part = cost["usd"], cost[key] or 0.0
        return {
            "field": field,
            "answers": answers,
            "values": values,
            **cost,
            "usd_each": None if usd is None or not values else usd / values,
            "share": part / whole if whole else None,
        }

    def dearest(some: Sequence[FieldCost]) -> list[FieldCost]:
        return sorted(some, key=lambda each: (-(each[key] or 0.0), each["field"]))

    rows = [row(c["field"], c, c["answers"], c["values"]) for c in dearest(costs["fields"])]
    known = {each["field"] for each in costs["fields"]}
    lists = [each for each in costs["lists"] if each["field"] not in known]
    rows += [row(c["field"], c, c["answers"], c["values"]) for c in dearest(lists)]
    rest = costs["rest"]
    rows += [row("no field", rest, None, None)] if rest["input_tokens"] else []
    return tuple(rows)


def verdicts_table(results: ResultsDocument, wanted: VerdictFilter) -> Table:
    """Return a row for each verdict that is asked for, in the order of cases and paths.

    Replicates and confidences have a column where the run has any.
    """
    rows = tuple(_verdicts(results, wanted))
    sure = (TableColumn("confidences", "sure", number_text.confidences),)
    columns = (
        TableColumn("case", "case", as_cell, tail=True),
        *_replicate(results),
        TableColumn("path", "path", as_cell, tail=True),
        TableColumn("outcome", "outcome", lambda value: str(value).replace("_", " ")),
        TableColumn("expected", "expected", json_cell, twin=True),
        TableColumn("predicted", "predicted", json_cell, twin=True),
        *(sure if any(row["confidences"] for row in rows) else ()),
        TableColumn("tags", "tags", _words, rank=1),
    )
    return Table(columns, rows)


def _verdicts(results: ResultsDocument, wanted: VerdictFilter) -> Iterator[Mapping[str, Any]]:
    for case in results["cases"]:
        for diff in case["diffs"]:
            if wanted.takes(case["id"], diff):
                yield {
                    "case": case["id"],
                    "replicate": case.get("replicate") or 1,
                    "path": diff["path"],
                    "outcome": diff["outcome"],
                    "expected": diff.get("expected", ABSENT_CELL),
                    "predicted": diff.get("predicted", ABSENT_CELL),
                    "confidences": diff.get("confidences", {}),
                    "tags": diff.get("tags", []),
                }


def _flat(record: FieldRecord | CaseRecord) -> dict[str, Any]:
    return {**record, **record["counts"]}


def _badness(case: CaseRecord) -> tuple[float, str, int]:
    return _or_whole(case["f1"]), case["id"], case.get("replicate") or 1


def _or_whole(score: float | None) -> float:
    return 1.0 if score is None else score
