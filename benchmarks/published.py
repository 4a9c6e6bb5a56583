"""Published numbers beside ours: other people's data and answers, scored by their convention.

    python benchmarks/published.py --data DIR [--page docs/published-numbers.md]

DIR holds `cord`, `docubench` and `nerre_doping`, or some of them: `ground_truth/ID.json` and
`predictions/SYSTEM/ID.json` each, with `schema.json` or `schemas/ID.json` where there is one.
Published figures stand here with their source; all others are computed from what DIR holds.
"""

from __future__ import annotations

import argparse
import io
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from time import strftime
from typing import Any, Final, Literal

from measure import table
from measured_page import replace_measured

from harness import CaseResult, score
from harness.core.scores.conventions import under

COMMAND: Final = "`python benchmarks/published.py --data DIR`"
EXACT: Final[Mapping[str, Any]] = {"**": {"compare": "exact"}}


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure by system, and how verdicts become the same figure."""

    name: str
    how: str
    """Their convention in our words, as settings of ours."""
    published: Mapping[str, str]
    """By system, the figure as it was published."""
    convention: str
    average: Literal["macro", "micro"]
    read: Callable[[Any], Any]
    """From a truth or an answer to what the convention compares."""
    rules: Mapping[str, Any] = field(default_factory=dict)

    def of(self, cases: list[Case]) -> str:
        """Return the figure of some cases by the published convention."""
        results = [score(self.read(c.truth), self.read(c.answer), None, self.rules) for c in cases]
        return self._written(results, self.convention)

    def by_default(self, cases: list[Case]) -> str:
        """Return the figure that `harness score` heads with, averaged the same way."""
        return self._written([score(c.truth, c.answer, c.schema) for c in cases], "standard")

    def _written(self, results: list[CaseResult], convention: str) -> str:
        macro, micro = under(results, convention)
        chosen = macro if self.average == "macro" else micro
        return "" if chosen is None else f"{chosen.f1:.4f}"


@dataclass(frozen=True, slots=True)
class Case:
    """One document: what is true, what a system said, and the schema if there is one."""

    truth: Any
    answer: Any
    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Published:
    """A data set with published figures."""

    folder: str
    title: str
    source: str
    documents: int
    """Documents that the published figures are of."""
    figures: tuple[Figure, ...]
    why: str
    """Why the figures differ where they do."""

    def show(self, data: Path) -> None:
        """Print what was published and what comes out here."""
        root = data / self.folder
        held = sorted((root / "ground_truth").glob("*.json"))
        print(f"### {self.title}\n")
        print(f"Published on {self.documents} documents: {self.source}. At hand: {len(held)}.")
        if len(held) < self.documents:
            print("A part: it shows what the convention does, and does not give the figure.")
        print()
        for figure in self.figures:
            print(f"**{figure.name}**: {figure.how}.\n")
            rows = []
            for system, theirs in figure.published.items():
                cases = list(read_cases(root, system, held))
                rows.append((system, theirs, figure.of(cases), figure.by_default(cases)))
            share = f"{len(held)} of {self.documents} documents"
            head = ("system", "published", f"their convention, {share}", "our default, all fields")
            table(head, rows)
        print(f"{self.why}\n")


def read_cases(root: Path, system: str, truths: list[Path]) -> Iterator[Case]:
    """Yield the cases of a system; a missing answer is an empty one."""
    for truth in truths:
        schemas = (root / "schema.json", root / "schemas" / truth.name)
        schema = next((parsed(one) for one in schemas if one.exists()), None)
        answer = root / "predictions" / system / truth.name
        yield Case(parsed(truth), parsed(answer) if answer.exists() else None, schema)


def parsed(file: Path) -> Any:  # noqa: ANN401  # JSON
    """Return the JSON of a file."""
    return json.loads(file.read_text("utf-8"))


def as_it_is(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Return a value."""
    return value


def listed(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Return a value whose every scalar is a list of one: fields that may be said several times."""
    if isinstance(value, dict):
        return {key: listed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [listed(one) if isinstance(one, dict | list) else one for one in value]
    return [value]


def folded(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Return a value whose texts have letters and digits only, in lower case."""
    if isinstance(value, dict):
        return {key: folded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [folded(one) for one in value]
    if not isinstance(value, str):
        return round(value, 2) if isinstance(value, float) else value
    composed = unicodedata.normalize("NFKC", value).casefold()
    return "".join(letter for letter in composed if letter.isalnum())


def words_of(entity: str) -> Callable[[Any], Any]:
    """Return a reader of the words of a kind of entity, sentence by sentence."""

    def read(value: Any) -> Any:  # noqa: ANN401  # JSON
        sentences = value["sentences"] if value else []
        return {
            str(one["index"]): [word for each in one[entity] for word in each["name"].split()]
            for one in sentences
        }

    return read


NERRE_SYSTEMS: Final = (
    *("gpt3-json", "gpt3-eng", "gpt3-engextra"),
    *("llama2-json", "llama2-eng", "llama2-engextra"),
)


def nerre(entity: str, name: str, *figures: str) -> Figure:
    """Return a figure of the NERRE study: words of one kind of entity."""
    how = "each sentence a list of words, `compare: exact`, micro F1 under `standard`"
    by_system = dict(zip(NERRE_SYSTEMS, figures, strict=True))
    return Figure(name, how, by_system, "standard", "micro", words_of(entity), EXACT)


SETS: Final = (
    Published(
        "cord",
        "KIEval on CORD receipts",
        "`QwenVL_72B_Sample/result.md` of UpstageAI/KIEval, commit 95914a4, read on 2026-11-30",
        100,
        (
            Figure(
                "Entity F1",
                "every value a list, `compare: exact`, micro F1 under `standard`",
                {"qwen-vl-72b": "0.7707"},
                "standard",
                "micro",
                listed,
                EXACT,
            ),
            Figure(
                "Aligned",
                "`compare: exact`, micro under `correction-cost`: a wrong value is one change",
                {"qwen-vl-72b": "0.6986"},
                "correction-cost",
                "micro",
                as_it_is,
                EXACT,
            ),
        ),
        "By default a field has one value, a list in its place is a format error, and texts are"
        " folded (case, white space, typography). KIEval's aligned figure also pairs wrong values"
        " of rows that have nothing in common; those are an omission and a hallucination here, two"
        " changes for one.",
    ),
    Published(
        "docubench",
        "DocuBench",
        "the leaderboard in the README of DocuPipe/document-extraction-benchmark, commit 43fae2e,"
        " read on 2026-11-30",
        50,
        (
            Figure(
                "Field accuracy",
                "texts reduced to letters and digits, macro average under `correction-cost`",
                {
                    "docupipe_high": "0.9724",
                    "docupipe_standard": "0.9600",
                    "gemini": "0.9580",
                    "gpt": "0.9354",
                    "extend": "0.9252",
                    "claude": "0.9033",
                },
                "correction-cost",
                "macro",
                folded,
            ),
        ),
        "DocuBench pairs rows greedily, here the pairing is the best there is; which characters are"
        " punctuation, and how numbers are rounded, differ as well. By default punctuation counts,"
        " and a value in the wrong format is not right; F1 of the same verdicts is higher than"
        " the share of right fields.",
    ),
    Published(
        "nerre_doping",
        "NERRE, dopants and host materials",
        "`doping/data/all_doping_results_output_summary.txt` of lbnlp/NERRE, commit 1330afe, read"
        " on 2026-11-30 (Dagdelen et al., Nature Communications 2024)",
        31,
        (
            nerre(
                "dopants",
                "Dopants, F1 of words",
                *("0.7453", "0.8075", "0.8503", "0.8824", "0.8471", "0.7514"),
            ),
            nerre(
                "basemats",
                "Host materials, F1 of words",
                *("0.8876", "0.8939", "0.9011", "0.8901", "0.8830", "0.8556"),
            ),
        ),
        "NERRE counts words: half a name is half right, and a word said twice is right twice if it"
        " is true once. By default a name is one text, right or wrong as a whole, links and the"
        " ids they go by count as fields, and so do the numbers of sentences.",
    ),
)


def main() -> None:
    """Print what was published beside ours; write it into the page where it is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of data sets")
    parser.add_argument("--page", type=Path, help="replace what this page says was measured")
    options = parser.parse_args()
    text = io.StringIO()
    with redirect_stdout(text):
        print(f"{COMMAND} printed this on {strftime('%Y-%m-%d')}.\n")
        for one in SETS:
            if (options.data / one.folder).is_dir():
                one.show(options.data)
    print(text.getvalue())
    if options.page is not None:
        replace_measured(options.page, text.getvalue())


if __name__ == "__main__":
    main()
