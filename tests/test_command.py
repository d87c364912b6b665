"""The command `python -m tests.replay`, as a process."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from .replay import command

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "tests.replay"]
PRINT_URL = "import os; print(os.environ['OPENAI_BASE_URL'], os.environ['OPENAI_API_KEY'])"


def run(*arguments: str, **options) -> subprocess.CompletedProcess:
    options = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 20} | options
    return subprocess.run([*COMMAND, *arguments], **options)


@contextmanager
def server(*arguments: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """The command serving: the process and the base URL that it printed."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        process.stdout.readline()
        yield process, process.stdout.readline().strip().partition("=")[2]
    finally:
        process.kill()
        process.communicate()


def test_serving_prints_the_two_lines_of_env_and_stops_at_ctrl_c():
    with server("--port", "0") as (process, url):
        assert process.stdout.readline().startswith("OPENAI_API_KEY=sk-")
        page = process.stdout.readline().strip().removeprefix("See the requests: ")
        assert page == url.removesuffix("v1")
        assert httpx2.get(page).text.startswith("<!doctype html>")
        answer = httpx2.get(f"{url}/threads/thread_x")
        assert answer.status_code == 401
        key = "sk-my-0123456789"
        for path in (f"models/{key}", "models?api_key=password"):
            httpx2.get(f"{url}/{path}", headers={"Authorization": f"Bearer {key}"})
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
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
        done = run("--port", port)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert port in done.stderr
        beside = run("--port", port, sys.executable, "-c", PRINT_URL)
        assert beside.returncode == 0
        assert f":{port}/" not in beside.stdout


def test_a_command_runs_pointed_at_the_server_and_its_status_passes_through():
    done = run(sys.executable, "-c", f"{PRINT_URL}; raise SystemExit(7)")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1 sk-\S+\n", done.stdout)
    assert done.returncode == 7


def test_the_environments_own_programs_are_found():
    """`jupyter` works in an environment that is not active; `pygmentize`, too, and it is quick."""
    env = os.environ | {"PATH": os.defpath}
    done = run("pygmentize", "-V", env=env)
    assert (done.returncode, done.stdout[:8]) == (0, "Pygments")


def test_a_command_that_is_not_there_is_one_clear_line():
    done = run("no-such-command")
    assert (done.returncode, done.stderr) == (127, "Command not found: no-such-command\n")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions as on POSIX")
def test_a_command_that_cannot_be_run_is_one_clear_line_and_run_once(tmp_path: Path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    done = run("--port", "0", str(broken))
    assert done.returncode == 126
    assert done.stderr.splitlines()[-1].startswith(f"Can't run {broken}: ")
    assert done.stderr.count("Answered by") == 1


@pytest.mark.parametrize("none", ["", "internal.example"])
def test_a_proxy_gets_nothing_of_what_goes_to_the_server(none: str):
    """The SDK's httpx2 would send it there, and a proxy can't reach this machine's loopback."""
    code = """
import os, httpx2
url, key = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
print(httpx2.get(f"{url}/models/gpt-5.4", headers={"Authorization": f"Bearer {key}"}).json()["id"])
"""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        env = os.environ | {"HTTP_PROXY": address, "ALL_PROXY": address, "NO_PROXY": none}
        assert run(sys.executable, "-c", code, env=env | {"no_proxy": none}).stdout == "gpt-5.4\n"


def test_an_older_python_is_told_in_a_sentence():
    code = "import runpy, sys; sys.version_info = (3, 10); sys.argv = ['x']"
    code += "; runpy.run_module('tests.replay', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("This needs Python 3.11 or later")


def test_three_lines_say_where_requests_go_and_are_seen_and_how_to_stop():
    done = run(sys.executable, "-c", "")
    assert re.fullmatch(
        r"Answered by the recordings, at (http://127\.0\.0\.1:\d+/)v1\.\n"
        r"See the requests: \1\n.*\n",
        done.stderr,
    )
    assert "Ctrl-C" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_killed_command_passes_its_signal_on():
    done = run(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert done.returncode == 128 + 9


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_ctrl_c_reaches_the_command_and_leaves_nothing_behind(tmp_path: Path):
    """The terminal sends it to both; the command ends as it likes, the server with it."""
    script = """
import time
try:
    print("ready", flush=True)
    time.sleep(30)
except KeyboardInterrupt:
    raise SystemExit(5)
"""
    process = subprocess.Popen(
        [*COMMAND, sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(5) == 5
    with pytest.raises(ProcessLookupError):
        for _ in range(50):
            os.killpg(process.pid, 0)
            time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
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
time.sleep(30)
"""
    process = subprocess.Popen(
        [*COMMAND, sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    for _ in range(2):
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
    assert process.wait(5) == 6


def test_started_twice_at_once_one_serves_and_one_says_why_not():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    options = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([*COMMAND, "--port", port], **options) for _ in range(2)]
    try:
        for _ in range(100):
            ended = [process for process in both if process.poll() is not None]
            if ended:
                break
            time.sleep(0.05)
        assert [process.returncode for process in ended] == [1]
        assert ended[0].stderr.read().startswith(f"Can't serve on port {port}")
    finally:
        for process in both:
            process.kill()
            process.communicate()


def test_a_reader_that_goes_away_does_not_stop_the_server():
    with server("--port", "0") as (process, url):
        process.stdout.close()
        process.stderr.close()
        for _ in range(2):
            assert httpx2.get(f"{url}/threads/thread_x").status_code == 401
        assert process.poll() is None


def test_started_by_its_path_from_another_folder_with_spaces_and_japanese(tmp_path: Path):
    folder = tmp_path / "a folder 名前"
    ignore = shutil.ignore_patterns("__pycache__", "test_*")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    done = subprocess.run(
        [sys.executable, folder / "tests" / "replay", sys.executable, "-c", PRINT_URL],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stdout.startswith("http://127.0.0.1:"), done.stderr


def test_a_broken_recording_is_named_with_its_line_before_anything_is_served(tmp_path: Path):
    ignore = shutil.ignore_patterns("__pycache__", "test_*")
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    broken = tmp_path / "tests" / "recordings" / "03_retrieve_a_thread.json"
    broken.write_text(broken.read_text("utf-8")[:500], encoding="utf-8")
    done = run("--port", "0", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(r"03_retrieve_a_thread\.json, line \d+: ", done.stderr)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["99999", "-1", "x", "8_0"])
def test_a_port_that_is_none_is_a_sentence(port: str, capsys):
    with pytest.raises(SystemExit) as error:
        command.main(["--port", port])
    assert error.value.code == 2
    assert f"{port} is no port: it takes a number from 0 to 65535" in capsys.readouterr().err


def test_two_dashes_may_stand_before_the_command():
    assert run("--", sys.executable, "-c", "print(1)").stdout == "1\n"


@pytest.mark.parametrize("encoding", ["utf-16", "shift_jis"])
def test_a_settings_file_that_is_no_utf8_is_a_sentence(tmp_path: Path, encoding: str):
    (tmp_path / ".env").write_bytes("# 鍵\nOPENAI_API_KEY=sk-x\n".encode(encoding))
    env = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
    done = run("--live", "--port", "0", cwd=tmp_path, env=env | {"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path / '.env'} is no UTF-8 text. Save it as UTF-8.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_what_ends_the_server_ends_the_command():
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(30)"
    command = [*COMMAND, sys.executable, "-c", script]
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in numbers]
    for process, number in zip(started, numbers, strict=True):
        child = int(process.stdout.readline())
        process.send_signal(number)
        assert process.wait(5) == 128 + signal.SIGTERM
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
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
sys.exit(command.main(["sleep", "30"]))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)
    assert done.returncode == 128 + signal.SIGTERM, done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_an_unread_log_holds_up_neither_answers_nor_the_end():
    """A pipe takes 64 kB and then blocks whoever writes to it."""
    with server("--port", "0") as (process, url):
        long = f"{url}/threads/thread_{'x' * 2000}"
        with httpx2.Client() as http:
            for _ in range(100):
                assert http.get(long).status_code == 401
        process.terminate()
        assert process.wait(5) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk as on Linux")
def test_a_full_disk_under_the_log_holds_up_no_answer():
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [*COMMAND, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, stderr=full, text=True
        )
    try:
        process.stdout.readline()
        url = process.stdout.readline().strip().partition("=")[2]
        for _ in range(3):
            assert httpx2.get(f"{url}/threads/thread_x").status_code == 401
    finally:
        process.kill()
        process.communicate()


def test_a_log_line_does_nothing_to_a_terminal():
    line = command.printable("GET /v1/\x1b[31m\u202e 日 é")
    assert line == r"GET /v1/\x1b[31m\u202e \u65e5 \xe9"
