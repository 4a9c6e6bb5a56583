"""Side of a comparison: a scored run, and all that decides whether it is comparable to another."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from harness.cases.digest import canonical, review_as_json
from harness.cases.discovery.splits import HOLDOUT, split_keys
from harness.core.counts import Ratio
from harness.core.records import Case
from harness.core.scores.scorecard import VACUOUS, Empty
from harness.errors import Problem
from harness.run import store
from harness.run.history.seen_documents import seen_documents
from harness.run.stored.stored_results import CaseRecord, ResultsDocument
from harness.run.stored.stored_run import RunDocument

"""A part of a stored file as `json.loads` returned it."""

_MUST_MATCH: Final = {
    "rules": "their rules differ",
    "convention": "they charge outcomes by different conventions",
    "empty": "they count vacuous cases differently",
    "harness": "they were scored by different versions of harness",
}


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """Question of a case, as far as two runs must agree on it."""

    digest: str
    """Digest of its documents, truth and schema."""
    split: str | None = None
    keys: frozenset[str] = frozenset()
    """What its documents are known by, whatever it is called now."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A scored run, its replicates together."""

    name: str
    """What tells it from the other: the extractor, or else the run."""
    run: RunDocument
    results: ResultsDocument
    cases: Mapping[str, tuple[CaseRecord, ...]]
    """Scored replicates by case id; a case without any is missing."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """Why a case was not scored, by its id."""
    questions: Mapping[str, StoredQuestion] = field(default_factory=dict)
    """By case id; empty where only results are at hand."""
    seen_documents: frozenset[str] | None = frozenset()
    """Keys of documents that feedback or an improvement has seen; None where nobody can say."""

    @property
    def critical(self) -> frozenset[str]:
        """Fields whose rule says that an error breaks the case."""
        critical = self.results.get("critical")
        return frozenset(critical["fields"] if critical else ())

    def is_held(self, case: str) -> bool:
        """Tell whether a case was held out, and nobody is known to have seen it.

        What was seen is no holdout any more; where nobody can say what was seen, none is.
        """
        question = self.questions.get(case)
        if question is None or question.split != HOLDOUT or self.seen_documents is None:
            return False
        return self.seen_documents.isdisjoint(question.keys)

    def is_seen(self, case: str) -> bool:
        """Tell whether a case was held out, and was seen all the same, or may have been."""
        question = self.questions.get(case)
        return question is not None and question.split == HOLDOUT and not self.is_held(case)

    @property
    def replicates(self) -> int:
        """Number of times each case was asked, at the least."""
        return min(map(len, self.cases.values()), default=0)


def read_arm(folder: Path) -> Arm:
    """Return a run folder as one side of a comparison.

    Raises HarnessError if it holds no scored run.
    """
    run, results = store.read_run(folder), store.read_results(folder)
    schemas = {name: canonical(schema) for name, schema in run["schemas"].items()}
    questions = {}
    for case in store.read_cases(folder, dict(zip(schemas, schemas, strict=True))):
        keys = frozenset({f"case:{run['suite']}/{case.id}", *split_keys(case)})
        digest = asked_digest(case, schemas.get(str(case.schema)))
        questions[case.id] = StoredQuestion(digest, case.split, keys)
    return replace(arm_of(run, results, questions), seen_documents=seen_documents(folder, run))


def asked_digest(case: Case, schema: str | None) -> str:
    """Return the sha256 of what a case asks: documents, truth, canonical schema, review."""
    documents = [document.sha256 for document in case.documents]
    review = [] if case.review is None else [review_as_json(case.review)]
    parts = canonical([list(documents), case.truth, schema, *review])
    return hashlib.sha256(parts.encode()).hexdigest()


def arm_of(
    run: RunDocument, results: ResultsDocument, questions: Mapping[str, StoredQuestion]
) -> Arm:
    """Return one side of a comparison from the contents of its files."""
    scored: dict[str, list[CaseRecord]] = defaultdict(list)
    missing: dict[str, str] = {}
    for case in results["cases"]:
        failure = case["failure"]
        if failure and failure["missing"]:
            missing[case["id"]] = str(failure["kind"])
        else:
            scored[case["id"]].append(case)
    cases = {name: tuple(replicates) for name, replicates in sorted(scored.items())}
    left = {name: why for name, why in sorted(missing.items()) if name not in cases}
    name = str(results["extractor"] or run["run_id"])
    return Arm(name, run, results, cases, left, questions)


def unlike(base: Arm, new: Arm) -> Sequence[Problem]:
    """Return what keeps two runs from being compared; nothing where they asked the same.

    Prompts, models and extractors may differ: they are what is compared.
    """
    hint = "score both alike (harness rescore RUN), or compare all the same with --allow-unlike"
    mine, other = base.results["signature"], new.results["signature"]
    differences = [
        f"{what}: {_short(mine.get(key))} and {_short(other.get(key))}"
        for key, what in _MUST_MATCH.items()
        if mine.get(key) != other.get(key)
    ]
    forms, other_forms = forms_asked(base.run), forms_asked(new.run)
    if forms and other_forms and forms != other_forms:
        differences.append(
            f"the form of the answer was asked for differently: {forms} and {other_forms}"
        )
    if not base.questions or not new.questions:
        if mine.get("suite") != other.get("suite"):
            differences.append("their suites differ")
        return [Problem(what, "unlike-runs", hint=hint) for what in differences]
    for these, those in ((base, new), (new, base)):
        only = sorted(these.questions.keys() - those.questions.keys())
        if only:
            differences.append(f"only {these.run['run_id']} has {_listed(only)}")
    changed = [
        name for name, other_question in base.questions.items()
        if name in new.questions and new.questions[name].digest != other_question.digest
    ]  # fmt: skip
    if changed:
        differences.append(
            f"documents, truth, reviews or schema have changed of {_listed(changed)}"
        )
    return [Problem(what, "unlike-runs", hint=hint) for what in differences]


def forms_asked(run: RunDocument) -> str:
    """Return what a run's endpoint was told to enforce; empty where it was asked for nothing."""
    endpoint = run.get("endpoint")
    answers = endpoint["forms"]["answers"] if endpoint else {}
    return " and ".join(sorted(answers))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004  # as above
    return f"case {shown}{more}" if len(names) == 1 else f"cases {shown}{more}"


def _short(value: object) -> str:
    return str(value)[:12]


F1Key: TypeAlias = Literal["f1", "lenient_f1"]


def pooled_of(case: CaseRecord) -> Ratio:
    """Return a case's F1 as a fraction, charged as its results are."""
    tp, fp, fn = case["true_positives"], case["false_positives"], case["false_negatives"]
    return Ratio(2 * tp, 2 * tp + fp + fn)


def f1s_of(replicates: Sequence[CaseRecord], key: F1Key, empty: Empty) -> list[float | None]:
    """Return the F1 under a key of each replicate; None for a vacuous one that is left out."""
    vacuous = VACUOUS[empty]
    if key == "f1":
        known = [case["f1"] for case in replicates]
    else:
        known = [case["lenient_f1"] for case in replicates]
    return [vacuous if f1 is None else f1 for f1 in known]
