"""Recorded answers: replayed from a folder of replies or a JSONL file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import SEEK_END
from pathlib import Path

from harness.cases.files.places import nfc, shown_within
from harness.cases.suite import Limits
from harness.core.records import Answer, Case, Failure, FailureKind, StatedPlaces
from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem, Where
from harness.extract.recorded.answer_lines import AnswerLine, said_in, scan_lines
from harness.extract.recorded.service_places import places_beside, renamed_path
from harness.extract.reply.excerpt import bytes_excerpt, joined_excerpts
from harness.extract.reply.json_text import same
from harness.extract.reply.read_reply import SHOWN, read_reply, too_large
from harness.extract.reply.stated_confidence import SUFFIX


@dataclass(frozen=True, slots=True)
class Recordings:
    """Replays answers by case id. Only where each one lies is kept in memory."""

    files: Mapping[str, Path]
    """Folder: one file per case id."""
    lines: Mapping[str, AnswerLine]
    """JSONL: one line per case id."""
    rename: Mapping[str, str]
    limits: Limits
    places: Mapping[str, StatedPlaces] = field(default_factory=dict)
    """Of a service's answers: where it saw their values, by case id."""

    async def extract(self, case: Case) -> Answer | Failure:
        """Return the recorded answer, read as a model's reply would be."""
        case_id = nfc(case.id)
        if case_id in self.files:
            answer = _read_file(self.files[case_id], self.limits)
        elif case_id in self.lines:
            answer = said_in(self.lines[case_id], self.limits)
        else:
            answer = Failure(FailureKind.NO_RECORDING, f"no recorded answer for case {case.id!r}")
        if isinstance(answer, Answer) and case_id in self.places and not answer.places:
            answer = replace(answer, places=self.places[case_id])
        return (
            renamed(answer, self.rename) if isinstance(answer, Answer) and self.rename else answer
        )

    def unused(self, case_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of recordings none of these cases asks for, sorted."""
        return tuple(sorted((self.files.keys() | self.lines.keys()) - set(map(nfc, case_ids))))

    def missing(self, case_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of those cases that no recording answers, sorted."""
        return tuple(sorted(set(map(nfc, case_ids)) - self.files.keys() - self.lines.keys()))


def open_recordings(
    answers: Path, rename: Mapping[str, str], limits: Limits, project: Path
) -> Recordings:
    """Return the recordings in a folder or a JSONL file.

    In a folder, the answer to case `a/b` is the file `a/b.json`, `a/b.txt`, or with any other
    suffix; hidden files are passed over.

    Raises:
        HarnessError: nothing is there, a case is answered twice, or a line is not an answer.
    """
    name = shown_within(answers, project)
    if answers.is_dir():
        return Recordings(_files(answers, project), {}, rename, limits)
    if answers.is_file():
        lines = scan_lines(answers, name)
        return Recordings({}, lines, rename, limits, places_beside(answers))
    what = f"no folder or file of recorded answers: {name}"
    raise HarnessError(Problem(what, "no-recordings"))


def renamed(answer: Answer, rename: Mapping[str, str]) -> Answer | Failure:
    """Return the answer with its keys renamed everywhere; a Failure where two become one."""
    changed: list[FieldPath] = []
    clashes: list[FieldPath] = []

    def walk(value: Json, path: FieldPath) -> Json:
        if isinstance(value, list):
            return [walk(item, (*path, at)) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        renamed_object: dict[str, Json] = {}
        for key, item in value.items():
            ours = _renamed_key(key, rename)
            here = (*path, ours)
            new = walk(item, here)
            if ours != key:
                changed.append(here)
            if ours in renamed_object and not same(renamed_object[ours], new):
                clashes.append(here)
            renamed_object[ours] = new
        return renamed_object

    value = walk(answer.value, ())
    if clashes:
        message = f"renaming keys gives {show(clashes[0])} two different values"
        return Failure(FailureKind.AMBIGUOUS, message, answer.raw, usage=answer.usage)
    if not changed:
        return answer
    repairs = (*answer.repairs, "renamed_keys")
    known = tuple((renamed_path(path, rename), share) for path, share in answer.confidences)
    places = tuple((renamed_path(path, rename), place) for path, place in answer.places)
    return replace(answer, value=value, repairs=repairs, confidences=known, places=places)


def _renamed_key(key: str, rename: Mapping[str, str]) -> str:
    """Return a key as it is renamed; what is said of its confidence goes by its name."""
    name = key.removesuffix(SUFFIX)
    if key in rename or name not in rename or name == key:
        return rename.get(key, key)
    return rename[name] + SUFFIX


def _files(folder: Path, project: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    problems = []
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or not file.is_file():
            continue
        case_id = nfc(inside.with_suffix("").as_posix())
        if case_id in files:
            what = f"a second answer for case {case_id!r}; the first is {files[case_id].name}"
            where = Where(Path(shown_within(file, project)))
            problems.append(Problem(what, "duplicate-answer", where, "keep one of the two"))
        files[case_id] = file
    if problems:
        raise HarnessError(*problems)
    return files


def _read_file(file: Path, limits: Limits) -> Answer | Failure:
    try:
        with file.open("rb") as stream:
            raw = stream.read(limits.reply_bytes + 1)
            if len(raw) <= limits.reply_bytes:
                return read_reply(raw, limits)
            size = stream.seek(0, SEEK_END)
            half = min(SHOWN, size) // 2
            stream.seek(size - half)
            head, tail = bytes_excerpt(raw[:half]), bytes_excerpt(stream.read())
            return too_large(size, limits, joined_excerpts(head, tail, size - 2 * half))
    except OSError as error:
        message = f"cannot read the recorded answer {file.name}: {error.strerror}"
        return Failure(FailureKind.NO_RECORDING, message)
