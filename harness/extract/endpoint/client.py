"""Endpoint client: an extractor that sends messages to a model and reads its answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Final

from harness.cases.digest import canonical
from harness.cases.suite import Limits, Parameters
from harness.core.records import Answer, Case, EndpointRecord, Failure, Usage
from harness.core.values import Json
from harness.extract.batches.batch_service import BatchService
from harness.extract.dialects.dialect import (
    AnswerForm,
    Dialect,
    Inquiry,
    Mode,
    ModelAnswer,
    count_or_none,
)
from harness.extract.dialects.forms import forms, looseness, stating
from harness.extract.dialects.responses import FREE, answer_in, words
from harness.extract.dialects.vendor_errors import Hopeless, hopeless
from harness.extract.endpoint.answer_modes import Ladder, ModeRefusal
from harness.extract.endpoint.learnt_settings import LearntSettings
from harness.extract.endpoint.rendering import Renderer, text_tokens, too_long
from harness.extract.endpoint.token_confidence import from_tokens
from harness.extract.messages import RenderedPrompt
from harness.extract.reply.read_reply import read_reply
from harness.extract.reply.stated_confidence import REPAIR, SUFFIX, stated
from harness.extract.sending.calls import Calls, Question, Reply
from harness.extract.transport import Request, Response, Transport

_FORM_REFUSED: Final = frozenset({400, 415, 422, 500, 501})
"""Statuses with which endpoints answer a form they do not know."""
_NOBODY: Final = frozenset({Hopeless.KEY, Hopeless.MODEL, Hopeless.PLACE})
"""Failures that every question will meet, as long as none has been answered."""
_SERVER: Final = 500
_SETTING_REFUSED: Final = frozenset({400, 422})
_FEWER: Final = 4
"""Times fewer tokens than our estimate, which is too high by design, that a server may count."""
_SMALL: Final = 4_000
"""Tokens below which no server cuts a prompt."""
_OVERHEAD: Final = 64
"""Tokens for roles and names that no text of ours has."""
_UNKNOWN: Final = Usage()
LIMITS: Final = (
    ("max_tokens",),
    ("max_completion_tokens",),
    ("generationConfig", "maxOutputTokens"),
)
CHOICES: Final = (("n",), ("generationConfig", "candidateCount"))


@dataclass(frozen=True, slots=True)
class EndpointTarget:
    """Address and settings of a model."""

    dialect: Dialect
    model: str
    base_url: str
    parameters: Parameters
    mode: str = "auto"
    headers: tuple[tuple[str, str], ...] = ()
    """The user's own that can change an answer; whoever sends a request adds them."""
    query: str = ""
    max_tokens_key: str = "max_tokens"
    stated_confidence: bool = False
    """The model was asked to say how sure it is; its word is taken out of the answer."""
    is_at_vendor: bool = False
    """Its address is one of a vendor's own."""

    @property
    def url(self) -> str:
        """URL of requests."""
        return self.base_url + self.dialect.path(self.model) + self.query


@dataclass(frozen=True, slots=True)
class _Schema:
    """A schema, and the forms an answer to it can be asked for in."""

    schema: Json
    digest: str
    forms: tuple[AnswerForm, ...]


@dataclass(slots=True)
class Client:
    """Asks a model about one case after the other, by way of whoever makes its calls."""

    target: EndpointTarget
    transport: Transport
    """What sends its requests; it knows the key."""
    renderer: Renderer
    limits: Limits
    ladder: Ladder = field(default_factory=Ladder)
    settings: LearntSettings = field(init=False)
    """What it is asked with, less what the endpoint was found to refuse."""
    warnings: list[str] = field(default_factory=list)
    batches: BatchService | None = None
    """Where its requests can be submitted in batches; None where nobody takes them."""
    _is_told: bool = False
    """A prompt that was cut off was warned of."""
    _nobody: Failure | None = None
    """Why no question can be answered; found out by the first."""
    _schemas: dict[int, _Schema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = LearntSettings(self.target.parameters, self.target.max_tokens_key)

    @property
    def model(self) -> str:
        """The name its price is found by."""
        return self.target.model

    @property
    def is_at_vendor(self) -> bool:
        """Tell whether it is asked at an address of a vendor, who charges what he lists."""
        return self.target.is_at_vendor

    def shown(self) -> EndpointRecord:
        """Return how it asked and what the endpoint took, for the record of a run: no secret."""
        parameters = self.target.parameters
        settings: dict[str, Json] = {
            "temperature": parameters.temperature,
            "top_p": parameters.top_p,
            "seed": parameters.seed,
            "max_tokens": parameters.max_tokens,
            "reasoning_effort": parameters.reasoning_effort,
            "logprobs": parameters.logprobs or None,
            "extra": dict(parameters.extra) or None,
        }
        return {
            "dialect": self.target.dialect.name,
            "model": self.target.model,
            "base_url": self.target.base_url,
            "mode": self.target.mode,
            "parameters": {name: value for name, value in settings.items() if value is not None},
            "left_out": list(self.settings.left_out),
            "max_tokens_key": self.settings.max_tokens_key,
            "forms": self.ladder.shown(),
        }

    def usage(self, received: Response) -> Usage | None:
        """Return what a response says that it took; None where it does not say."""
        return answer_in(received, self.target.dialect).usage

    async def extract_with(self, case: Case, calls: Calls) -> Answer | Failure:
        """Return what the model said; a response that is no answer is a Failure."""
        rendered = self.renderer.render(case)
        refused = too_long(rendered, self.limits)
        if refused is not None:
            return refused
        async with self.ladder.turn():
            return await self._climb_down(rendered, calls)

    async def _climb_down(self, rendered: RenderedPrompt, calls: Calls) -> Answer | Failure:
        """Ask in one form after the other until one is taken."""
        if self._nobody is not None:
            return self._nobody
        schema = self._schema(rendered.schema)
        refused: list[ModeRefusal] = []
        unkept: list[tuple[Question, Reply]] = []
        rungs = self.ladder.rungs(schema.forms, schema.digest)
        failure: Failure | None = None
        for form in rungs:
            question, reply = await self._settled(rendered, form, schema.digest, calls)
            if isinstance(reply, Failure):
                return reply
            if reply.received.is_success:
                self.ladder.took(form, schema.digest, refused)
                for each in unkept:  # a later run need not find out again
                    await calls.keep(*each)
                read = await self._read(rendered, question, reply, calls)
                name = form.name + self.settings.told
                return replace(read, form=name) if isinstance(read, Answer) else read
            failure = self._turned_down(question, reply, calls)
            if self.ladder.is_sure(form, schema.digest) or not _is_about_the_form(failure, reply):
                return failure
            is_fault = reply.received.status >= _SERVER
            refused.append(ModeRefusal(form, failure.message, is_fault))
            unkept.append((question, reply))
        self.ladder.gave_up()
        assert failure is not None, "there is always a form to try"  # noqa: S101
        return failure

    async def _settled(
        self, rendered: RenderedPrompt, form: AnswerForm, digest: str, calls: Calls
    ) -> tuple[Question, Reply | Failure]:
        """Ask in one form, and again without the settings that the endpoint refuses in words."""
        while True:
            before = self.settings
            question = self._question(rendered, form, digest, calls.replicate)
            reply = await _asked(question, calls)
            if isinstance(reply, Failure) or reply.received.status not in _SETTING_REFUSED:
                return question, reply
            learnt = self.settings.after(words(reply.received))
            if learnt != self.settings:
                self.settings = learnt
            if self.settings == before:
                return question, reply
            calls.charge(question, FREE)

    def _turned_down(self, question: Question, reply: Reply, calls: Calls) -> Failure:
        calls.charge(question, FREE)
        failure = answer_in(reply.received, self.target.dialect)
        assert isinstance(failure, Failure), "its status is no success"  # noqa: S101
        if hopeless(reply.received) in _NOBODY and not self.ladder.takes:
            self._nobody = failure
        return failure

    async def _read(
        self, rendered: RenderedPrompt, question: Question, reply: Reply, calls: Calls
    ) -> Answer | Failure:
        model_answer = answer_in(reply.received, self.target.dialect)
        self._warn_of_cut(rendered, model_answer.usage)
        if model_answer.usage is not None and model_answer.usage != _UNKNOWN:
            model_answer = replace(model_answer, usage=calls.charge(question, model_answer.usage))
        if isinstance(model_answer, Failure):
            return model_answer
        reply_value = read_reply(model_answer.text, self.limits)
        if isinstance(reply_value, Failure):
            return replace(reply_value, usage=model_answer.usage)
        await calls.keep(question, reply)
        return self._sure(
            replace(reply_value, usage=model_answer.usage), model_answer, rendered.schema
        )

    def _warn_of_cut(self, rendered: RenderedPrompt, usage: Usage | None) -> None:
        """Warn once where a server counted far fewer tokens than it was sent."""
        counted = usage.input_tokens if usage is not None else None
        sent = rendered.input_tokens
        if self._is_told or counted is None or sent < _SMALL or counted * _FEWER >= sent:
            return
        self._is_told = True
        self.warnings.append(
            f"the server counted {counted} tokens of a prompt of about {sent}: it may have cut it"
            " off at its context (Ollama: num_ctx); further ones are not told"
        )

    def _sure(self, answer: Answer, model_answer: ModelAnswer, schema: Json) -> Answer:
        """Return the answer with what is known of the model's confidence."""
        if model_answer.tokens:
            sure = from_tokens(model_answer.text, answer.value, model_answer.tokens, schema)
            return replace(answer, confidences=sure, confidence_source="logprobs")
        if not self.target.stated_confidence:
            return answer
        own = stated(answer.value)
        if not own.confidences:
            return answer
        repairs = (*answer.repairs, REPAIR)
        stated_answer = replace(answer, confidences=own.confidences, confidence_source="stated")
        return replace(stated_answer, value=own.value, repairs=repairs, places=own.places)

    def _schema(self, schema: Json) -> _Schema:
        """Return what is known of a schema; it is looked at once, however many cases share it."""
        known = self._schemas.get(id(schema))
        if known is None:
            target = self.target
            digest = hashlib.sha256(canonical(schema).encode()).hexdigest()
            wanted = schema
            if target.stated_confidence and isinstance(schema, dict):
                wanted = stating(schema, SUFFIX)
            possible = forms(wanted, target.dialect, target.mode)
            if isinstance(possible[0].schema, dict) and not possible[0].strict:
                self.ladder.note(looseness(possible[0].schema))
            known = self._schemas[id(schema)] = _Schema(schema, digest, possible)
        return known

    def _question(
        self, rendered: RenderedPrompt, form: AnswerForm, digest: str, replicate: int
    ) -> Question:
        target = self.target
        parameters = self.settings.parameters
        seed = parameters.seed + replicate - 1 if parameters.seed is not None else None
        asking = Inquiry(
            target.model, rendered.messages, form, parameters, seed, self.settings.max_tokens_key
        )
        said_body = target.dialect.body(asking)
        body = json.dumps(said_body).encode()
        headers = (("content-type", "application/json"), *target.dialect.headers)
        own = json.dumps(target.headers).encode() if target.headers else b""
        schema = json.dumps(form.schema) if form.schema is not None else ""
        return Question(
            key=hashlib.sha256(target.url.encode() + b"\0" + body + own).hexdigest(),
            request=Request(target.url, headers, body),
            input_tokens=rendered.input_tokens + text_tokens(schema) + _OVERHEAD,
            output_tokens=_most_out(said_body, parameters.max_tokens),
            replicate=replicate,
            probing=form.mode is not Mode.TEXT and not self.ladder.is_sure(form, digest),
        )


def _most_out(body: Json, max_tokens: int) -> int:
    """Return what a reply may hold at most: `extra` can allow more than `max_tokens` does."""
    limits = [count_or_none(body, *path) or 0 for path in LIMITS]
    choices = [count_or_none(body, *path) or 1 for path in CHOICES]
    return max(max_tokens, *limits) * max(choices)


def _is_about_the_form(failure: Failure, reply: Reply) -> bool:
    """Tell whether another form may be taken where this one was not."""
    is_telling = reply.received.status in _FORM_REFUSED and failure.kind.is_missing
    return is_telling and hopeless(reply.received) is None


async def _asked(question: Question, calls: Calls) -> Reply | Failure:
    """Ask; a server error is asked about again before it is taken for a word on the form."""
    reply = await calls.ask(question)
    if isinstance(reply, Failure) or not question.probing or reply.received.status < _SERVER:
        return reply
    is_telling = reply.received.status in _FORM_REFUSED
    return await calls.ask(replace(question, probing=is_telling))
