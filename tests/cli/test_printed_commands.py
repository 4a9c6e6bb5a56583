"""Commands that harness prints or its pages show can be typed as they stand."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli import printed
from tests.cli.conftest import Project


@pytest.mark.parametrize("page", printed.PAGES, ids=lambda p: p.name)
def test_every_command_of_a_page_is_taken(page: Path, tmp_path: Path) -> None:
    lines = printed.console_lines(page)
    calls = printed.typed(lines, tmp_path)
    assert [line for line, found in zip(lines, calls, strict=True) if not found] == []
    assert [why for found in calls for words in found if (why := printed.misuse(words))] == []


def test_every_command_named_in_a_text_of_ours_has_its_name_and_options() -> None:
    texts = {str(file): list(printed.texts_of(file)) for file in printed.SOURCES}
    texts |= {str(file): [file.read_text("utf-8")] for file in printed.OTHERS}
    texts |= {str(page): [printed.prose(page)] for page in printed.PAGES}
    wrong = {
        f"{n}: {w}" for n, each in texts.items() for text in each for w in printed.unknown_in(text)
    }
    assert wrong == set()


def test_what_cannot_be_typed_is_found() -> None:
    told = "see harness score --nope, then harness prompt frobnicate; harness reads what is there"
    assert list(printed.unknown_in(told)) == ["harness score --nope", "harness prompt frobnicate"]
    assert printed.misuse(["score", "a", "b", "c"]) == "score a b c: ['c'] is left over"
    assert printed.misuse(["truth", "status"]) == "truth status: suite is missing"
    assert printed.misuse(["score", "a", "b", "--format", "xml"]) is not None
    assert printed.misuse(["run", "evals", "--resume", "last"]) is None


_ROUNDS = 2
_USAGE = 2
_RUN = re.compile(r"\d{8}-\d{6}-[\w-]+")


@dataclass
class Walk:
    """Commands that were typed, and those that were printed on the way."""

    project: Project
    printed: dict[str, str] = field(default_factory=dict)
    """By command, which one printed it."""
    silent: list[str] = field(default_factory=list)

    def type(self, *words: str | Path) -> None:
        """Run a command, and keep every command that it prints or writes into a task."""
        line = shlex.join(["harness", *map(str, words)])
        said = self.project.harness(*words)
        assert said.code not in (2, 3), (line, said)
        assert len(said.next) == len(set(said.next))
        if not said.next:
            self.silent.append(line)
        told = [*said.next, *re.findall(r"\bharness [a-z].*", said.out)]
        for task in self.project.root.glob("reports/*/feedback/TASK.md"):
            told += re.findall(r"`(harness .*?)`", task.read_text("utf-8"))
        for command in told:
            self.printed.setdefault(command, line)

    def type_all(self, values: Mapping[str, str]) -> list[str]:
        """Run what was printed, and what that prints; return what is no command.

        Words in capitals are given values; of commands that differ by the run only, one is run.
        """
        wrong: list[str] = []
        done: set[str] = set()
        kinds: set[str] = set()
        for _ in range(_ROUNDS):
            lines = [command for command in self.printed if command not in done]
            done.update(lines)
            for command, calls in zip(lines, printed.typed(lines, self.project.root), strict=True):
                (words,) = calls  # a shell reads one command in it
                words = [value for word in words for value in values.get(word, word).split(" ")]
                why = printed.misuse(words)
                kind = _RUN.sub("RUN", command)
                if why is None and not printed.serves(words) and kind not in kinds:
                    kinds.add(kind)
                    said = self.project.harness(*words)
                    why = said.err if said.code == _USAGE else None
                    for more in said.next:
                        self.printed.setdefault(more, command)
                if why is not None:
                    wrong.append(f"{command} (of {self.printed[command]}): {why}")
        return wrong


def noted(project: Project, count: int) -> None:
    """Write the suite `notes` with a prompt, two sure extractors and a run of each to come."""
    cases = [f"n{n:02}" for n in range(count)]
    project.suite(*cases)
    for who, wrong in (("good", 3), ("bad", 1)):
        lines = []
        for n, case in enumerate(cases):
            value = {"total": 6 if n % wrong == 0 else 5, "name": case}
            sure = {"total": 0.4 if n % wrong == 0 else 0.9 + n / 1000, "name": 0.99}
            lines.append(json.dumps({"id": case, "value": value, "confidences": sure}) + "\n")
        project.write({f"evals/notes/answers/{who}.jsonl": "".join(lines)})
    recorded = "{{kind: recorded, answers: answers/{}.jsonl}}"
    said = "".join(f"  {who}: {recorded.format(who)}\n" for who in ("good", "bad"))
    project.write({"prompts/notes/user.md": "Read it.\n{{ document }}\n"})
    project.write({"evals/notes/suite.yaml": f"prompt: ../../prompts/notes\nextractors:\n{said}"})


WALKED: tuple[tuple[str, ...], ...] = (
    ("init", "docs", "--truths", "gold.csv"),
    ("init", "docs", "--name", "draft"),
    ("check", "evals/notes"),
    ("score", "g.csv", "p.csv"),
    ("score", "g.csv", "p.csv", "--report"),
    ("run", "evals/notes", "--dry-run"),
    ("run", "evals/notes"),
    ("compare", "good", "bad"),
    ("compare", "bad", "good"),
    ("gate", "good", "--fail-under", "macro=0.99"),
    ("gate", "good", "--fail-under", "macro=0.1"),
    ("feedback", "bad"),
    ("show", "bad"),
    ("show", "bad", "--errors", "any"),
    ("explain", "bad", "n00", "total"),
    ("history",),
    ("rescore", "bad"),
    ("report", "bad"),
    ("split", "evals/notes", "--dry-run"),
    ("split", "evals/notes"),
    ("truth", "status", "evals/notes"),
    ("truth", "approve", "evals/notes", "--all", "--as", "ann"),
    ("truth", "approve", "evals/notes", "--all", "--as", "ann", "--yes"),
    ("truth", "settle", "evals/notes"),
    ("truth", "dispute", "bad", "n00", "total", "--why", "it's odd"),
    ("tune", "good"),
    ("tune", "good", "--out", "t.json"),
    ("route", "good"),
    ("ensemble", "good", "bad"),
    ("run", "evals/notes", "-e", "good", "--limit", "1"),
)


def test_every_command_that_is_printed_runs_as_it_stands(project: Project) -> None:
    noted(project, 20)
    project.write({"g.csv": "id,n\n1,1\n2,2\n", "p.csv": "id,n\n1,1\n2,3\n"})
    project.write({"docs/a.txt": "1", "docs/b.txt": "2", "gold.csv": "id,n\na,1\nb,2\n"})
    walk = Walk(project)
    for words in WALKED:
        walk.type(*words)
    assert walk.silent == []
    model = "m --base-url http://127.0.0.1:1/v1 --dry-run"
    values = {"NAME": model, "CASE": "n00", "PATH": "total", "SUITE": "evals/notes"}
    assert walk.type_all(values) == []
