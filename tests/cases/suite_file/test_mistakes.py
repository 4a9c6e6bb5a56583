"""What a user is told about a suite file, its paths and its case list: the whole message."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from harness.core.values import Json
from harness.errors import HarnessError
from tests.cases.conftest import Project


def test_broken_yaml_names_the_line(project: Project) -> None:
    project.suite("name: notes\ntags: [a, b\nempty: zero\n")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:3: is not YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 2 [bad-yaml]
  hint: a `[` is not closed\
""")


def test_a_tab_in_yaml_says_so(project: Project) -> None:
    project.suite("limits:\n\tdocument_bytes: 5\n")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:2: is not YAML: found character that cannot start any token [bad-yaml]
  hint: indent with spaces, not tabs; put text that begins with @, % or ` in quotes\
""")


def test_an_unknown_key_gets_its_nearest_name_and_nothing_that_follows_from_it(
    project: Project,
) -> None:
    project.suite("name: notes\ndocments: documents\n")
    (project.root / "evals/notes/documents").rename(project.root / "evals/notes/other")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:2: unknown key 'docments' [unknown-key]
  hint: did you mean 'documents'?\
""")


def test_unknown_keys_are_found_at_every_depth(project: Project) -> None:
    project.suite(
        """\
extractors:
  gpt: {kind: recorded, answer: x}
  cmd:
    kind: comand
limits:
  document_byte: 5
cases:
  - id: a
    documnts: [documents/a.txt]
rules:
  total: {relativ: 0.1}
"""
    )
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:2: key 'answers' is missing in extractors.gpt [missing-key]
evals/notes/suite.yaml:2: unknown key 'answer' in extractors.gpt [unknown-key]
  hint: did you mean 'answers'?
evals/notes/suite.yaml:3: extractors.cmd: unknown kind 'comand' [bad-value]
  hint: did you mean 'command'?
evals/notes/suite.yaml:6: unknown key 'document_byte' in limits [unknown-key]
  hint: did you mean 'document_bytes'?
evals/notes/suite.yaml:9: unknown key 'documnts' in cases[0] [unknown-key]
  hint: did you mean 'documents'?
evals/notes/suite.yaml:11: rules.total: unknown setting 'relativ' [unknown-key]
  hint: did you mean 'relative'?\
""")


def test_wrong_values_say_what_is_wanted(project: Project) -> None:
    project.suite(
        """\
name: ../notes
description: no
target_f1: 90
empty: none
tags: {a: [1.10, true]}
limits: {document_bytes: lots, reply_depth: 0}
extractor: {kind: command, command: python x.py, seconds: 0}
rules:
  total:
    compare: number
    relative: much
"""
    )
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: name: must be usable as a folder's name: no slash, no dot in front, at most 100 bytes, not "../notes" [bad-value]
evals/notes/suite.yaml:3: target_f1: must be at most 1, not 90 [bad-value]
evals/notes/suite.yaml:4: empty: must be 'skip', 'zero' or 'one', not "none" [bad-value]
evals/notes/suite.yaml:5: tags.a[0]: must be text, not 1.1 [bad-value]
  hint: put it in quotes
evals/notes/suite.yaml:5: tags.a[1]: must be text, not true [bad-value]
  hint: put it in quotes
evals/notes/suite.yaml:6: limits.document_bytes: must be a whole number, not "lots" [bad-value]
evals/notes/suite.yaml:6: limits.reply_depth: must be more than 0, not 0 [bad-value]
evals/notes/suite.yaml:7: extractor.command: must be a list, not "python x.py" [bad-value]
  hint: write `[a, b]`, or one `- item` a line
evals/notes/suite.yaml:7: extractor.seconds: must be more than 0, not 0 [bad-value]
evals/notes/suite.yaml:11: rules.total.relative: must be a number of at least 0 [bad-rule]\
""")


def test_goals_that_contradict_each_other_or_are_unknown_are_told_at_their_lines(
    project: Project,
) -> None:
    project.suite(
        """\
target_f1: 0.8
goals:
  minimum: {macro: 0.5, p95_seconds: 2, flor: 0.3}
  target:
    macro: 0.9
    p95_seconds: 3
  stretch: {macro: 0.4}
  dream: {macro: 1}
"""
    )
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:3: unknown key 'flor' in goals.minimum [unknown-key]
  hint: did you mean 'floor'?
evals/notes/suite.yaml:8: unknown key 'dream' in goals [unknown-key]
  hint: known: minimum, stretch, target\
""")
    project.suite("goals:\n  minimum: {p95_seconds: 2}\n  target: {p95_seconds: 3}\n")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:3: goals.target.p95_seconds is 3, and the minimum asks for 2 already [bad-goals]
  hint: each tier asks for more than the one before\
""")
    project.suite("target_f1: 0.8\ngoals: {target: {macro: 0.9}, stretch: {macro: 0.4}}\n")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: target_f1 is 0.8 and goals.target.macro 0.9: they are the same goal [bad-goals]
  hint: leave target_f1 out
evals/notes/suite.yaml:2: goals.stretch.macro is 0.4, and the target asks for 0.9 already [bad-goals]
  hint: each tier asks for more than the one before\
""")


def test_a_key_given_twice_is_refused(project: Project) -> None:
    project.suite("empty: skip\ntags: {a: [x]}\nempty: zero\n")
    assert project.refusal() == snapshot(
        "evals/notes/suite.yaml:3: empty: the key is given twice, first in line 1 [duplicate-key]"
    )


def test_problems_of_several_files_come_together(project: Project) -> None:
    project.suite("nme: notes\n")
    project.write(
        {
            "evals/notes/documents/b.txt": "b",
            "ground_truth/notes/a.json": '{\n "total": 5\n "date": 6}',
            "ground_truth/notes/b.json": '{"total": NaN}',
            "evals/other/suite.yaml": "- a\n",
            "evals/third/documents/x.txt": b"caf\xe9",
            "ground_truth/third/x.json": "{}",
        }
    )
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: unknown key 'nme' [unknown-key]
  hint: did you mean 'name'?
evals/other/suite.yaml:1: must hold `key: value` lines [bad-yaml]
  hint: known: cases, checks, description, documents, empty, extractor, extractors, goals, ground_truth, group, limits, name, prompt, reading, rules, schema, split, tags, target_f1, truth
evals/third/documents/x.txt:1: is not UTF-8 text: byte 0xe9 at offset 3 [not-text]
  hint: if it is text in an older encoding: `iconv -f WINDOWS-1252 -t UTF-8`
ground_truth/notes/a.json:3: is not JSON: expecting ',' delimiter (column 2) [bad-json]
ground_truth/notes/b.json:1: total: NaN is not JSON [not-a-number]
  hint: write null where there is no number\
""")


def test_a_missing_documents_folder_names_what_is_there(project: Project) -> None:
    project.suite("documents: document\n")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: documents 'document' does not exist [missing-file]
  hint: did you mean 'documents'?\
""")


def test_a_path_from_the_project_is_told_from_one_of_the_suite(project: Project) -> None:
    project.suite("prompt: prompts/p.md\nextractor: {kind: recorded, answers: answers/gpt}\n")
    project.write({"prompts/p.md": "Read."})
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: prompt 'prompts/p.md' does not exist [missing-file]
  hint: paths start at the suite's folder: write '../../prompts/p.md'
evals/notes/suite.yaml:2: answers 'answers/gpt' does not exist [missing-file]\
""")


@pytest.mark.parametrize("path", ["../../../x", "/etc", "C:\\data", "link"])
def test_no_path_leaves_the_project(project: Project, path: str) -> None:
    project.suite(f"documents: '{path}'\n")
    (project.root / "evals/notes/link").symlink_to(project.root.parent)
    message = project.refusal()
    assert "[outside-project]" in message
    assert message.startswith("evals/notes/suite.yaml:1: documents ")


def test_a_linked_document_outside_the_project_is_refused(project: Project) -> None:
    project.suite()
    outside = project.root.parent / "secret.txt"
    outside.write_text("secret")
    (project.root / "evals/notes/documents/b.txt").symlink_to(outside)
    assert project.refusal() == snapshot("""\
evals/notes/documents/b.txt: is a link that leads outside the project [outside-project]
  hint: the project is project: copy what is needed into it\
""")


def test_a_link_inside_the_project_is_read(project: Project) -> None:
    project.suite()
    project.write({"shared/b.txt": "b", "ground_truth/notes/b.json": "[1]"})
    link = project.root / "evals/notes/documents/b.txt"
    link.symlink_to(project.root / "shared/b.txt")
    assert [c.documents[0].name for c in project.load().cases] == [
        "documents/a.txt",
        "documents/b.txt",
    ]


def test_a_link_to_nothing_is_told(project: Project) -> None:
    project.suite()
    project.write({"ground_truth/notes/b.json": "[1]"})
    (project.root / "evals/notes/documents/b.txt").symlink_to(project.root / "gone.txt")
    assert project.refusal() == snapshot(
        "evals/notes/documents/b.txt: is a link to a file that is gone [missing-file]"
    )


def test_two_documents_of_one_name_are_one_case_too_many(project: Project) -> None:
    project.suite()
    project.write({"evals/notes/documents/a.md": "a"})
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml: two documents for case 'a': 'documents/a.md' and 'documents/a.txt' [duplicate-case]
  hint: rename one of them, or choose with a pattern such as `documents: "documents/*.txt"`\
""")


def test_listed_cases_are_checked(project: Project) -> None:
    project.suite(
        """\
cases:
  - {id: a}
  - {id: a}
  - {id: b/c, documents: [documents/a.txt]}
  - {id: d}
  - {id: e, documents: documents/e.txt, ground_truth: e.json}
"""
    )
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:3: two cases are called 'a' [duplicate-case]
evals/notes/suite.yaml:4: 'b/c' cannot be a case's id [bad-id]
  hint: ids become file names: no slash, no control character, no dot or space around
evals/notes/suite.yaml:5: case 'd' has no document [missing-file]
  hint: known: a
evals/notes/suite.yaml:6: document 'documents/e.txt' does not exist [missing-file]
  hint: did you mean 'a.txt'?
evals/notes/suite.yaml:6: ground truth 'e.json' does not exist [missing-file]
  hint: known: documents, suite.yaml\
""")


def test_labels_for_unknown_cases_are_refused(project: Project) -> None:
    project.suite("tags: {A: [x]}\nsplit:\n  dev: [a]\n  holdout: [a, aa]\n")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: there is no case 'A' [unknown-case]
  hint: known: a
evals/notes/suite.yaml:4: case 'a' is in split 'dev' already [two-splits]
evals/notes/suite.yaml:4: there is no case 'aa' [unknown-case]
  hint: did you mean 'a'?\
""")


def test_a_suite_without_a_single_truth_is_welcome_and_says_where_it_looked(
    project: Project,
) -> None:
    project.write({"evals/notes/documents/a.txt": "a"})
    assert project.warnings() == snapshot("""\
evals/notes: no ground truth found: runs draft answers, and nothing is scored [no-cases]
  hint: looked for `<case-id>.json` in ground_truth/notes and evals/notes/ground_truth; to make truths of drafts: harness review\
""")
    (case,) = project.load().cases
    assert (case.truth, case.is_labelled) == (None, False)


def test_names_that_never_meet_are_shown_side_by_side(project: Project) -> None:
    project.suite()
    Path("ground_truth/notes/a.json").rename("ground_truth/notes/a_truth.json")
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml: no document has the name of a ground-truth file [no-cases]
  hint: documents: a; ground truth: a_truth\
""")


def test_documents_in_sub_folders_need_a_pattern(project: Project) -> None:
    project.write({"evals/notes/documents/2024/a.txt": "a", "ground_truth/notes/a.json": "[1]"})
    assert project.refusal() == snapshot("""\
evals/notes: no documents found [no-cases]
  hint: sub-folders are not searched: write a pattern such as `documents/**/*.txt`\
""")
    project.write({"evals/notes/suite.yaml": "documents: documents/**/*.txt"})
    assert [c.documents[0].name for c in project.load().cases] == ["documents/2024/a.txt"]


def test_a_pattern_that_matches_nothing_is_told(project: Project) -> None:
    project.suite("documents: documents/*.md\n")
    assert project.refusal() == snapshot(
        "evals/notes/suite.yaml:1: documents 'documents/*.md' matches no file [missing-file]"
    )


def test_two_suites_of_one_name_are_refused(project: Project) -> None:
    project.suite()
    project.write({"evals/other/suite.yaml": "name: notes\n", "evals/other/documents/a.txt": "x"})
    assert project.refusal() == snapshot(
        "evals/other/suite.yaml: two suites are called 'notes': the other is in 'notes' [duplicate-suite]"
    )


def test_rules_are_told_line_by_line(project: Project) -> None:
    project.suite(
        """\
rules:
  "rows[*].price": {relative: 0.1}
  "rows[].price": {relative: 0.2}
  rows:
    align: key
"""
    )
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:3: rules.rows[].price: the field has a rule already, 'rows[*].price' [duplicate-key]
evals/notes/suite.yaml:4: rules.rows: `align: key` needs a `key` [bad-rule]\
""")


def test_one_extractor_or_several_but_not_both(project: Project) -> None:
    one = "{kind: command, command: [x]}"
    project.suite(f"extractor: {one}\nextractors: {{a: {one}}}\n")
    said = "evals/notes/suite.yaml:1: give `extractor` or `extractors`, not both [bad-value]"
    assert project.refusal() == said


def test_a_folder_of_truths_must_be_a_folder(project: Project) -> None:
    project.suite("ground_truth: labels.json\n")
    project.write({"evals/notes/labels.json": "{}"})
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml:1: ground truth 'labels.json' is not a folder [bad-value]
  hint: name a folder, or a path with `{id}`\
""")


def test_a_folder_of_truths_without_any_says_where_it_looked(project: Project) -> None:
    project.suite("ground_truth: documents\n")
    assert project.warnings() == snapshot("""\
evals/notes/suite.yaml: no ground truth found: runs draft answers, and nothing is scored [no-cases]
  hint: looked for `<case-id>.json` in documents; to make truths of drafts: harness review\
""")


def test_a_case_without_a_schema_of_its_own_is_told(project: Project) -> None:
    project.suite("schema: schemas/{id}.json\n")
    project.write({"evals/notes/schemas/aa.json": "{}"})
    assert project.refusal() == snapshot("""\
evals/notes/suite.yaml: case 'a' has no schema of its own [missing-file]
  hint: did you mean 'aa'?\
""")


def test_patterns_cannot_climb_out(project: Project) -> None:
    project.suite("documents: 'doc*/../../../../*.txt'\n")
    (project.root.parent / "secret.txt").write_text("secret")
    assert "leads outside the project [outside-project]" in project.refusal()


def test_a_linked_truth_outside_the_project_is_refused(project: Project) -> None:
    project.suite()
    (project.root.parent / "b.json").write_text("{}")
    (project.root / "ground_truth/notes/b.json").symlink_to(project.root.parent / "b.json")
    assert "b.json: is a link that leads outside the project" in project.refusal()


KEYS = st.sampled_from(
    [
        *("name", "documents", "ground_truth", "schema", "prompt", "extractor", "extractors"),
        *("rules", "tags", "split", "target_f1", "empty", "limits", "cases", "id", "kind"),
        *("answers", "command", "function", "a", "document_bytes", "compare", "x"),
    ]
)
WORDS = st.sampled_from(
    [
        *("a", "", "..", ".", "*", "[", "documents", "{id}", "\0", "/", "recorded", "command"),
        *(
            "suite.yaml",
            "a" * 300,
            "é" * 130,
            "a/" * 3000,
            "{id}/{id}",
            "**",
            "~",
            "documents/a.txt",
            "m:f",
            "\ud7ff",
        ),
    ]
)
ANYTHING: st.SearchStrategy[Json] = st.recursive(
    WORDS | st.integers(-1, 2) | st.booleans() | st.none() | st.floats(-1, 2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, ANYTHING, max_size=5))
def test_no_suite_file_ends_in_a_traceback(project: Project, said: dict[str, Json]) -> None:
    project.suite(json.dumps(said))
    with suppress(HarnessError):
        assert project.load().cases


NO_SUITE = {
    "evls": """\
'evls' does not exist [no-such-path]
  hint: did you mean 'evals'?""",
    ".": """\
'.' holds no suite [no-suite]
  hint: did you mean 'evals'?""",
    "evals/notes/documents": """\
'evals/notes/documents' holds no suite [no-suite]
  hint: the suite is 'evals/notes'""",
    "evals/x.csv": """\
'evals/x.csv' is not the document or ground truth of any case [not-a-case]
  hint: truths in one table are scored as they are, `harness score TRUTHS ANSWERS`; to review or \
audit them make a suite of them: harness init --truths TRUTHS --answers ANSWERS""",
    "evals/x.json": """\
'evals/x.json' is not the document or ground truth of any case [not-a-case]
  hint: a suite is a folder with a `suite.yaml`, or with `documents` and ground truth""",
}


@pytest.mark.parametrize("path", NO_SUITE)
def test_a_path_that_is_no_suite_says_what_would_be(project: Project, path: str) -> None:
    project.suite()
    project.write({"evals/x.csv": "1", "evals/x.json": "1"})
    assert project.refusal(path) == NO_SUITE[path]
