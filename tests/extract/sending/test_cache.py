"""The cache: whole after a kill, shared by processes, and nobody's but ours."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.extract.sending.cache import LEASE_SECONDS, Cache, owner_name
from harness.extract.transport import Response

URL = "https://api.example.com/v1"
AT = "2026-11-22T10:00:00.000+00:00"


def reply(body: bytes) -> Response:
    return Response(200, {"content-type": "application/json"}, body, 0.5)


def test_what_is_kept_is_found_byte_for_byte(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deep" / "cache.sqlite3")
    bodies = [b"", b"\xff\x00\n", '{"a": "\u00e9"}'.encode()]
    for number, body in enumerate(bodies):
        cache.keep(("0" * 64, number), URL, reply(body), AT)
    assert [cache.find("0" * 64, number) for number in range(3)] == [reply(b) for b in bodies]
    assert cache.find("1" * 64, 0) is None
    cache.close()


def test_old_answers_can_be_dropped_of_one_endpoint_or_of_all(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite3")
    for number, (url, at) in enumerate([("a", "2026-01"), ("a", "2026-03"), ("b", "2026-01")]):
        cache.keep(("k", number), url, reply(b"12345"), at)
    assert [(h.url, h.answers, h.size) for h in cache.held()] == [("a", 2, 10), ("b", 1, 5)]
    assert cache.prune("2026-02", "a") == 1
    assert cache.prune("2026-02") == 1
    assert [(h.url, h.first, h.last) for h in cache.held()] == [("a", "2026-03", "2026-03")]
    cache.close()


WRITER = """
import sys
from pathlib import Path
from harness.extract.sending.cache import Cache
from harness.extract.transport import Response
cache = Cache(Path(sys.argv[1]))
for number in range(200):
    cache.keep((sys.argv[2] + str(number), 1), "u", Response(200, {}, b"x" * 5000, 0.1), "now")
print("kept", flush=True)
sys.stdin.read()
"""


def test_many_processes_write_one_cache_and_a_kill_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in "abc"
    ]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == b"kept\n"
    for writer in writers:
        writer.kill()
        writer.communicate()
    cache = Cache(path)
    assert all(cache.find(f"{name}{n}", 1) for name in "abc" for n in range(200))
    cache.close()


def test_a_file_that_is_no_cache_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(HarnessError, match="the cache cannot be used"):
        Cache(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_cache_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    database = sqlite3.connect(path)
    database.execute("pragma user_version = 99")
    database.close()
    with pytest.raises(HarnessError, match="made by a later version"):
        Cache(path)


def test_a_place_nothing_can_be_made_in_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HarnessError, match="the cache cannot be made"):
        Cache(tmp_path / "file" / "folder" / "cache.sqlite3")


@pytest.mark.parametrize("count", [3, 3_000])
def test_a_question_has_one_claim_until_it_is_given_back_or_not_renewed(
    tmp_path: Path, count: int
) -> None:
    path = tmp_path / "cache.sqlite3"
    one, two = Cache(path), Cache(path)
    mine, other = owner_name(), owner_name()
    asked = [(f"k{number}", 1) for number in range(count)]
    assert all(one.claim(each, mine, 0.0) for each in asked)
    assert not any(two.claim(each, other, 1.0) for each in asked)
    assert all(one.claim(each, mine, 20.0) for each in asked), "renewed"
    assert not any(two.claim(each, other, LEASE_SECONDS + 1) for each in asked)
    one.release(asked[0], mine)
    assert two.claim(asked[0], other, 21.0)
    assert all(two.claim(each, other, 21.0 + LEASE_SECONDS) for each in asked[1:])
    one.release(asked[1], mine)
    assert not one.claim(asked[1], mine, 60.0), "nobody gives back what is another's"
    one.close()
    two.close()


def test_a_process_that_has_ended_holds_no_claim_and_one_of_another_machine_does(
    tmp_path: Path,
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    cache = Cache(tmp_path / "cache.sqlite3")
    assert cache.claim(("a", 1), f"{platform.node()}/{ended.pid}/x", 0.0)
    assert cache.claim(("b", 1), f"elsewhere-{platform.node()}/{ended.pid}/x", 0.0)
    assert cache.claim(("c", 1), f"{platform.node()}/{os.getpid()}/x", 0.0)
    assert [cache.claim((key, 1), owner_name(), 1.0) for key in "abc"] == [True, False, False]
    cache.close()
