"""Calls that send every question once, and tell what they were told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.cases.suite import Endpoint, Parameters, Suite
from harness.core.records import Answer, Case, Failure, FailureKind, Usage
from harness.extract.endpoint.client import Client
from harness.extract.endpoint.connect import connect
from harness.extract.sending.calls import Question, Reply
from harness.extract.transport import Transport, TransportError
from tests.extract.server.serving import Served
from tests.extract.shapes import suite


@dataclass
class Direct:
    """Calls without cache, caps or patience."""

    transport: Transport
    replicate: int = 1
    asked: list[Question] = field(default_factory=list)
    kept: list[Reply] = field(default_factory=list)
    charged: list[Usage] = field(default_factory=list)

    async def ask(self, question: Question) -> Reply | Failure:
        self.asked.append(question)
        try:
            received = await self.transport.send(question.request)
        except TransportError as unreached:
            return Failure(FailureKind.TRANSPORT, unreached.message)
        return Reply(received, cached=False, calls=1)

    def charge(self, question: Question, usage: Usage) -> Usage:
        del question
        self.charged.append(usage)
        return replace(usage, usd=0.5) if usage.usd is None else usage

    async def keep(self, question: Question, reply: Reply) -> None:
        del question
        self.kept.append(reply)


def spec_for(server: Served, kind: str = "openai", mode: str = "auto") -> Endpoint:
    """Return what a suite would say of a server."""
    base_url = f"{server.origin}/v1"
    said = Parameters()
    if kind == "anthropic":
        return Endpoint("anthropic", "m-1", base_url, mode=mode, parameters=said)
    if kind == "gemini":
        return Endpoint("gemini", "m-1", base_url, mode=mode, parameters=said)
    return Endpoint("openai", "m-1", base_url, mode=mode, parameters=said)


@dataclass
class Talk:
    """A client, its calls, and what came of the cases it was asked."""

    client: Client
    calls: Direct
    said: list[Answer | Failure]


def talk(spec: Endpoint, *cases: Case, replicate: int = 1, of: Suite | None = None) -> Talk:
    """Ask a server about cases, one after the other."""
    client = connect(spec, of or suite(Path("/suite"), *cases))
    calls = Direct(client.transport, replicate)

    async def all_of_them() -> list[Answer | Failure]:
        try:
            return [await client.extract_with(case, calls) for case in cases]
        finally:
            await client.transport.close()

    return Talk(client, calls, asyncio.run(all_of_them()))
