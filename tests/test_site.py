"""The site, as far as it goes without a browser; `python -m tests.browser site` checks the rest."""

import asyncio
import json
import re
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI, PermissionDeniedError
from packaging.requirements import Requirement

from .notebooks import FOLDER
from .site import __main__ as command
from .site import tab

ROOT = FOLDER.parent
HERE = ROOT / "tests" / "site"
TAB = {"base_url": "http://127.0.0.1/v1", "api_key": "sk-tab", "max_retries": 0}


def requirements(path: Path) -> dict[str, Requirement]:
    """The lines of a requirements file by the name of the package."""
    lines = re.findall(r"^[a-z].*?(?=\s*(?:#|$))", path.read_text(encoding="utf-8"), re.M)
    return {found.name: found for found in map(Requirement, lines)}


def test_the_versions_in_the_tab_are_the_desktops():
    desktop, here = requirements(ROOT / "requirements.txt"), requirements(HERE / "wheels.txt")
    both = desktop.keys() & here.keys()
    assert both >= {"openai", "python-dotenv", "httpx2", "pydantic-core"}
    for name in both:
        version = str(here[name].specifier).removeprefix("==")
        assert desktop[name].specifier.contains(version), f"{name} {version}"


@pytest.mark.parametrize("name", ["requirements.txt", "wheels.txt"])
def test_every_version_is_exact(name: str):
    for found in requirements(HERE / name).values():
        assert re.fullmatch(r"==[\d.]+", str(found.specifier)), found


@pytest.fixture
def connected(monkeypatch):
    """This process as the tab's: no client opens a connection."""
    for name in ("HTTPTransport", "AsyncHTTPTransport"):
        monkeypatch.setattr(httpx2._client, name, None)
    tab.connect()


def test_every_client_in_the_tab_asks_the_same_recordings(connected):
    thread = OpenAI(**TAB).beta.threads.create(metadata={"user": "結衣"})
    raw = OpenAI(**TAB).beta.threads.with_raw_response.retrieve(thread.id)
    assert raw.parse().metadata == {"user": "結衣"}
    assert raw.headers["x-replay"] == "computed"

    async def asked() -> object:
        async with AsyncOpenAI(**TAB) as client:
            return await client.beta.threads.retrieve(thread.id)

    assert asyncio.run(asked()) == raw.parse()


def test_a_query_reaches_the_rules(connected):
    client = OpenAI(**TAB)
    items = [{"role": "user", "content": text} for text in "abc"]
    conversation = client.conversations.create(items=items)
    page = client.conversations.items.list(conversation.id, limit=2, order="asc")
    assert [item.content[0].text for item in page.data] == ["a", "b"]
    assert len(list(page)) == 3


def test_a_stream_in_the_tab(connected):
    client = OpenAI(**TAB)
    events = list(client.responses.create(model="gpt-6-luna", input="Hi", stream=True))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")


def test_the_tab_does_not_answer_for_another_host(connected):
    with pytest.raises(PermissionDeniedError, match="replay"):
        OpenAI(**TAB | {"base_url": "https://api.openai.com/v1"}).models.retrieve("x")


def test_a_kernels_start_leaves_no_name_and_loads_the_sdk_later(connected, monkeypatch):
    loaded = []
    monkeypatch.setattr(tab, "PAUSE", 0)
    monkeypatch.setattr(tab, "load", lambda: loaded.append("the SDK"))
    shell = SimpleNamespace(Completer=SimpleNamespace(use_jedi=True))
    scope = {"get_ipython": lambda: shell, "__builtins__": __builtins__}

    async def kernel() -> None:
        exec((HERE / "startup.py").read_text(encoding="utf-8"), scope)
        assert not loaded
        await asyncio.sleep(0.01)

    asyncio.run(kernel())
    assert loaded
    assert not shell.Completer.use_jedi
    assert scope.keys() == {"get_ipython", "__builtins__"}


def test_what_is_loaded_early_is_there(connected, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-tab")
    tab.load()


def test_a_folder_with_other_files_is_not_emptied(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match="Name another folder"):
        command.build(tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_the_start_page_has_what_the_rest_looks_for():
    page = (HERE / "index.html").read_text(encoding="utf-8")
    # JupyterLite's apps read the first; the build fills in the others.
    for part in ('id="jupyter-config-data"', "{{notebooks}}", "{{sheet}}"):
        assert page.count(part) == 1
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)  # nothing from elsewhere


def test_the_container_installs_what_the_readme_does():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    install, copy = container["postCreateCommand"].rsplit(" && ", 1)
    assert install in readme
    assert copy == "cp -n .env.example .env"
    assert container["postAttachCommand"]["server"] in readme
    for path in container["customizations"]["codespaces"]["openFiles"]:
        assert (ROOT / path).is_file()
