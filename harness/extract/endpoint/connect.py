"""Connect: make the client for a model that a suite describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from harness.cases.files.places import at
from harness.cases.suite import Endpoint, LocalModel, Suite
from harness.core.values import Json
from harness.errors import HarnessError, Problem, did_you_mean
from harness.extract.batches.batch_http import BatchHttp
from harness.extract.batches.batch_service import service_for
from harness.extract.dialects.anthropic import ANTHROPIC
from harness.extract.dialects.dialect import Dialect, member
from harness.extract.dialects.gemini import GEMINI
from harness.extract.dialects.openai import OPENAI
from harness.extract.dialects.openai_responses import RESPONSES
from harness.extract.endpoint.api_keys import (
    AZURE,
    Finder,
    Secret,
    find_secret,
    header_secrets,
    no_secret,
    readable_by_others,
    sounds_secret,
)
from harness.extract.endpoint.client import CHOICES, LIMITS, Client, EndpointTarget
from harness.extract.endpoint.connection import Connection
from harness.extract.endpoint.local_server import local_server
from harness.extract.endpoint.rendering import Renderer

DIALECTS: Final = {each.name: each for each in (OPENAI, ANTHROPIC, GEMINI)}
_AZURE_HOSTS: Final = (
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".services.ai.azure.com",
)
_OPENAI_REGIONS: Final = ".api.openai.com"
_REQUEST_PATHS: Final = {
    "openai": re.compile(r"/chat/completions$"),
    "anthropic": re.compile(r"/messages$"),
    "gemini": re.compile(r"/models(?:/[^/]+:\w+)?$"),
}
_VENDORS: Final = frozenset(urlsplit(each.base_url).hostname for each in DIALECTS.values())
_COMPLETION_HOSTS: Final = ("api.openai.com", *_AZURE_HOSTS)
"""Hosts whose newer models know no `max_tokens`."""
_SECRET_HEADERS: Final = frozenset(
    {AZURE[0], "cookie", "proxy-authorization", *(d.key_header[0] for d in DIALECTS.values())}
)
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A header's name (RFC 9110, section 5.6.2)."""
_UNWRITABLE: Final = frozenset(' "<>\\^`{|}')
"""What no address has in it (RFC 3986, appendix A)."""
_ADDRESS: Final = "as in https://api.example.com/v1"
_AFTER: Final = frozenset("?#")
_NO_EXTRA: Final = {
    "model": "name it under `model`: its price is found by that",
}
_BODIES: Final = 4
"""Bytes of a response allowed for each byte of a reply: escapes, tokens, log probabilities."""
_ENVELOPE: Final = 1_000_000
_BATCH_SECONDS: Final = 1_800.0
_BATCH_BYTES: Final = 1_000_000_000
"""Of one line of a batch's results at most: they are read one by one."""


def connect(spec: Endpoint, suite: Suite, find: Finder = find_secret) -> Client:
    """Return the client for an endpoint; `find` finds its key.

    Raises:
        HarnessError: it cannot work: a bad address, no key, a parameter it has no word for.
    """
    base_url, dialect = _pasted(spec.base_url, DIALECTS[spec.kind])
    address = _address(dialect.base_url if base_url is None else base_url)
    problems = _setting_problems(spec, dialect)
    if isinstance(address, Problem):
        problems.insert(0, address)
    if problems or isinstance(address, Problem):
        where = at(suite.folder / "suite.yaml")
        raise HarnessError(*(problem.at(where) for problem in problems))
    secret = find(spec, dialect)
    query = f"?api-version={quote(spec.api_version)}" if spec.api_version else ""
    is_newer = (address.hostname or "").endswith(_COMPLETION_HOSTS)
    own = sorted((name.lower(), value) for name, value in spec.headers.items())
    target = EndpointTarget(
        dialect,
        spec.model,
        address.geturl().rstrip("/"),
        spec.parameters,
        spec.mode,
        tuple((name, value) for name, value in own if not sounds_secret(name)),
        query,
        "max_completion_tokens" if is_newer else "max_tokens",
        spec.stated_confidence,
        _is_vendors(address.hostname or ""),
    )
    most = _BODIES * suite.limits.reply_bytes + _ENVELOPE
    origin = f"{address.scheme}://{address.netloc}"
    private = tuple(Secret(name, "", value) for name, value in own)
    further = () if find is no_secret else header_secrets(spec)
    longest = suite.limits.reply_bytes
    connection = Connection(origin, secret, spec.seconds, most, private, further, longest)
    client = Client(target, connection, Renderer(suite), suite.limits)
    client.batches = service_for(target.dialect, _batch_http(target, connection))
    for file in filter(None, (spec.key_file, *spec.header_file.values())):
        if readable_by_others(file):
            client.warnings.append(
                f"other users of this machine can read the key file {file.name}: chmod 600 it"
            )
    return client


def _batch_http(target: EndpointTarget, connection: Connection) -> BatchHttp:
    """Return how batches are asked for: files are larger than replies, and take longer."""
    files = replace(connection, seconds=_BATCH_SECONDS, most_bytes=_BATCH_BYTES, most_text=None)
    dialect = target.dialect
    path = dialect.path(target.model)
    return BatchHttp(files, target.base_url, dialect.headers, target.query, target.model, path)


def serve(spec: LocalModel, suite: Suite) -> Client:
    """Return the client for a model in a file, whose server starts with the first question.

    Raises:
        HarnessError: it cannot work: no such file, or the extra is not installed.
    """
    problems = _confidence_problems(spec)
    if problems:
        raise HarnessError(*(each.at(at(suite.folder / "suite.yaml")) for each in problems))
    try:
        server = local_server(spec, _BODIES * suite.limits.reply_bytes + _ENVELOPE)
    except HarnessError as error:
        where = at(suite.folder / "suite.yaml")
        raise HarnessError(*(problem.at(where) for problem in error.problems)) from None
    target = EndpointTarget(
        OPENAI,
        spec.path.stem,
        server.base_url,
        spec.parameters,
        spec.mode,
        stated_confidence=spec.stated_confidence,
    )
    return Client(target, server, Renderer(suite), suite.limits)


def _address(base_url: str) -> SplitResult | Problem:
    """Return an address in its parts, or why it is none; what is wrong is not repeated.

    It could hold a key.
    """
    no_address = Problem("base_url must be an http(s) address", "bad-value", hint=_ADDRESS)
    try:
        address = urlsplit(base_url)
        is_whole = address.scheme in ("http", "https") and address.hostname and address.port != 0
    except ValueError:  # a bracket without its other half, a port that is no number
        return no_address
    if not is_whole or not base_url.isprintable() or not _UNWRITABLE.isdisjoint(base_url):
        return no_address
    if address.username is not None or not _AFTER.isdisjoint(base_url):
        hint = "the key belongs into the environment: see `key_env`"
        return Problem("base_url must have no password, `?` or `#` in it", "bad-value", hint=hint)
    return address


def _pasted(base_url: str | None, dialect: Dialect) -> tuple[str | None, Dialect]:
    """Return an address without the path of a request, as people paste it, and its dialect.

    `/responses` is OpenAI's newer interface, another dialect.
    """
    if base_url is None:
        return None, dialect
    trimmed = base_url.rstrip("/")
    if dialect is OPENAI and trimmed.endswith("/responses"):
        return trimmed.removesuffix("/responses"), RESPONSES
    return _REQUEST_PATHS[dialect.name].sub("", trimmed), dialect


def _is_vendors(host: str) -> bool:
    """Tell whether models cost there what our table says."""
    return host in _VENDORS or host.endswith((*_AZURE_HOSTS, _OPENAI_REGIONS))


def _setting_problems(spec: Endpoint, dialect: Dialect) -> list[Problem]:
    problems = [
        Problem(f"the {dialect.name} dialect has no {name!r}", "bad-value")
        for name in sorted(dialect.unknown)
        if getattr(spec.parameters, name) not in (None, False)
    ]
    known = ["auto", *dialect.modes]
    if spec.mode not in known:
        what = f"the {dialect.name} dialect has no mode {spec.mode!r}"
        problems.append(Problem(what, "bad-value", hint=did_you_mean(spec.mode, known)))
    problems += _confidence_problems(spec)
    problems += _limit_problems(spec, dialect)
    problems += [
        Problem(f"{name!r} cannot stand in `extra`", "bad-value", hint=hint)
        for name, hint in _NO_EXTRA.items()
        if name in spec.parameters.extra
    ]
    for name, value in spec.headers.items():
        if not _HEADER.fullmatch(name) or not (value.isascii() and value.isprintable()):
            what = f"the header {name!r} has a line end or a letter in it that no header may have"
            problems.append(Problem(what, "bad-value"))
        if name.lower() in _SECRET_HEADERS:
            what = f"the header {name!r} holds a secret, which must not stand in a suite"
            hint = "see `key_env`, `key_file`, `header_env` and `header_file`"
            problems.append(Problem(what, "bad-value", hint=hint))
    for name in (*spec.header_env, *spec.header_file):
        if not _HEADER.fullmatch(name):
            what = f"{name!r} cannot be the name of a header"
            problems.append(Problem(what, "bad-value"))
    if spec.api_version and spec.kind != "openai":
        problems.append(Problem("api_version is for kind openai on Azure", "bad-value"))
    return problems


def _limit_problems(spec: Endpoint, dialect: Dialect) -> Iterator[Problem]:
    """Yield what would let an answer hold more tokens than any cap is checked against."""
    extra = dict(spec.parameters.extra)
    config = extra.get("generationConfig", {})
    if dialect is GEMINI and not isinstance(config, dict):
        yield Problem("`generationConfig` under `extra` must be an object", "bad-value")
    limits: list[Json] = []
    for path in (*LIMITS, *CHOICES):
        name, value = ".".join(path), member(extra, *path)
        is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if value is not None and not is_number:
            what = f"{name!r} under `extra` must be a whole number above 0"
            yield Problem(what, "bad-value", hint="the budget is counted by it")
        limits += [value] if path in LIMITS else []
    is_lifted = any(path[-1] in _parent(extra, path) for path in LIMITS) and not any(limits)
    if is_lifted:
        hint = "set `max_tokens` of the extractor, or another limit beside it"
        what = "`extra` takes away the limit of an answer's tokens, so that no budget could be kept"
        yield Problem(what, "bad-value", hint=hint)


def _parent(extra: Mapping[str, Json], path: tuple[str, ...]) -> Mapping[str, Json]:
    parent = member(dict(extra), *path[:-1])
    return parent if isinstance(parent, dict) else {}


def _confidence_problems(spec: Endpoint | LocalModel) -> list[Problem]:
    if not (spec.stated_confidence and spec.parameters.logprobs):
        return []
    what = "a field has one confidence, from `logprobs` or from `stated_confidence`"
    return [Problem(what, "bad-value", hint="choose one of them")]
