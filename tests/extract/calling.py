"""A caller in a folder, and questions for the server on 127.0.0.1."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from harness.core.records import Failure, Usage
from harness.extract.endpoint.connection import Connection
from harness.extract.sending.admission import AdmissionGate
from harness.extract.sending.budget import Budget, Caps
from harness.extract.sending.cache import Cache
from harness.extract.sending.caller import Caller, CaseCalls
from harness.extract.sending.calls import Question, Reply
from harness.extract.sending.exchanges import EXCHANGES, Exchanges
from harness.extract.sending.pace import Ceilings, Pace
from harness.extract.sending.send import Patience, Sender
from harness.extract.transport import Request, Transport
from harness.run.clock import now
from tests.extract.server.serving import Served
from tests.patience import PATIENCE

QUICK = Patience(attempts=4, refusals=20, seconds=60.0)


@dataclass(frozen=True)
class Setting:
    """How a run's calls are made."""

    folder: Path
    """Of the run."""
    cache: Path | None = None
    caps: Caps = field(default_factory=Caps)
    patience: Patience = QUICK
    ceilings: Ceilings = field(default_factory=lambda: Ceilings(8))
    seconds: float = PATIENCE
    """Time limit of a request."""


def question(server: Served, content: str, replicate: int = 1) -> Question:
    """Return a question whose answer is in itself."""
    messages = [{"role": "user", "content": f'{content}\nANSWER {{"name": "{content}"}}'}]
    body = json.dumps({"model": "m", "messages": messages}).encode()
    headers = (("content-type", "application/json"),)
    request = Request(f"{server.url}/chat/completions", headers, body)
    return Question(hashlib.sha256(body).hexdigest(), request, 100, 50, replicate)


@dataclass
class Session:
    """What one process does with a run, from opening its folder to closing it."""

    setting: Setting
    server: Served
    said: dict[str, Reply | Failure] = field(default_factory=dict)
    calls: dict[str, CaseCalls] = field(default_factory=dict)
    caller: Caller = field(init=False)

    def ask(self, contents: Sequence[str], *, afresh: bool = False) -> None:
        """Ask about all contents at once, charge for and keep every answer."""
        asyncio.run(self._ask(contents, afresh=afresh))

    def connection(self) -> Connection:
        return Connection(self.server.origin, None, self.setting.seconds, 1_000_000)

    def sender(self, transport: Transport | None = None) -> Sender:
        setting = self.setting
        return Sender(
            transport or self.connection(),
            AdmissionGate(Pace(setting.ceilings, Random(0))),
            Budget(setting.caps, None),
            Exchanges(setting.folder / EXCHANGES),
            now,
            Random(0),
            setting.patience,
        )

    async def _ask(self, contents: Sequence[str], *, afresh: bool) -> None:
        setting = self.setting
        transport = self.connection()
        sender = self.sender(transport)
        cache = Cache(setting.cache) if setting.cache else None
        self.caller = Caller(sender, cache)

        async def one(content: str) -> None:
            calls = self.calls[content] = self.caller.calls(content, 1, afresh=afresh)
            asked = question(self.server, content)
            said = self.said[content] = await calls.ask(asked)
            if isinstance(said, Reply) and said.received.status == 200:
                calls.charge(asked, Usage(20, 10))
                await calls.keep(asked, said)
            calls.close()

        try:
            await asyncio.gather(*map(one, contents))
        finally:
            await transport.close()
            with suppress(OSError):
                self.caller.close()

    def body(self, content: str) -> bytes:
        """Return what was received for a content."""
        reply = self.said[content]
        assert isinstance(reply, Reply)
        return reply.received.body

    def failure(self, content: str) -> Failure:
        """Return why there is no reply to a content."""
        said = self.said[content]
        assert isinstance(said, Failure)
        return said
