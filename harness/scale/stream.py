"""Scoring one JSONL file against another, line by line: `harness score` on large files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from harness.cases.digest import truths_digest
from harness.cases.files.object_store import is_remote
from harness.cases.files.places import at
from harness.cases.schemas.known_fields import unused_rules
from harness.cases.schemas.rule_checks import broken_rules
from harness.cases.schemas.rule_warnings import loose_warnings
from harness.core.differ.plan import Plan
from harness.core.number_text import count, counted
from harness.core.records import Answer
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError
from harness.run.results.reasons.wrapped_answers import wrapped_answers
from harness.run.results.results_document import ScoringSettings
from harness.run.scored_files.score_files import (
    doubled_key_warnings,
    mended_warnings,
    wrapped_warnings,
)
from harness.run.scored_files.standalone_rules import Ruler
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_shares import WrappedRecord
from harness.scale.json_lines import PredictionLine, read_prediction, read_truth_line
from harness.scale.line_index import NOWHERE, Index, index, indexed_lines
from harness.scale.pools import RETRIES, LostShard, cores, processes, run_parts
from harness.scale.score_summary import Flaw, Summary
from harness.scale.shards import Shard, score_shard
from harness.scale.short_list import ShortList
from harness.scale.streamed_document import streamed_results, streamed_reviews
from harness.scale.verdict_parts import check_target, write_parts

_CHUNK: Final = 1 << 20
_TRIED: Final = 200
"""Truths that loose rules are sought with."""


@dataclass(frozen=True, slots=True)
class How:
    """Settings of streaming; nothing of them changes a figure."""

    workers: int | None = None
    """Processes; by default as many as there are cores."""
    verdicts: Path | None = None
    """Where a record of each case goes, one a line in the truths' order; None for nowhere."""
    tables: Path | None = None
    """The folder, or URL, where Parquet of verdicts and of case scores goes; None for nowhere."""
    executor: Executor | None = None
    """Who scores instead of processes of this machine. All of it must see the same files."""
    make_executor: Callable[[], Executor] | None = None
    """Where a new executor comes from once a worker's death has broken one."""
    retries: int = RETRIES
    in_flight: int | None = None
    """Shards given to the executor at once; by default twice the cores of this machine."""


@dataclass(frozen=True, slots=True)
class StreamResult:
    """Two files, scored."""

    results: ResultsDocument
    """The eval-results document; its `cases` are empty."""
    warnings: tuple[Problem, ...]
    """What is odd, though scored."""
    lost: tuple[LostShard, ...]
    """Shards that could not be scored: the results cover only the rest."""
    is_unpaired: bool = False
    """No prediction goes with any truth."""


def score_lines(
    files: tuple[Path, Path],
    ruler: Ruler,
    how: How,
    notify: Callable[[int, int], None],
) -> StreamResult:
    """Score two JSONL files by `id`, as `score_files` does, in memory that hardly grows with them.

    `files` are truths and predictions. `told` hears of cases done and cases in all.

    Raises HarnessError with the first 50 bad lines of a file and the number of all, UsageError for
    a file that is not there.
    """
    truths, predictions = files
    for path in files:
        if not path.exists():
            raise UsageError(Problem(f"{str(path)!r} does not exist", "no-such-path"))
    Plan(ruler.schema, ruler.rules, ruler.functions)
    index_of_lines = index(truths, predictions)
    if how.tables is not None:
        check_target(how.tables)
    with _parts(how.verdicts or how.tables) as folder:
        parts = None if folder is None else Path(folder)
        summary, lost = _summed(files, index_of_lines, _as_json(ruler), how, (parts, notify))
        _refuse_flaws(truths, summary.bad_truths)
        if not index_of_lines.cases:
            raise HarnessError(Problem("there is no ground truth in it", "no-truth", at(truths)))
        _refuse_flaws(predictions, summary.bad_predictions)
        if parts is not None and how.tables is not None:
            shards = sorted(each for each in parts.iterdir() if each.name.isdigit())
            write_parts(shards, parts, how.tables)
        if parts is not None and how.verdicts is not None:
            _join(parts, how.verdicts)
    digest = truths_digest(summary.digest, index_of_lines.cases, ruler.schema, ruler.sources)
    settings = ScoringSettings(truths.resolve().stem, digest, ruler.rules)
    results = streamed_results(settings, summary, index_of_lines.order, index_of_lines.cases)
    if ruler.reviews is not None:
        results["reviewed"] = streamed_reviews(summary, index_of_lines.cases)
    results["wrapped"] = wrapped = wrapped_answers(_some_answers(files, index_of_lines))
    odd = (
        *_unused(index_of_lines, predictions),
        *_wrapped(wrapped, files, index_of_lines.cases),
        *doubled_key_warnings(summary.doubled.first, summary.doubled.count, predictions),
        *_mended(summary, predictions),
        *_unanswered(summary),
        *_idle(truths, ruler, summary),
        *_loose(truths, ruler, index_of_lines),
    )
    is_unpaired = bool(index_of_lines.unused.count) and set(index_of_lines.predicted) == {NOWHERE}
    return StreamResult(results, odd, tuple(_with_lines(truths, lost)), is_unpaired)


def _parts(verdicts: Path | None) -> AbstractContextManager[str | None]:
    """Return a folder beside the file that will be joined from what lies in it."""
    if verdicts is None:
        return nullcontext()
    if is_remote(verdicts):
        return TemporaryDirectory(prefix="harness-verdicts-")
    verdicts.parent.mkdir(parents=True, exist_ok=True)
    return TemporaryDirectory(dir=verdicts.parent, prefix=f".{verdicts.name}.")


def _summed(
    files: tuple[Path, Path],
    index_of_lines: Index,
    plan: str,
    how: How,
    shared: tuple[Path | None, Callable[[int, int], None]],
) -> tuple[Summary, tuple[LostShard, ...]]:
    """Score every shard. Once a line is seen to be bad, the rest is only read."""
    parts, notify = shared
    total = Summary(
        bad_truths=index_of_lines.bad_truths, bad_predictions=index_of_lines.bad_predictions
    )
    lost: list[LostShard] = []
    done = 0

    def shards() -> Iterator[Shard]:
        for cut in index_of_lines.cuts:
            predicted = index_of_lines.predicted[cut.first : cut.first + cut.cases]
            verdicts = None if parts is None else parts / f"{cut.first:012}"
            yield Shard(*files, cut, predicted, plan, verdicts, total.is_flawed)

    for each in _scored(shards(), how):
        if isinstance(each, LostShard):
            lost.append(each)
        else:
            total = total.merge(each)
            done += each.totals.cases + each.totals.missing + len(each.unlabelled)
            notify(done, index_of_lines.cases)
    return total, tuple(sorted(lost, key=lambda each: each.shard.cut.first))


def _scored(shards: Iterator[Shard], how: How) -> Iterable[Summary | LostShard]:
    if how.executor is not None or how.make_executor is not None:
        return run_parts(shards, how.executor, how.make_executor, how.retries, how.in_flight)
    workers = how.workers or cores()
    if workers == 1:
        return map(score_shard, shards)
    return run_parts(shards, None, partial(processes, workers), how.retries, 2 * workers)


def _as_json(ruler: Ruler) -> str:
    schemas = [ruler.schema] if isinstance(ruler.schema, dict) else []
    waiting: list[Json] = [*unused_rules(ruler.rules, schemas, ())]
    return json.dumps({"ruler": ruler.to_json(), "waiting": waiting})


def _join(parts: Path, verdicts: Path) -> None:
    """Put the shards' records one after the other, in a file that is there whole or not at all."""
    whole = parts / "whole"
    shards = sorted(parts.iterdir())
    with whole.open("wb") as out:
        for shard in shards:
            if shard.name.isdigit():
                with shard.open("rb") as part:
                    shutil.copyfileobj(part, out)
                shard.unlink()
    whole.replace(verdicts)


def _refuse_flaws(file: Path, flaws: ShortList[Flaw]) -> None:
    if not flaws.count:
        return
    offsets = {offset for flaw in flaws.first for offset in (flaw[0], flaw[4]) if offset >= 0}
    numbers = _line_numbers(file, offsets)
    problems = []
    for offset, code, what, hint, first in flaws.first:
        if code == "duplicate-answer":
            hint = f"the first is on line {numbers[first]}"  # noqa: PLW2901  # known only here
        problems.append(Problem(what, code, at(file, numbers[offset]), hint or None))
    if flaws.left_out:
        problems.append(Problem(f"and {flaws.left_out} more lines like these", "more", at(file)))
    raise HarnessError(*problems)


def _line_numbers(file: Path, offsets: Iterable[int]) -> dict[int, int]:
    """Return the line, 1-based, that begins at each offset."""
    numbers: dict[int, int] = {}
    line, position = 1, 0
    with file.open("rb") as stream:
        for offset in sorted(offsets):
            while position < offset:
                chunk = stream.read(min(_CHUNK, offset - position))
                line += chunk.count(b"\n")
                position += len(chunk)
            numbers[offset] = line
    return numbers


def _with_lines(file: Path, lost: tuple[LostShard, ...]) -> Iterator[LostShard]:
    """Yield lost shards with the numbers of their first and last lines."""
    ends = {offset for each in lost for offset in (each.shard.cut.start, each.shard.cut.stop)}
    numbers = _line_numbers(file, ends) if ends else {}
    for each in lost:
        cut = each.shard.cut
        yield replace(each, lines=(numbers[cut.start], numbers[cut.stop] - 1))


def _unused(index_of_lines: Index, predictions: Path) -> Iterator[Problem]:
    for (name,) in index_of_lines.unused.first:
        what = f"{name!r} is predicted but not expected; it is not scored"
        yield Problem(what, "unused-prediction", at(predictions))
    if index_of_lines.unused.left_out:
        what = f"and {index_of_lines.unused.left_out} more predictions like these"
        yield Problem(what, "more", at(predictions))


def _mended(summary: Summary, predictions: Path) -> Iterator[Problem]:
    """Yield how many answers were mended before they were scored."""
    met = {name: number for name, (number,) in summary.mended.items()}
    yield from mended_warnings(met, summary.totals.cases - summary.totals.failed, predictions)


def _wrapped(
    wrapped: WrappedRecord | None, files: tuple[Path, Path], cases: int
) -> Iterator[Problem]:
    """Yield what is said of wrapped answers, and of how many where not all were looked at."""
    for problem in wrapped_warnings(wrapped, files):
        of = cases if wrapped is None else wrapped["of"]
        looked_at = f" ({count(of)} of {counted(cases, 'case')} looked at)" if of < cases else ""
        yield replace(problem, what=problem.what + looked_at)


def _unanswered(summary: Summary) -> Iterator[Problem]:
    """Yield the cases without an answer, which the document's empty `cases` cannot list."""
    for name, kind, message in summary.failures.first:
        yield Problem(f"{name!r}: {message}", kind)
    if summary.failures.left_out:
        yield Problem(f"and {summary.failures.left_out} more cases without an answer", "more")


def _idle(truths: Path, ruler: Ruler, summary: Summary) -> Iterable[Problem]:
    """Return a warning for every rule, or name inside one, that means no field.

    Names inside rules are held against the schema and the first truth only, and so are the hints.
    """
    schema = ruler.schema
    rest = {name: rule for name, rule in ruler.rules.items() if name not in summary.used}
    schemas = [schema] if isinstance(schema, dict) else []
    aligned = any(rule.align for rule in ruler.rules.values())
    if not aligned and (not rest or not unused_rules(rest, schemas, ())):
        return ()
    offset, raw = next(indexed_lines(truths))
    first = [read_truth_line(raw, truths, offset).value]
    names = (problem for _, problem in broken_rules(ruler.rules, schemas, first))
    return (*unused_rules(rest, schemas, first).values(), *names)


def _loose(truths: Path, ruler: Ruler, index_of_lines: Index) -> Iterator[Problem]:
    """Yield a warning for every rule that makes wrong values correct, tried on some truths."""
    if not ruler.rules and "x-match" not in json.dumps(ruler.schema):
        return
    cases = [(ruler.schema, truth) for truth in _spread_truths(truths, index_of_lines)]
    for _, problem in loose_warnings(ruler.rules, cases, ruler.functions):
        yield problem


def _spread_truths(file: Path, index_of_lines: Index) -> Iterator[Json]:
    """Yield some truths from all over a file."""
    return (truth for _, truth in _numbered_truths(file, index_of_lines))


def _numbered_truths(file: Path, index_of_lines: Index) -> Iterator[tuple[int, Json]]:
    """Yield some truths from all over a file, each with the number of its case."""
    cuts = index_of_lines.cuts
    each = max(1, _TRIED // max(1, len(cuts)))
    step = max(1, len(cuts) // _TRIED)
    with file.open("rb") as stream:
        for cut in cuts[::step]:
            stream.seek(cut.start)
            taken = 0
            for raw in stream:
                if taken < min(each, cut.cases) and not raw.isspace():
                    yield cut.first + taken, read_truth_line(raw, file, cut.start).value
                    taken += 1
                if taken >= min(each, cut.cases):
                    break


def _some_answers(files: tuple[Path, Path], index_of_lines: Index) -> Iterator[tuple[Json, Json]]:
    """Yield some truths from all over a file, each with its answer."""
    truths, predictions = files
    with predictions.open("rb") as stream:
        for number, truth in _numbered_truths(truths, index_of_lines):
            offset = index_of_lines.predicted[number]
            if offset != NOWHERE:
                stream.seek(offset)
                read = read_prediction(stream.readline(), predictions, offset)
                if isinstance(read, PredictionLine) and isinstance(read.output, Answer):
                    yield truth, read.output.value
