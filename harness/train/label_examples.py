"""Examples to learn labels from: a suite's cases as texts with labels, train and test apart."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness.cases.discovery.splits import HOLDOUT
from harness.cases.suite import Suite
from harness.core.number_text import counted
from harness.core.records import Case
from harness.core.values import Json, show
from harness.errors import HarnessError, Problem, UsageError, did_you_mean
from harness.extract.tagger.label_field import LabelField, LabelForm
from harness.extract.tagger.tagger_extractor import case_text, text_digest
from harness.extract.tagger.tagger_model import featured_positions
from harness.extract.tagger.text_features import Features, doubtful_line_end

LabelTruth: TypeAlias = frozenset[str] | None
"""The labels of a position; None where nobody labelled it: it is neither learnt nor scored."""
_SHARE: Final = 5
"""One group in so many is tested on, where no tag says which cases are."""
_MOST_LABELS: Final = 100


@dataclass(frozen=True, slots=True)
class LabelExample:
    """A case as what is learnt from."""

    case_id: str
    group: str
    """Examples of one group are never divided: the case's group, or else its documents."""
    positions: tuple[Features, ...]
    truths: tuple[LabelTruth, ...]
    """One for each position."""
    sha256: str
    """Of text and labels."""
    text_sha256: str


@dataclass(frozen=True, slots=True)
class LabelData:
    """A suite's labels, ready to be learnt and tested."""

    field: LabelField
    numbered: bool
    labels: tuple[str, ...]
    """All that occur in the training examples, the rarest first."""
    train: tuple[LabelExample, ...]
    test: tuple[LabelExample, ...]
    notes: tuple[str, ...]
    """What was left out, and why; and where lines may be numbered in two ways."""


def label_data(suite: Suite, field: str | None, test_tag: str | None) -> LabelData:
    """Return the labels of a suite's cases, held-out cases left out.

    Raises HarnessError where labels do not fit their documents, or there are too few.
    """
    known = {tag for case in suite.cases for tag in case.tags}
    if test_tag is not None and test_tag not in known:
        hint = did_you_mean(test_tag, known) or "no case has any tag"
        raise UsageError(Problem(f"no case has the tag {test_tag!r}", "unknown-tag", hint=hint))
    cases = [case for case in suite.cases if case.split != HOLDOUT and case.is_labelled]
    label_field = LabelField.parse(field or guess_field([case.truth for case in cases]))
    readable = [case for case in cases if case_text(case).strip()]
    examples = {case.id: _example(case, label_field) for case in readable}
    tested = _tested(examples.values(), readable, test_tag)
    test = tuple(one for one in examples.values() if one.case_id in tested)
    shared = {one.group for one in test}
    rest = [one for one in examples.values() if one.case_id not in tested]
    train = tuple(one for one in rest if one.group not in shared)
    counts = Counter(label for one in train for truth in one.truths for label in truth or ())
    if len(counts) <= 1 or not test:
        what = f"too little to learn {label_field}: {counted(len(train), 'document')} to train on, "
        what += f"{len(test)} to test on, {counted(len(counts), 'label')}"
        raise HarnessError(Problem(what, "too-few-labels", hint="two labels and a test document"))
    if len(counts) > _MOST_LABELS:
        what = f"{label_field} has {len(counts)} different values: that is no set of labels"
        raise HarnessError(Problem(what, "too-many-labels", hint="name another with --field"))
    labels = tuple(sorted(counts, key=lambda label: (counts[label], label)))
    numbered = any(label_field.is_numbered(case.truth) for case in readable)
    notes = (
        (len(suite.cases) - len(cases), "held out or without approved truth"),
        (len(cases) - len(readable), "without text"),
        (len(rest) - len(train), "of a group that is tested on"),
    )
    notes_shown = tuple(
        f"{counted(number, 'case')} left out: {why}" for number, why in notes if number
    )
    if label_field.form is LabelForm.LINES:
        notes_shown += tuple(_notes_of_lines(readable))
    return LabelData(label_field, numbered, labels, train, test, notes_shown)


def _notes_of_lines(cases: Iterable[Case]) -> Iterator[str]:
    """Yield a note where programs differ in how they number the lines of documents."""
    doubtful = [place for case in cases if (place := _doubtful_line(case)) is not None]
    if doubtful:
        documents = counted(len(doubtful), "case has lines", "cases have lines")
        yield f"{documents} that other programs may number in another way: {doubtful[0]}"


def _doubtful_line(case: Case) -> str | None:
    """Return the first document of a case whose lines may be numbered in two ways, and where."""
    for document in case.documents:
        if (line := doubtful_line_end(document.text)) is not None:
            return f"{document.name}: {line}"
    return None


def guess_field(truths: Sequence[Json]) -> str:
    """Return the only field of the truths whose values repeat as labels do.

    Raises UsageError where there is none, or several.

    >>> guess_field([{"id": str(at), "kind": "abc"[at % 2]} for at in range(8)])
    'kind'
    """
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for truth in truths:
        for name, value in truth.items() if isinstance(truth, dict) else ():
            for field, label in _labels_at(name, value):
                values[field][label] += 1
    likely = [name for name, texts in values.items() if 1 < len(texts) <= texts.total() / 4]
    if len(likely) != 1:
        what = f"which field holds the labels? {', '.join(likely) or 'none looks like it'}"
        hint = "say it: --field 'lines[].label', --field 'labels[]' or --field category"
        raise UsageError(Problem(what, "which-field", hint=hint))
    return likely[0]


def _labels_at(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    for item in value if isinstance(value, list) else ():
        if isinstance(item, str):
            yield f"{name}[]", item
        elif isinstance(item, dict):
            yield from ((f"{name}[].{key}", v) for key, v in item.items() if isinstance(v, str))


def _example(case: Case, field: LabelField) -> LabelExample:
    text = case_text(case)
    positions = featured_positions(text, field.form)
    truths: list[LabelTruth] = [None] * len(positions)
    value = field.read(case.truth)
    if field.form is LabelForm.SET:
        truths = [frozenset(one.label for one in value)]
        if case.review is not None and not case.review.covers(field.outer):
            truths = [None]
        value = ()
    for one in value:
        if not 0 <= one.line < len(positions) or truths[one.line] is not None:
            what = f"case {case.id!r}: {show(one.path)} labels line {one.line + 1}, "
            what += f"of {len(positions)} lines" if one.line >= len(positions) else "which is taken"
            hint = "items label the document's lines in order, or say `line`, from 1"
            hint = "; ".join(filter(None, (hint, _doubtful_line(case))))
            raise HarnessError(Problem(what, "bad-line", hint=hint))
        if case.review is None or case.review.covers(one.path):
            truths[one.line] = frozenset({one.label})
    if field.form is LabelForm.LINES and not field.is_numbered(case.truth) and value:
        _require_all(case, len(value), len(positions))
    listed = [text, [sorted(truth) if truth is not None else None for truth in truths]]
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    own = text_digest(text)
    return LabelExample(case.id, case.group or own, positions, tuple(truths), digest, own)


def _require_all(case: Case, labels: int, lines: int) -> None:
    if labels != lines:
        what = f"case {case.id!r} has {labels} labels for {lines} lines"
        hint = "label every line, blank ones too, or give each item its `line`, from 1"
        hint = "; ".join(filter(None, (hint, _doubtful_line(case))))
        raise HarnessError(Problem(what, "bad-line", hint=hint))


def _tested(examples: Iterable[LabelExample], cases: Sequence[Case], tag: str | None) -> set[str]:
    """Return the ids of the cases to test on: those of a tag, or a fifth of the groups."""
    if tag is not None:
        return {case.id for case in cases if tag in case.tags}
    return {one.case_id for one in one_in(examples, _SHARE)}


def one_in(examples: Iterable[LabelExample], share: int) -> list[LabelExample]:
    """Return the examples of one group in `share`, by the digests of the groups' names."""
    listed = list(examples)
    groups = {one.group for one in listed}
    ordered = sorted(groups, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    chosen = {*ordered[::share]} if len(ordered) > 1 else set()
    return [one for one in listed if one.group in chosen]
