"""pytest's side of the fixture: one server a session, one key a notebook, every cell compared.

nbval runs the cells and compares their outputs. It knows no pytest fixtures, so the environment is
set in a hook, just before a notebook's kernel starts. To run one notebook alone, name this file
too: `pytest tests/conftest.py notebooks/03*.ipynb`.
"""

import os
from collections import defaultdict
from contextlib import ExitStack
from importlib.metadata import version

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile
from openai import OpenAI

from .notebooks import environment
from .replay import recordings
from .replay.server import Answer, Replay, Request, serving


def pytest_configure(config: pytest.Config) -> None:
    """Register the notebooks' hooks for the whole session: a conftest's own end at its folder."""
    config.pluginmanager.register(Notebooks())


def pytest_report_header() -> str:
    """The versions that what a notebook prints depends on."""
    return ", ".join(f"{name} {version(name)}" for name in ("openai", "nbval", "ipykernel"))


class Notebooks:
    """The server that the notebooks talk to, and what each of them asked it."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.asked: dict[str, list[tuple]] = defaultdict(list)

    def pytest_sessionstart(self) -> None:
        replay = Replay(recordings.load(), self.log)
        self.base_url = self.open.enter_context(serving(replay))

    def pytest_sessionfinish(self) -> None:
        self.open.close()

    def log(self, request: Request, answer: Answer) -> None:
        self.asked[request.key].append((request.method, request.target, answer.headers["x-replay"]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item):
        """Point the kernel that may be about to start at the server, with its notebook's key."""
        if not isinstance(item, IPyNbCell):
            return (yield)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment(item.path.stem, self.base_url).items():
                patch.setenv(name, value)
            for name in os.environ.keys() - environment(item.path.stem, self.base_url).keys():
                patch.delenv(name)
            return (yield)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put a test behind each notebook's last cell: what it asked is what its recording has."""
        last = {item.parent: item for item in items if isinstance(item, IPyNbCell)}
        for notebook, cell in last.items():
            test = Asked.from_parent(notebook, name="its recording", asked=self.asked)
            items.insert(items.index(cell) + 1, test)


class Asked(pytest.Item):
    """A notebook asked all that its recording has, in that order, and was answered from it."""

    parent: IPyNbFile

    def __init__(self, asked: dict[str, list[tuple]], **kwargs) -> None:
        super().__init__(**kwargs)
        self.asked = asked

    def runtest(self) -> None:
        name = self.path.stem
        exchanges = recordings.read(recordings.FOLDER / f"{name}.json")
        wanted = [(e.method, e.path, "recorded") for e in exchanges if e.key is None]
        assert self.asked[f"sk-replay-{name}"] == wanted

    def reportinfo(self) -> tuple:
        return self.path, None, f"{self.path.name}: {self.name}"


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
