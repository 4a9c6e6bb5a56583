"""Templates of users and agents that would take for ever end with what is wrong, and the rest works."""

# ruff: noqa: E501  # templates are quoted whole

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cases.prompts import template_process, templates
from harness.cases.prompts.instructions import Instructions
from harness.cases.prompts.template_process import TEMPLATES
from harness.cases.prompts.templates import parse_template
from harness.cli.main import main
from tests.cases.conftest import Project

NAMES = frozenset({"document", "documents", "schema", "fields", "examples"})
ENDLESS = {
    "loops within loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
    "a macro that calls itself twice": "{% macro m(n) %}{% if n %}{% set x = m(n - 1) %}{% set x = m(n - 1) %}{% endif %}{% endmacro %}{{ m(60) }}",
    "sums over sums": "{% set ns = namespace(x=[1]) %}{% for a in range(99999) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "a long pattern of replacing": "{% set ns = namespace(x='aaaaaaaa') %}{% for a in range(9999) %}{% set ns.x = ns.x|replace('a', ns.x) %}{% endfor %}",
    "a wide text": "{{ 'x'|center(30000000000) }}",
    "zeros in front": "{{ 'x'.zfill(30000000000) }}",
    "a format": "{{ '%30000000000d'|format(1) }}",
    "lists in a set": "{% for a in range(99999) %}{% for b in range(99999) %}{{ (a ~ b)|length if a < 0 }}{% endfor %}{% endfor %}",
    "pages of pages": "{% for d in documents %}{% for a in d.text %}{% for b in d.text %}{% for c in d.text %}{% for e in d.text %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
}


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give templates little time and memory: what is endless passes any limit."""
    monkeypatch.setattr(template_process, "TEMPLATE_SECONDS", 3.0)
    monkeypatch.setattr(TEMPLATES, "memory_bytes", 300 << 20)
    TEMPLATES.end()
    yield
    TEMPLATES.end()


def prompted(project: Project, template: str) -> None:
    project.suite("prompt: p.md\n")
    project.write(
        {
            "evals/notes/documents/a.txt": "Total 5 " * 400,
            "evals/notes/p.md": f"first line\n{template}\n{{{{ document }}}}\n",
        }
    )


@pytest.mark.usefixtures("_hurried")
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_template_without_end_is_refused_with_its_place(project: Project, kind: str) -> None:
    prompted(project, ENDLESS[kind])
    said = project.refusal()
    assert said.startswith("evals/notes/p.md")
    assert "[bad-template]" in said
    assert "takes more than" in said or "too large" in said
    if kind == "loops within loops":
        assert said.startswith("evals/notes/p.md:2: filling the template in takes more than")


@pytest.mark.usefixtures("_hurried")
def test_a_command_ends_and_the_next_template_is_filled_in(project: Project) -> None:
    prompted(project, ENDLESS["loops within loops"])
    refused = CliRunner().invoke(main, ["check"])
    assert refused.exit_code == 3
    assert "look for loops within loops" in refused.stderr
    prompted(
        project, "{% for a in range(3) %}{% for b in range(2) %}{{ a * b }}{% endfor %}{% endfor %}"
    )
    done = CliRunner().invoke(main, ["prompt", "show", "evals/notes/documents/a.txt"])
    assert "first line\n000102" in done.output, done.output


PLAIN = [
    "{{ document }}",
    "{% if schema %}{{ schema }}{% endif %}{% for f in fields %}- {{ f.path }}: {{ f.description|trim }}\n{% endfor %}",
    "{% for d in documents %}{% for p in d.pages %}{{ loop.index }} {{ p }}{% endfor %}{% endfor %}",
    "{% for e in examples if e.answer %}{{ e.document|tojson }}{% else %}none{% endfor %}",
    "{{ documents|length }} {{ 'one' if documents|length == 1 else 'many' }}",
]
OTHER = [
    *ENDLESS.values(),
    "{{ document|replace('a', 'b') }}",
    "{{ 5 * 'x' }}",
    "{% for d in documents recursive %}{{ loop(documents) }}{% endfor %}",
    "{% set x = 5 %}{{ x }}",
    "{% for a in documents %}{% for b in documents %}{% for c in documents %}{% endfor %}{% endfor %}{% endfor %}",
]


@pytest.mark.parametrize(
    ("template", "is_plain"), [*((t, True) for t in PLAIN), *((t, False) for t in OTHER)]
)
def test_templates_that_only_write_what_they_are_given_are_filled_in_here(
    project: Project, template: str, *, is_plain: bool
) -> None:
    assert parse_template(template, project.root / "p.md", NAMES).is_plain is is_plain


@pytest.mark.parametrize("template", PLAIN)
def test_both_ways_of_filling_in_write_the_same(project: Project, template: str) -> None:
    def written(own: str) -> str:
        prompted(project, own + template)
        project.write(
            {
                "evals/notes/documents/a.txt": "Größe 😀 {{ x }}\fpage 2",
                "evals/notes/schema.json": '{"properties": {"total": {"type": "number", "description": " Net. "}}}',
            }
        )
        suite = project.load()
        assert suite.prompt is not None
        return Instructions(suite.prompt, suite.examples).texts(suite.cases[0]).user

    project.suite()
    assert written("{% set unused = 1 %}") == written("")


@pytest.mark.parametrize("count", [3, 3_000])
def test_a_template_of_many_documents_is_filled_in_for_each(project: Project, count: int) -> None:
    prompted(project, "{{ document|replace('Total', 'Sum') }}")
    suite = project.load()
    assert suite.prompt is not None
    instructions = Instructions(suite.prompt, ())
    before = TEMPLATES.begun().pid
    for _ in range(count):
        assert instructions.texts(suite.cases[0]).user.startswith("first line\nSum 5 Sum 5")
    assert TEMPLATES.begun().pid == before


@pytest.mark.parametrize("outputs", [3, 3_000])
def test_nothing_of_a_template_is_evaluated_while_it_is_read(
    outputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def probe(text: str) -> str:
        done.append(text)
        return text

    monkeypatch.setitem(templates._SANDBOX.filters, "probe", probe)  # noqa: SLF001
    text = '{% if document %}{{ "a" | probe }}{{ "a" | probe | upper }}{% endif %}\n' * outputs
    assert templates.parse_template(text, Path("p.md"), NAMES).names == {"document"}
    assert done == []
