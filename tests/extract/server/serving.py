"""Running the server: in a thread of the tests, or as a process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from tests.extract.server.app import App, Counts, Message, Receive, Send
from tests.extract.server.behaviour import Asked, Behaviour


class Application(Protocol):
    """An ASGI application that can break a client's connection."""

    def cuts_by(self, cut: Callable[[object], None]) -> None:
        """Break connections so from now on."""
        ...

    def __call__(self, scope: Message, receive: Receive, send: Send, /) -> Awaitable[None]:
        """Answer one request."""
        ...


@dataclass(frozen=True)
class Served:
    """A server that is up."""

    origin: str
    app: App

    @property
    def url(self) -> str:
        """What an OpenAI client calls the base URL."""
        return f"{self.origin}/v1"

    @property
    def counts(self) -> Counts:
        """What happened so far."""
        return self.app.counts

    @property
    def last(self) -> Asked:
        """The request that came last."""
        assert self.app.last is not None
        return self.app.last


@contextlib.contextmanager
def serving(behaviour: Behaviour | None = None) -> Iterator[Served]:
    """Serve on a free port of 127.0.0.1 while it lasts, in a thread of its own."""
    app = App(behaviour or Behaviour())
    with in_thread(app) as origin:
        yield Served(origin, app)


@contextlib.contextmanager
def in_thread(app: Application) -> Iterator[str]:
    """Serve an application in a thread of its own while it lasts; give its origin."""
    with listening(0) as listener:
        port = listener.getsockname()[1]
        loop, over = asyncio.new_event_loop(), asyncio.Event()
        thread = threading.Thread(
            target=loop.run_until_complete, args=(serve(app, listener, over),)
        )
        thread.start()  # the port is open already: who connects before it serves just waits
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()
            loop.close()


def listening(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1; port 0 is any free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    return listener


async def serve(app: Application, listener: socket.socket, over: asyncio.Event) -> None:
    """Serve until it is over, by uvicorn's HTTP and in this event loop."""
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="critical", access_log=False)
    config.load()
    state = ServerState()

    def connection() -> asyncio.Protocol:
        return HttpToolsProtocol(config=config, server_state=state, app_state={})

    def cut(client: object) -> None:
        for one in tuple(state.connections):
            if getattr(one, "client", None) == client:
                one.transport.abort()

    app.cuts_by(cut)
    server = await asyncio.get_running_loop().create_server(connection, sock=listener, backlog=2048)
    await over.wait()
    server.close()
    for one in tuple(state.connections):
        one.transport.abort()
    for task in tuple(state.tasks):
        task.cancel()
    await asyncio.gather(*state.tasks, return_exceptions=True)
