"""nbval's side of the server: one server a session, one key a notebook, every cell compared.

nbval runs the cells and compares their outputs. It knows no pytest fixtures, so the environment
that its kernels start with is set in a hook.
"""

from collections import defaultdict
from contextlib import ExitStack
from itertools import zip_longest

import pytest
from nbval.plugin import IPyNbCell

from .notebooks import changed, environment, key_of
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Answer, Request
from .replay.server import serving


class Notebooks:
    """The server that the notebooks talk to, and what each of them asked it."""

    def __init__(self, config: pytest.Config) -> None:
        self.open = ExitStack()
        self.asked: dict[str, list[tuple]] = defaultdict(list)
        self.failed = 0
        self.config = config
        self.changed = [f"notebooks/{name}" for name in changed()]
        if self.changed and config.option.tbstyle == "auto":
            config.option.tbstyle = "line"  # one change fails many tests

    def pytest_sessionstart(self) -> None:
        replay = Replay(recordings.load())
        replay.observers.append(self.observe)
        self.base_url = self.open.enter_context(serving(replay))
        self.hint()

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.open.close()
        self.failed = exitstatus

    def pytest_unconfigure(self) -> None:
        """Behind all else, where something failed."""
        if self.failed:
            self.hint()

    def hint(self) -> None:
        """Which notebooks are not the committed ones, and how to test those."""
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if self.changed and reporter:
            for line in (
                f"You have changed {', '.join(self.changed)}. Some tests may fail for that reason.",
                "To test without your changes: git stash, test again, git stash pop.",
                "To see a failure in full: --tb=long.",
            ):
                reporter.write_line(line)

    def observe(self, request: Request, answer: Answer) -> None:
        self.asked[request.key].append((request.method, request.target, answer.headers["x-replay"]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item):
        """The kernel that a notebook's first cell starts is pointed at the server."""
        with pytest.MonkeyPatch.context() as patch:
            if isinstance(item, IPyNbCell):
                for name, value in environment(item.path.stem, self.base_url).items():
                    patch.setenv(name, value)
            return (yield)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put a test behind each notebook's last cell: what it asked is what its recording has."""
        last = {item.parent: item for item in items if isinstance(item, IPyNbCell)}
        for notebook, cell in last.items():
            test = Asked.from_parent(notebook, name="its recording", asked=self.asked)
            items.insert(items.index(cell) + 1, test)


class Asked(pytest.Item):
    """A notebook asked all that its recording has, in that order, and was answered from it."""

    def __init__(self, asked: dict[str, list[tuple]], **kwargs) -> None:
        super().__init__(**kwargs)
        self.asked = asked

    def runtest(self) -> None:
        name = self.path.stem
        exchanges = recordings.read(recordings.FOLDER / f"{name}.json")
        wanted = [(e.method, e.path, "recorded") for e in exchanges if e.key is None]
        both = zip_longest(self.asked[key_of(name)], wanted)
        for number, (asked, recorded) in enumerate(both, start=1):
            if asked != recorded:
                says = f"Request {number} was {asked}, and its recording has {recorded}."
                pytest.fail(says, pytrace=False)

    def reportinfo(self) -> tuple:
        return self.path, None, f"{self.path.name}: {self.name}"
