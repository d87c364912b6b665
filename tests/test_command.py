"""The command `python -m tests.replay`, as a process."""

import os
import re
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
        answer = httpx2.get(f"{url}/threads/thread_x")
        assert answer.status_code == 401
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
        assert process.stderr.read() == (
            "GET /v1/threads/thread_x 401 computed (no recording of this path)\n"
        )


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
    """`jupyter` works without activating the environment."""
    env = os.environ | {"PATH": os.defpath}
    assert run("jupyter", "--version", env=env).returncode == 0


def test_a_command_that_is_not_there_is_one_clear_line():
    done = run("no-such-command")
    assert (done.returncode, done.stderr) == (127, "Command not found: no-such-command\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_killed_command_passes_its_signal_on():
    done = run(sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert done.returncode == 128 + 9


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_ctrl_c_reaches_the_command_and_leaves_nothing_behind(tmp_path: Path):
    """The terminal sends it to both; the command ends as it likes, the server with it."""
    script = (
        "import time\ntry:\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    raise SystemExit(5)"
    )
    process = subprocess.Popen(
        [*COMMAND, sys.executable, "-c", f"print(1, flush=True)\n{script}"],
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
