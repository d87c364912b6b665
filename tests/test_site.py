"""The site, as far as it goes without a browser; `python -m tests.browser site` checks the rest."""

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from base64 import b64encode
from http.client import HTTPConnection
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI, PermissionDeniedError
from packaging.requirements import Requirement

from .help import ROOT
from .notebooks import FOLDER, JAPANESE, PATHS
from .sheet import FILES
from .site import __main__ as command
from .site import pages, tab

HERE = ROOT / "tests" / "site"
TAB = {"base_url": "http://127.0.0.1/v1", "api_key": "sk-tab", "max_retries": 0}


def requirements(path: Path) -> dict[str, Requirement]:
    """The lines of a requirements file by the name of the package."""
    lines = re.findall(r"^[a-z].*?(?=\s*(?:[#\\]|$))", path.read_text(encoding="utf-8"), re.M)
    return {found.name: found for found in map(Requirement, lines)}


def test_the_versions_in_the_tab_are_the_desktops():
    desktop, here = requirements(ROOT / "requirements.txt"), requirements(HERE / "wheels.txt")
    both = desktop.keys() & here.keys()
    assert both >= {"openai", "python-dotenv", "httpx2", "pydantic-core"}
    for name in both:
        version = str(here[name].specifier).removeprefix("==")
        assert desktop[name].specifier.contains(version), f"{name} {version}"


@pytest.mark.parametrize("name", ["requirements.txt", "wheels.txt"])
def test_what_is_fetched_has_one_version_and_digests(name: str):
    """It runs in every visitor's browser. pip refuses what a file with digests does not name."""
    text = (HERE / name).read_text(encoding="utf-8")
    for entry in re.findall(r"^[a-z](?:.*\\\n)*.*", text, re.M):
        assert re.match(
            r"[\w-]+ ?== ?[\d.]+ (?:; .*)?\\\n( +--hash=sha256:[0-9a-f]{64}(?: \\\n|$))+$", entry
        )


def test_the_list_that_builds_is_made_from_the_short_one():
    short, whole = requirements(HERE / "requirements.in"), requirements(HERE / "requirements.txt")
    for name, wanted in short.items():
        assert whole[name].specifier == wanted.specifier


def test_what_npm_gives_is_compared_with_its_digest(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(command, "WORK", tmp_path)
    tarball = tmp_path / "left-pad-1.0.tgz"
    tarball.write_bytes(b"as tested")
    digest = b64encode(hashlib.sha512(b"as tested").digest()).decode()
    assert command.packed("left-pad@1.0", f"sha512-{digest}") == tarball
    tarball.write_bytes(b"another")
    with pytest.raises(SystemExit, match="is not what was tested"):
        command.packed("left-pad@1.0", f"sha512-{digest}")
    assert not tarball.exists()  # the next build fetches it


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


@pytest.fixture
def builds(monkeypatch) -> list[Path]:
    """The folders that were built: what takes half a minute only notes them, and leaves a file."""
    folders = []

    def run(words: list, **_: object) -> None:
        folders.append(words[-1])
        (words[-1] / "jupyter-lite.json").write_text("{}", encoding="utf-8")

    monkeypatch.setattr(command, "tools", lambda: "python")
    monkeypatch.setattr(command.subprocess, "run", run)
    return folders


def test_a_site_is_built_again_only_when_what_it_is_made_of_has_changed(
    tmp_path: Path, builds, monkeypatch
):
    site = tmp_path / "site"
    command.build(site)
    command.build(site)
    assert builds == [site]
    (site / "old.html").write_text("", encoding="utf-8")
    monkeypatch.setattr(command, "digest", lambda: "another")
    command.build(site)
    assert builds == [site, site]
    assert not (site / "old.html").exists()


def test_a_change_of_any_source_changes_the_digest(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(command, "ROOT", tmp_path)
    sources = [
        "notebooks/README.md",
        "notebooks/images/01.svg",
        "notebooks/ja/01.ipynb",
        "tests/replay/api.py",
        "tests/recordings/1.json",
    ]
    sources += ["tests/site/index.html", "tests/site/wheels.txt"]
    seen = {command.digest()}
    for name in sources:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("new", encoding="utf-8")
        seen.add(command.digest())
    assert len(seen) == 1 + len(sources)


@pytest.mark.parametrize("name", ["mine.txt", "jupyter-lite.json"])
def test_a_folder_of_another_project_is_not_emptied(tmp_path: Path, builds, name: str):
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match="Name another folder"):
        command.build(tmp_path)
    assert (tmp_path / name).exists()
    assert not builds


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "99999"], "from 0 to 65535"),
        (["--build", "FILE"], "Not built: .*FILE: "),
        (["--build", "FILE/below"], "Not built: .*FILE"),
    ],
)
def test_what_does_not_work_is_one_sentence(
    tmp_path: Path, builds, monkeypatch, capsys, words: list[str], says: str
):
    (tmp_path / "FILE").write_text("mine", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["tests.site", *words])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert re.search(says, f"{ended.value}{capsys.readouterr().err}")


def test_a_line_is_printed_where_the_terminal_lacks_a_letter(monkeypatch):
    out = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(out, encoding="cp932"))
    command.say("場所 🧵: 530 files")
    assert out.getvalue().decode("cp932").rstrip() == "場所 ?: 530 files"


def test_a_path_that_no_file_can_have_is_not_found():
    server = command.Server((command.HOST, 0), command.Handler)
    threading.Thread(target=server.handle_request, daemon=True).start()
    connection = HTTPConnection(command.HOST, server.server_port, timeout=30)
    connection.request("GET", "/%00")
    assert connection.getresponse().status == 404
    connection.close()
    server.server_close()


PAGES = {"start": pages.start_page(), **{name: pages.sheet_page(name) for name in FILES}}


def test_the_start_page_has_what_the_apps_look_for():
    assert PAGES["start"].count('id="jupyter-config-data"') == 1
    addresses = re.findall('href="(.*?)"', PAGES["start"])
    assert {"sheet.html", "ja/sheet.html"} <= set(addresses)
    assert sum("path=" in address for address in addresses) == len([*PATHS, *JAPANESE])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_and_runs_its_own_script_only(name: str):
    page = PAGES[name]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert page.count(f"script-src 'sha256-{digest}'") == 1
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "{{" not in page


@pytest.mark.parametrize("name", PAGES)
def test_a_list_of_a_pages_links_makes_sense_when_it_is_read_out(name: str):
    """No two of one language have the same name, unless they lead to the same place."""
    places = {}
    for marks, text in re.findall(r"<a (.*?)>(.*?)</a>", PAGES[name], re.S):
        label = re.search('aria-label="(.*?)"', marks)
        words = label[1] if label else re.sub("<.*?>", "", text)
        address = re.search('href="(.*?)"', marks)[1]
        assert places.setdefault((words, "=ja/" in unquote(address)), address) == address
    assert len(places) > 15


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str):
    ids = set(re.findall(' id="(.*?)"', PAGES[name] + PAGES["start"]))
    there = {path.relative_to(FOLDER).as_posix() for path in [*PATHS, *JAPANESE]}
    for address in re.findall('<a .*?href="(.*?)"', PAGES[name]):
        path, _, fragment = address.partition("#")
        assert unquote(fragment) in {"", *ids}, address
        opens = unquote(path).partition("tree/index.html?path=")[2]
        assert opens in there or re.fullmatch(r"(\.\.?/)?((ja/)?sheet\.html)?", path), address


def test_the_tab_has_what_answers_and_nothing_else():
    """A module that nothing there imports is loaded by every visitor for nothing."""
    code = "import sys, tests.site.tab; print(*(m for m in sys.modules if 'tests.replay.' in m))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    needed = set(done.stdout.decode().split())
    below = {path.stem for path in (ROOT / "tests" / "replay").glob("*.py")} - {"__init__"}
    assert {name for name in below if f"tests.replay.{name}" in needed} == below - {
        *command.LEFT_OUT
    }


def test_actions_are_named_by_commit():
    """A tag can be moved to other code."""
    for path in (ROOT / ".github" / "workflows").iterdir():
        for action in re.findall(r"uses: (.*)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action), f"{path.name}: {action}"


def test_the_container_installs_what_the_readme_does():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    install, copy = container["postCreateCommand"].rsplit(" && ", 1)
    assert install in readme
    assert copy == "cp -n .env.example .env"
    assert container["postAttachCommand"]["server"] in readme
    for path in container["customizations"]["codespaces"]["openFiles"]:
        assert (ROOT / path).is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub needs Linux or macOS")
def test_the_lines_for_jupyterhub_copy_only_what_is_missing(tmp_path: Path):
    """They run as the user, who has a link and a file of their own there."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    start = re.search(r'START = """(.*?)"""', readme, re.S)[1]
    home, clone, elsewhere = tmp_path / "home", tmp_path / "a clone", tmp_path / "elsewhere"
    for name in ("01.ipynb", "02.ipynb", "ja/01.ipynb"):
        (clone / "notebooks" / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / "notebooks" / name).write_text("published", encoding="utf-8")
    (home / "notebooks").mkdir(parents=True)
    (home / "notebooks" / "01.ipynb").write_text("mine", encoding="utf-8")
    elsewhere.mkdir()
    (home / "notebooks" / "ja").symlink_to(elsewhere)
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin" / "python").symlink_to("/bin/echo")
    command = ["sh", "-c", start, clone, "--an=argument"]
    done = subprocess.run(command, env={"HOME": str(home), "PATH": os.defpath}, capture_output=True)
    assert done.stdout.decode().split()[-2:] == ["jupyterhub-singleuser", "--an=argument"]
    texts = [path.read_text("utf-8") for path in sorted((home / "notebooks").glob("*.ipynb"))]
    assert texts == ["mine", "published"]
    assert not list(elsewhere.iterdir())
