"""Files of a new suite: documents, and the truths that belong to them."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.cases.discovery.find_files import DOCUMENTS, TRUTHS
from harness.cases.documents.document_files import DocumentReader
from harness.cases.documents.kinds import kind_of
from harness.cases.files.file_names import files_by_name, flat_names
from harness.cases.files.places import FilePlace, at, is_hidden, nfc, shown_path
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.suite import DocumentReading, Limits
from harness.core.number_text import counted
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

_SECONDARY: Final = frozenset({"text", "other"})
"""Kinds of files that give way to a document of the same name: its text beside a PDF."""
_MACHINE: Final = frozenset({"missing-package", "missing-program"})
"""Problems of this machine, not of the document."""
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class SuiteFiles:
    """Files of a suite."""

    documents: Mapping[str, Path] = field(default_factory=dict)
    """By case id."""
    truths: Mapping[str, Json] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where a truth is a file of its own, by case id."""
    notes: tuple[Problem, ...] = ()
    """What was left out, and what is odd: a line a cause."""


def find_documents(folder: Path) -> list[Path]:
    """Return the files of a folder and of those below it, hidden ones left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(map(is_hidden, path.relative_to(folder).parts))
    )


def found_in(documents: Path, truths: Path | None) -> SuiteFiles:
    """Return the documents of a folder with the truths that go with them.

    Without a folder of truths, they are the `.json` files beside their documents, or those of
    `ground_truth` beside the folder. A file that cannot be used is a note; the others go on.

    Raises HarnessError where nothing is left, or none of the truths given goes with a document.
    """
    files = find_documents(documents)
    pool, where = _truth_files(documents, files, truths)
    if truths is None and not pool:
        _refuse_truths(documents, files)
    by_document = documents_in(documents, pool.values())
    paired = _paired(by_document.documents, pool, documents, given=truths is not None)
    if truths is not None and not paired:
        hint = f"looked for `<document's name>.json` in {shown_path(where)}"
        if not pool and _all_json(files):
            hint = f"the other way round? {_init_of(where, documents)}"
        elif several := _meant_by_several(by_document.documents, pool, documents):
            hint = several
        what = "no document has a ground truth"
        raise HarnessError(Problem(what, "no-cases", at(documents), hint))
    values: dict[str, Json] = {}
    problems: list[Problem] = []
    for case_id, path in paired.items():
        try:
            values[case_id] = parse_json(read_text(path), path)
        except HarnessError as error:
            problems += error.problems
    if paired and not values:
        raise HarnessError(*problems)
    used = set(paired.values())
    unused = [path for path in pool.values() if path not in used]
    notes = [*by_document.notes, *by_cause(problems)]
    notes += _unpaired(by_document.documents, values, problems, unused)
    with_values = {case_id: path for case_id, path in paired.items() if case_id in values}
    return SuiteFiles(by_document.documents, values, with_values, tuple(notes))


def documents_in(folder: Path, others: Iterable[Path] = ()) -> SuiteFiles:
    """Return the documents of a folder that can be read; `others` lie there and are none.

    Raises HarnessError where nothing is left.
    """
    none = set(others)
    ours = [path for path in find_documents(folder) if path not in none]
    named, notes = _named(ours, folder)
    readable, odd = _readable(named, folder)
    if not readable:
        raise HarnessError(*_nothing(folder, [*notes, *odd]))
    return SuiteFiles(readable, notes=(*notes, *odd))


def _nothing(documents: Path, notes: Iterable[Problem]) -> Iterator[Problem]:
    yield from notes
    yield Problem("no document that can be read", "no-cases", at(documents))


def _truth_files(
    documents: Path, files: Sequence[Path], truths: Path | None
) -> tuple[dict[str, Path], Path]:
    """Return the truths there may be by their path without `.json`, and where they are."""
    beside = documents.parent / TRUTHS
    if truths is not None:
        return _json_below(truths), truths
    mine = _json_below(documents)
    if mine.keys() & _others(documents, files):
        return mine, documents
    if beside.is_dir():
        below = {path.name for path in documents.iterdir() if path.is_dir()} | {documents.name}
        files_below = _json_below(beside).items()  # folders of other names are of other suites
        return {
            n: p for n, p in files_below if "/" not in n or n.partition("/")[0] in below
        }, beside
    return {}, documents


def _json_below(folder: Path) -> dict[str, Path]:
    files = (path for path in find_documents(folder) if path.suffix.lower() == ".json")
    return files_by_name(((_stem(path, folder), path) for path in files), "truth")


def _others(folder: Path, files: Iterable[Path]) -> set[str]:
    """Return the names that truths may have of files that are no JSON: with and without ending."""
    others = [path for path in files if path.suffix.lower() != ".json"]
    whole = {nfc(path.relative_to(folder).as_posix()) for path in others}
    return whole | {_stem(path, folder) for path in others}


def _all_json(files: Sequence[Path]) -> bool:
    return bool(files) and all(path.suffix.lower() == ".json" for path in files)


def _init_of(documents: Path, truths: Path) -> str:
    return shlex.join(
        ["harness", "init", str(shown_path(documents)), "--truths", str(shown_path(truths))]
    )


def _refuse_truths(documents: Path, files: Sequence[Path]) -> None:
    """Refuse a folder of nothing but JSON objects as documents: they are truths nobody named."""
    if not _all_json(files):
        return
    try:
        values = [parse_json(read_text(path), path) for path in files]
    except HarnessError:
        return  # files that are no JSON are documents of that name
    if all(isinstance(value, dict | list) for value in values):
        what = f"holds {counted(len(files), 'JSON file')} and no document: are they truths?"
        folder = shlex.quote(str(shown_path(documents)))
        hint = f"harness init DOCUMENTS --truths {folder}, or without documents: "
        hint += f"harness init --truths {folder}"
        raise UsageError(Problem(what, "no-documents", at(documents), hint))


def truths_below(folder: Path) -> dict[str, Path]:
    """Return the truths of a folder and of those below it by case id."""
    truths = _json_below(folder)
    ids = flat_names(truths)
    return files_by_name(((ids[name], path) for name, path in truths.items()), "truth")


def _stem(path: Path, folder: Path) -> str:
    return nfc(path.relative_to(folder).with_suffix("").as_posix())


def _named(files: Sequence[Path], folder: Path) -> tuple[dict[str, Path], list[Problem]]:
    """Return documents by case id: their stem, or their whole path where stems are not enough."""
    notes: list[Problem] = []
    by_id: dict[str, Path] = {}
    beside: list[Problem] = []
    for path in files:
        name = _stem(path, folder)
        twin = by_id.get(name)
        if twin is None:
            by_id[name] = path
            continue
        first, second = sorted((twin, path), key=_rank)
        by_id[name] = first
        what = f"left out: {first.name} has the same name" if _rank(first) != _rank(second) else ""
        if not what:
            what = f"has the name of {first.name}: a case's name is its document's"
        beside.append(Problem(what, "duplicate-case", at(second)))
    notes += by_cause(beside, "files with the name of another document are left out")
    ids = flat_names(by_id)
    return files_by_name(((ids[name], path) for name, path in by_id.items()), "document"), notes


def _rank(path: Path) -> int:
    """Return how much a file is the document itself: a PDF comes before its text."""
    try:
        with path.open("rb") as file:
            return kind_of(file.read(64), path.name) in _SECONDARY
    except OSError:
        return 2


def _readable(named: Mapping[str, Path], folder: Path) -> tuple[dict[str, Path], list[Problem]]:
    """Return the documents that can be read, and why others cannot."""
    reader = DocumentReader(FilePlace(folder, folder), Limits(), DocumentReading())
    readable: dict[str, Path] = {}
    problems: list[Problem] = []
    for case_id, path in named.items():
        try:
            reader.read(path)
        except HarnessError as error:
            problems += (_hinted(problem) for problem in error.problems)
            if not all(problem.code in _MACHINE for problem in error.problems):
                continue
        readable[case_id] = path
    return readable, by_cause(problems)


def _hinted(problem: Problem) -> Problem:
    if problem.code == "not-text":
        return replace(problem, hint="convert it to UTF-8 text; it is left out")
    return problem


def _meant_by_several(
    named: Mapping[str, Path], pool: Mapping[str, Path], folder: Path
) -> str | None:
    """Return a hint where the name of a truth is that of several documents."""
    for path in named.values():
        name = nfc(path.stem)
        alike = [each for each in named.values() if nfc(each.stem) == name]
        if name in pool and len(alike) > 1:
            whole = f"{_stem(alike[0], folder)}.json"
            return f"{name}.json could be of {len(alike)} documents: name the folder, too, {whole}"
    return None


def _paired(
    named: Mapping[str, Path], pool: Mapping[str, Path], folder: Path, *, given: bool
) -> dict[str, Path]:
    """Return truths by case id: of the document's path, its name, or its stem if only one has it.

    A folder that was found, not given, may hold truths of others: stems alone say nothing there.
    """
    stems: dict[str, list[Path]] = {}
    for name, path in pool.items():
        stems.setdefault(name.rpartition("/")[2], []).append(path)
    alike = Counter(nfc(path.stem) for path in named.values())
    pairs: dict[str, Path] = {}
    for case_id, path in named.items():
        whole, name = _stem(path, folder), nfc(path.name)
        full = nfc(path.relative_to(folder).as_posix())
        truth = pool.get(whole) or pool.get(full) or pool.get(f"{folder.name}/{whole}")
        candidates = stems.get(nfc(path.stem), []) + stems.get(name, [])
        if truth is None and given and len(candidates) == alike[nfc(path.stem)] == 1:
            truth = candidates[0]
        if truth is not None:
            pairs[case_id] = truth
    return pairs


def _unpaired(
    documents: Mapping[str, Path],
    values: Mapping[str, Json],
    problems: Sequence[Problem],
    unused: Sequence[Path],
) -> Iterator[Problem]:
    waiting = [i for i in documents if i not in values]
    if waiting and values:
        what = f"{counted(len(waiting), 'document')} without a ground truth: {few(waiting)}"
        yield Problem(what, "no-truth", hint="they are kept, to be labelled")
    elif waiting and not problems:
        hint = "if there are truths: --truths FOLDER or FILE"
        yield Problem("no ground truth found: a suite to be labelled", "no-truth", hint=hint)
    if unused:
        names = few([path.name for path in unused])
        what = f"{counted(len(unused), 'ground truth')} without a document, left out: {names}"
        yield Problem(what, "orphan-truth")


def few(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def by_cause(problems: Iterable[Problem], of_many: str | None = None) -> list[Problem]:
    """Return one problem for each cause; where several files have it, with their number.

    >>> said = by_cause([Problem("is empty", "empty", at(Path(name))) for name in "abcde"])
    >>> said[0].what
    'is empty: 5 files: a, b, c and 2 more'
    """
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.code, of_many or _cause(problem)), []).append(problem)
    return [
        group[0]
        if len(group) == 1
        else Problem(
            f"{what}: {len(group):,} files: {few(_files(group))}", code, hint=group[0].hint
        )
        for (code, what), group in groups.items()
    ]


def _cause(problem: Problem) -> str:
    """Return what is wrong less the numbers of the single file."""
    return problem.what.partition(" at offset ")[0].partition(": ")[0]


def _files(group: Iterable[Problem]) -> list[str]:
    return list(dict.fromkeys(p.where.file.name if p.where else "" for p in group))


def folder_of(path: Path) -> Path:
    """Return a folder's absolute path. Raises UsageError for what is none."""
    if not path.is_dir():
        fault = "is not a folder" if path.exists() else "does not exist"
        raise UsageError(Problem(f"{str(path)!r} {fault}", "no-such-path"))
    return path.resolve()


def suite_name(documents: Path) -> str:
    """Return what a suite of a folder of documents is called."""
    return (documents.parent if documents.name == DOCUMENTS else documents).name
