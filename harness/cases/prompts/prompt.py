"""A prompt as a tree of texts: read from disk, changed a section at a time, written back."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from harness.cases.digest import canonical
from harness.cases.files.findings import Findings
from harness.cases.files.places import FilePlace, at, is_hidden, nfc
from harness.cases.files.reading import decode, read_bytes
from harness.cases.suite import Prompt, Section
from harness.errors import HarnessError, Problem, did_you_mean

SYSTEM: Final = "system.md"
USER: Final = "user.md"
FIELDS: Final = "fields/"
EXAMPLES: Final = "examples/"
_SHAPE: Final = re.compile(r"system\.md|user\.md|fields/.+\.md|examples/[^/]+\.json", re.DOTALL)
_BESIDE: Final = "README.md"
"""A file people may put beside the sections: it is no part of the prompt."""
_SECTION_BYTES: Final = 5_000_000
_MOST_SECTIONS: Final = 5_000


def prompt_of(name: str, texts: Mapping[str, str], path: Path | None = None) -> Prompt:
    """Return a prompt made of texts by section name.

    Raises HarnessError for a name that no section can have.

    >>> prompt = prompt_of("totals", {"user.md": "Read {{ document }}", "fields/net.md": "Cents."})
    >>> [section.name for section in prompt.sections]
    ['fields/net.md', 'user.md']
    """
    problems = [problem for name in texts if (problem := _name_problem(name))]
    if problems:
        raise HarnessError(*problems)
    sections = tuple(Section(n, text, _sha256(text)) for n, text in sorted(texts.items()))
    version = canonical([[section.name, section.sha256] for section in sections])
    return Prompt(name, sections, _sha256(version), path)


def texts_of(prompt: Prompt) -> dict[str, str]:
    """Return the texts of a prompt by section name."""
    return {section.name: section.text for section in prompt.sections}


def with_section(prompt: Prompt, name: str, text: str | None) -> Prompt:
    """Return a prompt with one section replaced or added; with None it is left out.

    >>> prompt = prompt_of("totals", {"user.md": "Read."})
    >>> with_section(prompt, "user.md", "Read it.").sections[0].text
    'Read it.'
    """
    texts = {n: t for n, t in texts_of(prompt).items() if n != name}
    return prompt_of(prompt.name, texts if text is None else {**texts, name: text}, prompt.path)


def fields_of(prompt: Prompt) -> dict[str, Section]:
    """Return the sections that describe fields, by the field's name.

    >>> list(fields_of(prompt_of("p", {"user.md": "", "fields/rooms[].area.md": "In m²."})))
    ['rooms[].area']
    """
    return {
        section.name.removeprefix(FIELDS).removesuffix(".md"): section
        for section in prompt.sections
        if section.name.startswith(FIELDS)
    }


def section_path(prompt: Prompt, name: str) -> Path:
    """Return where a section lies on disk, for messages."""
    path = prompt.path or Path(prompt.name)
    return path if path.suffix == ".md" and name == USER else path / name


def read_prompt(name: str, place: FilePlace) -> Prompt:
    """Return the prompt a suite names: a folder, or a single file. Raises HarnessError."""
    return read_prompt_at(place.find(name, "prompt"), place)


def read_prompt_at(path: Path, place: FilePlace) -> Prompt:
    """Return the prompt that lies at a path. Raises HarnessError with everything wrong with it."""
    if not path.is_dir():
        return prompt_of(path.stem, {USER: _text(path)}, path)
    findings = Findings()
    texts: dict[str, str] = {}
    for file in _files(path):
        name = nfc(file.relative_to(path).as_posix())
        if not place.holds(file):
            findings.add(place.outside("is a link that", at(file)).problems)
        elif (problem := _name_problem(name)) is not None:
            findings.add([problem], at(file))
        elif (text := findings.attempt(partial(_text, file))) is not None:
            texts[name] = text
    if not findings.problems and USER not in texts:
        hint = "it says what is asked, and shows `{{ document }}`"
        findings.add([Problem(f"the prompt has no {USER}", "missing-file", at(path), hint)])
    findings.stop()
    return prompt_of(path.name, texts, path)


def write_prompt(prompt: Prompt, path: Path) -> None:
    """Write a prompt so that reading it gives the same version; other sections there are removed.

    A path that ends in `.md` is written as a single file. Raises HarnessError if the prompt does
    not fit into one.
    """
    texts = texts_of(prompt)
    if path.suffix == ".md" and not path.is_dir():
        if list(texts) != [USER]:
            hint = f"give the suite a folder: `prompt: {path.with_suffix('').name}`"
            what = "a prompt of several sections does not fit into one file"
            raise HarnessError(Problem(what, "bad-prompt", at(path), hint))
        _write(path, texts[USER])
        return
    for name, text in texts.items():
        _write(path / name, text)
    for file in list(_files(path)):
        name = nfc(file.relative_to(path).as_posix())
        if name not in texts and _name_problem(name) is None:
            file.unlink()


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order of name, those nobody put there to be read left out.

    Links to folders are not followed.
    """
    number = 0
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(names):
            if is_hidden(name) or (where == str(folder) and name == _BESIDE):
                continue
            number += 1
            if number > _MOST_SECTIONS:
                what = f"holds more than {_MOST_SECTIONS:,} files"
                raise HarnessError(Problem(what, "too-large", at(folder)))
            yield Path(where, name)


def _text(file: Path) -> str:
    return decode(read_bytes(file, _SECTION_BYTES), file)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


def _name_problem(name: str) -> Problem | None:
    parts = name.split("/")
    strange = {"", ".", ".."} & set(parts) or "\\" in name or any(c < " " for c in name)
    if _SHAPE.fullmatch(name) and not strange:
        return None
    hint = did_you_mean(name, [SYSTEM, USER, f"{FIELDS}<field>.md", f"{EXAMPLES}<name>.json"])
    return Problem(f"{name!r} is no part of a prompt", "unknown-section", hint=hint)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def changed_sections(before: Prompt, after: Prompt) -> tuple[str, ...]:
    """Return the names of sections that one of two prompts has and the other has not like this."""
    old, new = texts_of(before), texts_of(after)
    return tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))
