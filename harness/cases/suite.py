"""Suite: its cases, and the records of all its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from harness.cases.files.user_functions import Comparators
from harness.cases.schemas.field_checks import FieldCheck
from harness.core.records import Case, Document
from harness.core.rules.field_rule import NO_RULES, Rules
from harness.core.rules.goal_tiers import GoalsRecord
from harness.core.values import Json
from harness.errors import Problem

ANSWER_SECONDS: Final = 120.0
"""Time limit for one answer, where a suite names none."""
LOCAL_SECONDS: Final = 600.0
"""The same for a model on this machine."""
LOCAL_CONTEXT: Final = 8_192
"""Tokens a model on this machine reads and writes at most, where a suite does not say."""
ANY_MODE: Final = "auto"
"""The best of the dialect's modes that the model takes."""


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """Answers given earlier: a folder of `<case-id>.*` files, or a JSONL file."""

    answers: Path
    """Absolute path of the folder or file."""
    rename: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Object keys of the answers that go by another name in the truth: theirs to ours."""
    model: str | None = None
    """Whose answers they are, by its name in a price table; None where no price is wanted."""
    kind: Literal["recorded"] = "recorded"


@dataclass(frozen=True, slots=True)
class Command:
    """A program that reads a document and prints JSON."""

    command: tuple[str, ...]
    """Program and arguments; `{document}` in an argument becomes the document's path."""
    seconds: float = ANSWER_SECONDS
    """Time limit for one case."""
    cwd: Path | None = None
    """Where it runs; the suite's folder by default."""
    kind: Literal["command"] = "command"


@dataclass(frozen=True, slots=True)
class Callable:
    """A Python function, `module:function`, sync or async, from a Case to JSON or to reply text."""

    function: str
    seconds: float = ANSWER_SECONDS
    path: Path | None = None
    """Folder to import from beside the installed packages: the suite's by default."""
    kind: Literal["python"] = "python"


@dataclass(frozen=True, slots=True)
class Tagger:
    """A small model that `harness train` made."""

    model: Path
    """Absolute path of its folder."""
    sha256: str = ""
    """Of its `model.json`, which has the digest of its weights; empty where there is none yet."""
    threshold: float | None = None
    """Probability from which labels of a set are given; None: the model's own."""
    kind: Literal["tagger"] = "tagger"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sampling parameters of a model; None leaves one to the endpoint."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    """Of the first replicate; each further one gets the next number."""
    max_tokens: int = 4_096
    """Of one reply; what is longer is cut off, and that is a failure."""
    reasoning_effort: str | None = None
    logprobs: bool = False
    """Ask how probable each token was: every field of the answer gets a confidence."""
    extra: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    """Keys of the request's body that go out as they are, over all others."""


LOCAL_PARAMETERS: Final = Parameters(temperature=0.0, seed=7)
"""Of a model on this machine, which is asked alike each time unless a suite says otherwise."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind HTTP."""

    kind: Literal["openai", "anthropic", "gemini"]
    """The dialect it speaks."""
    model: str
    base_url: str | None = None
    """Without the path of a request; None is the vendor's own."""
    key_env: str | None = None
    """Environment variable that holds the key. None: the vendor's, for the vendor's base URL."""
    key_file: Path | None = None
    """Absolute path of a file that holds nothing but the key."""
    api_version: str | None = None
    """Azure's; it makes the key go into Azure's header."""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Sent with every request; never a secret."""
    mode: str = ANY_MODE
    """How the answer's form is asked for: one of the dialect's modes, or the best it takes."""
    seconds: float = ANSWER_SECONDS
    """Time limit for one request."""
    parameters: Parameters = Parameters()
    stated_confidence: bool = False
    """The prompt asks how sure the model is; what it says is taken out of the answer."""
    header_env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further headers that are secret, by the environment variables that hold them."""
    header_file: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    """Further headers that are secret, by the absolute paths of the files that hold them."""


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A GGUF file, served on this machine for as long as a run lasts."""

    path: Path
    """Absolute path of the file."""
    context: int = LOCAL_CONTEXT
    """Tokens the model reads and writes at most."""
    python: str | None = None
    """Interpreter that has llama-cpp-python with its server; this one by default."""
    mode: str = ANY_MODE
    seconds: float = LOCAL_SECONDS
    parameters: Parameters = LOCAL_PARAMETERS
    stated_confidence: bool = False
    kind: Literal["local"] = "local"


ExtractorSpec: TypeAlias = RecordedAnswers | Command | Callable | Tagger | Endpoint | LocalModel


@dataclass(frozen=True, slots=True)
class Section:
    """One text of a prompt: a template, the description of a field, or an example."""

    name: str
    """`system.md`, `user.md`, `fields/<field>.md` or `examples/<name>.json`."""
    text: str
    sha256: str
    """Of the text."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A named tree of instruction texts; a single file is a tree whose only text is `user.md`."""

    name: str
    sections: tuple[Section, ...]
    """In order of name."""
    sha256: str
    """Of the tree, the same wherever it lies: the prompt's version."""
    path: Path | None = None
    """Absolute path of the folder, or of the single file; None where it was never on disk."""


@dataclass(frozen=True, slots=True)
class Example:
    """A right answer that a prompt shows."""

    case_id: str | None
    """The case it is, or is taken from; it is never shown when that case is asked."""
    documents: tuple[Document, ...]
    answer: Json


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes beyond which the harness refuses rather than guesses."""

    document_bytes: int = 20_000_000
    """Of the file, and as many characters of its text."""
    pages: int = 1_000
    """Of a PDF or a Word document; sheets of a workbook."""
    document_seconds: float = 60.0
    """For reading a document, however it is made."""
    input_tokens: int | None = None
    """Estimated size of a prompt from which a model is not asked; None asks whatever the size."""
    reply_bytes: int = 10_000_000
    reply_depth: int = 100


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """Settings for reading documents that are not plain text."""

    scans: Literal["images", "ocr"] = "images"
    """Pages without text are sent as images, or their text is read off by Tesseract."""
    language: str = "eng"
    """What Tesseract calls the language: `deu`, `eng+fra`."""
    chunk_pages: int | None = None
    """Ask models about so many pages at a time and merge the answers; None asks about all."""


@dataclass(frozen=True, slots=True)
class TruthPolicy:
    """Policy on which fields of ground truths are taken for right."""

    require: Literal["none", "approved"] = "none"
    """`approved`: only fields that people approved are scored; the others are left out."""
    reviewers: int = 1
    """How many people have to approve a field."""


@dataclass(frozen=True, slots=True)
class Suite:
    """All cases of one kind, in id order, and how they are run and scored."""

    name: str
    folder: Path
    """Absolute path of the folder that holds `suite.yaml`."""
    project: Path
    """Absolute path nothing may reach out of."""
    cases: tuple[Case, ...]
    extractors: Mapping[str, ExtractorSpec]
    """By name, in the file's order; the first is the default of commands that need just one."""
    description: str = ""
    prompt: Prompt | None = None
    examples: tuple[Example, ...] = ()
    """Those of the prompt, with their documents and answers."""
    rules: Rules = field(default_factory=lambda: NO_RULES)
    comparators: Comparators = field(default_factory=Comparators)
    """The functions that rules name."""
    target_f1: float | None = None
    goals: GoalsRecord | None = None
    """What to reach, in tiers; None where the suite names none."""
    empty: Literal["skip", "zero", "one"] = "skip"
    """What a case with nothing expected and nothing predicted is worth in the macro mean."""
    limits: Limits = Limits()
    reading: DocumentReading = DocumentReading()
    warnings: tuple[Problem, ...] = ()
    """What lint found that does not keep the suite from running."""
    unscored: tuple[str, ...] = ()
    """Ids of documents without ground truth, in order: they are no cases, but are counted."""
    left_out: tuple[str, ...] | None = ()
    """Ids of cases that an extractor was trained on; None where this is the case of one file."""
    truth_files: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    """Absolute path of each case's ground truth, by case id."""
    truth_folder: Path | None = None
    """Absolute path of the folder that new truths and review logs go to."""
    truth: TruthPolicy = TruthPolicy()
    checks: tuple[FieldCheck, ...] = ()
    """What holds between the fields of any answer, right or wrong."""
    digest: str = ""
    """sha256 over everything that can change a score or an answer."""
