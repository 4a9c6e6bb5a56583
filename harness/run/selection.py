"""Selection of cases of a suite, as chosen on the command line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final, Protocol, runtime_checkable

from harness.cases.digest import suite_digest
from harness.cases.suite import RecordedAnswers, Suite, Tagger
from harness.cases.suite_file.model_options import ModelOptions
from harness.core.records import Case
from harness.errors import Problem, UsageError, did_you_mean
from harness.run.stored.stored_run import AskedRecord, AskedRun, ModelRecord


@runtime_checkable
class TrainedExtractor(Protocol):
    """An extractor that was trained on ground truths: on those it answers what it has learnt."""

    def has_learnt(self, case: Case) -> bool:
        """Tell whether it was trained on a case."""
        ...


_SECRET_PLACES: Final = frozenset(
    {"key_env", "key_file", "headers", "header_env", "header_file", "base_url"}
)
_LOOPBACK: Final = re.compile(r"https?://(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)")
"""Addresses of this machine: what is sent there does not leave it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Selection of a suite's cases: those that every setting lets through."""

    patterns: tuple[str, ...] = ()
    """Case ids, in which `*` and `?` stand for anything; one must match. Empty: any id."""
    tags: tuple[str, ...] = ()
    """One of them must be the case's. Empty: any."""
    limit: int | None = None
    """So many, the first in order of id."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Request of the command line, which a run that is gone on with repeats."""

    selection: Selection = Selection()  # frozen
    replicates: int = 1
    extractors: tuple[str, ...] = ()
    model: ModelOptions = ModelOptions()  # noqa: RUF009  # frozen
    drafts: bool = False
    """Documents without ground truth, too."""

    def as_json(self) -> AskedRecord:
        """Return what a run stores of it: no headers, since these may hold a secret."""
        model = self.model
        stored: ModelRecord = {
            "model": model.model,
            "base_url": model.base_url,
            "model_path": model.model_path,
            "params": [param for param in model.params if not param.startswith("headers")],
        }
        return {
            "replicates": self.replicates,
            "filter": list(self.selection.patterns),
            "tag": list(self.selection.tags),
            "limit": self.selection.limit,
            "extractors": list(self.extractors),
            "model": stored if model else None,
            **({"drafts": True} if self.drafts else {}),
        }


def stored_words(record: AskedRecord) -> RunRequest:
    """Return the request that a run stored; keys it did not store have their defaults."""
    model = record.get("model")
    return RunRequest(
        Selection(
            tuple(record.get("filter", ())), tuple(record.get("tag", ())), record.get("limit")
        ),
        record.get("replicates", 1),
        tuple(record.get("extractors", ())),
        _stored_model(model) if model else ModelOptions(),
        bool(record.get("drafts")),
    )


def unsaid_places(before: ModelOptions, model: ModelOptions) -> list[str]:
    """Return what a run folder says of where a key is and goes that is not said anew.

    A folder may come from anybody: it must not send our key, or our documents, elsewhere.
    """
    anew = {_param_name(param) for param in model.params}
    unsaid = [
        f"--param {param}"
        for param in before.params
        if _param_name(param) in _SECRET_PLACES and _param_name(param) not in anew
    ]
    is_near = _LOOPBACK.match(before.base_url or "") is not None
    if before.base_url and not model.base_url and not is_near:
        unsaid.insert(0, f"--base-url {before.base_url}")
    return unsaid


def _param_name(param: str) -> str:
    return param.partition("=")[0]


def run_words(record: AskedRun, suite: str) -> list[str]:
    """Return the command that asks what a run's extractor was asked, of all cases, in a new run."""
    words = stored_words(record.get("asked", {}))
    extractors = words.extractors if words.model else (record["extractor"],)
    chosen = [word for name in extractors for word in ("-e", name)]
    return ["harness", "run", suite, *chosen, *words.model.as_words()]


def _stored_model(model: ModelRecord) -> ModelOptions:
    return ModelOptions(
        model=model["model"],
        base_url=model["base_url"],
        model_path=model["model_path"],
        params=tuple(model["params"]),
    )


def select(suites: Sequence[Suite], selection: Selection) -> tuple[Suite, ...]:
    """Return the suites with the cases selected, each with a digest of its own.

    A suite of whose cases none is selected is left out. Raises UsageError for a pattern or a tag
    that no case of any suite has.
    """
    if selection == Selection():
        return tuple(suites)
    cases = [case for suite in suites for case in suite.cases]
    problems = [*_unmatched(cases, selection)]
    if problems:
        raise UsageError(*problems)
    chosen = (selected(suite, selection) for suite in suites)
    return tuple(suite for suite in chosen if suite.cases)


def timed(suites: Sequence[Suite], seconds: float | None) -> tuple[Suite, ...]:
    """Return the suites with another time limit for one request or call, unless it is None."""
    if seconds is None:
        return tuple(suites)
    return tuple(
        replace(
            suite,
            extractors={
                name: spec
                if isinstance(spec, RecordedAnswers | Tagger)
                else replace(spec, seconds=seconds)
                for name, spec in suite.extractors.items()
            },
        )
        for suite in suites
    )


def selected(suite: Suite, selection: Selection) -> Suite:
    """Return a suite with the cases selected, and a digest of its own."""
    if selection == Selection():
        return suite
    chosen = selected_ids({case.id: case.tags for case in suite.cases}, selection)
    return suite_of_cases(suite, chosen)


def selected_ids(tags: Mapping[str, Collection[str]], selection: Selection) -> list[str]:
    """Return the ids that a selection lets through; `tags` are those of each case, in order of id.

    >>> selected_ids({"a": ["scan"], "b": [], "c": ["scan"]}, Selection(tags=("scan",), limit=1))
    ['a']
    """
    matches, wanted = _Matching(selection.patterns), set(selection.tags)
    chosen = [
        case_id
        for case_id, own in tags.items()
        if (not selection.patterns or matches(case_id))
        and (not wanted or not wanted.isdisjoint(own))
    ]
    return chosen[: selection.limit]


def unlearnt(suite: Suite, extractor: object) -> Suite:
    """Return a suite without the cases that an extractor was trained on, if it was on any."""
    if not isinstance(extractor, TrainedExtractor):
        return suite
    learnt = {case.id: None for case in suite.cases if extractor.has_learnt(case)}
    if not learnt:
        return suite
    left = None if suite.left_out is None else (*suite.left_out, *learnt)
    others = [case.id for case in suite.cases if case.id not in learnt]
    return replace(suite_of_cases(suite, others), left_out=left)


def suite_of_cases(suite: Suite, ids: Iterable[str]) -> Suite:
    """Return a suite with the cases of these ids, and a digest of its own."""
    wanted, own = frozenset(ids), suite.comparators.sha256
    chosen = tuple(case for case in suite.cases if case.id in wanted)
    if len(chosen) == len(suite.cases):
        return suite
    digest = suite_digest(chosen, suite.rules, suite.prompt, suite.empty, own)
    return replace(suite, cases=chosen, digest=digest)


class _Matching:
    """Tells ids that match one of any number of patterns; whole ids are looked up."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._ids = frozenset(patterns)
        self._patterns = [pattern for pattern in patterns if _WILD.search(pattern)]

    def __call__(self, case_id: str) -> bool:
        is_known = case_id in self._ids
        return is_known or any(fnmatchcase(case_id, pattern) for pattern in self._patterns)


_WILD: Final = re.compile(r"[*?\[]")


def _unmatched(cases: Sequence[Case], selection: Selection) -> Iterator[Problem]:
    ids = {case.id: None for case in cases}
    for pattern in selection.patterns:
        if pattern not in ids and not any(fnmatchcase(case_id, pattern) for case_id in ids):
            near = get_close_matches(pattern, ids, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "`*` stands for anything"
            yield Problem(f"no case matches {pattern!r}", "unknown-case", hint=hint)
    known = {tag for case in cases for tag in case.tags}
    for tag in selection.tags:
        if tag not in known:
            hint = did_you_mean(tag, known) or "no case has any tag"
            yield Problem(f"no case has the tag {tag!r}", "unknown-tag", hint=hint)
