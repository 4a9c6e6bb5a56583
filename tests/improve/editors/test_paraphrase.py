"""Examples in other words: shown beside the document they are of, and never scored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from harness.improve.editors.paraphrase import keeps_all
from tests.extract.server.behaviour import Asked, Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import answer, harness, write_project


def improved(folder: Path, *, loses: bool) -> tuple[Result, dict[str, str]]:
    """Improve by one example with a model that rewrites well, or forgets the numbers."""

    def said(asked: Asked) -> str:
        if "You rewrite documents" in asked.text:
            _, _, document = asked.text.partition('{"text": "the rewritten document"}')
            lines = [line for line in document.strip().splitlines() if line]
            text = "Some papers." if loses else "In short:\n" + "\n".join(reversed(lines))
            return json.dumps({"text": text})
        return "I would rather not." if "You improve" in asked.text else answer(asked)

    with serving(Behaviour(answer=said)) as server:
        suite = write_project(folder, 24, server.url)
        words = ("--examples", "1", "--patience", "2", "--paraphrase", "model")
        made = harness("improve", suite, *words)
    shown = (folder / "prompts" / "toy" / "examples").glob("*.json")
    return made, {path.name: path.read_text("utf-8") for path in shown}


def test_an_example_is_shown_once_more_in_other_words_and_its_document_leaves_the_score(
    tmp_path: Path,
) -> None:
    made, shown = improved(tmp_path, loses=False)
    assert made.exit_code == 0, made.output
    plain, reworded = sorted(shown, key=len)
    record = json.loads(shown[reworded])
    case = plain.removesuffix(".json")
    assert reworded == f"{case}.in-other-words.json"
    truth = json.loads((tmp_path / f"ground_truth/toy/{case}.json").read_text("utf-8"))
    assert (record["case"], record["answer"]) == (case, truth)
    assert record["document"].startswith("In short:")
    ledger = tmp_path / "prompts/.history/toy/ledger.jsonl"
    entries = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    (compared, *_) = [entry for entry in entries if entry["step"] == "compare"]
    assert compared["documents"] == 15  # of 16: the one it is of is in no score


def test_a_paraphrase_that_loses_a_number_is_not_shown(tmp_path: Path) -> None:
    made, shown = improved(tmp_path, loses=True)
    assert made.exit_code == 0, made.output
    assert [name for name in shown if "other-words" in name] == []
    assert len(shown) == 1


@pytest.mark.parametrize("size", [3, 3000])
def test_a_paraphrase_keeps_every_number_as_often_as_it_was_there(size: int) -> None:
    lines = [f"item {n} costs {n % 7}" for n in range(size)]
    document, whole = "\n".join(lines), "\n".join(reversed(lines))
    assert keeps_all(document, whole, {})
    assert not keeps_all(document, "\n".join(reversed(lines[1:])), {})
    assert not keeps_all(document, document + "\n", {})


def test_paraphrases_without_examples_are_refused(tmp_path: Path) -> None:
    suite = write_project(tmp_path, 6, "http://127.0.0.1:9")
    refused = harness("improve", suite, "--paraphrase", "model")
    assert refused.exit_code == 2
    assert "--paraphrase is for examples, and none may be shown" in refused.output
    unknown = harness("improve", suite, "--paraphrase", "modle", "--examples", "1")
    assert "did you mean 'model'?" in unknown.output
