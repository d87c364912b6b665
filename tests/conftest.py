"""Fixtures of the tests, and the notebooks' hooks.

To run one notebook alone, name this file too: `pytest tests/conftest.py notebooks/03*.ipynb`.
"""

import json
import os
from functools import cache
from pathlib import Path

import httpx2._transports.default as transports
import pytest
from openai import OpenAI

from .nbval_hooks import Notebooks
from .notebooks import surroundings
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Exchange
from .replay.resources import models
from .replay.server import serving
from .replay.taught import Taught


def pytest_configure(config: pytest.Config) -> None:
    """No test sees the user's settings; the notebooks' hooks are there for the whole session.

    A conftest's own hooks end at its folder. Each of the many clients here would read 140
    certificates, and speak plain HTTP: one does.
    """
    settings = surroundings() | {"PYTHON_DOTENV_DISABLED": "1"}
    os.environ.clear()
    os.environ.update(settings)
    config.pluginmanager.register(Notebooks(config))
    transports.create_ssl_context = cache(transports.create_ssl_context)


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the tests: it decides which models have reached their last one."""
    monkeypatch.setattr(models, "today", lambda: "2026-11-25")


@pytest.fixture(scope="session")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A question that calls a function, and what is said of its output."""
    asked, call = {"to": "東京の天気は？"}, {"name": "get_weather", "arguments": {"city": "東京"}}
    said = {"after": ["東京: 晴れ、18度"], "text": "東京は晴れで、18度です。"}
    file = tmp_path_factory.mktemp("taught") / "replies.json"
    file.write_text(json.dumps({"replies": [asked | {"calls": [call]}, asked | said]}), "utf-8")
    return file


@pytest.fixture(scope="session")
def recorded() -> list[Exchange]:
    """The project's recordings."""
    return recordings.load()


@pytest.fixture
def replay(recorded: list[Exchange], weather: Path) -> Replay:
    """A server's answers with the project's recordings, a question more, and no state yet."""
    return Replay(recorded, taught=Taught(weather))


@pytest.fixture
def base_url(replay: Replay):
    """`replay`, served."""
    with serving(replay) as url:
        yield url


@pytest.fixture
def client(base_url: str) -> OpenAI:
    """The SDK's client with a key of its own."""
    return OpenAI(base_url=base_url, api_key="sk-test", max_retries=0)
