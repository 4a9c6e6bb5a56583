"""The report as one HTML file that opens from disk, asks nobody and runs nothing it was given."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.report.cases import rank_cases
from harness.report.pack import pack
from harness.report.view import view
from harness.report.visible import chips, path, visible, well_formed

STYLES: Final = ("page.css", "overview.css", "case.css", "narrow.css")
"""The one style of every page, in the order of its cascade."""

SCRIPTS: Final = ("report.js",)
"""What the report's script is made of."""


def render(run: Mapping[str, Any], results: Mapping[str, Any], sources: Mapping[str, Any]) -> str:
    """Return a run's report as HTML; it can always be encoded as UTF-8.

    Args:
        run: the run's own record.
        results: what was scored (`eval-results.json`).
        sources: documents and raw reply by case id; a case may lack them.
    """
    block = pack(rank_cases(results), sources)
    data = Markup(block.text)  # noqa: S704  # JSON with `<` escaped, or base64
    page = view(run, results, sources)
    return fill("report.html.j2", SCRIPTS, {"page": page, "block": block, "data": data})


def fill(template: str, scripts: Sequence[str], content: Mapping[str, object]) -> str:
    """Return a template filled in, with its style and script named by digest in the policy.

    `scripts` are files of `static/`, joined in the order given into one.
    """
    css = "\n".join(map(asset, STYLES))
    js = "\n".join(map(asset, scripts))
    html = (
        _templates()
        .get_template(template)
        .render(
            **content,
            css=Markup(css),  # noqa: S704  # our own file
            js=Markup(js),  # noqa: S704  # our own file
            policy=policy(css, js),
        )
    )
    return well_formed(html)


def policy(css: str, js: str) -> str:
    """Return the Content-Security-Policy that allows one style, one script and nothing else."""
    scripts = f"'{_digest(js)}'" if js else "'none'"
    return (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


@cache
def asset(name: str) -> str:
    """Return one of our own style or script files."""
    return resources.files("harness.report").joinpath("static", name).read_text("utf-8")


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("harness.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["visible"] = visible
    templates.filters["path"] = path
    templates.filters["chips"] = chips
    return templates
