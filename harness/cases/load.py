"""Load suites from a path, with every error and warning about their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness.cases.decisions.reviewed_cases import (
    TruthRecords,
    plans,
    truth_records,
    with_reviews,
)
from harness.cases.digest import suite_digest
from harness.cases.discovery.find_files import truth_folder
from harness.cases.discovery.pair_up import DocumentPairing, pair_up
from harness.cases.discovery.read_case import CaseReader
from harness.cases.discovery.splits import assigned, unassigned
from harness.cases.discovery.targets import CaseTarget, find_targets
from harness.cases.documents.document_files import DocumentReader
from harness.cases.documents.text_amounts import little_text
from harness.cases.files.findings import Findings, in_order
from harness.cases.files.places import FilePlace, at
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import (
    line_of_offset,
    strict_json_lines,
    without_garbage_collection,
)
from harness.cases.files.user_functions import (
    Comparators,
    Home,
    joined,
    load_comparators,
    named_functions,
)
from harness.cases.prompts.few_shot_examples import (
    example_files,
    examples_of,
    unreviewed_examples,
)
from harness.cases.prompts.prompt import EXAMPLES, read_prompt
from harness.cases.schemas.field_checks import broken_checks
from harness.cases.schemas.rule_checks import broken_rules
from harness.cases.schemas.rule_files import CASE_RULES, idle_case_files
from harness.cases.schemas.rule_warnings import rule_warnings
from harness.cases.schemas.shown_answers import TruthValues, schema_shows, text_shows
from harness.cases.suite import DocumentReading, Example, Limits, Prompt, Suite, TruthPolicy
from harness.cases.suite_file.extractors import read_extractors
from harness.cases.suite_file.suite_settings import SuiteSettings
from harness.core.number_text import counted
from harness.core.records import Case
from harness.core.rules.field_rule import normal_field, overlaid
from harness.core.rules.goal_tiers import target_of
from harness.core.values import Json, is_blank
from harness.errors import Problem

_NAMED: Final = 20
"""Documents without ground truth that are named; the others are counted."""


def lint_cases(cases: Iterable[Case], truth_files: Mapping[str, Path]) -> Iterator[Problem]:
    """Yield warnings about empty truths and documents, and about those that look alike."""
    cases = tuple(cases)
    yield from little_text(document for case in cases for document in case.documents)
    ids: dict[str, str] = {}
    documents: dict[str, tuple[str, str]] = {}
    for case in cases:
        where = at(truth_files[case.id]) if case.id in truth_files else at(Path(case.id))
        if case.id in truth_files and _is_hollow(case.truth):
            yield Problem("expects nothing: no value is present", "empty-truth", where)
        first = ids.setdefault(case.id.casefold(), case.id)
        if first != case.id:
            what = f"cases {first!r} and {case.id!r} differ only in upper and lower case"
            hint = "some file systems take them for one"
            yield Problem(what, "similar-cases", where, hint)
        for document in case.documents:
            name, owner = documents.setdefault(document.sha256, (document.name, case.id))
            if owner != case.id:
                what = f"has the same content as {name}, which is in another case"
                yield Problem(what, "duplicate-document", at(Path(document.location)))


def lint_rules(
    settings: SuiteSettings,
    cases: Sequence[Case],
    truth_files: Mapping[str, Path],
    comparators: Comparators,
) -> Iterator[Problem]:
    """Yield warnings about rules: those that mean no field or make anything correct, idle files."""
    truths = set(truth_files.values())
    for folder in sorted({truth.parent for truth in truths}):
        yield from idle_case_files(folder, {truth for truth in truths if truth.parent == folder})
    written = {normal_field(name): name for name in settings.content.rules}
    pairs = [(case.schema, case.truth) for case in cases]
    for name, problem in rule_warnings(settings.rules, pairs, comparators.functions):
        where = ("schema",) if name is None else ("rules", written[name])
        yield problem.at(settings.where(*where))
    for case in (case for case in cases if case.rules and case.id in truth_files):
        place = at(truth_files[case.id].with_suffix(CASE_RULES))
        own = overlaid(settings.rules, case.rules)
        for name, problem in rule_warnings(own, [(case.schema, case.truth)], comparators.functions):
            if name in case.rules and problem.code == "loose-rule":
                yield problem.at(place)
    for case in (case for case in cases if settings.checks and case.id in truth_files):
        for breach in broken_checks(settings.checks, case.truth):
            about = f"{breach.place}: " if breach.place else ""
            what = f"{about}{breach.check!r} does not hold: {breach.sides}"
            yield Problem(what, "broken-check", at(truth_files[case.id]))


def lint_shown(
    cases: Sequence[Case], schemas: Mapping[Path, Mapping[str, Json]], prompt: Prompt | None
) -> Iterator[Problem]:
    """Yield warnings about right answers in what goes to a model: schemas and the prompt."""
    texts = (
        [] if prompt is None else [s for s in prompt.sections if not s.name.startswith(EXAMPLES)]
    )
    if not schemas and not texts:
        return
    values = TruthValues((case.id, case.truth) for case in cases)
    for file, schema in schemas.items():
        problems = list(schema_shows(schema, values))
        lines = strict_json_lines(read_text(file)) if problems else {}
        yield from (problem.at(at(file, line_of_offset(lines, path))) for path, problem in problems)
    for section in texts:
        place = prompt.path if prompt else None
        where = place / section.name if place and place.is_dir() else place
        yield from (p.at(at(where)) if where else p for p in text_shows(section.text, values))


def _broken(
    settings: SuiteSettings, cases: Sequence[Case], truth_files: Mapping[str, Path]
) -> Iterator[Problem]:
    """Yield an error for every name inside a rule that means nothing in any case."""
    schemas = {id(c.schema): c.schema for c in cases if isinstance(c.schema, dict)}
    written = {normal_field(name): name for name in settings.content.rules}
    for name, problem in broken_rules(settings.rules, schemas.values(), (c.truth for c in cases)):
        within = written.get(name)
        yield problem.at(settings.where(*(("schema",) if within is None else ("rules", within))))
    for case in cases:
        if not case.rules or case.id not in truth_files:
            continue
        schema = [case.schema] if isinstance(case.schema, dict) else []
        for name, problem in broken_rules(
            overlaid(settings.rules, case.rules), schema, [case.truth]
        ):
            if name in case.rules:
                yield problem.at(at(truth_files[case.id].with_suffix(CASE_RULES)))


def _is_hollow(value: Json) -> bool:
    """Tell whether nothing in a value is present."""
    if isinstance(value, dict):
        return all(map(_is_hollow, value.values()))
    return all(map(_is_hollow, value)) if isinstance(value, list) else is_blank(value)


@without_garbage_collection()
def load_suites(
    path: Path, *, keep_unreadable: bool = False, unlabelled: bool = False
) -> tuple[Suite, ...]:
    """Return the suites a path means, in order of folder.

    The path is a folder of suites, a suite's folder, a suite file, or a document or ground truth
    of one case, which is then the only one. Documents without ground truth are cases where nobody
    has labelled any yet, where a review log knows them, and with `unlabelled`. Raises HarnessError
    with every problem of all files; `keep_unreadable` makes documents that cannot be read
    warnings, unless a suite has no other.
    """
    findings = Findings()
    suites: list[Suite] = []
    named: dict[str, Path] = {}
    for target in find_targets(path):
        suite = _load(target, findings, _Wish(keep_unreadable, unlabelled))
        if suite is None:
            continue
        suites.append(suite if target.only is None else replace(suite, left_out=None))
        first = named.setdefault(suite.name, suite.folder)
        if first != suite.folder:
            what = f"two suites are called {suite.name!r}: the other is in {first.name!r}"
            findings.add([Problem(what, "duplicate-suite", at(target.file or suite.folder))])
    findings.stop()
    return tuple(suites)


@dataclass(frozen=True, slots=True)
class _Wish:
    """Options for loading documents that others leave out."""

    unreadable: bool
    unlabelled: bool


def _load(target: CaseTarget, findings: Findings, wish: _Wish) -> Suite | None:
    """Return a suite, or None when something is wrong with it.

    A wrong setting makes us look in wrong places: what we do not find there is nobody's mistake.
    """
    before, place, whole = len(findings.problems), target.place(), target.only is None
    if (settings := target.settings(findings)) is None:
        return None
    doubtful = Findings() if len(findings.problems) > before else findings
    pairing = pair_up(settings, place, doubtful)
    records = _records(settings, place, pairing, findings)
    also = {p.id for p in pairing.unlabelled} if wish.unlabelled else records.histories
    pairs = target.chosen(pairing.chosen(also))
    reader = CaseReader(_documents(settings, place, wish.unreadable), findings)
    ask = partial(reader.read, doubtful=doubtful)
    read = _readable(map(ask, pairs), reader.documents, findings)
    cases = findings.attempt(partial(assigned, read, place.folder), settings.where("split")) or read
    of = settings, place, findings
    extractors, prompt, own = read_extractors(*of), _prompt(*of), _comparators(*of, cases)
    readers = {pair.id: partial(ask, pair) for pair in pairing.pairs}
    examples = doubtful.attempt(partial(_ready, prompt, cases, readers)) or ()
    if whole and len(findings.problems) == before:
        findings.add(_broken(settings, cases, records.files))
    if len(findings.problems) > before:
        return None
    odd = [*reader.documents.unreadable, *reader.warnings, *_odd_cases(cases, records.files, place)]
    left = [p.id for p in pairing.unlabelled if p not in pairs] if whole else []
    odd += (*pairing.warnings, *_left_out(left, pairing)) if whole else ()
    odd += lint_rules(settings, cases, records.files, own) if whole else ()
    odd += lint_shown(cases, reader.schemas, prompt) if whole else ()
    suite = Suite(
        name=settings.content.name or place.folder.name,
        folder=place.folder,
        project=place.project,
        cases=tuple(with_reviews(cases, records, plans(settings.rules, own.functions))),
        extractors=extractors,
        prompt=prompt,
        examples=examples,
        rules=settings.rules,
        comparators=own,
        warnings=in_order([*odd, *_hidden(prompt, cases, examples)]),
        unscored=tuple(left),
        truth_files=MappingProxyType({p.id: p.truth for p in pairs if p.truth is not None}),
    )
    return _with_settings(suite, settings, place)


def _left_out(left: Sequence[str], pairing: DocumentPairing) -> Iterator[Problem]:
    """Yield a warning for each document without ground truth, the first of them by name."""
    yield from (pairing.no_truth[each] for each in left[:_NAMED])
    if len(left) > _NAMED:
        what = f"{counted(len(left) - _NAMED, 'more case')} without ground truth left out"
        yield Problem(what, "no-truth", hint="harness run --drafts asks about them")


def _records(
    settings: SuiteSettings, place: FilePlace, pairing: DocumentPairing, findings: Findings
) -> TruthRecords:
    """Return what the review logs say of the suite's truths."""
    files = {pair.id: pair.truth for pair in pairing.pairs if pair.truth is not None}
    policy, home = TruthPolicy(**settings.content.truth.model_dump()), truth_folder(settings, place)
    records = findings.attempt(partial(truth_records, home, files, policy))
    return records or TruthRecords(files, policy, {})


def _with_settings(suite: Suite, settings: SuiteSettings, place: FilePlace) -> Suite:
    """Return a suite with what its file says of truths and scores, and its digest."""
    empty, own = settings.content.empty, suite.comparators.sha256
    odd = unreviewed_examples(suite.examples, suite.cases, suite.prompt)
    return replace(
        suite,
        warnings=in_order([*suite.warnings, *odd]),
        description=settings.content.description,
        target_f1=target_of(settings.content.target_f1, settings.goals),
        goals=settings.goals,
        empty=empty,
        limits=Limits(**settings.content.limits.model_dump()),
        reading=DocumentReading(**settings.content.reading.model_dump()),
        digest=suite_digest(suite.cases, suite.rules, suite.prompt, empty, own),
        truth_folder=truth_folder(settings, place),
        checks=settings.checks,
        truth=TruthPolicy(**settings.content.truth.model_dump()),
    )


def with_prompt(suite: Suite, prompt: Prompt) -> Suite:
    """Return a suite that asks with another prompt. Raises HarnessError with what is wrong with it.

    The prompt's examples may be any of the suite's cases.
    """
    examples = _ready(prompt, suite.cases, {})
    digest = suite_digest(suite.cases, suite.rules, prompt, suite.empty, suite.comparators.sha256)
    return replace(suite, prompt=prompt, examples=examples, digest=digest)


def _odd_cases(
    cases: Sequence[Case], truth_files: Mapping[str, Path], place: FilePlace
) -> Iterator[Problem]:
    yield from lint_cases(cases, truth_files)
    yield from unassigned(cases, place.folder)


def _readable(
    cases: Iterable[Case | None], documents: DocumentReader, findings: Findings
) -> tuple[Case, ...]:
    """Return the cases that were read; that no document of them could be is an error."""
    read = tuple(case for case in cases if case is not None)
    if all(any(d.unreadable is not None for d in case.documents) for case in read):
        findings.add(documents.unreadable)
    return read


def _documents(settings: SuiteSettings, place: FilePlace, keep_unreadable: bool) -> DocumentReader:  # noqa: FBT001
    limits = Limits(**settings.content.limits.model_dump())
    how = DocumentReading(**settings.content.reading.model_dump())
    return DocumentReader(place, limits, how, keeps_unreadable=keep_unreadable)


def _comparators(
    settings: SuiteSettings, place: FilePlace, findings: Findings, cases: Iterable[Case]
) -> Comparators:
    """Return the functions that rules name; errors are reported where a rule names the function."""
    schemas = {id(case.schema): case.schema for case in cases}
    own = [case.rules for case in cases if case.rules]
    names = named_functions([settings.rules, *own], schemas.values())
    lines = {rule.compare: settings.where("rules", n) for n, rule in settings.rules.items()}
    comparators: list[Comparators] = []
    for name in sorted(names):
        home = Home(place.folder, place.project, lines.get(name, settings.where("rules")))
        loaded = findings.attempt(partial(load_comparators, [name], home))
        comparators += [loaded] if loaded is not None else []
    return joined(comparators)


def _prompt(settings: SuiteSettings, place: FilePlace, findings: Findings) -> Prompt | None:
    prompt = settings.content.prompt
    if prompt is None:
        return None
    return findings.attempt(partial(read_prompt, prompt, place), settings.where("prompt"))


def _ready(
    prompt: Prompt | None, cases: Sequence[Case], readers: Mapping[str, Callable[[], Case | None]]
) -> tuple[Example, ...]:
    """Return a prompt's examples once it is seen to work; `readers` know the other cases."""
    if prompt is None:
        return ()
    from harness.cases.prompts.instructions import check_prompt  # noqa: PLC0415  # jinja2 is slow to import

    findings = Findings()
    answers_shown = findings.attempt(partial(example_files, prompt)) or ()
    known: dict[str, Case | None] = {case.id: case for case in cases}
    for each in answers_shown:
        if each.case is not None and each.case not in known and each.case in readers:
            known[each.case] = readers[each.case]()
    examples = findings.attempt(partial(examples_of, answers_shown, known, readers)) or ()
    findings.add(_unreadable(examples))
    findings.attempt(partial(check_prompt, prompt, cases, examples))
    findings.stop()
    return examples


def _unreadable(examples: Iterable[Example]) -> Iterator[Problem]:
    """Yield an error for every example that would be sent without what it is an example of."""
    for example in examples:
        for document in example.documents:
            if document.unreadable is not None:
                hint = "mend the file, or take another example"
                what = f"cannot be read, and is an example of the prompt: {document.unreadable}"
                yield Problem(what, "broken-document", at(Path(document.location)), hint)


def _hidden(
    prompt: Prompt | None, cases: Sequence[Case], examples: tuple[Example, ...]
) -> list[Problem]:
    """Return a warning for every document that a prompt does not show."""
    if prompt is None:
        return []
    from harness.cases.prompts.instructions import hidden_documents  # noqa: PLC0415  # as above

    return list(hidden_documents(prompt, cases, examples))
