"""Model options of the command line, turned into an extractor as if a suite had named it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from harness.cases.files.strict_yaml import parse_yaml
from harness.cases.suite import Endpoint, LocalModel, Suite
from harness.cases.suite_file.extractors import model_spec
from harness.cases.suite_file.suite_keys import EndpointFile, LocalFile, keys_of
from harness.cases.suite_file.suite_settings import worded
from harness.errors import HarnessError, Problem, UsageError, did_you_mean

LOCAL: Final = "local"
KINDS: Final = ("openai", "anthropic", "gemini", LOCAL)
_HERE: Final = Path("--param")


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Options of the command line about a model."""

    model: str | None = None
    base_url: str | None = None
    model_path: str | None = None
    params: tuple[str, ...] = ()
    """`NAME=VALUE`, the value as in a suite file."""

    def __bool__(self) -> bool:
        """Tell whether anything is said at all."""
        return self != ModelOptions()

    def as_words(self) -> list[str]:
        """Return the options as they are typed.

        >>> ModelOptions("gpt-4o", params=("temperature=0",)).as_words()
        ['--model', 'gpt-4o', '--param', 'temperature=0']
        """
        named = {
            "--model": self.model,
            "--base-url": self.base_url,
            "--model-path": self.model_path,
        }
        words = [word for name, value in named.items() if value for word in (name, value)]
        return words + [word for param in self.params for word in ("--param", param)]


def with_model(
    suites: Iterable[Suite], names: tuple[str, ...], options: ModelOptions
) -> tuple[list[Suite], tuple[str, ...]]:
    """Return the suites with the one model to ask, and the names of extractors to run.

    Without a model on the command line both stay what they are.

    Raises:
        UsageError: what is said does not go together.
    """
    changed = list(suites)
    if not options:
        known = {name for suite in changed for name in suite.extractors}
        missing = [name for name in names if name in KINDS and name not in known]
        if missing:
            needs = "--model-path FILE" if missing[0] == LOCAL else "--model NAME"
            what = f"no suite has an extractor {missing[0]!r}"
            hint = f"to ask a model without one, add {needs}"
            raise UsageError(Problem(what, "unknown-extractor", hint=hint))
        return changed, names
    kind = _kind(names, options)
    spec = endpoint_from_options(kind, options)
    name = spec.model if isinstance(spec, Endpoint) else spec.path.stem
    return [replace(suite, extractors={name: spec}) for suite in changed], ()


def _kind(names: tuple[str, ...], options: ModelOptions) -> str:
    if len(names) > 1 or (names and names[0] not in KINDS):
        what = f"with a model on the command line, --extractor is one of {', '.join(KINDS)}"
        raise UsageError(Problem(what, "bad-option"))
    return names[0] if names else LOCAL if options.model_path else "openai"


def endpoint_from_options(kind: str, options: ModelOptions) -> Endpoint | LocalModel:
    """Return the model that options name, of one of the KINDS.

    Raises:
        UsageError: an option is missing, unknown or of the wrong type.
    """
    values: dict[str, object] = {"kind": kind}
    model = LocalFile if kind == LOCAL else EndpointFile
    for name in ("model", "base_url", "model_path"):
        value = getattr(options, name)
        if value is not None:
            if name not in keys_of(model):
                what = f"--{name.replace('_', '-')} is not for --extractor {kind}"
                raise UsageError(Problem(what, "bad-option"))
            values[name] = value
    needed = "model_path" if kind == LOCAL else "model"
    if needed not in values:
        what = f"--extractor {kind} needs --{needed.replace('_', '-')}"
        raise UsageError(Problem(what, "bad-option"))
    values |= _params(options.params, keys_of(model))
    try:
        return model_spec(model.model_validate(values), Path.cwd())
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise UsageError(*(worded(d, tuple(d["loc"])) for d in details)) from None
    except HarnessError as error:
        raise UsageError(*error.problems) from None


def _params(params: tuple[str, ...], known: list[str]) -> Mapping[str, object]:
    parameters: dict[str, object] = {}
    for param in params:
        name, equals, text = param.partition("=")
        if not equals or name not in known or name == "kind":
            what = f"--param: unknown setting {name!r}" if equals else "--param without a `=`"
            hint = did_you_mean(name, known) if equals else "write NAME=VALUE"
            raise UsageError(Problem(what, "bad-option", hint=hint))
        try:
            parameters[name] = parse_yaml(text, _HERE).value
        except HarnessError as error:
            what = f"--param {name}: {error.problems[0].what}"
            raise UsageError(Problem(what, "bad-option")) from None
    return parameters
