"""What a user sees of every fault an endpoint can have is what docs/extractors.md says."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from harness.cases.suite import Endpoint
from harness.core.records import Answer, Failure
from harness.extract.endpoint.connect import connect
from harness.extract.sending.admission import AdmissionGate
from harness.extract.sending.budget import Budget, Caps
from harness.extract.sending.caller import Caller
from harness.extract.sending.exchanges import EXCHANGES, Exchanges
from harness.extract.sending.pace import Ceilings, Pace
from harness.extract.sending.send import Patience, Sender
from harness.run.clock import now
from tests.extract.server.behaviour import Behaviour, Fault
from tests.extract.server.serving import serving
from tests.extract.shapes import case, document, suite

DOC = Path(__file__).parents[2] / "docs" / "extractors.md"
KEY = "sk-secret-0123456789"
ROW = re.compile(
    r"^\| `([\w-]+)` \| [^|]+ \| (yes|no) \| (`\w+`|an answer) \| (.*) \|$", re.MULTILINE
)


def seen(fault: Fault, folder: Path) -> tuple[bool, str, str]:
    """Return whether a fault is asked about again, and the kind and message it ends in."""
    one = replace(case("a", document("a.txt", 'ANSWER {"rent": 900}\n')), schema={"type": "object"})
    behaviour = Behaviour(faults={fault: 1.0}, drip_seconds=0.0001, retry_after="0.01")
    with serving(behaviour) as server:
        seconds = 0.5 if fault is Fault.HANG else 30.0
        spec = Endpoint("openai", "m", server.url, key_env="MY_KEY", mode="text", seconds=seconds)
        client = connect(spec, suite(folder))
        exchanges = Exchanges(folder / EXCHANGES)
        sender = Sender(
            client.transport,
            AdmissionGate(Pace(Ceilings(8), Random(0))),
            Budget(Caps(), None),
            exchanges,
            now,
            Random(0),
            Patience(attempts=2, refusals=2, seconds=60.0),
        )

        async def ask() -> Answer | Failure:
            try:
                return await client.extract_with(one, Caller(sender, None).calls("a", 1))
            finally:
                await client.transport.close()
                exchanges.close()

        said = asyncio.run(ask())
        again = server.counts.calls.total() > 1
    assert KEY not in (folder / EXCHANGES).read_text("utf-8")
    if isinstance(said, Answer):
        return again, "an answer", ""
    return again, f"`{said.kind}`", " ".join(said.message.split()).replace("|", "\\|")


def rows() -> dict[str, tuple[bool, str, str]]:
    """Return the table of docs/extractors.md."""
    found = ROW.findall(DOC.read_text("utf-8"))
    return {fault: (again == "yes", kind, message) for fault, again, kind, message in found}


def test_the_table_has_every_fault_once() -> None:
    assert sorted(rows()) == sorted(Fault)


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_is_seen_as_the_table_says(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    assert seen(fault, tmp_path) == rows()[fault]
