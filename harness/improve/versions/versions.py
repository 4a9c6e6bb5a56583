"""Every version a prompt ever had, byte for byte, so that any of them can come back."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.files.places import is_hidden
from harness.cases.files.whole_file import whole_file
from harness.cases.prompts.prompt import USER, prompt_of, texts_of
from harness.cases.suite import Prompt
from harness.errors import HarnessError, Problem, Where, did_you_mean
from harness.improve.versions.ledger import LEDGER, PromptLedger
from harness.run.store import write_atomically

HISTORY: Final = ".history"
_MODE: Final = 0o644
_SHORTEST: Final = 6
"""Characters of a digest that are enough to name a version."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a version."""

    mode: int
    """Permission bits."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """A prompt's files at one time."""

    sha256: str
    """Of the listing, bytes and modes included: the same only for the same files."""
    prompt: str
    """Digest of the prompt they make: the same for files that read the same."""
    files: Mapping[str, File]
    """By path below the prompt's folder; a prompt of a single file is one `user.md`."""


class PromptHistory:
    """The versions and the ledger of one prompt, in `.history/<name>` beside it.

    Beside the prompt and not in it, so that a prompt's folder holds nothing but the prompt; under
    `prompts/`, so that the story is committed with what it is about.
    """

    def __init__(self, path: Path) -> None:
        """Take the prompt's folder, or its single file."""
        self.path = path
        self.name = path.stem if path.suffix == ".md" else path.name
        self.folder = path.parent / HISTORY / self.name
        self.ledger = PromptLedger(self.folder / LEDGER)
        self._known: dict[str, Version] = {}

    def current(self) -> Version:
        """Keep the prompt's files as they lie on disk, and return the version."""
        contents = {name: _read(file) for name, file in self._on_disk()}
        texts = {name: data.decode("utf-8-sig") for name, (_, data) in contents.items()}
        return self._keep(prompt_of(self.name, texts).sha256, contents)

    def record(self, prompt: Prompt, parent: Version) -> Version:
        """Keep a prompt that was never on disk; what it shares with its parent stays as it was."""
        files = {name: (file, self.read(file)) for name, file in parent.files.items()}
        contents: dict[str, tuple[int, bytes]] = {}
        old = self.prompt(parent)
        before = texts_of(old)
        for name, text in texts_of(prompt).items():
            same = name in files and before.get(name) == text
            mode = files[name][0].mode if name in files else _MODE
            contents[name] = (mode, files[name][1] if same else text.encode())
        return self._keep(prompt.sha256, contents)

    def versions(self) -> dict[str, Version]:
        """Return all versions by digest."""
        for path in sorted((self.folder / "versions").glob("*.json")):
            if path.stem not in self._known:
                self._known[path.stem] = _load(path)
        return dict(self._known)

    def version(self, sha256: str) -> Version:
        """Return a version by its whole digest. Raises HarnessError where it was not kept."""
        if sha256 not in self._known and sha256 not in self.versions():
            what = f"version {sha256[:12]} of {self.name} is not kept any more"
            raise HarnessError(Problem(what, "unknown-version", Where(self.folder)))
        return self._known[sha256]

    def find(self, name: str) -> Version:
        """Return the version that a digest, or the beginning of one, names.

        Digests of files and of prompts are both taken. Raises HarnessError for none and for many.
        """
        known = self.versions()
        hits = {
            v.prompt: v
            for v in known.values()
            if len(name) >= _SHORTEST and (v.sha256.startswith(name) or v.prompt.startswith(name))
        }
        if len(hits) == 1:
            return next(iter(hits.values()))
        what = f"{len(hits) or 'no'} versions of {self.name} begin with {name!r}"
        hint = did_you_mean(name, [v.prompt[:12] for v in known.values()])
        raise HarnessError(Problem(what, "unknown-version", Where(self.folder), hint))

    def read(self, file: File) -> bytes:
        """Return the bytes of a kept file. Raises HarnessError where they are damaged."""
        path = self.folder / "files" / file.sha256
        data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != file.sha256:
            what = "a kept version is damaged: its bytes are not those it had"
            raise HarnessError(Problem(what, "damaged", Where(path)))
        return data

    def prompt(self, version: Version) -> Prompt:
        """Return a version as a prompt."""
        texts = {n: self.read(f).decode("utf-8-sig") for n, f in version.files.items()}
        return prompt_of(self.name, texts, self.path)

    def prompts(self) -> dict[str, Prompt]:
        """Return every version as a prompt, by digest. Raises HarnessError where one is damaged."""
        return {sha256: self.prompt(version) for sha256, version in self.versions().items()}

    def restore(self, version: Version) -> None:
        """Put every file of a version back, bytes and modes, and take away sections it has not."""
        contents = {name: (f.mode, self.read(f)) for name, f in version.files.items()}
        if self.path.suffix == ".md" and set(contents) != {USER}:
            what = "a prompt of several sections does not fit into one file"
            hint = f"make it a folder first: {self.path.with_suffix('').name}/{USER}"
            raise HarnessError(Problem(what, "bad-prompt", Where(self.path), hint))
        for name, (mode, data) in contents.items():
            _replace(self._place(name), mode, data)
        for name, file in list(self._on_disk()):
            if name not in contents:
                file.unlink()

    def _place(self, name: str) -> Path:
        return self.path if self.path.suffix == ".md" else self.path / name

    def _on_disk(self) -> Iterator[tuple[str, Path]]:
        """Yield the sections on disk by name."""
        if self.path.suffix == ".md":
            yield USER, self.path
            return
        for file in sorted(self.path.rglob("*")):
            name = file.relative_to(self.path).as_posix()
            hidden = any(is_hidden(part) for part in name.split("/"))
            if file.is_file() and not hidden and name != "README.md":
                yield name, file

    def _keep(self, prompt: str, contents: Mapping[str, tuple[int, bytes]]) -> Version:
        files: dict[str, File] = {}
        for name, (mode, data) in sorted(contents.items()):
            files[name] = File(mode, hashlib.sha256(data).hexdigest())
            path = self.folder / "files" / files[name].sha256
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, _MODE, data)
        listing = {n: {"mode": f"{f.mode:04o}", "sha256": f.sha256} for n, f in files.items()}
        text = json.dumps({"prompt": prompt, "files": listing}, indent=1) + "\n"
        digest = hashlib.sha256(text.encode()).hexdigest()
        path = self.folder / "versions" / f"{digest}.json"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text)
        self._known[digest] = Version(digest, prompt, files)
        return self._known[digest]


def _load(path: Path) -> Version:
    try:
        stored = json.loads(path.read_text("utf-8"))
        files = {
            str(n): File(int(f["mode"], 8), str(f["sha256"])) for n, f in stored["files"].items()
        }
        return Version(path.stem, str(stored["prompt"]), files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"not a version: {error}"
        raise HarnessError(Problem(what, "bad-version", Where(path))) from None


def _read(file: Path) -> tuple[int, bytes]:
    return stat.S_IMODE(file.stat().st_mode), file.read_bytes()


def _replace(path: Path, mode: int, data: bytes) -> None:
    """Write a file so that it is there whole or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as scratch:
        scratch.write_bytes(data)
        scratch.chmod(mode)
