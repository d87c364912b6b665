"""Fixtures of the tests, and the notebooks' hooks.

To run one notebook alone, name this file too: `pytest tests/conftest.py notebooks/03*.ipynb`.
"""

from functools import cache
from importlib.metadata import version

import httpx2._transports.default as transports
import pytest
from openai import OpenAI

from .nbval_hooks import Notebooks
from .replay import recordings
from .replay.api import Replay
from .replay.server import serving


def pytest_configure(config: pytest.Config) -> None:
    """Register the notebooks' hooks for the whole session: a conftest's own end at its folder.

    Each of the many clients here would read 140 certificates, and speak plain HTTP: one does.
    """
    config.pluginmanager.register(Notebooks())
    transports.create_ssl_context = cache(transports.create_ssl_context)


def pytest_report_header() -> str:
    """The versions that what a notebook prints depends on."""
    return ", ".join(f"{name} {version(name)}" for name in ("openai", "nbval", "ipykernel"))


@pytest.fixture
def replay() -> Replay:
    """A server's answers with the project's recordings and no state yet."""
    return Replay(recordings.load())


@pytest.fixture
def base_url(replay: Replay):
    """`replay`, served."""
    with serving(replay) as url:
        yield url


@pytest.fixture
def client(base_url: str) -> OpenAI:
    """The SDK's client with a key of its own."""
    return OpenAI(base_url=base_url, api_key="sk-test", max_retries=0)
