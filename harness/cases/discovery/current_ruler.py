"""Digests of a suite's truths and rules as they are on disk; no document is read, no code run."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from harness.cases.decisions.decision import Act, Decision
from harness.cases.decisions.decision_log import read_logs
from harness.cases.digest import canonical, case_digest, rules_digest
from harness.cases.discovery.find_files import truth_folder
from harness.cases.discovery.pair_up import DocumentPair, pair_up
from harness.cases.discovery.targets import CaseTarget, find_targets
from harness.cases.files.findings import Findings
from harness.cases.files.places import at
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.files.user_functions import named_functions
from harness.cases.schemas.rule_files import case_rules
from harness.cases.suite import Suite, TruthPolicy
from harness.cases.suite_file.suite_settings import SuiteSettings
from harness.core.rules.field_rule import NO_RULES, Rules
from harness.core.rules.goal_tiers import WithGoals
from harness.core.values import Json
from harness.errors import HarnessError, Problem

_IDLE: Final = frozenset({Act.NOTE, Act.DEFER, Act.CLAIM})
"""Acts that change nothing of what is scored."""
UNREADABLE_RULER: Final = ""
"""Digest of a case whose truth, schema or rules cannot be read."""


@dataclass(frozen=True, slots=True)
class RulerDigests:
    """Digests of what a suite's answers are judged by."""

    rules: str
    """Of rules, the policy for empty cases and functions that rules name."""
    cases: Mapping[str, str]
    """By case id, of truth, schema and own rules; of decisions, where these say what is scored."""
    reviewed: frozenset[str] = frozenset()
    """The cases of which decisions say what is scored."""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Tags of each case in order of id, of a suite that is on disk."""
    drafts: frozenset[str] = frozenset()
    """Of these, the cases that a run asks about only where drafts are wanted."""


def digests_of(suite: Suite) -> RulerDigests:
    """Return the digests of a suite that is loaded."""
    cases: dict[str, _Judged | None] = {
        case.id: (case.truth if case.id in suite.truth_files else None, case.schema, case.rules)
        for case in suite.cases
    }
    digests = _digests(suite.folder, (suite.rules, suite.empty), cases)
    if suite.truth_folder is None:
        return digests
    decisions = read_logs(suite.truth_folder)
    return _with_decisions(digests, (decisions, suite.truth), suite.truth_files)


def current_digests(folder: Path, name: str) -> RulerDigests:
    """Return the digests of the suite of that name in a folder, as its files are now.

    A case whose truth cannot be read has the digest `UNREADABLE`. Raises HarnessError where the
    folder does not hold the suite, or its suite file cannot be read.
    """
    target, settings = _suite_of(folder, name)
    place, files = target.place(), _Files()
    pairing, home = pair_up(settings, place, Findings()), truth_folder(settings, place)
    pairs = pairing.chosen({pair.id for pair in pairing.unlabelled})
    cases = {pair.id: files.read(pair) for pair in pairs}
    digests = _digests(target.folder, (settings.rules, settings.content.empty), cases)
    policy = TruthPolicy(**settings.content.truth.model_dump())
    decisions = read_logs(home)
    known = {decision.case for decision in decisions}
    chosen = {pair.id for pair in pairing.chosen(known)}
    digests = replace(
        digests,
        tags=MappingProxyType({pair.id: pair.tags for pair in pairs}),
        drafts=frozenset(pair.id for pair in pairs if pair.id not in chosen),
    )
    return _with_decisions(digests, (decisions, policy), {pair.id for pair in pairing.pairs})


def current_goals(folder: Path, name: str) -> WithGoals:
    """Return what the suite of that name in a folder asks of scores, as its file is now.

    Raises HarnessError where the folder does not hold the suite, or its file cannot be read.
    """
    _, settings = _suite_of(folder, name)
    return {"target_f1": settings.content.target_f1, "goals": settings.goals}


def _suite_of(folder: Path, name: str) -> tuple[CaseTarget, SuiteSettings]:
    target = _target(folder)
    findings = Findings()
    settings = target.settings(findings)
    findings.stop()
    if settings is None:
        raise HarnessError(Problem("the suite cannot be read", "bad-yaml", at(folder)))
    suite_name = settings.content.name or target.folder.name
    if suite_name != name:
        what = f"the folder holds the suite {suite_name!r}, not {name!r}"
        raise HarnessError(Problem(what, "other-suite", at(folder)))
    return target, settings


def _with_decisions(
    digests: RulerDigests, judged: tuple[Sequence[Decision], TruthPolicy], files: Container[str]
) -> RulerDigests:
    """Return digests that change with the decisions of people where these say what is scored."""
    by_case: dict[str, list[Decision]] = {}
    decisions, policy = judged
    for decision in decisions:
        by_case.setdefault(decision.case, []).append(decision)
    digests_by_case = dict(digests.cases)
    for key, digest in digests.cases.items():
        made = by_case.get(key, [])
        is_draft = key not in files or any(each.draft is not None for each in made)
        if digest != UNREADABLE_RULER and (policy.require != "none" or is_draft):
            ids = (each.id for each in made if each.do not in _IDLE)
            text = "\n".join((digest, repr(policy), *ids))
            digests_by_case[key] = hashlib.sha256(text.encode()).hexdigest()[: len(digest)]
    reviewed = frozenset(
        key for key in digests_by_case if digests_by_case[key] != digests.cases[key]
    )
    return replace(digests, cases=MappingProxyType(digests_by_case), reviewed=reviewed)


_Judged: TypeAlias = tuple[Json, Json, Rules]
"""Truth, schema and own rules of a case."""


def _digests(
    folder: Path, ruler: tuple[Rules, str], cases: Mapping[str, _Judged | None]
) -> RulerDigests:
    rules, empty = ruler
    shared: dict[int, tuple[frozenset[str], str]] = {}
    by_case: dict[str, str] = {}
    for key, case in cases.items():
        if case is None:
            by_case[key] = UNREADABLE_RULER
            continue
        truth, schema, own = case
        if id(schema) not in shared:
            shared[id(schema)] = named_functions([], [schema]), canonical(schema)
        names, text = shared[id(schema)]
        names |= named_functions([own], []) if own else frozenset()
        by_case[key] = case_digest((truth, text, own), _sources(folder, names))
    sources = _sources(folder, named_functions([rules], []))
    return RulerDigests(rules_digest(rules, empty, sources), MappingProxyType(by_case))


def _target(folder: Path) -> CaseTarget:
    targets = [target for target in find_targets(folder) if target.folder == folder.resolve()]
    if not targets:
        raise HarnessError(Problem("the folder is no suite any more", "no-suite", at(folder)))
    return targets[0]


class _Files:
    """Reads truths, and each schema once."""

    def __init__(self) -> None:
        self._schemas: dict[Path, Json] = {}

    def read(self, pair: DocumentPair) -> _Judged | None:
        """Return truth, schema and own rules of a case; None where one cannot be read."""
        try:
            schema = self._schema(pair.schema) if pair.schema else None
            if pair.truth is None:
                return None, schema, NO_RULES
            return parse_json(read_text(pair.truth), pair.truth), schema, case_rules(pair.truth)
        except HarnessError:
            return None

    def _schema(self, file: Path) -> Json:
        if file not in self._schemas:
            self._schemas[file] = parse_json(read_text(file), file)
        return self._schemas[file]


def _sources(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the sha256 of the source of each function's module in the suite's folder.

    An installed module is left out: its version is not the suite's.
    """
    sources: dict[str, str] = {}
    for name in names:
        module = name.partition(":")[0].replace(".", "/")
        for file in (folder / f"{module}.py", folder / module / "__init__.py"):
            if file.is_file():
                sources[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return sources
