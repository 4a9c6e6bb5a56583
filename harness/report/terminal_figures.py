"""Figures of a run beside its scores, each a line of a terminal: goals, items, labels, sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.text import Text

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.report.words import lead_sentences, tier_words
from harness.run.results.places.place_sentences import place_sentences
from harness.run.stored.stored_results import (
    AVERAGES,
    AttributeRecord,
    ClassificationRecord,
    CumulativeRecord,
    EntitiesRecord,
    EntityType,
    ItemScores,
    ResultsDocument,
)

_MOST: Final = 4
"""Fields of a kind that are named; the others are counted."""
_LONGEST: Final = 40
_LONGEST_SAID: Final = 240
_LOW: Final = 1.0
_FEWEST: Final = 5
"""Items from which a field's labels are told of."""


def terminal_figures(results: ResultsDocument) -> Iterator[tuple[str, Text]]:
    """Yield what there is to say, each with what it is about; nothing where nothing is."""
    yield "convention", Text(_convention(results))
    usage = results["aggregate"].get("usage")
    if usage and (forms := usage.get("forms")):
        words = " \u00b7 ".join(f"{form}: {number_text.count(n)}" for form, n in forms.items())
        yield "asked for", Text(inert(words))
    if spread := lead_sentences.replicate_spread(results):
        yield "replicates", Text(spread)
    few = lead_sentences.few_documents(results["aggregate"].get("intervals"))
    if few:
        yield "only", Text(few)
    approximate = lead_sentences.paired_approximately(results)
    if approximate:
        yield "approximate", Text(approximate)
    yield from _goals(results)
    yield from _focus(results)
    yield from _entities("items F1", results.get("entities"))
    yield from _attributes(results.get("attributes") or [])
    yield from _labels(results.get("classification") or [])
    yield from _sums(results.get("cumulative"))
    if places := results.get("stated_places"):
        yield "places", Text("; ".join(place_sentences(places)))
    exact = results.get("exact_match")
    if exact:
        shown = number_text.ratio(exact["hits"], exact["of"])
        yield "exact", Text(f"{shown} of the answers equal the truth throughout")


def _convention(results: ResultsDocument) -> str:
    vacuous = results["aggregate"]["vacuous_cases"]
    worth = {"skip": "left out of macro F1", "zero": "worth 0", "one": "worth 1"}
    words = f"{number_text.counted(vacuous, 'vacuous case')} {worth[results['empty']]}"
    return f"{results['convention']}; {words if vacuous else 'no vacuous case'}"


def _goals(results: ResultsDocument) -> Iterator[tuple[str, Text]]:
    """Yield the tiers of goals, and the fields that are neglected, where a suite names goals."""
    for tier, phrases in tier_words.tier_phrases(results):
        yield tier, Text(" \u00b7 ".join(cut(inert(one), _LONGEST_SAID) for one in phrases))
    poor = tier_words.neglected(results) if results.get("goals") else ()
    if poor:
        sentence = " \u00b7 ".join(
            f"{cut(inert(one['field']), _LONGEST)} {tier_words.neglect(one)}"
            for one in poor[:_MOST]
        )
        more = len(poor) - _MOST
        yield (
            "neglected",
            Text(f"{sentence} and {number_text.count(more)} more" if more > 0 else sentence),
        )


def _focus(results: ResultsDocument) -> Iterator[tuple[str, Text]]:
    focus, critical = results.get("focus"), results.get("critical")
    if focus:
        words = f"{number_text.percent(focus['f1'])} mean F1 of {_names(focus['fields'])}"
        yield (
            "focus",
            Text(f"{words} \u00b7 guard {number_text.percent(focus['guard'])}, all others"),
        )
    weighted = results.get("weighted_f1")
    if weighted is not None:
        yield (
            "F1 weighted",
            Text(
                f"{number_text.percent(weighted)} mean F1 of the fields by the weights of the rules"
            ),
        )
    if critical:
        intact = number_text.ratio(critical["intact"]["hits"], critical["intact"]["of"])
        critical_words = f"{intact} of the cases have {_names(critical['fields'])} right"
        broken = f" \u00b7 broken: {_names(critical['broken'])}" if critical["broken"] else ""
        yield "critical", Text(f"{critical_words}{broken}")


def _names(names: list[str]) -> str:
    shown = ", ".join(cut(inert(name), _LONGEST) for name in names[:_MOST])
    more = len(names) - _MOST
    return f"{shown} and {number_text.count(more)} more" if more > 0 else shown


def _entities(about: str, entities: EntitiesRecord | None) -> Iterator[tuple[str, Text]]:
    if not entities or not entities["types"]:
        return
    types = entities["types"]
    own = [t for t in types if t["is_entity"]] or types
    parts = [f"{_field_name(t)} {_found(t)}" for t in own[:_MOST]]
    if len(own) > _MOST:
        parts.append(f"{number_text.count(len(own) - _MOST)} more lists")
    if len(own) > 1 and entities["pooled"]:
        parts.append(f"pooled {_found(entities['pooled'])}")
    yield about, Text(" \u00b7 ".join(parts))


def _found(items: ItemScores) -> str:
    """Return F1 of finding items as the fraction it is: twice the paired out of both sides."""
    twice = 2 * items["paired"]
    return number_text.ratio(twice, twice + items["extra"] + items["missing"])


def _field_name(record: EntityType | AttributeRecord | ClassificationRecord) -> str:
    return cut(inert(record["field"]), _LONGEST)


def _attributes(attributes: list[AttributeRecord]) -> Iterator[tuple[str, Text]]:
    """Yield the agreement on matched entities, where it is least."""
    wrong = [one for one in attributes if one["agreement"] < _LOW]
    wrong.sort(key=lambda one: (one["agreement"], one["field"]))
    for number, one in enumerate(wrong[:_MOST]):
        shown = number_text.ratio(one["agreed"]["hits"], one["agreed"]["of"])
        each = (
            ""
            if one["macro_f1"] is None
            else f" \u00b7 macro F1 over values {number_text.percent(one['macro_f1'])}"
        )
        yield "" if number else "agreement", Text(f"{_field_name(one)} {shown}{each}")


def _labels(fields: list[ClassificationRecord]) -> Iterator[tuple[str, Text]]:
    """Yield a line for each field with a closed set of answers, and what makes its score look good.

    Fields with one label or a few items tell nothing; flawless ones are left to the report.
    """
    labelled = [f for f in fields if f["right"]["of"] >= _FEWEST and len(f["classes"]) > 1]
    labelled = [f for f in labelled if (f["accuracy"] or 0) < _LOW or f["warning"]]
    labelled.sort(key=lambda f: (f["accuracy"] or 0, f["field"]))
    for number, field in enumerate(labelled[:_MOST]):
        what = "right" if field["kind"] == "single-label" else "sets right"
        shown = number_text.ratio(field["right"]["hits"], field["right"]["of"])
        means = (
            f"macro F1 {number_text.percent(field['macro_f1'])} over {len(field['classes'])} labels"
        )
        yield (
            "" if number else "labels",
            Text(f"{_field_name(field)} {shown} {what} \u00b7 {means}"),
        )
        if field["warning"]:
            yield "", Text(cut(inert(field["warning"]), _LONGEST_SAID), "yellow")


def _sums(sums: CumulativeRecord | None) -> Iterator[tuple[str, Text]]:
    if not sums:
        return
    macro, micro = (number_text.percent(sums[kind]["f1"]) for kind in AVERAGES)
    yield (
        "summed up",
        Text(f"macro F1 {macro} \u00b7 micro F1 {micro} of what statements add up to"),
    )
    yield from _entities("", sums["entities"])
