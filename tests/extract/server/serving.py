"""Running the server: in a thread of the tests, or as a process."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn

from tests.extract.server.app import App, Counts
from tests.extract.server.behaviour import Asked, Behaviour


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
    with listening(0) as listener:
        server = prepared(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()  # the port is open already: who connects before it serves just waits
        try:
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", app)
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


def listening(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1; port 0 is any free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    return listener


def prepared(app: App) -> uvicorn.Server:
    """Return a server for an application that can break its connections."""
    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_level="critical", access_log=False, backlog=2048
    )
    server = uvicorn.Server(config)

    def cut(client: object) -> None:
        for connection in tuple(server.server_state.connections):
            if getattr(connection, "client", None) == client:
                transport = getattr(connection, "transport", None)
                if transport is not None:
                    transport.abort()

    app.cut = cut
    return server
