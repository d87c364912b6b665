"""The command `python -m tests.replay`, as a process."""

import json
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from unittest.mock import Mock

import httpx2
import pytest

from .help import ROOT, SERVE, WAIT, answered, headers, place, run_command, started
from .record import ask
from .replay import api, command, now, recordings
from .replay.api import Replay
from .replay.exchange import Answer, Request
from .replay.inspector import Inspector
from .replay.replies import Listener
from .replay.server import serving
from .replay.taught import Taught

PRINT_URL = "import os; print(os.environ['OPENAI_BASE_URL'], os.environ['OPENAI_API_KEY'])"
HTTP_PROXY = {"http_proxy": "http://127.0.0.1:9", "NO_PROXY": ""}
PIPES = {"cwd": ROOT, "stdout": subprocess.PIPE, "encoding": "utf-8"}
SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")


@pytest.fixture
def inside(monkeypatch) -> Callable[..., int]:
    """`main` in this process, with a function of a command and its environment as the program."""
    monkeypatch.setattr(command, "gc", Mock())

    def main(*arguments: str, program: Callable = lambda command, env: 0) -> int:
        monkeypatch.setattr(command, "ran", program)
        return command.main([*arguments])

    return main


@contextmanager
def piped(script: str) -> Iterator[subprocess.Popen]:
    """The command, running a Python program: its output ends when both have ended."""
    command = [*SERVE, sys.executable, "-c", script]
    with subprocess.Popen(command, **PIPES, start_new_session=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@SIGNALS
@pytest.mark.parametrize("proxy", [{}, HTTP_PROXY])
def test_serving_prints_the_lines_of_env_and_stops_at_ctrl_c(proxy: dict[str, str]):
    with started(env=os.environ | proxy) as (process, url):
        assert process.stdout.readline().startswith("OPENAI_API_KEY=sk-")
        if proxy:  # a client would ask it for what is served here
            assert process.stdout.readline() == "NO_PROXY=127.0.0.1,localhost\n"
        assert place(url)[1] != command.PORT
        page = process.stdout.readline().strip().removeprefix("See the requests: ")
        assert page == url.removesuffix("v1")
        assert httpx2.get(page).text.startswith("<!doctype html>")
        answer = httpx2.get(f"{url}/threads/thread_x")
        assert answer.status_code == 401
        key = "sk-my-0123456789"
        for path in (f"models/{key}", "models?api_key=password"):
            httpx2.get(f"{url}/{path}", headers={"Authorization": f"Bearer {key}"})
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT) == 0
        lines = process.stderr.read().splitlines()
        assert lines[0] == (
            "GET /v1/threads/thread_x 401 computed (refused before a recording was looked for)"
        )
        assert [line.split(" computed")[0] for line in lines[1:]] == [
            "GET /v1/models/...6789 404",
            "GET /v1/models?api_key=...word 200",
        ]


def test_a_taken_port_is_one_clear_line_when_serving():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_command("--port", port)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert port in done.stderr
        beside = run_command("--port", port, sys.executable, "-c", PRINT_URL)
        assert beside.returncode == 0
        assert f":{port}/" not in beside.stdout


def test_a_command_runs_pointed_at_the_server_and_its_status_passes_through():
    done = run_command(sys.executable, "-c", f"{PRINT_URL}; raise SystemExit(7)")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1 sk-\S+\n", done.stdout)
    assert done.returncode == 7


def test_the_environments_own_programs_come_first_for_the_command_and_what_it_starts():
    """`jupyter` works in an environment that is not active."""
    code = "import shutil, sys; print(sys.prefix, shutil.which('jupyter'), sep='\\n')"
    done = run_command("python", "-c", code, env=os.environ | {"PATH": os.defpath})
    prefix, jupyter = done.stdout.splitlines()
    assert prefix == sys.prefix
    assert Path(jupyter).parent == Path(sysconfig.get_path("scripts"))


def test_a_port_and_today_reach_the_server(inside):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    def program(_, env: dict[str, str]) -> int:
        assert place(env["OPENAI_BASE_URL"])[1] == port
        key = env["OPENAI_API_KEY"]
        return httpx2.post(f"{env['OPENAI_BASE_URL']}/threads", headers=headers(key)).status_code

    assert inside("--port", str(port), "python", program=program) == 200
    assert inside("--port", str(port), "--today", "python", program=program) == 404


def test_a_live_session_asks_the_upstream_with_the_real_key(inside, monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real-key")
    upstream, asked, sent = Replay(), [], {"sk-real-key"}
    upstream.observers.append(lambda request, _: asked.append(request.key))

    def program(_, env: dict[str, str]) -> int:
        url, key = env["OPENAI_BASE_URL"], env["OPENAI_API_KEY"]
        sent.add(key)
        return httpx2.get(f"{url}/models/gpt-5.4", headers=headers(key)).status_code

    with serving(upstream) as url:
        for _ in range(2):
            assert inside("--upstream", url, "python", program=program) == 200
    assert asked == ["sk-real-key"] * 2
    assert len(sent) == 3  # each session has a key of its own
    assert "Conversations by the real API, at http" in capsys.readouterr().err


def test_a_command_that_is_not_there_is_one_clear_line(inside, capsys):
    for name, hint in (("no-such", ""), ("no-such.py", ". Did you mean python no-such.py?")):
        assert inside(name) == 127
        assert capsys.readouterr().err == f"Command not found: {name}{hint}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as on POSIX")
def test_a_command_that_cannot_be_run_is_one_clear_line_and_run_once(tmp_path: Path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    done = run_command("--port", "0", str(broken))
    assert done.returncode == 126
    assert done.stderr.splitlines()[-1].startswith(f"Can't run {broken}: ")
    assert done.stderr.count("Answered by") == 1


@pytest.mark.parametrize("scheme, none", [("http", ""), ("socks5", "internal.example")])
def test_the_sdk_reaches_the_server_past_a_proxy(scheme: str, none: str):
    """No proxy reaches this machine's loopback; beside a SOCKS proxy the SDK makes no client."""
    code = "from openai import OpenAI; print(OpenAI().models.retrieve('gpt-5.4').id)"
    env = dict.fromkeys(("http_proxy", "ALL_PROXY", "all_proxy"), f"{scheme}://127.0.0.1:9")
    env |= {"NO_PROXY": none, "no_proxy": none}
    done = run_command(sys.executable, "-c", code, env=os.environ | env)
    assert done.stdout == "gpt-5.4\n", done.stderr


def test_no_other_setting_of_a_proxy_is_changed(monkeypatch):
    proxies = {"https_proxy": "http://proxy.example", "NO_PROXY": "internal.example"}
    for name, value in (proxies | {"ALL_PROXY": "socks5://proxy.example"}).items():
        monkeypatch.setenv(name, value)
    env = command.environment("path", "url", "key")
    assert env["https_proxy"] == "http://proxy.example"
    assert env["NO_PROXY"] == "internal.example,127.0.0.1,localhost"
    assert "ALL_PROXY" not in env
    monkeypatch.setattr(command, "find_spec", lambda name: name == "socksio")
    assert "ALL_PROXY" in command.environment("path", "url", "key")


@pytest.mark.parametrize(
    ("env", "asked"),
    [
        ({}, False),
        ({"http_proxy": "http://127.0.0.1:9"}, True),
        ({"all_proxy": "http://127.0.0.1:9"}, True),
        ({"https_proxy": "http://127.0.0.1:9"}, False),
        ({"http_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}, False),
    ],
)
def test_a_proxy_that_a_client_would_ask_is_seen(monkeypatch, env: dict[str, str], asked: bool):
    monkeypatch.setenv("NO_PROXY", "none.example")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert command.behind_a_proxy() == asked


def test_an_older_python_is_told_in_a_sentence():
    code = "import runpy, sys; sys.version_info = (3, 10); sys.argv = ['x']"
    code += "; runpy.run_module('tests.replay', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("This needs Python 3.11 or later")
    assert "-m venv --clear .venv" in done.stderr  # without it the old one stays
    assert "install -r requirements.txt" in done.stderr


def test_a_python_without_the_packages_is_told_in_a_sentence():
    command = [sys.executable, "-S", "-m", "tests.replay"]  # -S: without site-packages
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("No module named '")
    assert "install -r requirements.txt" in done.stderr


def test_a_fault_of_our_own_is_no_lack_of_a_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "tests.replay.command", None)
    with pytest.raises(ImportError, match=r"tests\.replay\.command"):
        runpy.run_module("tests.replay", run_name="__main__")


def test_three_lines_say_where_requests_go_and_are_seen_and_how_to_stop(inside, capsys):
    for program, stop in (("python", "here."), ("jupyter", "here; JupyterLab wants it twice.")):
        assert inside(program) == 0
        assert re.fullmatch(
            r"Answered by the recordings, at (http://127\.0\.0\.1:\d+/)v1\.\n"
            rf"See the requests: \1\nTo stop: Ctrl-C {stop}\n",
            capsys.readouterr().err,
        )


@SIGNALS
def test_a_killed_command_passes_its_signal_on():
    done = run_command(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert done.returncode == 128 + 9


@SIGNALS
def test_ctrl_c_reaches_the_command_and_leaves_nothing_behind():
    """The terminal sends it to both; the command ends as it likes, the server with it."""
    script = """
import time
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    raise SystemExit(5)
"""
    with piped(script) as process:
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=WAIT) == ("", None)
    assert process.returncode == 5


@SIGNALS
def test_ctrl_c_twice_and_a_stubborn_command_still_end_together():
    """JupyterLab wants two; a command that ends at the second is waited for."""
    script = """
import signal, sys, time
seen = []
def count(*_):
    seen.append(print("once", flush=True))
    if len(seen) == 2:
        sys.exit(6)
signal.signal(signal.SIGINT, count)
print("ready", flush=True)
time.sleep(600)
"""
    with piped(script) as process:
        for _ in range(2):
            process.stdout.readline()
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=WAIT)
    assert process.returncode == 6


def test_started_twice_at_once_one_serves_and_one_says_why_not():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    command = [*SERVE, "--port", port]
    both = [subprocess.Popen(command, **PIPES, stderr=subprocess.PIPE) for _ in range(2)]
    try:
        serves = [bool(process.stdout.readline()) for process in both]
        assert sorted(serves) == [False, True]
        ended = both[serves.index(False)]
        assert ended.wait(WAIT) == 1
        assert ended.stderr.read().startswith(f"Can't serve on port {port}")
    finally:
        for process in both:
            process.kill()
            process.communicate()


def test_a_reader_that_goes_away_does_not_stop_the_server():
    with started() as (process, url):
        process.stdout.close()
        process.stderr.close()
        for _ in range(2):
            assert httpx2.get(f"{url}/threads/thread_x").status_code == 401
        assert process.poll() is None


def test_started_by_its_path_from_another_folder_with_spaces_and_japanese(tmp_path: Path):
    folder = tmp_path / os.fsdecode("a folder 名前".encode())  # also where LANG is C
    ignore = shutil.ignore_patterns("__pycache__", "test_*")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    done = subprocess.run(
        [sys.executable, folder / "tests" / "replay", sys.executable, "-c", PRINT_URL],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=WAIT,
    )
    assert done.stdout.startswith("http://127.0.0.1:"), done.stderr


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A folder with a package `tests` of its own."""
    (tmp_path / "team" / "tests").mkdir(parents=True)
    file = tmp_path / "team" / "tests" / "__init__.py"
    file.write_text("OWNER = 'the team'", encoding="utf-8")
    return tmp_path / "team"


@pytest.mark.parametrize("path", ["", "."])
def test_beside_another_package_named_tests_it_starts_and_the_command_has_that_one(
    team: Path, path: str
):
    code = "import os, tests; print(tests.OWNER, os.environ['OPENAI_BASE_URL'])"
    command = [sys.executable, ROOT / "tests" / "replay", sys.executable, "-c", code]
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(command, cwd=team, env=env, capture_output=True, text=True, timeout=WAIT)
    assert done.stdout.startswith("the team http://127.0.0.1:"), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a script as on POSIX")
@pytest.mark.parametrize(
    ("form", "says"), [([str(ROOT / "tests" / "replay")], "theirs"), (SERVE[1:], "Pygments")]
)
def test_a_teams_own_programs_come_first_from_its_folder_and_ours_from_here(
    team: Path, form: list[str], says: str
):
    own = team / "pygmentize"
    own.write_text("#!/bin/sh\necho theirs\n", encoding="utf-8")
    own.chmod(0o755)
    env = os.environ | {"PATH": f"{team}{os.pathsep}{os.defpath}"}
    command = [sys.executable, *form, "pygmentize", "-V"]
    where = team if form[0] != "-m" else ROOT
    done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True, timeout=WAIT)
    assert done.stdout.startswith(says), done.stderr


def test_a_broken_recording_is_named_with_its_line_before_anything_is_served(tmp_path: Path):
    ignore = shutil.ignore_patterns("__pycache__", "test_*")
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    broken = tmp_path / "tests" / "recordings" / "03_retrieve_a_thread.json"
    broken.write_text(broken.read_text("utf-8")[:500], encoding="utf-8")
    done = run_command("--port", "0", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(r"03_retrieve_a_thread\.json, line \d+: ", done.stderr)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["65536", "-1", "x", "8_0", "²"])
def test_a_port_that_is_none_is_a_sentence(port: str, capsys):
    with pytest.raises(SystemExit) as error:
        command.main(["--port", port])
    assert error.value.code == 2
    assert f"{port} is no port: it takes a number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, " can't be read: "),
        (b'{"replies": [\n{]}', ", line 2, column 2: "),
        ('{"replies": []}'.encode("utf-16"), " is no UTF-8 text."),
        (b'{"replies": [{"to": "x", "txt": "y"}]}', ": replies[0].txt is unknown; "),
        (b'{"assistants": [{"id": "a", "model": "gpt-4o", "x": 1}]}', ": assistants[0]: Unknown"),
        (b'{"threads": [{"id": "t", "messages": 1}]}', ": threads[0]: Invalid type"),
    ],
)
def test_a_file_of_replies_that_is_none_is_a_sentence(tmp_path: Path, capsys, content, says):
    file = tmp_path / "replies.json"
    if content is not None:
        file.write_bytes(content)
    assert command.main(["--replies", str(file), sys.executable, "-c", ""]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"{file}{says}")
    assert told.count("\n") == 1


def test_a_file_of_replies_is_taken_up_when_it_changes_and_what_is_wrong_with_it_told(
    tmp_path: Path,
):
    file = tmp_path / "replies.json"

    def write(text: str) -> None:
        file.write_text(f'\ufeff{{"replies": [\n{text}]}}', encoding="utf-8")

    write('{"to": "x", "text": "One."}')
    with started(*SERVE, "--port", "0", "--replies", str(file)) as (process, url):
        for text, words in (
            ('{"to": "x", "text": "Number two."}', "Number two."),
            ("{", "Number two."),
            ('{"to": "x"}', "Number two."),
            ('{"to": "*", "text": "Three."}', "Three."),
        ):
            write(text)
            asked = {"model": "gpt-5.4", "input": "x"}
            for _ in range(2):  # told once
                answer = httpx2.post(f"{url}/responses", headers=headers(), json=asked).json()
                assert answer["output"][0]["content"][0]["text"] == words
        process.kill()
        lines = [line for line in process.stderr.read().splitlines() if "replies.json" in line]
    assert len(lines) == 4
    stays = " What was read before stays."
    assert lines[1].startswith(f"{file}, line 2, column 2: ")
    assert lines[1].endswith(stays)
    assert lines[2].startswith(f"{file}: replies[0] needs one of ")
    assert lines[2].endswith(stays)
    assert lines[0] == lines[3] == "replies.json was read again."


def test_two_dashes_may_stand_before_the_command(inside):
    assert inside("--", "python", "-V", program=lambda command, _: len(command)) == 2


UTF8 = "is no UTF-8 text. Save it as UTF-8."
KEY = "OPENAI_API_KEY=sk-x\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (KEY.encode("utf-16"), UTF8),
        (KEY.encode("utf-16-le"), UTF8),
        (f"# 鍵\n{KEY}".encode("shift_jis"), UTF8),
        ("OPENAI_API_KEY=“sk-x”\n".encode(), "OPENAI_API_KEY has a letter that is not ASCII"),
        ("OPENAI_BASE_URL=“http://x”\n".encode(), "OPENAI_BASE_URL has a letter that is not ASCII"),
    ],
)
def test_what_is_wrong_with_the_settings_file_is_a_sentence(tmp_path, monkeypatch, content, says):
    (tmp_path / ".env").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"^{re.escape(str(tmp_path / '.env'))}:? {says}"):
        command.settings()


def test_a_broken_settings_file_is_told_and_stops_only_a_live_session(
    inside, tmp_path, monkeypatch, capsys
):
    """The command may not read it; a notebook does, and its traceback does not name the file."""
    (tmp_path / ".env").write_bytes(KEY.encode("utf-16"))
    monkeypatch.chdir(tmp_path)
    assert inside("python") == 0
    assert capsys.readouterr().err.splitlines()[0] == f"{tmp_path / '.env'} {UTF8}"
    assert inside("--live", "python") == 1
    assert capsys.readouterr().err == f"{tmp_path / '.env'} {UTF8}\n"


@pytest.mark.parametrize("first", ["", " ", "sk-replay-any-key-will-do", " sk-first\n"])
def test_the_real_key_is_the_environments_or_else_the_files(tmp_path, monkeypatch, capsys, first):
    (tmp_path / ".env").write_text("OPENAI_API_KEY=' sk-second '\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", first)
    key, where = ("sk-first", "environment") if "first" in first else ("sk-second", ".env")
    assert command.real_key() == key
    assert f"{where}.\n" in capsys.readouterr().err


@SIGNALS
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT"])
def test_what_ends_the_server_ends_the_command(name: str):
    with piped("print(1, flush=True); import time; time.sleep(600)") as process:
        process.stdout.readline()
        process.send_signal(getattr(signal, name))
        assert process.communicate(timeout=WAIT) == ("", None)
    assert process.returncode == 128 + signal.SIGTERM


@SIGNALS
def test_a_signal_while_the_command_starts_ends_it_too():
    """It comes when the child is there and its number is not known yet."""
    code = """
import os, signal, subprocess, sys
from tests.replay import command
start = subprocess.Popen
def slow(*arguments, **options):
    child = start(*arguments, **options)
    print(child.pid, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    return child
subprocess.Popen = slow
sys.exit(command.main(["sleep", "600"]))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


@SIGNALS
def test_an_unread_log_holds_up_neither_answers_nor_the_end():
    """A pipe takes 64 kB and then blocks whoever writes to it."""
    with started() as (process, url):
        long = f"{url}/threads/thread_{'x' * 2000}"
        with httpx2.Client() as http:
            for _ in range(100):
                assert http.get(long).status_code == 401
        process.terminate()
        assert process.wait(WAIT) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk as on Linux")
def test_a_full_disk_under_the_log_holds_up_no_answer():
    with Path("/dev/full").open("w") as full, started(stderr=full) as (_, url):
        for _ in range(3):
            assert httpx2.get(f"{url}/threads/thread_x").status_code == 401


@pytest.fixture
def log(monkeypatch) -> command.Log:
    """The log of a command that serves; its lines stay in it."""
    monkeypatch.setattr(command.Log, "_write", lambda self: None)
    return command.Log()


def test_a_call_of_the_old_api_that_was_answered_says_what_replaces_it_and_no_other_does(log):
    """All that is recorded: calls of both APIs, refused ones too."""
    exchanges = recordings.load()
    replay = Replay(exchanges)
    replay.observers.append(log)
    seen = set()
    for exchange in exchanges:
        answer = ask(replay, exchange)
        route = api.find_route(exchange.method, exchange.path.partition("?")[0])[0]
        row = now.TABLE.get(route)
        word = f" now: {row.http.replace(' /', ' /v1/')}" if row and row.http else ""
        line = log.lines.pop()
        if answer.status == 200 and word:
            assert line.endswith(f"{word}\n")
        else:
            assert " now: " not in line
        seen.add((answer.status, bool(word)))
    assert {(200, True), (200, False), (404, True)} <= seen


REPLIES = {
    "replies": [
        {"to": "Rain?", "calls": [{"name": "f"}]},
        {"to": "Snow?", "text": "Some."},
    ]
}
SCHEMA = {"type": "object", "properties": {}}
TEACH = "called nothing: teach it with --replies"
# A question, and the function that a model is recorded to have called then.
LISTENER = Listener()
HEARD = [heard for exchange in recordings.load() for heard in LISTENER.heard(exchange)]
CALLED = next((turn, reply.calls[0][0]) for _, turn, reply in HEARD if reply.calls)


@pytest.mark.parametrize(
    ("question", "offers", "says"),
    [
        ("Sun?", "f", f"offered f, {TEACH}"),
        ("Sun?", "f g", f"offered f, g, {TEACH}"),
        ("Sun?", "", ""),
        ("Snow?", "f", ""),
        ("Rain?", "f", ""),
        ("Rain?", "g", "replies[0]: f is not offered"),
        (*CALLED, ""),
    ],
)
def test_functions_that_nobody_called_are_named_in_the_log_and_on_the_page(
    log, tmp_path: Path, question: str, offers: str, says: str
):
    file = tmp_path / "replies.json"
    file.write_text(json.dumps(REPLIES), encoding="utf-8")
    replay = Replay(recordings.load(), taught=Taught(file))
    page = Inspector(replay, replay)
    replay.observers.append(log)

    def post(path: str, **body) -> dict:
        return answered(replay, "POST", path, "sk-test", body)

    functions = [{"name": name, "parameters": SCHEMA} for name in offers.split()]
    tools = [{"type": "function", "function": one} for one in functions]
    made = json.loads(post("/v1/assistants", model="gpt-4o", tools=tools).content)
    thread = {"messages": [{"role": "user", "content": question}]}
    post("/v1/threads/runs", assistant_id=made["id"], thread=thread, stream=True)
    tools = [{"type": "function", "strict": False} | one for one in functions]
    post("/v1/responses", model="gpt-5.4", input=question, tools=tools)
    rows = json.loads(answered(page, "GET", "/inspector/requests", "").content)["requests"]
    for row, line in zip(rows[1:], list(log.lines)[1:], strict=True):
        assert (row["status"], row["who"] == "yours") == (200, question in ("Rain?", "Snow?"))
        for told in (row["why"], line):
            assert says in told
            assert (TEACH in told, "offered" in told) == (TEACH in says, "offered" in says)


def test_a_log_line_does_nothing_to_a_terminal_and_one_that_finds_no_room_stops_none(monkeypatch):
    written: SimpleQueue[bytes] = SimpleQueue()

    def write(_: int, text: bytes) -> None:
        written.put(text)
        raise OSError("no room")

    monkeypatch.setattr(command, "os", Mock(write=write))
    log, target = command.Log(), "/v1/\x1b[31m\u202e 日 é"
    for _ in range(2):
        log(Request("GET", target, {}), Answer(200, {"x-replay": "computed"}, b"", ""))
        line = written.get(timeout=WAIT)
        assert line.startswith(rb"GET /v1/\x1b[31m\u202e \u65e5 \xe9 200 computed")
