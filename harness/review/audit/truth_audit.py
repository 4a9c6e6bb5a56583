"""Ground-truth audit: questions where independent systems agree with each other, not the truth."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from harness.cases.schemas.field_checks import FieldCheck, broken_checks
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
    answer: Json
    share: float
    """Of the systems that answered."""
    systems: int
    independent: int
    """Model families among the systems that answered: each has one vote."""
    checks: bool | None
    """True where the suite's checks hold with the answer and not with the truth, False the
    other way round; None where they tell nothing."""
    answer_stands: bool | None
    """True where the answer stands in a document; None where no document is at hand."""
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


@dataclass(frozen=True, slots=True)
class AuditEvidence:
    """Evidence beside the answers."""

    families: Mapping[str, str] = field(default_factory=dict)
    """Model family of a system, by its name; who is not named is a family alone."""
    checks: Sequence[FieldCheck] = ()
    """What must hold in any right truth."""
    agree: float = AGREE


def audit_questions(
    cases: Iterable[tuple[Case, Plan, Mapping[str, Json]]], known: AuditEvidence | None = None
) -> list[AuditQuestion]:
    """Return the questions about some truths, those most probably wrong first.

    Each case comes with its plan and with one answer of each system, by name; systems of one
    family share a vote. Values are the same where the scorer finds them the same, or right but for
    the format. No question is asked where fewer than two families answered.
    """
    groups: dict[tuple[str, str, Kind], list[SuspectPlace]] = defaultdict(list)
    for case, plan, answers in cases:
        for place in suspect_places(case, plan, answers, known or AuditEvidence()):
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
    question = AuditQuestion(
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
        return replace(question, guess="convention")
    return question if ordered[0].answer_stands is not False else replace(question, guess="models")


def _score(place: SuspectPlace) -> float:
    """Return how probably the truth is wrong: agreement, and what the documents say."""
    odds = 4 * (place.share - 0.75) + 0.5 * (place.independent - 2)
    odds += {True: 1.5, False: -1.5, None: 0.0}[place.checks]
    odds += {True: 1.0, False: -2.0, None: 0.0}[place.answer_stands]
    odds += {True: -0.5, False: 1.5, None: 0.0}[place.truth_stands]
    return 1 / (1 + math.exp(-odds))


@dataclass(slots=True)
class _Votes:
    """Votes of the systems on one case, beside its truth."""

    leaves: dict[FieldPath, tuple[JudgedField, Json, bool]] = field(default_factory=dict)
    """By path in the truth: the field, its value, and whether it has one."""
    answers: dict[FieldPath, list[tuple[Json, bool, Fraction]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """What each system says of a leaf, whether it says anything, and what its vote weighs."""
    lost: dict[FieldPath, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    """Items of the truth that systems do not have."""
    extra: dict[FieldPath, list[tuple[Json, Fraction]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Items that systems have and the truth has not, by the path of their list."""

    def add(self, ledger: Ledger, answer: Json, weight: Fraction) -> None:
        """Count what one system says."""
        within = {n for one in ledger.spare for n in range(one.start, one.end)}
        within |= {n for one in ledger.missing for n in range(one.start, one.end)}
        for n, (code, leaf, at, _, expected, predicted) in enumerate(ledger.verdicts):
            if n not in within:
                path = filled(leaf.path.steps, at)
                has_truth = code not in (ABSTENTION, HALLUCINATION)
                is_said = code not in (ABSTENTION, OMISSION)
                self.leaves[path] = leaf, expected if has_truth else None, has_truth
                self.answers[path].append((predicted if is_said else None, is_said, weight))
        for single in ledger.missing:
            self.lost[filled((*single.list.steps, INDEX), single.place)] += weight
        for single in outer_items(ledger.spare):
            path = filled((*single.list.steps, INDEX), single.place)
            place = filled(single.list.steps, single.expected)
            self.extra[place].append((value_at_path(answer, path), weight))


def suspect_places(
    case: Case, plan: Plan, answers: Mapping[str, Json], known: AuditEvidence
) -> Iterator[SuspectPlace]:
    """Yield the places at which systems agree with each other and not with the truth."""
    families = Counter(known.families.get(name, name) for name in answers)
    if len(families) < 2:  # noqa: PLR2004  # nobody to agree with
        return
    votes = _Votes()
    for name, answer in answers.items():
        weight = Fraction(1, families[known.families.get(name, name)])
        votes.add(plan.diff(case.truth, answer), answer, weight)
    of = _Asked(case, known, len(answers), len(families))
    yield from of.leaves(votes)
    yield from of.items(votes)


_About: TypeAlias = "tuple[str, Kind, FieldPath]"


@dataclass(slots=True)
class _Asked:
    """One case that is asked about."""

    case: Case
    known: AuditEvidence
    systems: int
    independent: int
    sources: list[TextSource] = field(init=False)

    def __post_init__(self) -> None:
        self.sources = [TextSource(each.text) for each in self.case.documents if each.text]

    def leaves(self, votes: _Votes) -> Iterator[SuspectPlace]:
        for path, given in votes.answers.items():
            leaf, truth, has_truth = votes.leaves[path]
            favourite, is_said, votes_for = _favourite(leaf, given)
            if not self._agree(votes_for) or _is_truth(
                leaf, (truth, has_truth), (favourite, is_said)
            ):
                continue
            kind: Kind = "value" if has_truth and is_said else "absent"
            both = (
                _stands(favourite, self.sources) if is_said else None,
                _stands(truth, self.sources),
            )
            other = with_value(self.case.truth, path, favourite if is_said else None)
            name = leaf.path.name or "$"
            yield self._place((name, kind, path), (truth, favourite), (votes_for, other), both)

    def items(self, votes: _Votes) -> Iterator[SuspectPlace]:
        about: _About
        for path, votes_for in votes.lost.items():
            if self._agree(votes_for):
                truth = value_at_path(self.case.truth, path)
                stands, other = _item_stands(truth, self.sources), _without(self.case.truth, path)
                about = (_folded(path), "extra_item", path)
                yield self._place(about, (truth, None), (votes_for, other), (None, stands))
        for place, items in votes.extra.items():
            for item, votes_for in _alike(items):
                if self._agree(votes_for):
                    stands, other = _item_stands(item, self.sources), _with(self.case, place, item)
                    about = (_folded((*place, 0)), "missing_item", place)
                    yield self._place(about, (None, item), (votes_for, other), (stands, None))

    def _agree(self, votes: Fraction) -> bool:
        return votes / self.independent >= Fraction(self.known.agree).limit_denominator(1000)

    def _place(
        self,
        about: _About,
        values: tuple[Json, Json],
        judged: tuple[Fraction, Json],
        stands: tuple[bool | None, bool | None],
    ) -> SuspectPlace:
        name, kind, path = about
        votes, other = judged
        share, of = float(votes / self.independent), (self.systems, self.independent)
        checks = _better(self.known.checks, self.case.truth, other)
        return SuspectPlace(
            self.case.id, name, kind, show(path), *values, share, *of, checks, *stands
        )


def _better(checks: Sequence[FieldCheck], truth: Json, other: Json) -> bool | None:
    """Tell whether another truth breaks fewer checks; None where it breaks as many."""
    before, after = (len(list(broken_checks(checks, value))) for value in (truth, other))
    return None if before == after else after < before


def with_value(truth: Json, path: FieldPath, value: Json) -> Json:
    """Return a truth with another value at a path.

    >>> with_value({"a": [{"n": 1}, {"n": 2}]}, ("a", 1, "n"), 5)
    {'a': [{'n': 1}, {'n': 5}]}
    """
    if not path:
        return value
    step, below = path[0], path[1:]
    if isinstance(truth, dict):
        return {**truth, str(step): with_value(truth.get(str(step)), below, value)}
    if isinstance(truth, list) and isinstance(step, int):
        return [with_value(e, below, value) if n == step else e for n, e in enumerate(truth)]
    return with_value({}, path, value) if truth is None and isinstance(step, str) else truth


def _without(truth: Json, path: FieldPath) -> Json:
    held, step = value_at_path(truth, path[:-1]), path[-1]
    rest = [e for n, e in enumerate(held) if n != step] if isinstance(held, list) else held
    return with_value(truth, path[:-1], rest)


def _with(case: Case, place: FieldPath, item: Json) -> Json:
    held = value_at_path(case.truth, place)
    return with_value(case.truth, place, [*held, item] if isinstance(held, list) else [item])


def _favourite(
    leaf: JudgedField, cast_votes: Sequence[tuple[Json, bool, Fraction]]
) -> tuple[Json, bool, Fraction]:
    """Return what most systems say, once form is taken away, and the votes these have."""
    groups: list[tuple[Json, bool, Fraction]] = []
    for value, is_said, weight in cast_votes:
        for n, (other, is_other, votes) in enumerate(groups):
            if is_said == is_other and (not is_said or _is_same(leaf, other, value)):
                groups[n] = other, is_other, votes + weight
                break
        else:
            groups.append((value, is_said, weight))
    return max(groups, key=lambda group: group[2])


def _is_same(leaf: JudgedField, one: Json, other: Json) -> bool:
    if isinstance(one, list | dict) or isinstance(other, list | dict):
        return one == other
    return any(leaf.scalar.judge(a, b) in _SAME for a, b in ((one, other), (other, one)))


def _is_truth(leaf: JudgedField, truth: tuple[Json, bool], answer: tuple[Json, bool]) -> bool:
    if not truth[1] or not answer[1]:
        return truth[1] == answer[1]
    return _is_same(leaf, truth[0], answer[0])


def _alike(items: Sequence[tuple[Json, Fraction]]) -> list[tuple[Json, Fraction]]:
    """Return items that are much the same, each with the votes it has."""
    groups: list[tuple[Json, Fraction]] = []
    for item, weight in items:
        for n, (other, votes) in enumerate(groups):
            if item == other or (Plan().score([other], [item]).f1 or 0.0) >= _ALIKE:
                groups[n] = other, votes + weight
                break
        else:
            groups.append((item, weight))
    return groups


_ALIKE: Final = 0.75


def _stands(value: Json, sources: Sequence[TextSource]) -> bool | None:
    if not sources or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return any(source.find(value) for source in sources)


def _item_stands(item: Json, sources: Sequence[TextSource]) -> bool | None:
    """Tell whether every value of an item stands in a document."""
    values = list(item.values()) if isinstance(item, dict) else [item]
    known = [stands for value in values if (stands := _stands(value, sources)) is not None]
    return all(known) if known else None


def _folded(path: FieldPath) -> str:
    return re.sub(r"\[\d+\]", "[]", show(path))
