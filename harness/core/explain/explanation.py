"""Explanation of a verdict: everything that led to it, in the order a reader asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.entities.reference_ids import unlinked
from harness.core.explain.grounds import grounds
from harness.core.explain.item_pairing import ItemPairing, item_pairings
from harness.core.explain.places.case_places import CasePlaces
from harness.core.explain.places.evidence import TextSource
from harness.core.explain.provenance import Provenance, provenance
from harness.core.explain.reading_steps import ReadingTrace, reading
from harness.core.fields.field import ABSENT, Leaf
from harness.core.fields.verdict_ledger import (
    CODE,
    FIELD,
    PLACE_EXPECTED,
    VALUE_EXPECTED,
    Verdict,
)
from harness.core.outcomes import (
    ABSTENTION,
    CONVENTIONS,
    HALLUCINATION,
    OMISSION,
    OUTCOME_OF,
    TAG_MEANINGS,
    Charge,
    FieldDiff,
    Outcome,
    Tag,
)
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json

CONVENTION = "standard"
"""Convention under which charges are given: the headline's."""


@dataclass(frozen=True, slots=True)
class ExplainableCase:
    """One scored case, and all that can be asked about it."""

    plan: Plan
    expected: Json
    predicted: Json
    """None where there was no answer."""
    result: CaseResult
    sources: Mapping[str, TextSource] | None
    """The documents by name; None where not all of them are at hand: nobody can look."""
    places: CasePlaces | None
    """Where the case's values stand in them."""


@dataclass(frozen=True, slots=True)
class Location:
    """Location of a value in a document."""

    document: str
    start: int
    end: int
    """Offsets in characters, the end not included."""
    line: int
    column: int
    """1-based, of the first character."""
    similarity: float | None = None
    """How near the text there is to the value, in [0, 1]; None where it is the value itself."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of a verdict's two values."""

    value: Json
    path: str
    reading: ReadingTrace | None
    """How it was read; None for containers, which are not read."""
    evidence: tuple[Location, ...] | None
    """Places in the documents; empty if it stands nowhere, None if nobody looked."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One verdict and why."""

    path: str
    field: str
    outcome: Outcome | None
    """None for a value that is absent on both sides: a correct abstention."""
    charge: Charge
    """What the verdict counts under the headline convention."""
    expected: Side | None
    """None where the truth has nothing."""
    predicted: Side | None
    """None where the prediction has nothing."""
    grounds: tuple[str, ...]
    """What made the two the same, or what is left different, in sentences."""
    provenance: Provenance
    similarity: float | None
    """In [0, 1]; None unless both are there."""
    value_equal: bool
    """For a format error: right once read leniently, and so correct in lenient scores."""
    tags: tuple[tuple[Tag, str], ...]
    """Each tag with what it means."""
    items: tuple[ItemPairing, ...]
    """How the list items on the way to the field were paired, outermost first."""


def answered(
    plan: Plan, expected: Json, predicted: Json, texts: Mapping[str, str] | None = None
) -> ExplainableCase:
    """Score a prediction and keep all that its verdicts can be explained from.

    `texts` are the documents' by name; None where not all of them are at hand.

    Raises HarnessError when a value is nested too deep to walk.

    >>> case = answered(Plan(), {"city": "Oslo"}, {"city": "OSLO"})
    >>> explain(case, 0).grounds
    ('Both read as "oslo".',)
    """
    sources = None if texts is None else {name: TextSource(text) for name, text in texts.items()}
    result = CaseResult(plan.diff(expected, predicted))
    places = None if sources is None else CasePlaces(sources, result.diffs)
    return ExplainableCase(plan, expected, predicted, result, sources, places)


def summed(case: ExplainableCase) -> ExplainableCase | None:
    """Return what the statements of a case add up to, scored; None where it has none.

    The sum is explained as a case with one statement, the first.
    """
    result = case.result.cumulative
    if result is None:
        return None
    expected, predicted = result.ledger.states
    places = None if case.sources is None else CasePlaces(case.sources, result.diffs)
    return ExplainableCase(case.plan, expected, predicted, result, case.sources, places)


def find(case: ExplainableCase, path: str) -> tuple[int, ...]:
    """Return the verdicts at a path or of a field; else those below it.

    The path is one as shown: that of the truth, that of a hallucination being in the item that its
    own was paired with. A field is one with its indexes folded; `$` is the whole. Empty where there
    is no such path.

    >>> case = answered(Plan(), {"a": [1, 2]}, {"a": [2, 1]})
    >>> find(case, "a[0]"), find(case, "a[]"), find(case, "a"), find(case, "b")
    ((0,), (0, 1), (0, 1), ())
    """
    verdicts = case.result.ledger.verdicts
    names = [{_path(v), v[FIELD].path.name or "$"} for v in verdicts]
    indexes = tuple(n for n, known in enumerate(names) if path in known)
    if indexes or path == "$":
        return indexes or tuple(range(len(verdicts)))
    below = (f"{path}.", f"{path}[", f"{path}{{")
    return tuple(n for n, known in enumerate(names) if any(k.startswith(below) for k in known))


def _path(verdict: Verdict) -> str:
    """Return where a verdict is shown to stand."""
    return verdict[FIELD].path.fill(verdict[PLACE_EXPECTED])


def with_tags(explanation: Explanation, more: Sequence[Tag]) -> Explanation:
    """Return an explanation with further tags, such as those found by looking at the documents."""
    tags = dict.fromkeys((*(tag for tag, _ in explanation.tags), *more))
    return replace(explanation, tags=_meant(tags))


def _meant(tags: Iterable[Tag]) -> tuple[tuple[Tag, str], ...]:
    return tuple((tag, TAG_MEANINGS[tag]) for tag in tags)


def explain(case: ExplainableCase, index: int) -> Explanation:
    """Explain one verdict of a scored case, by its index in the case's ledger."""
    verdict = case.result.ledger.verdicts[index]
    code, judged, at_expected, at_predicted, expected, _ = verdict
    at = at_predicted if code == HALLUCINATION else at_expected
    diff = _diff(case, index)
    assert isinstance(judged, Leaf)  # noqa: S101  # nothing else is judged
    rule, at_hand = judged.rule, None if code in (HALLUCINATION, ABSTENTION) else expected
    outcome = None if code == ABSTENTION else OUTCOME_OF[code]
    left, right = _sides(case, verdict, rule)
    return Explanation(
        path=_path(verdict),
        field=judged.path.name or "$",
        outcome=outcome,
        charge=Charge(0, 0, 0) if outcome is None else CONVENTIONS[CONVENTION][outcome],
        expected=left,
        predicted=right,
        grounds=grounds(verdict, rule, case.plan.schema_at(judged.path, at)),
        provenance=provenance(case.plan, judged, at, at_hand),
        similarity=diff.similarity if diff else None,
        value_equal=diff.value_equal if diff else False,
        tags=_meant(diff.tags if diff else ()),
        items=item_pairings(case.plan, (case.expected, case.predicted), case.result.ledger, index),
    )


def truth_places(case: ExplainableCase) -> dict[str, tuple[Location, ...]]:
    """Return where each value of the truth stands in the documents, by its path as shown.

    The places are those that `explain` gives; values that stand nowhere are left out.

    >>> case = answered(Plan(), {"city": "Oslo", "n": 7}, None, {"note.txt": "in Oslo"})
    >>> [(path, at.start, at.end) for path, (at,) in truth_places(case).items()]
    [('city', 3, 7)]
    """
    places: dict[str, tuple[Location, ...]] = {}
    for verdict in case.result.ledger.verdicts:
        if verdict[CODE] in (HALLUCINATION, ABSTENTION) or verdict[VALUE_EXPECTED] is ABSENT:
            continue
        path = verdict[FIELD].path.fill(verdict[PLACE_EXPECTED])
        locations = _evidence(case, unlinked(verdict[VALUE_EXPECTED]), path, "expected")
        if locations:
            places[path] = locations
    return places


def _diff(case: ExplainableCase, index: int) -> FieldDiff | None:
    """Return the diff of a verdict; None for an abstention, which has none."""
    verdicts = case.result.ledger.verdicts
    if verdicts[index][0] == ABSTENTION:
        return None
    return case.result.diffs[sum(verdict[CODE] != ABSTENTION for verdict in verdicts[:index])]


def _sides(
    case: ExplainableCase, verdict: Verdict, rule: FieldRule
) -> tuple[Side | None, Side | None]:
    code, leaf, at_expected, at_predicted, expected, predicted = verdict
    if code == ABSTENTION:
        return None, None
    left, right = code != HALLUCINATION, code != OMISSION
    comparator = leaf.scalar.comparator_of(
        predicted if code == HALLUCINATION and not isinstance(predicted, list | dict) else expected
    )

    def side(value: Json, path: str, name: str) -> Side:
        plain = None if value is ABSENT else unlinked(value)
        is_scalar = not isinstance(plain, list | dict)
        read = reading(value, comparator, rule) if is_scalar and plain is not None else None
        return Side(plain, path, read, _evidence(case, plain, path, name))

    return (
        side(expected, leaf.path.fill(at_expected), "expected") if left else None,
        side(predicted, leaf.path.fill(at_predicted), "predicted") if right else None,
    )


def _evidence(
    case: ExplainableCase, value: Json, path: str, side: str
) -> tuple[Location, ...] | None:
    """Return where a value stands; where nowhere, where a long text nearly does."""
    if case.sources is None or case.places is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    exact = [
        _location(name, case.sources[name].text, (start, end))
        for name, start, end in case.places.find(path, value, side)
    ]
    if exact or not isinstance(value, str):
        return tuple(exact)
    near = [(name, source, source.near(value)) for name, source in case.sources.items()]
    locations = [
        _location(name, source.text, close.span, close.similarity)
        for name, source, close in near
        if close is not None
    ]
    return tuple(sorted(locations, key=lambda place: -(place.similarity or 0))[:1])


def _location(
    document: str, text: str, span: tuple[int, int], similarity: float | None = None
) -> Location:
    r"""Return an offset as editors count: lines and columns from 1.

    >>> _location("note.txt", "one\ntwo", (5, 7)).line, _location("n", "one\ntwo", (5, 7)).column
    (2, 2)
    """
    start, end = span
    line = text.count("\n", 0, start) + 1
    return Location(document, start, end, line, start - text.rfind("\n", 0, start), similarity)
