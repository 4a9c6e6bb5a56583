"""Keys of a `suite.yaml`; defaults are those of the records in `cases/suite.py`."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from harness.cases.suite import (
    ANSWER_SECONDS,
    ANY_MODE,
    LOCAL_CONTEXT,
    LOCAL_PARAMETERS,
    LOCAL_SECONDS,
    DocumentReading,
    Limits,
    Parameters,
    TruthPolicy,
)

_STRICT: Final = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

_NAME: Final = re.compile(r"[^\s./\\\x00-\x1f][^/\\\x00-\x1f]*")
_NAME_BYTES: Final = 100
_LIMITS: Final = Limits()
_READING: Final = DocumentReading()
_TRUTH: Final = TruthPolicy()
_PARAMETERS: Final = Parameters()
SCHEMA_URL: Final = "https://extraction-harness.readthedocs.io/suite.schema.json"
"""Where the schema of the newest version is published."""
EVERY_CASE: Final = ""
"""Key under which tags that are given for all cases are kept."""


def _as_text(value: object) -> object:
    """Read `2024` as text: what else YAML would change (`007`, `no`) our reader leaves alone."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_list(value: object) -> object:
    """Read a single name as a list of it."""
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def is_name(text: str) -> bool:
    """Tell whether a suite may be called so: its name becomes a folder's, and part of others.

    >>> is_name("invoices 2024"), is_name("a/b"), is_name(".x"), is_name("\u00e9" * 51)
    (True, False, False, False)
    """
    return _NAME.fullmatch(text) is not None and len(text.encode(errors="replace")) <= _NAME_BYTES


def _as_name(value: str) -> str:
    if not is_name(value):
        what = "must be usable as a folder's name: no slash, no dot in front, at most 100 bytes"
        raise PydanticCustomError("not_a_name", what)
    return value


def as_tags(value: object) -> object:
    """Read a list of tags as those of every case."""
    return {EVERY_CASE: value} if isinstance(value, list) else value


Text: TypeAlias = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
Texts: TypeAlias = Annotated[list[Text], BeforeValidator(as_list)]
Seconds: TypeAlias = Annotated[float, Field(gt=0)]
Size: TypeAlias = Annotated[int, Field(gt=0)]


class RecordedFile(BaseModel):
    """`{kind: recorded, answers: answers/gpt-4o}`."""

    model_config = _STRICT
    kind: Literal["recorded"]
    answers: Text
    rename: dict[Text, Text] = Field(default_factory=dict)
    model: Text | None = None


class CommandFile(BaseModel):
    """`{kind: command, command: [python, extract.py, "{document}"]}`."""

    model_config = _STRICT
    kind: Literal["command"]
    command: Annotated[list[Text], Field(min_length=1)]
    seconds: Seconds = ANSWER_SECONDS
    cwd: Text | None = None


class PythonFile(BaseModel):
    """`{kind: python, function: "module:function"}`."""

    model_config = _STRICT
    kind: Literal["python"]
    function: Annotated[Text, Field(pattern=r"^[\w.]+:[\w.]+$")]
    seconds: Seconds = ANSWER_SECONDS
    path: Text | None = None


class TaggerFile(BaseModel):
    """`{kind: tagger, model: models/articles}`."""

    model_config = _STRICT
    kind: Literal["tagger"]
    model: Text
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None


class _ModelFile(BaseModel):
    """Keys of any model, wherever it runs."""

    model_config = _STRICT
    mode: Text = ANY_MODE
    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int | None = None
    max_tokens: Size = _PARAMETERS.max_tokens
    logprobs: bool = False
    stated_confidence: bool = False
    extra: dict[Text, object] = Field(default_factory=dict)


class EndpointFile(_ModelFile):
    """`{kind: openai, model: gpt-6-luna, key_env: MY_KEY}`."""

    kind: Literal["openai", "anthropic", "gemini"]
    model: Text
    base_url: Text | None = None
    key_env: Text | None = None
    key_file: Text | None = None
    api_version: Text | None = None
    headers: dict[Text, Text] = Field(default_factory=dict)
    header_env: dict[Text, Text] = Field(default_factory=dict)
    header_file: dict[Text, Text] = Field(default_factory=dict)
    reasoning_effort: Text | None = None
    seconds: Seconds = ANSWER_SECONDS


class LocalFile(_ModelFile):
    """`{kind: local, model_path: /models/small.gguf}`."""

    kind: Literal["local"]
    model_path: Text
    context: Size = LOCAL_CONTEXT
    python: Text | None = None
    temperature: Annotated[float, Field(ge=0)] | None = LOCAL_PARAMETERS.temperature
    seed: int | None = LOCAL_PARAMETERS.seed
    seconds: Seconds = LOCAL_SECONDS


ExtractorFile: TypeAlias = Annotated[
    RecordedFile | CommandFile | PythonFile | TaggerFile | EndpointFile | LocalFile,
    Field(discriminator="kind"),
]
EXTRACTORS: Final[dict[str, type[BaseModel]]] = {
    "recorded": RecordedFile,
    "command": CommandFile,
    "python": PythonFile,
    "tagger": TaggerFile,
    "openai": EndpointFile,
    "anthropic": EndpointFile,
    "gemini": EndpointFile,
    "local": LocalFile,
}


class LimitsFile(BaseModel):
    """`{document_bytes: 20000000}`."""

    model_config = _STRICT
    document_bytes: Size = _LIMITS.document_bytes
    pages: Size = _LIMITS.pages
    document_seconds: Size = int(_LIMITS.document_seconds)
    input_tokens: Size | None = _LIMITS.input_tokens
    reply_bytes: Size = _LIMITS.reply_bytes
    reply_depth: Size = _LIMITS.reply_depth


class ReadingFile(BaseModel):
    """`{scans: ocr, language: deu}`."""

    model_config = _STRICT
    scans: Literal["images", "ocr"] = _READING.scans
    language: Annotated[Text, Field(pattern=r"^[A-Za-z]\w*([+/][A-Za-z]\w*)*$")] = _READING.language
    chunk_pages: Size | None = _READING.chunk_pages


class TruthFile(BaseModel):
    """`{require: approved, reviewers: 2}`."""

    model_config = _STRICT
    require: Literal["none", "approved"] = _TRUTH.require
    reviewers: Size = _TRUTH.reviewers


Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class TierFile(BaseModel):
    """`{macro: 0.9, floor: 0.6, p95_seconds: 5}`."""

    model_config = _STRICT
    macro: Share | None = None
    """Macro F1, at least."""
    micro: Share | None = None
    """Micro F1, at least."""
    floor: Share | None = None
    """F1 of every single field, at least."""
    class_floor: Share | None = None
    """F1 of every single label of classified fields, at least."""
    p95_seconds: Seconds | None = None
    """Seconds within which 95 % of the answers come, at most."""
    usd_per_document: Annotated[float, Field(ge=0)] | None = None
    """US dollars that an answer costs on average, at most."""


class GoalsFile(BaseModel):
    """`{minimum: {macro: 0.5}, target: {macro: 0.75}, stretch: {macro: 0.8}}`."""

    model_config = _STRICT
    minimum: TierFile | None = None
    """What must hold: `harness gate` asks for it."""
    target: TierFile | None = None
    """What is to be reached."""
    stretch: TierFile | None = None
    """What would be better still."""


class CaseFile(BaseModel):
    """One case said out loud: what is left open is found as if it were not listed."""

    model_config = _STRICT
    id: Text
    documents: Texts | None = None
    """None: the document whose name is the id."""
    ground_truth: Text | None = None
    schema_: Text | None = Field(None, alias="schema")
    tags: list[Text] = Field(default_factory=list)
    split: Text | None = None
    group: Text | None = None


class SuiteFile(BaseModel):
    """The whole file. Every key may be left out."""

    model_config = _STRICT
    name: Annotated[Text, AfterValidator(_as_name)] | None = None
    """What the suite is called; its folder's name by default."""
    description: str = ""
    """What the documents are, and where the ground truth comes from."""
    documents: Texts | None = None
    """Folders and patterns; an empty list where answers are scored without their documents."""
    ground_truth: Text | None = None
    """A folder, or a path with `{id}`."""
    schema_: Text | None = Field(None, alias="schema")
    """A file, or a path with `{id}`."""
    prompt: Text | None = None
    """A folder of templates (`prompts/NAME`), or a single file."""
    extractor: ExtractorFile | None = None
    """Who answers."""
    extractors: dict[Text, ExtractorFile] | None = None
    """Several that answer, by name."""
    rules: dict[str, object] = Field(default_factory=dict)
    """How fields are compared: a field (`line_items[].amount`, `**.note`) to its settings."""
    tags: Annotated[dict[str, list[Text]], BeforeValidator(as_tags)] = Field(default_factory=dict)
    """Tags of every case, or a case's id to its tags."""
    split: dict[Text, list[Text]] = Field(default_factory=dict)
    """Ids of cases by the part of the suite they belong to (`dev`, `holdout`)."""
    group: dict[Text, list[Text]] = Field(default_factory=dict)
    """Cases that are never divided between splits, by the name of what they share."""
    target_f1: Annotated[float, Field(ge=0, le=1)] | None = None
    """The macro F1 to reach, from 0 to 1."""
    goals: GoalsFile | None = None
    """What to reach, in tiers."""
    empty: Literal["skip", "zero", "one"] = "skip"
    """What a case with nothing expected and nothing predicted is worth in macro F1."""
    limits: LimitsFile = LimitsFile()
    """Sizes beyond which documents and replies are refused."""
    reading: ReadingFile = ReadingFile()
    """How documents that are not plain text are read."""
    truth: TruthFile = TruthFile()
    """How decisions about the ground truth are made."""
    checks: list[Text] = Field(default_factory=list)
    """What holds between the fields of any answer: `sum(lines[].amount) = total`."""
    cases: list[CaseFile] | None = None
    """None: every document is a case."""


_SECTIONS: Final[dict[str, type[BaseModel]]] = {
    "limits": LimitsFile,
    "reading": ReadingFile,
    "truth": TruthFile,
    "goals": GoalsFile,
}


def model_at(loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """Return the model whose keys stand at a place, in pydantic's words; None if keys are free."""
    match loc:
        case ():
            return SuiteFile
        case (str(name),) if name in _SECTIONS:
            return _SECTIONS[name]
        case ("goals", "minimum" | "target" | "stretch"):
            return TierFile
        case ("cases", int()):
            return CaseFile
        case ("extractor", str(kind)) | ("extractors", _, str(kind)):
            return EXTRACTORS.get(kind)
        case _:
            return None


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys a user may write."""
    return [field.alias or name for name, field in model.model_fields.items()]
