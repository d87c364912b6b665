"""nbval's side of the fixture: one server a session, one key a notebook, every cell compared.

nbval runs the cells and compares their outputs. It knows no pytest fixtures, so a notebook's kernel
is started in a hook, with its environment, while the notebook before it still runs.
"""

import subprocess
import threading
from collections import defaultdict
from contextlib import ExitStack

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager
from nbval.plugin import IPyNbCell, IPyNbFile

from .notebooks import changed, environment, key_of
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Answer, Request
from .replay.server import serving

# What every notebook imports first; no name of it is left. It loads while another notebook runs.
LOADED_AHEAD = "--IPKernelApp.exec_lines=import dotenv, openai.types.beta; del dotenv, openai"


class Kernel(KernelManager):
    """nbval starts a kernel, and stops it, and waits for both: here it need not."""

    def start_kernel(self, **options) -> None:
        if not self.has_kernel:
            super().start_kernel(**options)

    def shutdown_kernel(self, **options) -> None:
        threading.Thread(target=super().shutdown_kernel, kwargs=options).start()


class Notebooks:
    """The server that the notebooks talk to, and what each of them asked it."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.asked: dict[str, list[tuple]] = defaultdict(list)
        self.waiting: list[IPyNbFile] = []  # for a kernel
        self.ahead: dict[IPyNbFile, KernelManager] = {}  # kernels that are not in use yet

    def pytest_sessionstart(self) -> None:
        replay = Replay(recordings.load())
        replay.observers.append(self.observe)
        self.base_url = self.open.enter_context(serving(replay))

    def pytest_sessionfinish(self) -> None:
        for kernel in self.ahead.values():
            kernel.shutdown_kernel(now=True)
        self.open.close()

    def observe(self, request: Request, answer: Answer) -> None:
        self.asked[request.key].append((request.method, request.target, answer.headers["x-replay"]))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        cells = [item for item in session.items if isinstance(item, IPyNbCell)]
        self.waiting = list(dict.fromkeys(cell.parent for cell in cells))

    def pytest_terminal_summary(self, terminalreporter, exitstatus: int) -> None:
        """When something failed: which notebooks are not the committed ones."""
        if exitstatus:
            for name in changed():
                path = f"notebooks/{name}"
                terminalreporter.write_line(
                    f"{path} differs from the committed copy. To get that back: git restore {path}"
                )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item):
        """Give a notebook that begins its kernel, and start the next one's meanwhile."""
        if not isinstance(item, IPyNbCell) or item.parent.kernel:
            return (yield)
        kernel = self.ahead.pop(item.parent, None) or self.start(item.parent)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nbval.kernel, "KernelManager", lambda **_: kernel)
            result = yield
        # Under pytest-xdist the next one may be another worker's.
        if self.waiting and not hasattr(item.config, "workerinput"):
            following = self.waiting[0]
            self.ahead[following] = self.start(following)
        return result

    def start(self, notebook: IPyNbFile) -> KernelManager:
        """A new interpreter for a notebook, pointed at the server with the notebook's key."""
        self.waiting.remove(notebook)
        kernel = Kernel(
            kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()
        )
        environ = environment(notebook.path.stem, self.base_url)
        options = {"cwd": notebook.path.parent, "env": environ, "stderr": subprocess.DEVNULL}
        kernel.start_kernel(**options, extra_arguments=[LOADED_AHEAD])
        return kernel

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
        assert self.asked[key_of(name)] == wanted

    def reportinfo(self) -> tuple:
        return self.path, None, f"{self.path.name}: {self.name}"
