"""Feedback bundle: what a person or coding agent needs to improve a prompt, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.improve.diagnosis.clusters import Cluster
from harness.run.stored.stored_review import ReviewedFields

USUAL: Final = 5
"""Clusters that are shown in full even if fewer would reach the target."""
MOST_CLUSTERS: Final = 20
"""Clusters that are shown in full unless more are asked for, even if it takes more to reach it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of a document around a value."""

    side: str
    """`expected` or `predicted`: whose value it is."""
    document: str
    start: int
    end: int
    """Offsets of the value in characters, the end not included."""
    before: str
    value: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownError:
    """One row of a cluster, or one field that is right."""

    case_id: str
    place: str
    expected: str | None
    """As JSON; None where the truth has nothing."""
    predicted: str | None
    """As JSON; None where the answer has nothing."""
    note: str = ""
    """Why, where there is more to say than the cluster does."""
    answer: str | None = None
    """For an item: the whole list as it was answered, as JSON; None where there is none."""
    passages: tuple[Passage, ...] = ()
    wrong: int = 0
    """Replicates in which it is wrong."""
    of: int = 1
    is_suspect: bool = False
    """The truth itself may be wrong."""
    prompts: int = 0
    """Other prompts that got the same answer, where the truth may be wrong."""


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An edit that was tried on a cluster before."""

    what: str
    """What was changed, in a line."""
    delta: float | None
    """Change of macro F1; None where it was never measured."""
    verdict: str
    """`keep`, `reject`, `refused`, and why."""
    fixed: int | None = None
    """Documents in which the cluster's field became right; None where it was never measured."""
    broken: int | None = None
    """Documents in which it became wrong."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """A cluster as it is shown."""

    rank: int
    """From 1."""
    cluster: Cluster
    together: float
    """How much macro F1 would rise if this and all clusters above it were gone."""
    without: float | None
    """Macro F1 if everything but this cluster were gone: without it, no more can be reached."""
    examples: tuple[ShownError, ...]
    right: tuple[ShownError, ...]
    """Fields that are right, in cases where the field never is wrong."""
    canaries: tuple[str, ...]
    """Ids of such cases."""
    suspects: tuple[ShownError, ...]
    sections: tuple[str, ...]
    """Names of the prompt's sections that speak of the field, or that could."""
    description: str = ""
    """What the schema says of the field."""
    form: str = ""
    """What the schema lets it be."""
    attempts: tuple[PastAttempt, ...] = ()
    disputed: int = 0
    """Places whose truth is in doubt already: none of them is an example."""
    convention: int = 0
    """Places whose truth would seem wrong, were there not so many alike."""


@dataclass(frozen=True, slots=True)
class BundleText:
    """A section of the prompt as it is now."""

    name: str
    file: str
    """Path relative to the project."""
    text: str | None
    """None where it was left out for want of room."""


@dataclass(frozen=True, slots=True)
class ScoreState:
    """Scores of the prompt on the cases that are shown."""

    macro_f1: float | None
    target_f1: float | None
    focus: tuple[str, ...]
    """Fields in focus: their mean F1 is to rise, and the others are not to fall; mostly none."""
    documents: int
    cases: int
    replicates: int
    """The most any case has."""
    errors: int
    clusters: int
    unanswered: tuple[str, ...]
    """Ids of cases nobody could answer: they are in no score."""
    changed: tuple[str, ...] = ()
    """Ids of cases whose truth has changed since the run."""
    most: float | None = None
    """Macro F1 with every mistake cured whose truth is not in doubt; None where nobody knows."""
    reviewed: ReviewedFields | None = None
    """Fields of the truths that people reviewed; None where every truth is taken for right."""


@dataclass(frozen=True, slots=True)
class BundleSource:
    """Run that the bundle is about."""

    run: str
    """Path of the run folder as it was given."""
    suite: str
    suite_path: str | None
    """Path of the suite's folder relative to the project; None where it is not at hand."""
    extractor: str
    prompt: str | None
    """Name of the prompt; None where the suite has none."""
    prompt_sha256: str | None
    """Of the prompt the run was made with."""
    is_current: bool
    """Whether the prompt on disk is the one the run was made with."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Keys that the answers have by another name: the extractor's, then the truth's."""
    version: str | None = None
    """The beginning of the digest that the prompt is kept under; None where it is not kept."""
    again: tuple[str, ...] = ()
    """The command that asks the same extractor once more."""


@dataclass(frozen=True, slots=True)
class BundleRoom:
    """Length of a prompt, and the most it may become."""

    tokens: int
    most: int


@dataclass(frozen=True, slots=True)
class Omissions:
    """Counts of what there was no room for."""

    examples: int = 0
    right: int = 0
    clusters: int = 0
    sections: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything `TASK.md` and `feedback.json` say."""

    source: BundleSource
    standing: ScoreState
    split: str
    """Which cases are shown: `dev`, or `all` where the suite has no splits."""
    withheld: int
    """Cases of other splits; nothing of them is in here."""
    left_out: tuple[str, ...]
    """Ids of cases that were left out by name."""
    claim: str
    """What an improvement on these cases can prove, in a sentence."""
    error_reports: tuple[ErrorReport, ...]
    """Best first."""
    rest: tuple[Cluster, ...]
    """Clusters beyond the top, by name only."""
    texts: tuple[BundleText, ...]
    dropped: Omissions = Omissions()
    conventions: tuple[str, ...] = ()
    """What people said of conventions that the schema does not tell, each a sentence."""
    room: BundleRoom | None = None
    """None where there is no prompt."""


def sections_of(field: str, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the sections that speak of a field, its own first.

    >>> sections_of("rooms[].area", {"fields/rooms[].area.md": "In m².", "user.md": "List rooms."})
    ('fields/rooms[].area.md', 'user.md')
    """
    own = f"fields/{field}.md"
    plain = [name for name in texts if not name.startswith(("fields/", "examples/"))]
    key = field.removesuffix("[]").rpartition(".")[2].removesuffix("[]").casefold()
    speaking = [name for name in plain if key in texts[name].casefold()]
    return (*((own,) if own in texts else ()), *(speaking or plain))
