"""From what a suite says of a model to the client that asks it."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from harness.cases.places import at
from harness.cases.suite import Endpoint, LocalModel, Suite
from harness.errors import HarnessError, Problem, did_you_mean
from harness.extract.connection import Connection
from harness.extract.dialects.anthropic import ANTHROPIC
from harness.extract.dialects.dialect import Dialect
from harness.extract.dialects.gemini import GEMINI
from harness.extract.dialects.openai import OPENAI
from harness.extract.endpoint import Client, Target
from harness.extract.keys import AZURE, find_secret
from harness.extract.local import local_server
from harness.extract.rendering import Renderer
from harness.extract.secret import Secret, sounds_secret

DIALECTS: Final = {each.name: each for each in (OPENAI, ANTHROPIC, GEMINI)}
_COMPLETION_HOSTS: Final = ("api.openai.com", ".openai.azure.com")
"""Hosts whose newer models know no `max_tokens`."""
_SECRET_HEADERS: Final = frozenset(
    {AZURE[0], "cookie", "proxy-authorization", *(d.key_header[0] for d in DIALECTS.values())}
)
_NO_EXTRA: Final = {
    "model": "name it under `model`: its price is found by that",
    "stream": "answers are read whole",
}
_BODIES: Final = 4
"""Bytes of a response for each byte of a reply: escapes, and tokens with their probabilities."""
_ENVELOPE: Final = 1_000_000


def connect(spec: Endpoint, suite: Suite) -> Client:
    """Return the client for an endpoint.

    Raises:
        HarnessError: it cannot work: a bad address, no key, a parameter it has no word for.
    """
    dialect = DIALECTS[spec.kind]
    base_url = (spec.base_url or dialect.base_url).rstrip("/")
    address = urlsplit(base_url)
    problems = [*_address_problems(address), *_setting_problems(spec, dialect)]
    if problems:
        where = at(suite.folder / "suite.yaml")
        raise HarnessError(*(problem.at(where) for problem in problems))
    secret = find_secret(spec, dialect)
    query = f"?api-version={quote(spec.api_version)}" if spec.api_version else ""
    is_newer = (address.hostname or "").endswith(_COMPLETION_HOSTS)
    own = sorted((name.lower(), value) for name, value in spec.headers.items())
    target = Target(
        dialect,
        spec.model,
        base_url,
        spec.parameters,
        spec.mode,
        tuple((name, value) for name, value in own if not sounds_secret(name)),
        query,
        "max_completion_tokens" if is_newer else "max_tokens",
        spec.stated_confidence,
    )
    most = _BODIES * suite.limits.reply_bytes + _ENVELOPE
    origin = f"{address.scheme}://{address.netloc}"
    private = tuple(Secret(name, "", value) for name, value in own)
    connection = Connection(origin, secret, spec.seconds, most, private)
    return Client(target, connection, Renderer(suite), suite.limits)


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
    target = Target(
        OPENAI,
        spec.path.stem,
        server.base_url,
        spec.parameters,
        spec.mode,
        stated_confidence=spec.stated_confidence,
    )
    return Client(target, server, Renderer(suite), suite.limits)


def _address_problems(address: SplitResult) -> list[Problem]:
    if address.scheme not in ("http", "https") or not address.hostname:
        hint = "as in https://api.example.com/v1"
        return [Problem("base_url must be an http(s) address", "bad-value", hint=hint)]
    if address.username or address.password or address.query or address.fragment:
        hint = "the key belongs into the environment: see `key_env`"
        return [Problem("base_url must have no password, `?` or `#` in it", "bad-value", hint=hint)]
    return []


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
    problems += [
        Problem(f"{name!r} cannot stand in `extra`", "bad-value", hint=hint)
        for name, hint in _NO_EXTRA.items()
        if name in spec.parameters.extra
    ]
    for name in spec.headers:
        if name.lower() in _SECRET_HEADERS:
            what = f"the header {name!r} holds a secret, which must not stand in a suite"
            problems.append(Problem(what, "bad-value", hint="see `key_env` and `key_file`"))
    if spec.api_version and spec.kind != "openai":
        problems.append(Problem("api_version is for kind openai on Azure", "bad-value"))
    return problems


def _confidence_problems(spec: Endpoint | LocalModel) -> list[Problem]:
    if not (spec.stated_confidence and spec.parameters.logprobs):
        return []
    what = "a field has one confidence, from `logprobs` or from `stated_confidence`"
    return [Problem(what, "bad-value", hint="choose one of them")]
