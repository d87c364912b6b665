"""The notebooks' form, their exercises, and that their stored outputs are today's."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbval.plugin import IPyNbCell
from openai import APIStatusError, OpenAIError

from .help import ROOT, WAIT, run
from .nbval_hooks import Asked, Notebooks
from .notebooks import FOLDER, PATHS, changed, committed, environment, key_of, plain, surroundings
from .record import differences
from .refresh import NO_SOURCE_YET, add_missing, refreshed
from .replay import recordings

NOTEBOOKS = {path.name: nbformat.read(path, as_version=4) for path in PATHS}
each = pytest.mark.parametrize("name", NOTEBOOKS)


def cells(name: str, kind: str) -> list:
    return [cell for cell in NOTEBOOKS[name].cells if cell.cell_type == kind]


EXERCISED = [name for name in NOTEBOOKS if not name.startswith("07")]


def test_there_are_seven_and_they_are_short():
    assert [name[:2] for name in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07"]
    texts = [
        re.sub("```.*?```", "", c.source, flags=re.S)
        for n in NOTEBOOKS
        for c in cells(n, "markdown")
    ]
    words = sum(
        len(re.findall(r"[A-Za-z][A-Za-z'’-]*", re.sub(r"\(http[^)]*\)|<[^>]*>", "", t)))
        for t in texts
    )
    assert words <= 5200
    assert sum(len(notebook.cells) for notebook in NOTEBOOKS.values()) <= 420
    assert len(NOTEBOOKS["06_move_to_conversations.ipynb"].cells) <= 60


@each
def test_the_file_is_valid_and_has_no_machine_in_it(name: str):
    """As committed: in the working copy JupyterLab fills in its own, and that is no fault."""
    nbformat.validate(NOTEBOOKS[name])
    text = committed(FOLDER / name)
    notebook = nbformat.reads(text, as_version=4)
    assert notebook.metadata.language_info == {"name": "python"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags"}
    assert not re.search(r"/(home|tmp|Users)/|[A-Z]:\\\\|127\.0\.0\.1:\d", text)
    assert not re.search(r"\bsk-[A-Za-z0-9_-]{8}", text)


@each
def test_counts_run_from_one_so_that_nbval_compares_every_cell(name: str):
    counts = [cell.execution_count for cell in cells(name, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert not re.search(r"NBVAL|PYTEST_VALIDATE|raises-exception", json.dumps(NOTEBOOKS[name]))


@each
def test_outputs_hold_text_and_no_error(name: str):
    for cell in cells(name, "code"):
        for output in cell.outputs:
            assert (output.output_type, output.name) == ("stream", "stdout")


@each
def test_headings_are_one_h1_and_then_no_level_skipped(name: str):
    text = "\n".join(
        re.sub(r"```.*?```", "", c.source, flags=re.S) for c in cells(name, "markdown")
    )
    levels = [len(mark) for mark in re.findall(r"^(#+) ", text, re.M)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    headings = [h for h in re.findall(r"^## (.*)", text, re.M) if not h.startswith("Appendix")]
    assert headings[0] == "Check the connection"
    assert headings[-1] == "In practice"
    if name in EXERCISED:
        assert headings[-2] == "On your own"
        assert "When it goes wrong" in headings


@each
def test_the_first_lines_say_which_of_seven_how_long_and_what_for(name: str):
    title, line = cells(name, "markdown")[0].source.split("\n\n")[:2]
    assert title.startswith("# ")
    number = int(name[:2])
    assert re.match(rf"\*\*{number} of 7 · (\d+) minutes.*?\*\* ", line)


@each
def test_before_comes_before_now_under_the_same_two_headings(name: str):
    """In every section, each at most once; but of errors those of today come first."""
    text = "\n".join(re.sub("```.*?```", "", c.source, flags=re.S) for c in cells(name, "markdown"))
    for section in re.split(r"^## ", text, flags=re.M):
        found = re.findall(r"^### (.*)", section, re.M)
        both = ["Before", "Now"]
        if section.startswith("When it goes wrong"):
            both.reverse()
        assert found in (both, both[:1], both[1:], []), section[:60]


def test_nothing_of_the_article_is_lost():
    for name in NOTEBOOKS:
        shown = "\n".join(
            "\n".join([cell.source, *(output.text for output in cell.outputs)])
            for cell in cells(name, "code")
        )
        for line in ARTICLE.get(name[:2], "").splitlines():
            words = line.strip()
            whole = words in shown
            assert whole or all(word in shown for word in words.split()), words
        text = " ".join(" ".join(cell.source for cell in cells(name, "markdown")).split())
        for words in STATED.get(name[:2], ()):
            assert re.search(words, text) or words in text, words


def test_the_setup_cell_has_eight_lines_and_is_the_same_in_all():
    (source,) = {cells(name, "code")[0].source for name in NOTEBOOKS}
    assert len([line for line in source.splitlines() if line]) == 8
    assert len({cells(name, "code")[1].source for name in NOTEBOOKS}) == 1


@each
def test_a_sentence_stands_before_every_code_cell(name: str):
    for before, cell in pairwise(NOTEBOOKS[name].cells):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown", cell.id
            assert not before.source.splitlines()[-1].startswith(("#", "---")), cell.id


@each
def test_a_loop_over_items_asks_for_the_type(name: str):
    """A reasoning model adds items that are no messages. Solutions are looked at, too."""
    for cell in NOTEBOOKS[name].cells:
        if "for item in" in cell.source and re.search(r"item\.(role|content)", cell.source):
            assert 'item.type == "message"' in cell.source, cell.id


@each
def test_code_is_short_and_plain(name: str):
    for cell in cells(name, "code"):
        lines = [line for line in cell.source.splitlines() if line]
        assert max(map(len, lines)) <= 88
        # A recipe, a program, an exercise: as many as it needs.
        most = 20 if name[:2] in ("06", "07") or cell.id.startswith("exercise") else 12
        assert len(lines) <= most, cell.id
        assert not re.search(r"^\s*[%!]|from tests|import tests", cell.source, re.M)


# What the article has, and where: its samples and messages to the letter, in code or output.
ARTICLE = {
    "01": """Hello, I'm looking for a tutor to help me with my math homework.
        thread_abc123xyz789 1702089600 req_abc123xyz789 org-abc123xyz789 Math Tutor gpt-4
        Help with math h3=":443"; ma=86400 DYNAMIC 2020-10-01 max-age=31536000 nosniff cloudflare
        X-Request-Id Openai-Processing-Ms""",
    "02": """質問です：なぜ空は青いのですか？
        空が青く見える主な理由は光の散乱現象によるものです。
        Python入門について教えて
        Pythonは初心者に優しい言語です。まず基本を説明しましょう
        変数の使い方を教えて
        昨日の続きの説明をお願いします
        昨日は配列の基本まで説明しました
        そうでした。では次に進みましょう
        このレッスンでは中学2年生の数学、特に二次方程式について学習します
        はい、お願いします
        質問1、質問2、質問3があります：\\n1. ...\\n2. ...\\n3. ...
        質問1
        質問2
        質問3""",
    "03": "Object Type: thread\nCreated At: 1733711242\nMetadata: {}\nToolResources:",
    "04": """user_123 active support python,beginner high completed 2024-12-09 agent_789
        metadata={}""",
    "05": "Thread ID: thread_abc123\nObject: thread.deleted\nDeleted: True",
}
# And what it says of them, in a word or two of ours.
STATED = {
    "01": (
        "needs no assistant yet", "Everything that is said goes into it", "runs in the background|"
        "works in the background", "whole history", "tutoring, customer support, long projects",
        "another day", "attached files", "Every call can fail", "Protect your key",
        r"checks for an empty `OPENAI_API_KEY`", "never shows its messages", r"`tool_resources`",
    ),
    "02": (
        "`user` marks what a person says", "began in another place", "you stored a conversation",
        "needs a starting point", "begin with one user message", "a run writes the assistant's",
        "Wait for the run",
    ),
    "03": ("retrieve does not return them", "{0xc000098120 <nil>}"),
    "04": ("deletes all metadata",),
}  # fmt: skip


def point(monkeypatch, base_url: str, key: str) -> None:
    """This process at a server."""
    monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    monkeypatch.setenv("OPENAI_API_KEY", key)


def test_the_test_file_passes_as_pasted_beside_its_replies(tmp_path: Path):
    """As notebook 06 says: in a folder of one's own, by the path to the server."""
    text = "\n".join(cell.source for cell in cells(PATHS[5].name, "markdown"))
    for name, kind in (("replies.json", "json"), ("test_clerk.py", "python")):
        found = re.search(rf"`{name}`:\n\n```{kind}\n(.*?)```", text, re.S)[1]
        (tmp_path / name).write_text(found, encoding="utf-8")
    command = re.search("path/to/tests/replay (.*) .../your_venv/bin/python (-m pytest)`", text)
    options = [*command[1].split(), sys.executable, *command[2].split(), "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "replay", *options],
        cwd=tmp_path,
        env=surroundings() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=WAIT,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("order", [list, reversed])
def test_in_any_order_and_with_one_key_the_notebooks_print_what_is_stored(
    order, base_url: str, monkeypatch, capsys
):
    """As somebody does who opens one after the other: what is made up for one, no other shows."""
    point(monkeypatch, base_url, "sk-one")
    for name in order(NOTEBOOKS):
        scope: dict = {}
        for cell in cells(name, "code"):
            run(cell.source, f"{name}: {cell.id}", scope)
            printed = capsys.readouterr().out
            assert printed == "".join(output.text for output in cell.outputs), cell.id


@each
def test_a_cell_may_be_run_again_in_the_end(name: str, base_url: str, monkeypatch):
    """What the API refuses then, it refuses; but no name has come to mean something else."""
    point(monkeypatch, base_url, "sk-again")
    scope: dict = {}
    for again in (False, True):
        for cell in cells(name, "code"):
            refused = APIStatusError if again else ()
            with suppress(refused):
                run(cell.source, f"{name}: {cell.id}", scope)


def test_all_cells_of_all_notebooks_are_compared_and_all_that_they_asked(request):
    """With a bare `pytest`, as the README has it: nbval's own items, and ours behind each last."""
    found = {}
    for item in request.session.items:
        found.setdefault(item.path, []).append(type(item))
    config = request.config
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS or config.option.keyword:
        pytest.skip("a run of some tests")
    for path in PATHS:
        count = len(cells(path.name, "code"))
        assert found[path] == [IPyNbCell] * count + [Asked]


def test_a_request_that_is_not_the_recordings_is_named(request):
    stem = PATHS[0].stem
    exchanges = recordings.read(recordings.FOLDER / f"{stem}.json")
    wanted = [(e.method, e.path, "recorded") for e in exchanges if e.key is None]
    computed = [*wanted[:1], (*wanted[1][:2], "computed"), *wanted[2:]]
    for asked, says in ((computed, f"Request 2 was {computed[1]}"), (wanted[:1], "2 was None")):
        options = {"name": "its recording", "path": PATHS[0], "asked": {key_of(stem): asked}}
        with pytest.raises(pytest.fail.Exception, match=re.escape(says)):
            Asked.from_parent(request.session, **options).runtest()
    Asked.from_parent(request.session, **options | {"asked": {key_of(stem): wanted}}).runtest()


def test_no_setting_of_the_users_reaches_a_notebook(monkeypatch):
    theirs = {"OPENAI_MODEL": "x", "OPENAI_ORG_ID": "x", "ALL_PROXY": "x", "http_proxy": "x"}
    for name, value in (theirs | {"PYTHONIOENCODING": "cp932", "NO_PROXY": ""}).items():
        monkeypatch.setenv(name, value)
    env = environment("01", "http://127.0.0.1:1/v1")
    assert not theirs.keys() & env.keys()
    assert env["NO_PROXY"] == "127.0.0.1"
    assert env["PYTHONIOENCODING"] == "utf-8"
    assert env["PYTHON_DOTENV_DISABLED"] == "1"
    assert environment("01", "http://127.0.0.1:1/v1", "sk-x")["OPENAI_API_KEY"] == "sk-x"


def test_who_changed_a_notebook_is_told_first_and_last_and_shortly(monkeypatch):
    """Its cells, the sheet, the exercises: one changed word fails many tests."""
    said: list[str] = []
    monkeypatch.setattr("tests.nbval_hooks.changed", lambda: ["01.ipynb"])
    plugins = SimpleNamespace(get_plugin=lambda _: SimpleNamespace(write_line=said.append))
    config = SimpleNamespace(pluginmanager=plugins, option=SimpleNamespace(tbstyle="auto"))
    hooks = Notebooks(config)
    hooks.pytest_sessionstart()
    hint = said.copy()
    assert "notebooks/01.ipynb" in hint[0]
    assert "git stash" in hint[1]
    for failed in (0, 1):
        said.clear()
        hooks.pytest_sessionfinish(failed)
        hooks.pytest_unconfigure()
        assert said == hint * failed
    assert config.option.tbstyle == "line"
    config.option.tbstyle = "long"
    assert Notebooks(config).config.option.tbstyle == "long"  # as asked for


def test_a_notebook_that_jupyterlab_opened_and_saved_is_not_a_changed_one(tmp_path, monkeypatch):
    """It fills in the language and the trust; a word that a learner changed is told."""
    monkeypatch.setattr("tests.notebooks.PATHS", [])
    monkeypatch.setattr("tests.notebooks.JAPANESE", PATHS[:1])
    path = PATHS[0]
    stored = path.read_text(encoding="utf-8")
    notebook = json.loads(stored)
    notebook["metadata"]["language_info"] |= {"version": "3.11.7", "file_extension": ".py"}
    notebook["cells"][1]["metadata"] = {"trusted": True, "editable": True}
    notebook["nbformat_minor"] += 1
    for cell in notebook["cells"]:
        for place in (cell, *cell.get("outputs", ())):
            place |= {name: "".join(place[name]) for name in ("source", "text") if name in place}
    saved = json.dumps(notebook)
    assert plain(saved) == plain(stored)
    notebook["cells"][1]["source"] += " # a word more"
    texts = iter([stored, saved, stored, json.dumps(notebook)])
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: next(texts))
    monkeypatch.setattr("tests.notebooks.committed", lambda path: path.read_text())
    assert changed() == []
    assert changed() == [path.name]


def test_a_kernel_in_the_notebooks_folder_finds_its_way_by_env_alone(base_url: str, tmp_path: Path):
    """As in VS Code: nothing is set but what the folder's .env says."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    settings = re.sub(r"^OPENAI_BASE_URL=.*", f"OPENAI_BASE_URL={base_url}", example, flags=re.M)
    (tmp_path / ".env").write_text(settings, encoding="utf-8")
    name = next(iter(NOTEBOOKS))
    nbformat.write(nbformat.v4.new_notebook(cells=cells(name, "code")[:2]), folder / name)
    assert "Answered by the recordings, at 127.0.0.1." in refreshed(folder / name, None)


def connect() -> None:
    """The first two code cells: setup, and the check of the connection."""
    scope: dict = {}
    for cell in cells(next(iter(NOTEBOOKS)), "code")[:2]:
        exec(cell.source, scope)


def test_a_stopped_server_is_a_sentence_that_says_what_to_do(monkeypatch):
    """No page of traceback: SystemExit, which Jupyter shows as one line."""
    point(monkeypatch, "http://127.0.0.1:9/v1", "sk-test")
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0)  # of the SDK's tries
    with pytest.raises(SystemExit, match=r"127\.0\.0\.1: Connection error\. See .* README"):
        connect()


def test_a_missing_key_is_the_sdks_own_sentence(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(OpenAIError, match="Missing credentials"):
        connect()


def test_a_wrong_key_is_a_sentence_when_the_connection_is_checked(base_url: str, monkeypatch):
    point(monkeypatch, base_url, "wrong-key")
    with pytest.raises(SystemExit, match="Incorrect API key provided: wrong-key"):
        connect()


def test_what_cannot_start_is_in_the_readme():
    """The sentences that a reader sees when there is no answer, and the heading that they name."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    heading = re.search(r"## When it does not start\n(.*)", readme, re.S)[1]
    for said in ("127.0.0.1: Connection error.", "Missing credentials"):
        assert f"`{said}`" in heading
    assert '"When it does not start"' in cells(next(iter(NOTEBOOKS)), "code")[1].source


def test_a_new_cells_request_is_added_and_says_that_its_source_is_missing(tmp_path):
    """As an author does it: a cell more, `tests.refresh --add`, and the rules give the file."""
    path, file = tmp_path / PATHS[2].name, tmp_path / "recording.json"
    notebook = nbformat.read(PATHS[2], as_version=4)
    code = 'client.beta.threads.update(thread.id, metadata={"more": "1"})'
    notebook.cells.insert(-4, nbformat.v4.new_code_cell(code))
    nbformat.write(notebook, path)
    assert add_missing(path, file) == 1
    written = recordings.read(file)
    new = [exchange for exchange in written if exchange.source == NO_SOURCE_YET]
    assert [(e.method, e.request_body, e.grade) for e in new] == [
        ("POST", {"metadata": {"more": "1"}}, "inferred")
    ]
    assert differences(written) == []
    before = recordings.read(recordings.FOLDER / f"{path.stem}.json")
    assert len(written) == len(before) + 1
