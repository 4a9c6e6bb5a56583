"""The figures beside the headline: conventions, entities, attributes, labels, marks on fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from harness.core.counts import Counts, Ratio
from harness.core.differ.case_result import CaseResult
from harness.core.entities.reference_ids import REFERENCE_NAME_KIND as REFERENCE_NAME
from harness.core.fields.verdict_ledger import FIELD
from harness.core.outcomes import ABSTENTION, CORRECT
from harness.core.records import Answer
from harness.core.rules.field_rule import FieldRule
from harness.core.scores.classification import Classification
from harness.core.scores.confusion import ClassScore
from harness.core.scores.conventions import ALL, ConventionInput, averaged
from harness.core.scores.entity_attributes import AttributeScore, Coding, attribute_score, codings
from harness.core.scores.field_labels import Labels
from harness.core.scores.focus import focus_of, rules_met, weighted_f1
from harness.core.scores.multilabel import Multilabel
from harness.core.scores.scorecard import VACUOUS, Empty, average
from harness.run.results.case_records import averages, fraction_record, scores_record
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_figures import counts_record
from harness.run.stored.stored_results import (
    AttributeRecord,
    ClassificationRecord,
    ClassRecord,
    Conventions,
    CriticalRecord,
    CumulativeRecord,
    EntitiesRecord,
    EntityType,
    FurtherFigures,
    ItemScores,
    MarkFigures,
)

_MOST_LABELS: Final = 50
"""Labels up to which a confusion matrix is given."""


def figures(
    answered: Sequence[ScoredCase], fields: Mapping[str, Counts], empty: Empty
) -> FurtherFigures:
    """Return the further figures of all scored cases; `fields` are the counts of each field."""
    results = [each.result for each in answered if each.result is not None]
    exact = sum(isinstance(e.output, Answer) and r.is_exact for e, r in _both(answered))
    return {
        "conventions": conventions(results, empty),
        "exact_match": fraction_record(Ratio(exact, len(results))),
        "entities": _entities(results),
        "attributes": _attributes(results),
        "classification": _classification(results),
        "cumulative": _cumulative(results, empty),
        **marked(rules_met(results), fields),
        "critical": _critical(answered),
    }


def _both(answered: Iterable[ScoredCase]) -> Iterable[tuple[ScoredCase, CaseResult]]:
    return ((each, each.result) for each in answered if each.result is not None)


def conventions(results: Iterable[CaseResult], empty: Empty) -> Conventions:
    """Return macro and micro scores under every convention there is, by its name."""
    met = [ConventionInput.of(result) for result in results]
    records: Conventions = {}
    for name in ALL:
        macro, micro = averaged(met, name, VACUOUS[empty])
        records[name] = {"macro": scores_record(macro), "micro": scores_record(micro)}
    return records


def _entities(results: Sequence[CaseResult]) -> EntitiesRecord:
    items: dict[str, tuple[int, int, int]] = {}
    collections: set[str] = set()
    fields: set[str] = set()
    for result in results:
        collections |= result.ledger.collections
        fields.update(verdict[FIELD].path.name for verdict in result.ledger.verdicts)
        for name, (paired, extra, missing) in result.items.items():
            before = items.get(name, (0, 0, 0))
            items[name] = before[0] + paired, before[1] + extra, before[2] + missing
    return entities_record(items, collections, fields)


def entities_record(
    items: Mapping[str, tuple[int, int, int]], collections: AbstractSet[str], fields: Iterable[str]
) -> EntitiesRecord:
    """Return how the items of lists were paired; pooled over entities where there are any.

    `items` are paired, extra and missing ones by list; of lists without an item that has `fields`
    of its own nothing is said.
    """
    owners = {field[: at.start()] for field in fields for at in _ITEM.finditer(field)}
    matched = sorted(name for name in items if name in owners or name in collections)
    pooled = [name for name in matched if name in collections] or matched
    types: list[EntityType] = [
        {"field": name, "is_entity": name in collections, **_items([items[name]])}
        for name in matched
    ]
    return {"pooled": _items(items[name] for name in pooled) if matched else None, "types": types}


_ITEM: Final = re.compile(r"\[\](?!$)")
"""Where a list's items have fields."""


def _items(triples: Iterable[tuple[int, int, int]]) -> ItemScores:
    paired, extra, missing = map(sum, zip(*triples, strict=True))
    counts = Counts(correct=paired, hallucination=extra, omission=missing)
    return {
        "paired": paired,
        "extra": extra,
        "missing": missing,
        "precision": counts.precision.value,
        "recall": counts.recall.value,
        "f1": counts.f1.value,
    }


def _attributes(results: Iterable[CaseResult]) -> list[AttributeRecord]:
    """Return how matched entities are described, attribute by attribute."""
    pairs: dict[str, list[Coding]] = {}
    references: set[str] = set()
    for result in results:
        if not result.ledger.collections:
            continue
        for name, coding in codings(result.ledger):
            pairs.setdefault(name, []).append(coding)
        leaves = (verdict[FIELD] for verdict in result.ledger.verdicts)
        references |= {leaf.path.name for leaf in leaves if leaf.scalar.name == REFERENCE_NAME}
    scored = ((name, attribute_score(coded)) for name, coded in sorted(pairs.items()))
    return [_attribute(name, s, named=name not in references) for name, s in scored if s.coded]


def _attribute(name: str, score: AttributeScore, *, named: bool) -> AttributeRecord:
    return {
        "field": name,
        "coded": score.coded,
        "agreement": score.agreement.hits / score.agreement.of,
        "agreed": fraction_record(score.agreement),
        "macro_f1": score.class_macro_f1 if named else None,
        "pooled_f1": score.pooled.value,
    }


def _classification(results: Iterable[CaseResult]) -> list[ClassificationRecord]:
    """Return how each field with a closed set of answers was classified."""
    labels = Labels()
    for result in results:
        labels.add(result.ledger)
    single = {
        name: _single(name, labels_of_field) for name, labels_of_field in labels.single().items()
    }
    multi = {
        name: _multi(name, labels_of_field) for name, labels_of_field in labels.multi().items()
    }
    return [record for _, record in sorted({**single, **multi}.items())]


def _single(name: str, label_scores: Classification) -> ClassificationRecord:
    labels = [None if one is None else str(one) for one in label_scores.confusion.labels]
    few = len(labels) <= _MOST_LABELS
    return {
        "field": name,
        "kind": label_scores.task,
        "items": label_scores.confusion.total,
        "labels": labels,
        "matrix": [list(row) for row in label_scores.confusion.rows] if few else None,
        "classes": [_class(one) for one in label_scores.classes],
        "accuracy": label_scores.accuracy.value,
        "right": fraction_record(label_scores.accuracy),
        "micro_f1": label_scores.micro.value,
        "macro_f1": label_scores.macro,
        "weighted_f1": label_scores.weighted,
        "samples_f1": None,
        "hamming_loss": None,
        "majority": str(label_scores.majority.label) if label_scores.majority else None,
        "baseline_f1": label_scores.baseline.value,
        "warning": label_scores.majority_warning,
    }


def _multi(name: str, label_scores: Multilabel) -> ClassificationRecord:
    return {
        "field": name,
        "kind": label_scores.task,
        "items": label_scores.items,
        "labels": [str(one.label) for one in label_scores.classes],
        "matrix": None,
        "classes": [_class(one) for one in label_scores.classes],
        "accuracy": label_scores.exact_match.value,
        "right": fraction_record(label_scores.exact_match),
        "micro_f1": label_scores.micro.value,
        "macro_f1": label_scores.macro,
        "weighted_f1": label_scores.weighted,
        "samples_f1": label_scores.samples,
        "hamming_loss": label_scores.hamming_loss.value,
        "majority": None,
        "baseline_f1": None,
        "warning": None,
    }


def _class(one: ClassScore) -> ClassRecord:
    return {
        "label": str(one.label),
        "precision": one.precision.value,
        "recall": one.recall.value,
        "f1": one.f1.value,
        "support": one.support,
    }


def _cumulative(results: Iterable[CaseResult], empty: Empty) -> CumulativeRecord | None:
    """Return the figures of what statements add up to; None where no case is told in statements."""
    states = [state for result in results if (state := result.cumulative) is not None]
    if not states:
        return None
    whole = average([state.counts for state in states], empty)
    exact = Ratio(sum(state.is_exact for state in states), len(states))
    return {
        **averages(whole),
        "cases": len(states),
        "counts": counts_record(whole.counts),
        "exact_match": fraction_record(exact),
        "entities": _entities(states),
        "attributes": _attributes(states),
    }


def marked(rules: Mapping[str, FieldRule], fields: Mapping[str, Counts]) -> MarkFigures:
    """Return what `focus` and `weight` rules ask for; None where no rule does."""
    marks_focus = focus_of(fields, rules)
    focus = sorted(name for name, rule in rules.items() if rule.focus)
    weights = {n: rule.weight for n, rule in sorted(rules.items()) if rule.weight is not None}
    return {
        "focus": {"fields": focus, "f1": marks_focus.f1, "guard": marks_focus.guard}
        if focus
        else None,
        "weighted_f1": weighted_f1(fields, rules) if weights else None,
        "field_weights": weights or None,
    }


def _critical(answered: Sequence[ScoredCase]) -> CriticalRecord | None:
    """Return what `critical` rules ask for, each case by its own rules."""
    names: set[str] = set()
    broken = []
    for each, result in _both(answered):
        marked = {name for name, rule in rules_met([result]).items() if rule.critical}
        names |= marked
        if any(
            code not in (CORRECT, ABSTENTION) and (leaf.path.name or "$") in marked
            for code, leaf, *_ in (result.ledger.verdicts if marked else ())
        ):
            broken.append(each.case.id)
    if not names:
        return None
    return {
        "fields": [*sorted(names)],
        "intact": fraction_record(Ratio(len(answered) - len(broken), len(answered))),
        "broken": [*dict.fromkeys(broken)],
    }
