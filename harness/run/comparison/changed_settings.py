"""Changed settings between runs: settings, prompt texts, schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

from harness.run import store
from harness.run.stored.stored_run import RunDocument

_SETTINGS: Final = (
    "extractor_kind", "prompt", "endpoint", "asked", "rules", "thresholds", "empty",
    "comparators", "price", "signature", "harness_version",
)  # fmt: skip
"""Parts of `run.json` that say how a run was made."""
_NO_SETTINGS: Final = ("asked.extractors",)
"""Parts of the request that do not change a run's answers."""
_SECRET: Final = re.compile(
    r"api[-_]?key|secret|passw|authori[sz]ation|cookie|bearer|credential|(^|[._-])token$",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(r"(?<=://)[^/@\s]+@")
_KEY: Final = re.compile(
    r"\b(?:sk|pk|rk|key|ghp|gho|xox[a-z]|hf|gsk|glpat)[-_][\w-]{12,}|\bAIza[\w-]{20,}|\bAKIA[A-Z0-9]{12,}"
    r"|(?<=[Bb]earer )[\w.~+/=-]{12,}"
)
"""What keys of well-known services look like, wherever they stand."""
_HIDDEN: Final = "[not shown]"
_ABSENT: Final = ""
_AROUND: Final = 2
"""Lines shown before and after what differs."""


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """One setting that is not the same in all runs."""

    name: str
    values: tuple[str, ...]
    """As JSON, one a run; empty where a run has none. Secrets are left out."""


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Difference of one text between two runs."""

    title: str
    base: int
    """Places of the two among the runs."""
    new: int
    lines: tuple[str, ...]
    """A unified diff without its two heads; one remark where a text was not kept."""
    is_kept: bool = True


def changed_settings(runs: Sequence[RunDocument]) -> tuple[ChangedSetting, ...]:
    """Return the settings that differ between runs, in order of name; nothing of secrets.

    >>> one = {"extractor_kind": "endpoint", "endpoint": {"model": "m", "api_key": "k1"}}
    >>> two = {"extractor_kind": "endpoint", "endpoint": {"model": "n", "api_key": "k2"}}
    >>> changed_settings([one, two])
    (ChangedSetting(name='endpoint.model', values=('"m"', '"n"')),)
    """
    flat = [
        {name: text for name, text in _flat({key: run.get(key) for key in _SETTINGS})
         if not name.startswith(_NO_SETTINGS)}
        for run in runs
    ]  # fmt: skip
    names = sorted({name for one in flat for name in one})
    rows = (ChangedSetting(name, tuple(one.get(name, _ABSENT) for one in flat)) for name in names)
    return tuple(row for row in rows if len(set(row.values)) > 1)


def _flat(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif value is not None and value not in ({}, []):
        text = json.dumps(value, ensure_ascii=False)
        yield name, _HIDDEN if _SECRET.search(name) else _without_secrets(text)


def _without_secrets(text: str) -> str:
    return _KEY.sub(_HIDDEN, _USERINFO.sub(f"{_HIDDEN}@", text))


def changed_texts(folders: Sequence[Path], runs: Sequence[RunDocument]) -> tuple[TextDiff, ...]:
    """Return how prompts and schemas differ from the first run's, each version of them once."""
    return (*_prompts(folders, runs), *_schemas(runs))


def _prompts(folders: Sequence[Path], runs: Sequence[RunDocument]) -> Iterator[TextDiff]:
    digests = [prompt["sha256"] if (prompt := run.get("prompt")) else "" for run in runs]
    texts = [
        store.read_stored_prompt(folder, digest) if digest else {}
        for folder, digest in zip(folders, digests, strict=True)
    ]
    met = {digests[0]}
    for place, digest in enumerate(digests[1:], start=1):
        if digest in met:
            continue
        met.add(digest)
        before, after = texts[0], texts[place]
        if before is None or after is None:
            whose = runs[0 if before is None else place]["run_id"]
            sentence = f"The prompts differ, and {whose} did not keep its text."
            yield TextDiff("Prompt", 0, place, (sentence,), is_kept=False)
            continue
        for name in sorted(before.keys() | after.keys()):
            lines = _diff(before.get(name, ""), after.get(name, ""))
            if lines:
                yield TextDiff(f"Prompt, {name}", 0, place, lines)


def _schemas(runs: Sequence[RunDocument]) -> Iterator[TextDiff]:
    written = [
        "\n".join(
            json.dumps(one, indent=1, ensure_ascii=False) for one in run.get("schemas", {}).values()
        )
        for run in runs
    ]
    met = {written[0]}
    for place, text in enumerate(written[1:], start=1):
        if text not in met:
            met.add(text)
            yield TextDiff("Schema", 0, place, _diff(written[0], text))


def _diff(before: str, after: str) -> tuple[str, ...]:
    lines = unified_diff(
        _without_secrets(before).splitlines(),
        _without_secrets(after).splitlines(),
        lineterm="",
        n=_AROUND,
    )
    return tuple(lines)[2:]
