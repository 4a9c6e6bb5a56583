"""Ground-truth audit: questions where independent systems agree with each other, not the truth."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import (
    filled,
)
from harness.core.explain.places.evidence import TextSource
from harness.core.fields.verdict_ledger import JudgedField, Ledger
from harness.core.outcomes import ABSTENTION, CORRECT, FORMAT_ONLY, HALLUCINATION, OMISSION
from harness.core.records import Case
from harness.core.values import INDEX, FieldPath, Json, show, value_at_path
from harness.review.run_values import outer_items

Kind: TypeAlias = Literal["value", "missing_item", "extra_item", "absent"]
AGREE: Final = 2 / 3
"""Share of the systems that have to say the same."""
_SAME: Final = (CORRECT, FORMAT_ONLY)
_MANY: Final = 3
"""Documents in which the same disagreement is a convention rather than a slip."""


@dataclass(frozen=True, slots=True)
class SuspectPlace:
    """One place at which systems agree on something that the truth does not say."""

    case: str
    field: str
    kind: Kind
    path: str
    truth: Json
    said: Json
    share: float
    """Of the systems that answered."""
    systems: int
    said_stands: bool | None
    """The value that was said stands in a document; None where nobody can look."""
    truth_stands: bool | None


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """One question to a person: document x field x kind."""

    id: str
    """The same as long as the truth says the same."""
    case: str
    field: str
    kind: Kind
    places: tuple[SuspectPlace, ...]
    """The most suspect first."""
    score: float
    also_in: int
    """Other documents with such a disagreement about the field."""
    guess: Literal["truth", "convention", "models"]


def audit_questions(
    cases: Iterable[tuple[Case, Plan, Mapping[str, Json]]], agree: float = AGREE
) -> list[AuditQuestion]:
    """Return the questions about some truths, those most probably wrong first.

    Each case comes with its plan and with one answer of each independent system, by name. Values
    are the same where the scorer finds them the same, or right but for the format. No question is
    asked where fewer than two systems answered.
    """
    groups: dict[tuple[str, str, Kind], list[SuspectPlace]] = defaultdict(list)
    for case, plan, answers in cases:
        for place in suspect_places(case, plan, answers, agree):
            groups[place.case, place.field, place.kind].append(place)
    documents: dict[tuple[str, Kind], set[str]] = defaultdict(set)
    for case_id, name, kind in groups:
        documents[name, kind].add(case_id)
    questions = [
        _question(key, places, len(documents[key[1], key[2]]) - 1) for key, places in groups.items()
    ]
    return sorted(questions, key=lambda each: (-each.score, each.case, each.field, each.kind))


def _question(
    key: tuple[str, str, Kind], places: Sequence[SuspectPlace], also_in: int
) -> AuditQuestion:
    ordered = sorted(places, key=lambda place: (-_score(place), place.path))
    known = repr((key, sorted((place.path, repr(place.truth)) for place in places)))
    found = AuditQuestion(
        id=hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:10],
        case=key[0],
        field=key[1],
        kind=key[2],
        places=tuple(ordered),
        score=_score(ordered[0]),
        also_in=also_in,
        guess="truth",
    )
    if also_in >= _MANY:
        return replace(found, guess="convention")
    return found if ordered[0].said_stands is not False else replace(found, guess="models")


def _score(place: SuspectPlace) -> float:
    """Return how probably the truth is wrong: agreement, and what the documents say."""
    odds = 4 * (place.share - 0.75) + 0.5 * (place.systems - 2)
    odds += {True: 1.0, False: -2.0, None: 0.0}[place.said_stands]
    odds += {True: -0.5, False: 1.5, None: 0.0}[place.truth_stands]
    return 1 / (1 + math.exp(-odds))


@dataclass(slots=True)
class _Votes:
    """What the systems say of one case, beside its truth."""

    leaves: dict[FieldPath, tuple[JudgedField, Json, bool]] = field(default_factory=dict)
    """By path in the truth: the field, its value, and whether it has one."""
    said: dict[FieldPath, list[tuple[Json, bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    lost: Counter[FieldPath] = field(default_factory=Counter)
    """Items of the truth that systems do not have."""
    extra: dict[FieldPath, list[Json]] = field(default_factory=lambda: defaultdict(list))
    """Items that systems have and the truth has not, by the path of their list."""

    def add(self, ledger: Ledger, answer: Json) -> None:
        """Count what one system says."""
        within = {n for one in ledger.spare for n in range(one.start, one.end)}
        within |= {n for one in ledger.missing for n in range(one.start, one.end)}
        for n, (code, leaf, at, _, expected, predicted) in enumerate(ledger.verdicts):
            if n not in within:
                path = filled(leaf.path.steps, at)
                has_truth = code not in (ABSTENTION, HALLUCINATION)
                is_said = code not in (ABSTENTION, OMISSION)
                self.leaves[path] = leaf, expected if has_truth else None, has_truth
                self.said[path].append((predicted if is_said else None, is_said))
        for single in ledger.missing:
            self.lost[filled((*single.list.steps, INDEX), single.place)] += 1
        for single in outer_items(ledger.spare):
            path = filled((*single.list.steps, INDEX), single.place)
            place = filled(single.list.steps, single.expected)
            self.extra[place].append(value_at_path(answer, path))


def suspect_places(
    case: Case, plan: Plan, answers: Mapping[str, Json], agree: float
) -> Iterator[SuspectPlace]:
    """Yield the places at which systems agree with each other and not with the truth."""
    votes, systems = _Votes(), len(answers)
    if systems < 2:  # noqa: PLR2004  # nobody to agree with
        return
    for answer in answers.values():
        votes.add(plan.diff(case.truth, answer), answer)
    sources = [TextSource(document.text) for document in case.documents if document.text]
    for path, cast in votes.said.items():
        leaf, truth, has_truth = votes.leaves[path]
        said, is_said, number = _favourite(leaf, cast)
        if number / systems < agree or _is_truth(leaf, (truth, has_truth), (said, is_said)):
            continue
        kind: Kind = "value" if has_truth and is_said else "absent"
        both = _stands(said, sources) if is_said else None, _stands(truth, sources)
        name = leaf.path.name or "$"
        share = number / systems
        yield SuspectPlace(case.id, name, kind, show(path), truth, said, share, systems, *both)
    for path, number in votes.lost.items():
        if number / systems >= agree:
            truth, name = value_at_path(case.truth, path), _folded(path)
            stands, share = _item_stands(truth, sources), number / systems
            of = case.id, name
            yield SuspectPlace(
                *of, "extra_item", show(path), truth, None, share, systems, None, stands
            )
    for place, items in votes.extra.items():
        for item, number in _alike(items):
            if number / systems >= agree:
                name, stands = _folded((*place, 0)), _item_stands(item, sources)
                of, share = (case.id, name), number / systems
                yield SuspectPlace(
                    *of, "missing_item", show(place), None, item, share, systems, stands, None
                )


def _favourite(leaf: JudgedField, cast: Sequence[tuple[Json, bool]]) -> tuple[Json, bool, int]:
    """Return what most systems say, once form is taken away, and how many these are."""
    groups: list[tuple[Json, bool, int]] = []
    for value, is_said in cast:
        for n, (other, is_other, number) in enumerate(groups):
            if is_said == is_other and (not is_said or _is_same(leaf, other, value)):
                groups[n] = other, is_other, number + 1
                break
        else:
            groups.append((value, is_said, 1))
    return max(groups, key=lambda group: group[2])


def _is_same(leaf: JudgedField, one: Json, other: Json) -> bool:
    if isinstance(one, list | dict) or isinstance(other, list | dict):
        return one == other
    return any(leaf.scalar.judge(a, b) in _SAME for a, b in ((one, other), (other, one)))


def _is_truth(leaf: JudgedField, truth: tuple[Json, bool], said: tuple[Json, bool]) -> bool:
    if not truth[1] or not said[1]:
        return truth[1] == said[1]
    return _is_same(leaf, truth[0], said[0])


def _alike(items: Sequence[Json]) -> list[tuple[Json, int]]:
    """Return items that are much the same, each with how often it was said."""
    groups: list[tuple[Json, int]] = []
    for item in items:
        for n, (other, number) in enumerate(groups):
            if item == other or (Plan().score([other], [item]).f1 or 0.0) >= _ALIKE:
                groups[n] = other, number + 1
                break
        else:
            groups.append((item, 1))
    return groups


_ALIKE: Final = 0.75


def _stands(value: Json, sources: Sequence[TextSource]) -> bool | None:
    if not sources or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return any(source.find(value) for source in sources)


def _item_stands(item: Json, sources: Sequence[TextSource]) -> bool | None:
    """Tell whether every value of an item stands in a document."""
    values = list(item.values()) if isinstance(item, dict) else [item]
    known = [found for value in values if (found := _stands(value, sources)) is not None]
    return all(known) if known else None


def _folded(path: FieldPath) -> str:
    return re.sub(r"\[\d+\]", "[]", show(path))
