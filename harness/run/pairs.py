"""Truths and predictions that lie in files, without a suite: `harness score`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.cases.digest import canonical
from harness.cases.fields import unused_rules
from harness.cases.places import at, is_hidden
from harness.cases.reading import read_text
from harness.cases.strict_json import parse_json
from harness.cases.suite import Limits
from harness.core.closest import closest
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.rules import Rules
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError, Where
from harness.extract.recorded import Recordings, open_recordings
from harness.run.results import Settings, results_document
from harness.run.scoring import Scorer

LINES: Final = (".jsonl", ".ndjson")


def score_files(
    expected: Path, predicted: Path, schema: Json, rules: Rules
) -> tuple[dict[str, Json], tuple[Problem, ...]]:
    """Score files against files; return the results document and what is odd, though scored.

    Two JSON files are one case; two folders are paired by file stem; two JSONL files by `id`.
    Predictions are read as a model's replies are. A truth without one counts as an answer of
    nothing, and is listed as a failure.

    Raises HarnessError with every file and line that cannot be read, UsageError where the two
    arguments do not go together.
    """
    truths, said = _read(expected, predicted)
    scorer = Scorer(rules)
    cases = [Case(key, (), truth, schema) for key, truth in sorted(truths.items())]
    scored = [scorer.score(case, _said(said, case)) for case in cases]
    content: dict[str, Json] = {"truths": dict(truths), "schema": schema}
    digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    settings = Settings(expected.resolve().stem, digest, rules)
    results = results_document(settings, scored, scorer.null_floor(cases))
    return results, (*_unused(said, truths, predicted), *_idle(rules, schema, truths))


def _unused(said: Recordings, truths: Mapping[str, Json], predicted: Path) -> Iterator[Problem]:
    """Yield a warning for every prediction without a truth."""
    for key in said.unused(truths):
        what = f"{key!r} is predicted but not expected; it is not scored"
        yield Problem(what, "unused-prediction", at(predicted))


def _idle(rules: Rules, schema: Json, truths: Mapping[str, Json]) -> Iterable[Problem]:
    """Return a warning for every rule that means no field."""
    schemas = [schema] if isinstance(schema, dict) else []
    return unused_rules(rules, schemas, truths.values()).values()


def closest_files(expected: Path, predicted: Path, schema: Json, rules: Rules) -> dict[str, Json]:
    """Return by id every truth in the order of its prediction; as it is where there is none.

    Raises what `score_files` raises.
    """
    truths, said = _read(expected, predicted)
    plan = Scorer(rules).plan(schema)
    found: dict[str, Json] = {}
    for key, truth in sorted(truths.items()):
        answer = _said(said, Case(key, (), truth, schema))
        found[key] = closest(plan, truth, answer.value) if isinstance(answer, Answer) else truth
    return found


def _read(expected: Path, predicted: Path) -> tuple[Mapping[str, Json], Recordings]:
    for path in (expected, predicted):
        if not path.exists():
            raise UsageError(Problem(f"{str(path)!r} does not exist", "no-such-path"))
    if expected.is_dir() != predicted.is_dir() or _is_lines(expected) != _is_lines(predicted):
        hint = "give two JSON files, two folders, or two JSONL files"
        what = f"{str(expected)!r} and {str(predicted)!r} are not of one kind"
        raise UsageError(Problem(what, "unlike-paths", hint=hint))
    if expected.is_file() and not _is_lines(expected):
        one = {expected.stem: parse_json(read_text(expected), expected)}
        return one, Recordings({expected.stem: predicted}, {}, {}, Limits())
    truths = _folder(expected) if expected.is_dir() else _lines(expected)
    if not truths:
        raise HarnessError(Problem("there is no ground truth in it", "no-truth", at(expected)))
    return truths, open_recordings(predicted, {}, Limits(), predicted.parent)


def _is_lines(path: Path) -> bool:
    return path.suffix in LINES


def _said(recordings: Recordings, case: Case) -> Answer | Failure:
    said = asyncio.run(recordings.extract(case))
    if isinstance(said, Failure) and said.kind is FailureKind.NO_RECORDING:
        return Failure(FailureKind.EMPTY, "there is no prediction for this truth")
    return said


def _folder(folder: Path) -> dict[str, Json]:
    truths: dict[str, Json] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.json")):
        if is_hidden(path.name):
            continue
        try:
            key = path.relative_to(folder).with_suffix("").as_posix()
            truths[key] = parse_json(read_text(path), path)
        except HarnessError as error:
            problems.extend(error.problems)
    if problems:
        raise HarnessError(*problems)
    return truths


def _lines(file: Path) -> dict[str, Json]:
    """Read `{"id": …, "value": …}` lines; every line at fault is told of at once."""
    truths: dict[str, Json] = {}
    problems: list[Problem] = []
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        where = at(file, number)
        try:
            key, value = _entry(parse_json(line, file), where)
        except HarnessError as error:
            problems.extend(Problem(p.what, p.code, where, p.hint) for p in error.problems)
            continue
        if key in truths:
            problems.append(Problem(f"a second truth for {key!r}", "duplicate-case", where))
        truths[key] = value
    if problems:
        raise HarnessError(*problems)
    return truths


def _entry(value: Json, where: Where) -> tuple[str, Json]:
    if isinstance(value, dict) and "id" in value and "value" in value:
        return str(value["id"]), value["value"]
    hint = 'write each line as {"id": "inv-1", "value": {…}}'
    raise HarnessError(Problem("the line holds no `id` and `value`", "bad-line", where, hint))
