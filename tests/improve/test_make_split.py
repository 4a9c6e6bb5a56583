"""A document is looked at or held out, and that never changes behind anybody's back."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from harness.cases.discovery.splits import DEV, HOLDOUT, Frozen, in_splits, split_keys
from harness.cases.load import load_suites
from harness.cli.main import main
from harness.core.records import Case, Document
from harness.errors import HarnessError
from harness.improve.make_split import claim_split, freeze, holdout_size


def case(number: int, tags: tuple[str, ...] = (), group: str | None = None) -> Case:
    document = Document(f"documents/{number}.txt", f"{number:064x}", "")
    return Case(f"c{number:04}", (document,), {}, None, tags, group=group)


def held(frozen: Frozen) -> set[str]:
    return {key for key, split in frozen.splits.items() if split == HOLDOUT}


@pytest.mark.parametrize("documents", [12, 20, 29, 30, 31, 77, 200])
def test_as_many_documents_are_held_out_as_the_rule_says(documents: int) -> None:
    frozen = freeze([case(n) for n in range(documents)], Frozen())
    assert len(held(frozen)) == holdout_size(documents)
    assert len(frozen.splits) == documents


def test_nothing_is_held_out_of_a_small_suite() -> None:
    assert freeze([case(n) for n in range(11)], Frozen()) == Frozen()
    assert claim_split(11, held_out=False).startswith("Regression suite")


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_cases_changes_nothing(seed: int) -> None:
    cases = [case(n, ("even",) if n % 2 else ()) for n in range(40)]
    shuffled = Random(seed).sample(cases, len(cases))
    assert freeze(shuffled, Frozen()) == freeze(cases, Frozen())


def test_every_tag_gives_its_share() -> None:
    cases = [case(n, ("rare",) if n % 10 == 0 else ("common",)) for n in range(100)]
    out = held(freeze(cases, Frozen()))
    rare = [c for c in cases if "rare" in c.tags and split_keys(c)[0] in out]
    assert (len(out), len(rare)) == (30, 3)


def test_a_group_is_never_divided() -> None:
    cases = [case(n, group=f"vendor-{n // 5}") for n in range(60)]
    out = held(freeze(cases, Frozen()))
    for first in range(0, 60, 5):
        assert sum(split_keys(c)[0] in out for c in cases[first : first + 5]) in (0, 5)
    assert abs(len(out) - 18) <= 2


def test_cases_that_share_a_document_are_on_one_side() -> None:
    shared = Document("documents/x.txt", "f" * 64, "")
    cases = [case(n) for n in range(30)]
    cases += [Case(f"two-{n}", (cases[n].documents[0], shared), {}) for n in range(2)]
    assigned = in_splits(cases, freeze(cases, Frozen()))
    assert len({c.split for c in assigned if c.id in ("c0000", "c0001", "two-0", "two-1")}) == 1


def test_what_was_assigned_stays_when_documents_are_added() -> None:
    before = freeze([case(n) for n in range(40)], Frozen())
    after = freeze([case(n) for n in range(80)], before)
    assert all(after.splits[key] == split for key, split in before.splits.items())
    assert len(held(after)) == 24


def test_a_document_that_was_shown_is_never_held_out() -> None:
    cases = [case(n) for n in range(40)]
    seen = {split_keys(c)[0]: c.id for c in cases[:30]}
    frozen = freeze(cases, Frozen(seen_documents=seen))
    assert not held(frozen) & set(seen)
    assert len(held(frozen)) == 10


def test_renaming_a_case_moves_nothing() -> None:
    frozen = freeze([case(n) for n in range(30)], Frozen())
    renamed = Case("another-name", case(3).documents, {})
    assert in_splits([renamed], frozen)[0].split == frozen.splits[split_keys(case(3))[0]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    folder = tmp_path / "evals" / "notes"
    for where in (folder / "documents", folder / "ground_truth"):
        where.mkdir(parents=True)
    for n in range(30):
        (folder / "documents" / f"n{n:02}.txt").write_text(f"note {n}")
        (folder / "ground_truth" / f"n{n:02}.json").write_text(json.dumps({"number": n}))
    (folder / "suite.yaml").write_text("name: notes\n")
    return folder


def split(folder: Path, *more: str) -> str:
    done = CliRunner().invoke(main, ["split", str(folder), *more], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_writes_a_file_that_the_suite_is_loaded_with(project: Path) -> None:
    assert "holdout     9 documents" in split(project)
    (suite,) = load_suites(project)
    assert sorted(str(c.split) for c in suite.cases) == ["dev"] * 21 + ["holdout"] * 9
    before = (project / "splits.json").read_bytes()
    assert "written" not in split(project)
    assert (project / "splits.json").read_bytes() == before


def test_a_dry_run_writes_nothing(project: Path) -> None:
    split(project, "--dry-run")
    assert not (project / "splits.json").exists()


def test_new_documents_are_warned_about_until_they_are_assigned(project: Path) -> None:
    split(project)
    (project / "documents" / "new.txt").write_text("new")
    (project / "ground_truth" / "new.json").write_text('{"number": 31}')
    (suite,) = load_suites(project)
    assert [w.code for w in suite.warnings] == ["no-split"]
    assert "1 documents are new" in split(project)
    assert load_suites(project)[0].warnings == ()


def test_the_suite_file_cannot_move_a_frozen_document(project: Path) -> None:
    split(project)
    (suite,) = load_suites(project)
    moved = next(c.id for c in suite.cases if c.split == DEV)
    (project / "suite.yaml").write_text(f"name: notes\nsplit: {{holdout: [{moved}]}}\n")
    with pytest.raises(HarnessError) as refused:
        load_suites(project)
    assert [p.code for p in refused.value.problems] == ["two-splits"]


def test_a_document_that_was_shown_cannot_be_held_out_by_hand(project: Path) -> None:
    digest = load_suites(project)[0].cases[0].documents[0].sha256
    line = {"document": digest, "case": "n00", "split": None, "seen": True}
    (project / "splits.json").write_text(json.dumps({"version": 1, "documents": [line]}))
    (project / "suite.yaml").write_text("name: notes\nsplit: {holdout: [n00]}\n")
    with pytest.raises(HarnessError) as refused:
        load_suites(project)
    assert [p.code for p in refused.value.problems] == ["seen-holdout"]


def test_a_splits_file_that_is_not_ours_is_refused(project: Path) -> None:
    (project / "splits.json").write_text('{"version": 1, "documents": [{"case": "a"}]}')
    with pytest.raises(HarnessError) as refused:
        load_suites(project)
    assert refused.value.problems[0].code == "bad-splits"


def test_groups_are_read_from_the_suite(project: Path) -> None:
    (project / "suite.yaml").write_text("name: notes\ngroup: {acme: [n01, n02]}\n")
    (suite,) = load_suites(project)
    assert [c.group for c in suite.cases[:3]] == [None, "acme", "acme"]
