"""A project whose suite asks a server on 127.0.0.1, which is told the right answers."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Protocol

from tests.cli.conftest import Project

BATCH_PRICES = """\
date = "2026-11-30"
batch = 0.5
[models."m-1"]
input = 10.0
output = 100.0
"""
"""The text of a price table with half the price for batches."""
_TIMES = frozenset({"seconds", "latency"})


class Server(Protocol):
    """A server of models."""

    @property
    def url(self) -> str:
        """Its base URL."""
        ...


def asking(
    project: Project, server: Server, count: int, more: str = "", kind: str = "openai"
) -> None:
    """Write a suite of so many cases, each of whose documents holds its answer."""
    said = f"{{kind: {kind}, model: m-1, base_url: '{server.url}', seconds: 5{more}}}"
    project.write({"evals/asked/suite.yaml": f"extractor: {said}\nprompt: prompt.md\n"})
    project.write({"evals/asked/prompt.md": "Read this.\n\n{{ document }}\n"})
    for number in range(count):
        truth = json.dumps({"number": number, "name": f"n{number % 7}"})
        project.write(
            {
                f"evals/asked/documents/c{number:03}.txt": f"Case {number}\nANSWER {truth}\n",
                f"ground_truth/asked/c{number:03}.json": truth,
            }
        )


def timeless(value: object) -> object:
    """Return results without what differs each time a clock is read."""
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in _TIMES}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def received(project: Project) -> Counter[str]:
    """Return how often each question was answered, by what the run folder says."""
    lines = (project.run_folder() / "exchanges.jsonl").read_text("utf-8").splitlines()
    stored: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return Counter(line["key"] for line in stored if line["status"] == 200)
