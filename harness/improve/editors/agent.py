"""Agent editor: a coding agent with a task, and a copy of the prompt to work on.

It works in a scratch folder, kept from the truths and from keys as far as the machine can. Nothing
but the prompt's files comes back, and what comes back goes through the same guards as any edit.
"""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

from harness.cases.files.places import FilePlace, at
from harness.cases.load import with_prompt
from harness.cases.prompts.prompt import prompt_of, read_prompt_at, texts_of, write_prompt
from harness.cases.suite import Prompt, Suite
from harness.errors import HarnessError, Problem, UsageError
from harness.extract.endpoint.api_keys import without_keys
from harness.extract.programs.process import ProcessJob, ProcessResult, run
from harness.improve.diagnosis.clusters import analyse
from harness.improve.diagnosis.exams import sit
from harness.improve.diagnosis.reach import judged_reach, reach
from harness.improve.diagnosis.study import Study, StudyScope
from harness.improve.editors.agent_isolation import Isolation, Sandbox
from harness.improve.editors.agent_keeper import LATE
from harness.improve.editors.protected_files import changes, file_list, snapshot
from harness.improve.feedback.attempts import attempts_on
from harness.improve.feedback.bundle_of_run import bundle_of
from harness.improve.feedback.feedback_json import feedback_document
from harness.improve.feedback.fit_to_size import fit_bundle
from harness.improve.feedback.task_md import task_text
from harness.improve.trial.asking import ExtractorDesk
from harness.improve.trial.editor import Brief, Proposal, Reach
from harness.improve.versions.versions import PromptHistory
from harness.run.asking.run_session import RunStoppedError
from harness.run.store import write_atomically, write_json
from harness.run.stored.stored_run import StudiedRun

AGENT_SECONDS: Final = 1_800.0
"""How long an agent may take for one proposal."""
_TOKENS: Final = 8_000
_OUTPUT: Final = 10_000_000
_GRACE: Final = 10.0
"""Seconds that whoever keeps the agent has to end it once its time is up."""


def check_command(command: str) -> None:
    """Refuse a command that cannot be run, before anything is asked. Raises UsageError."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        what = f"the engine's command cannot be read: {str(error).lower()}"
    else:
        if words and which(words[0]):
            return
        what = f"the engine's program {words[0]!r} is not there" if words else "no command is named"
    hint = """--engine 'command:my-agent --read {task}'; a path of its own must be a whole one"""
    raise UsageError(Problem(what, "no-program", hint=hint))


@dataclass(frozen=True, slots=True)
class Agent:
    """Runs a command that reads `TASK.md` and edits the prompt's files beside it."""

    suite: Suite
    """Its cases are those that may be looked at."""
    command: str
    """`{task}` stands for the path of `TASK.md`; it is also the current folder's."""
    desk: ExtractorDesk
    target: float | None = None
    tokens: int | None = None
    """The most the prompt's texts may come to."""
    seconds: float = AGENT_SECONDS
    given: tuple[str, ...] = ()
    """Names of variables of the environment that the command gets."""
    sandbox: Sandbox = "auto"
    focus: tuple[str, ...] = ()
    """Fields in focus; empty for those that rules mark."""

    def propose(self, brief: Brief) -> Proposal | None:
        """Return the prompt as the agent left it."""
        before = snapshot(self.suite)
        with TemporaryDirectory(prefix="harness-improve-") as name:
            scratch = Path(name).resolve()
            prompt = self._lay_out(brief, scratch)
            ended = self._run(scratch)
            left, refusals = self._read(prompt, scratch)
        if changed := changes(before, snapshot(self.suite)):
            names = file_list(changed, self.suite.project)
            what = f"while the agent worked, files outside its folder have changed: {names}"
            hint = "restore them, and do not let it work outside its folder"
            raise HarnessError(Problem(what, "out-of-reach", at(self.suite.folder), hint))
        message = without_keys(ended.stdout.decode(errors="replace")).strip()[-500:]
        return Proposal(left or brief.prompt, message, refusals=refusals)

    def reach(self, brief: Brief) -> Reach | None:
        """Return how far it can lead: an agent gives nothing up."""
        predictions = [p for run in brief.runs for p in self.desk.recall(brief.prompt, run)]
        return reach(self.suite, judged_reach(self.suite, predictions))

    def _lay_out(self, brief: Brief, scratch: Path) -> Path:
        """Write the task and a copy of the prompt; return where the copy lies."""
        path = self.suite.prompt.path if self.suite.prompt else None
        assert path is not None  # noqa: S101  # a prompt without a place has no history
        inside = path.is_relative_to(self.suite.project)
        copy = scratch / (path.relative_to(self.suite.project) if inside else path.name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_prompt(brief.prompt, copy)
        studied = self._studied(brief)
        wanted = StudyScope(target_f1=self.target, tokens=self.tokens, focus=self.focus)
        tried = attempts_on(studied.analysis.clusters, PromptHistory(path))
        bundle = fit_bundle(bundle_of(studied, wanted, tried), _TOKENS)
        refused = "".join(f"- {why}\n" for why in brief.refusals)
        head = f"Your last edit was refused:\n\n{refused}\n" if refused else ""
        write_atomically(scratch / "TASK.md", head + task_text(bundle))
        write_json(scratch / "feedback.json", feedback_document(bundle))
        return copy

    def _studied(self, brief: Brief) -> Study:
        suite = with_prompt(self.suite, brief.prompt)
        functions = suite.comparators.functions
        sitting = sit(
            suite.cases, self.desk.recall(brief.prompt, brief.measured), suite.rules, functions
        )
        run = brief.measured.folder or ""
        record: StudiedRun = {
            "run_id": run,
            "suite": suite.name,
            "extractor": self.desk.asker.name,
            "prompt": {"name": brief.prompt.name, "sha256": brief.prompt.sha256},
            "target_f1": suite.target_f1,
        }
        analysis = analyse(sitting.exams, suite.empty)
        split = "dev" if any(case.split for case in suite.cases) else "all"
        return Study(run, record, suite, split, suite.cases, 0, sitting, analysis)

    def _run(self, scratch: Path) -> ProcessResult:
        """Let the agent work. Raises RunStoppedError if it fails: that is no proposal."""
        words = shlex.split(self.command)
        words = [w.replace("{task}", str(scratch / "TASK.md")) for w in words]
        isolation = Isolation(self.suite, self.given, self.sandbox)
        arguments = isolation.arguments(words, scratch, self.seconds)
        job = ProcessJob(arguments, None, scratch, isolation.environment(), _OUTPUT, is_keeper=True)
        ended = asyncio.run(run(job, self.seconds + _GRACE))
        if ended.code or ended.is_late or ended.is_flooded:
            how = f"ended with exit code {ended.code}"
            if ended.is_late or ended.code == LATE:
                how = f"was not done after {self.seconds:.0f} seconds"
            elif ended.is_flooded:
                how = f"printed more than {_OUTPUT} bytes"
            printed = without_keys(ended.stderr.decode(errors="replace"))
            last_line = printed.strip().rpartition("\n")[2]
            what = f"the agent {how}{f': {last_line}' if last_line else ''}"
            hint = "mend it; the same `harness improve` goes on from here and asks nothing twice"
            raise RunStoppedError(Problem(what, "agent-failed", hint=hint))
        return ended

    def _read(self, prompt: Path, scratch: Path) -> tuple[Prompt | None, tuple[str, ...]]:
        """Return the prompt the agent left, or why what it left is none, for it to mend."""
        if not prompt.exists():
            return None, ("the prompt's files are gone",)
        try:
            left = read_prompt_at(prompt, FilePlace(scratch, scratch))
        except HarnessError as error:
            return None, tuple(_told(problem, prompt) for problem in error.problems)
        own = self.suite.prompt
        return (prompt_of(own.name, texts_of(left), own.path) if own else left), ()


def _told(problem: Problem, prompt: Path) -> str:
    """Return a problem with a file by its name in the prompt: nothing of the scratch folder."""
    file = Path(problem.where.file).absolute() if problem.where else prompt
    inside = file != prompt and file.is_relative_to(prompt)
    name = file.relative_to(prompt).as_posix() if inside else file.name
    return f"{name}: {problem.what} [{problem.code}]"
