"""What the terminal says beside the headline: entities, labels, marks, exact answers, sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.report.verdicts import Record

_MOST: Final = 4
"""Fields of a kind that are named; the others are counted."""
_LONGEST: Final = 40
_LONGEST_SAID: Final = 240
_LOW: Final = 1.0
_FEWEST: Final = 5
"""Items from which a field's labels are told of."""


def figures(results: Record) -> Iterator[tuple[str, Text]]:
    """Yield what there is to say, each with what it is about; nothing where nothing is."""
    yield "convention", Text(_convention(results))
    yield from _focus(results)
    yield from _entities("items F1", results.get("entities"))
    yield from _attributes(results.get("attributes") or [])
    yield from _labels(results.get("classification") or [])
    yield from _sums(results.get("cumulative"))
    exact = results.get("exact_match")
    if exact:
        shown = number_text.ratio(exact["hits"], exact["of"])
        yield "exact", Text(f"{shown} of the answers equal the truth throughout")


def _convention(results: Record) -> str:
    vacuous = results["aggregate"]["vacuous_cases"]
    worth = {"skip": "left out of macro F1", "zero": "worth 0", "one": "worth 1"}
    told = f"{number_text.counted(vacuous, 'vacuous case')} {worth[results['empty']]}"
    return f"{results['convention']}; {told if vacuous else 'no vacuous case'}"


def _focus(results: Record) -> Iterator[tuple[str, Text]]:
    focus, critical = results.get("focus"), results.get("critical")
    if focus:
        said = f"{number_text.percent(focus['f1'])} mean F1 of {_names(focus['fields'])}"
        yield (
            "focus",
            Text(f"{said} \u00b7 guard {number_text.percent(focus['guard'])}, all others"),
        )
    weighted = results.get("weighted_f1")
    if weighted is not None:
        yield (
            "weighted F1",
            Text(f"{number_text.percent(weighted)} mean F1 of the fields by weight"),
        )
    if critical:
        intact = number_text.ratio(critical["intact"]["hits"], critical["intact"]["of"])
        told = f"{intact} of the cases have {_names(critical['fields'])} right"
        broken = f" \u00b7 broken: {_names(critical['broken'])}" if critical["broken"] else ""
        yield "critical", Text(f"{told}{broken}")


def _names(names: list[str]) -> str:
    shown = ", ".join(cut(inert(name), _LONGEST) for name in names[:_MOST])
    more = len(names) - _MOST
    return f"{shown} and {number_text.count(more)} more" if more > 0 else shown


def _entities(about: str, entities: Record | None) -> Iterator[tuple[str, Text]]:
    if not entities or not entities["types"]:
        return
    types = entities["types"]
    own = [t for t in types if t["is_entity"]] or types
    said = [f"{_name(t)} {_found(t)}" for t in own[:_MOST]]
    if len(own) > _MOST:
        said.append(f"{number_text.count(len(own) - _MOST)} more lists")
    if len(own) > 1:
        said.append(f"pooled {_found(entities['pooled'])}")
    yield about, Text(" \u00b7 ".join(said))


def _found(items: Record) -> str:
    """Return F1 of finding items as the fraction it is: twice the paired out of both sides."""
    twice = 2 * items["paired"]
    return number_text.ratio(twice, twice + items["extra"] + items["missing"])


def _name(record: Record) -> str:
    return cut(inert(record["field"]), _LONGEST)


def _attributes(attributes: list[Record]) -> Iterator[tuple[str, Text]]:
    """Yield the agreement on matched entities, where it is least."""
    wrong = [one for one in attributes if one["agreement"] < _LOW]
    wrong.sort(key=lambda one: (one["agreement"], one["field"]))
    for number, one in enumerate(wrong[:_MOST]):
        shown = number_text.ratio(one["agreed"]["hits"], one["agreed"]["of"])
        each = (
            ""
            if one["macro_f1"] is None
            else f" \u00b7 {number_text.percent(one['macro_f1'])} macro"
        )
        yield "" if number else "agreement", Text(f"{_name(one)} {shown}{each}")


def _labels(fields: list[Record]) -> Iterator[tuple[str, Text]]:
    """Yield a line for each field with a closed set of answers, and what makes its score look good.

    Fields with one label or a few items tell nothing; flawless ones are left to the report.
    """
    told = [f for f in fields if f["right"]["of"] >= _FEWEST and len(f["classes"]) > 1]
    told = [f for f in told if f["accuracy"] < _LOW or f["warning"]]
    told.sort(key=lambda f: (f["accuracy"], f["field"]))
    for number, field in enumerate(told[:_MOST]):
        what = "right" if field["kind"] == "single-label" else "sets right"
        shown = number_text.ratio(field["right"]["hits"], field["right"]["of"])
        means = (
            f"macro F1 {number_text.percent(field['macro_f1'])} over {len(field['classes'])} labels"
        )
        yield "" if number else "labels", Text(f"{_name(field)} {shown} {what} \u00b7 {means}")
        if field["warning"]:
            yield "", Text(cut(inert(field["warning"]), _LONGEST_SAID), "yellow")


def _sums(sums: Record | None) -> Iterator[tuple[str, Text]]:
    if not sums:
        return
    macro, micro = (number_text.percent(sums[kind]["f1"]) for kind in ("macro", "micro"))
    yield (
        "summed up",
        Text(f"macro F1 {macro} \u00b7 micro F1 {micro} of what statements add up to"),
    )
    yield from _entities("", sums["entities"])
