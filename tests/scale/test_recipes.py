"""The recipes of the docs for other engines run where these are installed."""

from __future__ import annotations

import importlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.scale.files import Files, invoices

PAGE = Path(__file__).parents[2] / "docs" / "files.md"


@pytest.fixture(scope="module")
def recipes() -> dict[str, Any]:
    code = PAGE.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102  # our own page
    return names


def scored(recipes: dict[str, Any], executor: object, files: Files) -> tuple[str, str]:
    files.write(*("\n".join(lines) for lines in invoices(60)))
    found = recipes["score_on"](executor, *map(str, files.both))
    return json.dumps(found), json.dumps(files.streamed(schema=None).results)


def test_the_recipe_scores_on_any_executor(recipes: dict[str, Any], tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        there, alone = scored(recipes, executor, Files(tmp_path))
    assert there == alone


def test_ray_scores_as_one_process_does(recipes: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("ray")
    ray: Any = importlib.import_module("ray")
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        there, alone = scored(recipes, recipes["RayExecutor"](), Files(tmp_path))
    finally:
        ray.shutdown()
    assert there == alone


def test_spark_scores_as_one_process_does(recipes: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    with recipes["SparkExecutor"](2) as executor:
        there, alone = scored(recipes, executor, Files(tmp_path))
    assert there == alone
