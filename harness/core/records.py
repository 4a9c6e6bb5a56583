"""Records of the pipeline: documents, cases, answers, failures, predictions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from harness.core.rules.field_rule import NO_RULES, Rules
from harness.core.values import FieldPath, Json


@dataclass(frozen=True, slots=True)
class Document:
    """One source text an extractor may read."""

    name: str
    """Path relative to the suite's folder, with forward slashes."""
    sha256: str
    """Hex digest of the file's bytes; two documents with one digest are one document."""
    text: str
    """Decoded UTF-8, without a byte-order mark, line ends as in the file."""
    location: str = ""
    """Absolute path on this machine, for an extractor that opens the file itself; never stored."""
    image_pages: tuple[int, ...] = ()
    """Pages of the file, 1-based, sent as images: they have no text, or a stamp at most."""
    first_page: int = 1
    """Page of the file that the text begins with; more than 1 in a part of a document."""
    kind: str = ""
    """What its file is, as `pdf` or `text`; empty where it never was a file."""
    unreadable: str | None = None
    """Why nothing of it could be read: no extractor is asked about it then. None where it was."""

    @property
    def pages(self) -> tuple[str, ...]:
        """The text of each page: form feeds stand between pages."""
        return tuple(self.text.split("\f"))


ITEMS: Final = -1
"""Last step of a path that means: a list has these items and no others."""


Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of a rectangle, in parts of its page's width and height."""


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """Place in a case's documents where somebody says that a value stands."""

    page: int | None
    """From 1; None where only a box is said: its document has one page."""
    box: Box | None = None
    """None where nothing is said of it, or nothing that we read."""
    document: str = ""
    """Its name; empty where it is not said."""


StatedPlaces: TypeAlias = tuple[tuple[str, StatedPlace], ...]
"""Paths as `values.show` writes them, and a place each."""


@dataclass(frozen=True, slots=True)
class TruthReview:
    """Fields of a truth that people vouch for: the rest is left out of every score."""

    reviewed: frozenset[FieldPath]
    """A path stands for the field there and all below it; one that ends in ITEMS for a list's
    being whole."""
    fields: tuple[int, int]
    """How many fields are reviewed, and how many there are."""
    drafted_by: tuple[str, str | None] | None = None
    """Extractor and sha256 of the prompt of the run whose answer became the truth, where some
    field was approved as it was drafted; None of a truth that people wrote."""

    def covers(self, path: FieldPath) -> bool:
        """Tell whether a field is reviewed.

        >>> TruthReview(frozenset({("a",)}), (1, 2)).covers(("a", 0, "b"))
        True
        """
        return any(path[:size] in self.reviewed for size in range(len(path) + 1))


@dataclass(frozen=True, slots=True)
class Case:
    """Case: documents, and the one right answer about them.

    >>> case = Case("inv-1", (), {"total": 12}, tags=("scan",))
    >>> case.id, case.truth
    ('inv-1', {'total': 12})
    """

    id: str
    """Unique in its suite and stable for ever: results are joined on it, never on position."""
    documents: tuple[Document, ...]
    truth: Json
    """What a perfect extractor returns."""
    schema: Json = None
    """JSON Schema of the answer; None where the truth's own types are all there is to go by."""
    tags: tuple[str, ...] = ()
    split: str | None = None
    """Which part of the suite it belongs to (`dev`, `holdout`); None when the suite has none."""
    group: str | None = None
    """Cases of one group (a vendor, a template) are never divided; None: it is alone."""
    rules: Rules = field(default_factory=lambda: NO_RULES)
    """What the case says of its own fields, over the suite's rules: further accepted readings."""
    review: TruthReview | None = None
    """What people vouch for; None where the truth as a whole is taken for right."""
    places: StatedPlaces = ()
    """Where the truth's values stand, as far as people have said so."""

    @property
    def is_labelled(self) -> bool:
        """False where nobody vouches for any field: there is nothing to score against."""
        return self.review is None or self.review.fields[0] > 0


class FailureKind(StrEnum):
    """Kinds of failure: no usable answer, which is not an answer of nothing.

    >>> FailureKind("refusal")
    <FailureKind.REFUSAL: 'refusal'>
    """

    EMPTY = "empty"
    NOT_JSON = "not_json"
    AMBIGUOUS = "ambiguous"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    REFUSAL = "refusal"
    TIMEOUT = "timeout"
    EXIT_CODE = "exit_code"
    EXCEPTION = "exception"
    NO_RECORDING = "no_recording"
    TRANSPORT = "transport"
    INTERRUPTED = "interrupted"
    BUDGET = "budget"
    RATE_LIMIT = "rate_limit"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"

    @property
    def is_missing(self) -> bool:
        """True where nobody was asked or nobody could answer: the run is incomplete, not wrong."""
        return self in _MISSING


_MISSING = frozenset(
    {
        FailureKind.NO_RECORDING,
        FailureKind.TRANSPORT,
        FailureKind.INTERRUPTED,
        FailureKind.BUDGET,
        FailureKind.RATE_LIMIT,
        FailureKind.UNREADABLE,
    }
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and cost of one answer, as its endpoint counts; None for what it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    """Of the input tokens, those the endpoint had seen before and charges less for."""
    usd: float | None = None
    """By our price table or the endpoint's own word; None where neither knows."""


class FormsRecord(TypedDict):
    """Form of answer that an endpoint was asked for, and forms that it refused."""

    answers: dict[str, Json]
    """How many answers came in each form."""
    refused: dict[str, Json]
    not_strict: list[str]


class EndpointRecord(TypedDict):
    """Endpoint of a run, and what it took, as `run.json` holds it: no secret."""

    dialect: str
    model: str
    base_url: str
    mode: str
    parameters: dict[str, Json]
    left_out: list[str]
    max_tokens_key: str
    forms: FormsRecord
    chunk_pages: NotRequired[int]
    """Pages of a part; left out where documents are asked about whole."""


ConfidenceSource: TypeAlias = Literal["logprobs", "stated", "extractor", "votes"]
"""Where confidences come from."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The extractor returned JSON, right or wrong.

    >>> answer = Answer({"total": 12}, confidences=(("total", 0.9),))
    >>> answer.value, dict(answer.confidences)
    ({'total': 12}, {'total': 0.9})
    """

    value: Json
    raw: str | None = None
    """The reply as it came, before any JSON was read out of it; None if it never was text."""
    repairs: tuple[str, ...] = ()
    """What had to be done to read the reply, in order; empty for a reply that is plain JSON."""
    status: Literal["answered"] = "answered"
    usage: Usage | None = None
    confidences: tuple[tuple[str, float], ...] = ()
    """Field path as `values.show` writes it, and how probable its value is, from 0 to 1."""
    confidence_source: ConfidenceSource = "extractor"
    """Where the confidences come from: tokens' probabilities, the model's own word, or whatever an
    extractor of the user's own goes by."""
    places: StatedPlaces = ()
    """Where the answer says that its values stand."""
    form: str | None = None
    """How much of the schema the endpoint was told to enforce; None where none was asked."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The extractor gave no usable JSON.

    >>> Failure(FailureKind.REFUSAL, "the model would not say").kind.value
    'refusal'
    """

    kind: FailureKind
    message: str
    raw: str | None = None
    """What came instead, as far as it was kept."""
    status: Literal["failed"] = "failed"
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """Output of an extractor for one case."""

    case_id: str
    output: Answer | Failure
    seconds: float
    """Wall time, waiting included."""
    replicate: int = 1
    """Which asking of the same question this is, from 1."""
    calls: int = 0
    """Requests that were sent for it, those tried again included; 0 where nothing is called."""
    cached: bool = False
    """It was paid for earlier."""
    input_sha256: str | None = None
    """Digest of all that can change the answer; None in runs of versions that did not keep it."""
