"""HTML page of the report: one file that loads nothing and runs no markup of documents."""

from __future__ import annotations

import base64
import hashlib
import marshal
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from importlib.metadata import version
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Final

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from harness.cases.files.strict_json import without_garbage_collection
from harness.core import number_text
from harness.core.inert_text import cut
from harness.report.embedded.long_texts import CaseSources
from harness.report.page.cases import rank_cases
from harness.report.page.past_runs import PastRun
from harness.report.page.report_view import view
from harness.report.rendering.data_blocks import Pack, pack
from harness.report.words.visible import chips, path, quoted_code, visible, well_formed
from harness.run.results.reasons.cause_words import cause_title
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_run import RunDocument


class TemplateCache(BytecodeCache):
    """Keeps what can be kept; where nothing may be written, templates are compiled each time.

    A file is used only for the very text, Jinja and Python it was compiled from and by.
    """

    def __init__(self, folder: Path) -> None:
        """Keep compiled templates in a folder, which must be there."""
        self._folder = folder
        self._by = f"{version('jinja2')} {MAGIC_NUMBER.hex()}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what was kept, if it is of the same text."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            head, _, code = self._file(bucket).read_bytes().partition(b"\n")
            if head == self._head(bucket):
                bucket.code = marshal.loads(code)  # noqa: S302  # as trusted as the package itself

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket if that is possible."""
        file = self._file(bucket)
        aside = file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            aside.write_bytes(self._head(bucket) + b"\n" + marshal.dumps(bucket.code))
            aside.replace(file)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{sys.implementation.cache_tag}"

    def _head(self, bucket: Bucket) -> bytes:
        return f"{self._by} {bucket.checksum}".encode()


def compiled_beside(templates: Path) -> TemplateCache | None:
    """Return where the templates of a folder are kept compiled; None if nothing is to be kept."""
    if sys.dont_write_bytecode:
        return None
    folder = templates / "__pycache__"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        return TemplateCache(folder)
    return None


STYLES: Final = (
    "page.css",
    "overview.css",
    "case.css",
    "comparison.css",
    "narrow.css",
    "trends.css",
    "improvement.css",
)
"""The one style of every page, in the order of its cascade."""

SCRIPTS: Final = (
    "dom.js",
    "data.js",
    "difference.js",
    "copies.js",
    "values.js",
    "list.js",
    "errors.js",
    "fields.js",
    "paper.js",
    "sheet.js",
    "pictures.js",
    "tree.js",
    "case.js",
    "single_keys.js",
    "keys.js",
    "route.js",
)
"""What the report's script is made of."""

_REPORT: Final = "report.html.j2"
_ALONE: Final = "form-action 'none'"
"""The end of the policy of a page that asks nobody."""
_ALONE_ESCAPED: Final = b"form-action &#39;none&#39;"
_ASKING: Final = b"; img-src &#39;self&#39;; connect-src &#39;self&#39;"
_HTML: Final = b'<html lang="en">'
_HTML_SERVED: Final = b'<html lang="en" data-pages="served">'
LONGEST: Final = 400
"""Characters of a value in a table of values; its case holds the whole."""


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A report, and the texts that lie beside it in files of their own."""

    html: str
    """It can always be encoded as UTF-8."""
    beside: Mapping[str, str]
    """By path, relative to the page."""


def render(
    run: RunDocument,
    results: ResultsDocument,
    sources: Mapping[str, CaseSources],
    past: Sequence[PastRun] = (),
    stale: str = "",
) -> RenderedPage:
    """Return a run's report as HTML.

    Args:
        run: the run's own record.
        results: what was scored (`eval-results.json`); verdicts may have a `why`.
        sources: documents and raw replies by case id; a case may lack them.
        past: earlier runs as `past_runs` tells them, oldest first.
        stale: what has changed of the suite's truths and rules since; empty where nothing has.
    """
    with without_garbage_collection():
        named = [str(cause_title(cause)) for cause in results.get("causes") or ()]
        packed = pack(rank_cases(results), sources, named, run["run_id"])
        page = view(run, results, sources, past, stale)
    also = f"{_ALONE}; img-src 'self'" if _has_pictures(sources) else _ALONE
    html = fill(_REPORT, SCRIPTS, {"page": page, "blocks": _blocks(packed)}, also)
    return RenderedPage(html, packed.beside)


def _has_pictures(sources: Mapping[str, CaseSources]) -> bool:
    return any("pictures" in each for one in sources.values() for each in one["documents"])


def as_served(page: bytes) -> bytes:
    """Return a report that asks the server it comes from for pages of its documents.

    Of its policy only that changes: images, and where words stand on them, from this server.
    """
    head, begin, rest = page.partition(_HTML)
    policy, end, body = rest.partition(b"</title>")
    if not begin or not end:
        return page
    policy = policy.replace(_ALONE_ESCAPED + b"; img-src &#39;self&#39;", _ALONE_ESCAPED, 1)
    policy = policy.replace(_ALONE_ESCAPED, _ALONE_ESCAPED + _ASKING, 1)
    return head + _HTML_SERVED + policy + end + body


def with_stale(page: bytes, sentence: str) -> bytes:
    """Return a report with another word on what has changed since it was scored; empty for none.

    For whoever hands out a page that was written earlier.
    """
    before, begin, rest = page.partition(_STALE_BEGINS)
    _, end, after = rest.partition(_STALE_ENDS)
    if not begin or not end:
        return page
    macro = getattr(_templates().get_template("marks.html.j2").module, "stale_banner")  # noqa: B009  # unknown to mypy
    banner = str(macro(sentence)) if sentence else ""
    return before + begin + well_formed(banner).encode() + end + after


_STALE_BEGINS: Final = b'<div id="since">'
_STALE_ENDS: Final = b"</div>"
"""Around what a page says of changes since; texts of strangers have `<` escaped."""


def compile_templates() -> None:
    """Compile the report's templates, which takes longer than to fill them for a small run."""
    for name in (_REPORT, "marks.html.j2"):
        _templates().get_template(name)


def _blocks(packed: Pack) -> list[tuple[str, str, Markup]]:
    """Return id, encoding and text of every data element; the text is JSON with `<` escaped."""
    named = [("index", packed.index)]
    named += [(f"chunk-{place}", block) for place, block in enumerate(packed.chunks)]
    return [(name, block.encoding, Markup(block.text)) for name, block in named]  # noqa: S704  # or base64


def fill(
    template: str,
    scripts: Sequence[str],
    content: Mapping[str, object],
    also: str = _ALONE,
) -> str:
    """Return a template filled in, with its style and script named by digest in the policy.

    `scripts` are files of `static/`, joined in the order given into one. `also` is what else the
    policy says: a page that a server shows may ask that server.
    """
    css = "\n".join(map(asset, STYLES))
    js = _script(scripts)
    html = (
        _templates()
        .get_template(template)
        .render(
            **content,
            css=Markup(css),  # noqa: S704  # our own file
            js=Markup(js),  # noqa: S704  # our own file
            policy=policy(css, js, also),
        )
    )
    return well_formed(html)


def _script(names: Sequence[str]) -> str:
    """Return script files as one, which shares nothing with the page but its elements."""
    if not names:
        return ""
    return '"use strict";\n(() => {\n' + "\n".join(map(asset, names)) + "})();\n"


def policy(css: str, js: str, also: str) -> str:
    """Return the Content-Security-Policy that allows one style, one script and what `also` says."""
    scripts = f"'{_digest(js)}'" if js else "'none'"
    return (
        f"default-src 'none'; style-src '{_digest(css)}'; script-src {scripts}; "
        f"base-uri 'none'; {also}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


@cache
def asset(name: str) -> str:
    """Return one of our own style or script files."""
    return resources.files("harness.report.rendering").joinpath("static", name).read_text("utf-8")


def template_environment(package: str, compiled: TemplateCache | None = None) -> Environment:
    """Return the Jinja environment of a package's templates: escaped, and strict about names."""
    templates = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=compiled,
    )
    templates.filters["visible"] = visible
    return templates


@cache
def _templates() -> Environment:
    compiled = compiled_beside(Path(__file__).parent / "templates")
    templates = template_environment("harness.report.rendering", compiled)
    templates.filters["path"] = path
    templates.filters["chips"] = chips
    templates.filters["quoted_code"] = quoted_code
    templates.filters["gain"] = number_text.gain
    templates.filters["cut"] = partial(cut, most=LONGEST)
    return templates
