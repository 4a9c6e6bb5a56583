"""The first hour of three people, timed: two files, ten documents and an endpoint, a notebook."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import harness

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # its tests make the documents
from tests.tutorial import make_documents  # noqa: E402

PAIRS = 10_000


@dataclass
class Walk:
    """The commands of one person, what they printed, and how long they took."""

    home: Path
    venv: Path
    commands: int = 0
    seconds: float = 0.0
    transcript: list[str] = field(default_factory=list)

    def go(self, *words: str, shown: str = "", codes: tuple[int, ...] = (0,)) -> None:
        """Run a command as its user types it; any other exit code ends the benchmark."""
        self.home.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        path = f"{self.venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "COLUMNS": "100"}
        env.pop("PYTHONPATH", None)
        done = subprocess.run(  # noqa: S603  # commands of ours
            words, cwd=self.home, env=env, capture_output=True, text=True, check=False
        )
        self.seconds += time.perf_counter() - began
        self.commands += 1
        said = (done.stdout + done.stderr).rstrip() if words[0] != "pip" else ""
        self.transcript += [f"$ {shown or ' '.join(words)}", said]
        if done.returncode not in codes:
            print("\n".join(self.transcript))
            sys.exit(f"{words} ended with {done.returncode}")


class Endpoint(BaseHTTPRequestHandler):
    """A model of the OpenAI dialect that reads an invoice out of what it is asked."""

    def do_POST(self) -> None:  # the name http.server calls
        """Answer with the invoice as it stands, but for the comma of amounts from 1,000 on."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = "\n".join(str(each["content"]) for each in asked["messages"])
        number = re.findall(r"Invoice (INV-\d+)", text)
        lines = re.findall(r"(\d+) +(\w.*?) +([\d.]+)$", text, re.MULTILINE)
        answer = {
            "vendor": (re.findall(r"(.*)\nInvoice INV", text) or [""])[-1],
            "number": number[-1] if number else "",
            "date": (re.findall(r"Date: (\S+)", text) or [""])[-1],
            "total": float((re.findall(r"Total ([\d.]+)", text) or ["0"])[-1]),
            "lines": [{"count": int(n), "part": p, "price": float(x)} for n, p, x in lines],
        }
        reply = {
            "id": "1",
            "object": "chat.completion",
            "model": "mock",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": json.dumps(answer)},
                }
            ],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


def main() -> None:
    """Print a table with each goal beside what was measured, and the transcripts."""
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        wheel, venv = wheel_and_venv(home)
        walks = [
            ("wheel installed, two files scored", two_files(home, venv, wheel), 60, 3),
            ("ten PDFs and an endpoint", ten_documents(home, venv, wheel), 180, 5),
            ("notebook: a corpus scored", notebook(home, venv), 60, 1),
        ]
        print("| walk | commands | at most | seconds | at most |\n|---|---|---|---|---|")
        for name, walk, most, commands in walks:
            print(f"| {name} | {walk.commands} | {commands} | {walk.seconds:.1f} | {most} |")
        print(f"\nimport harness: {imported(venv) * 1000:.1f} ms, at most 50")
        print(f"evaluate on {PAIRS} flat pairs: {evaluated():.2f} times their scoring, at most 3")
        for name, walk, *_ in walks:
            print(f"\n## {name}\n\n```text")
            print("\n".join(walk.transcript).replace(str(home), "~"))
            print("```")


def wheel_and_venv(home: Path) -> tuple[Path, Path]:
    """Build the wheel and an empty environment."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(home / "dist")]
    subprocess.run([*build, str(ROOT)], check=True)  # noqa: S603  # ours
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)  # noqa: S603  # ours
    return next((home / "dist").glob("*.whl")), home / "venv"


def two_files(home: Path, venv: Path, wheel: Path) -> Walk:
    """Install the wheel and score two files that another program has written."""
    walk = Walk(home / "files", venv)
    walk.home.mkdir()
    truths = [{"id": n, "total": n, "city": "Oslo"} for n in range(200)]
    answers = [{**one, "total": -1} if one["id"] == 3 else one for one in truths]  # one
    for name, rows in (("gold", truths), ("answers", answers)):
        (walk.home / f"{name}.json").write_text(json.dumps(rows), "utf-8")
    walk.go("pip", "install", "--quiet", "--disable-pip-version-check", str(wheel))
    walk.go("harness", "score", "gold.json", "answers.json")
    return walk


def ten_documents(home: Path, venv: Path, wheel: Path) -> Walk:
    """Make a suite of the tutorial's ten PDFs with truths and ask an endpoint about them."""
    walk = Walk(home / "documents", venv)
    walk.home.mkdir()
    make_documents(walk.home)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    install = ("pip", "install", "--quiet", "--disable-pip-version-check")
    walk.go(*install, f"{wheel}[documents]")
    walk.go("harness", "init", "invoices", "--truths", "truths", "--name", "invoices")
    walk.go("harness", "check")
    walk.go("harness", "run", "--model", "mock", "--base-url", address)
    walk.go("harness", "show")
    server.shutdown()
    return walk


NOTEBOOK = """
import harness
truths = [{"total": n, "city": "Oslo"} for n in range(100)]
answers = [{"total": n, "city": "Oslo" if n % 7 else "Rome"} for n in range(100)]
report = harness.evaluate(truths, answers)
print(report)
""".strip()


def notebook(home: Path, venv: Path) -> Walk:
    """Run five lines as a notebook would."""
    walk = Walk(home / "notebook", venv)
    walk.go("python", "-c", NOTEBOOK, shown="\n" + NOTEBOOK)
    return walk


def imported(venv: Path) -> float:
    """Return the median seconds `import harness` takes in a fresh process."""
    code = "import time; t = time.perf_counter(); import harness; print(time.perf_counter() - t)"
    command = [str(venv / "bin" / "python"), "-c", code]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(9)]  # noqa: S603  # ours
    return median(float(run.stdout) for run in runs)


def evaluated() -> float:
    """Return the cost of `evaluate`, as a multiple of scoring the same pairs one by one."""
    truths = [
        {"id": f"i{n}", "total": n, "city": "Oslo", "date": "2026-01-02", "paid": True}
        for n in range(PAIRS)
    ]
    answers = [{**one, "total": -1} if n % 5 == 0 else one for n, one in enumerate(truths)]
    ratios = []
    for _ in range(5):
        plan = harness.Plan(None)
        began = time.process_time()
        results = [plan.score(*pair) for pair in zip(truths, answers, strict=True)]
        scored = time.process_time()
        harness.evaluate(truths, answers)
        ratios.append((time.process_time() - scored) / (scored - began))
        del results
    return median(ratios)


if __name__ == "__main__":
    main()
