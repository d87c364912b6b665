"""The command: `python -m tests.replay [--port N] [COMMAND...]`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading

from . import recordings
from .server import PORT, Answer, Replay, Request, serving

KEY = "sk-replay-any-key-will-do"


def main(argv: list[str] | None = None) -> int:
    """Serve, or run a command beside the server; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay",
        description="Answer the OpenAI Threads API from recordings, on loopback. With a COMMAND,"
        " run it with OPENAI_BASE_URL and OPENAI_API_KEY set, and stop when it ends.",
    )
    parser.add_argument(
        "--port", type=int, help=f"the port to serve on (default {PORT}; 0: a free one)"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args(argv)
    try:
        replay = Replay(recordings.load())
        return run(replay, options) if options.command else serve(replay, options)
    except recordings.BrokenRecording as error:
        return complain(f"A recording can't be used. {error}")


def serve(replay: Replay, options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; one line on stderr a request."""
    replay.log = log
    port = PORT if options.port is None else options.port
    try:
        with serving(replay, port) as url:
            print(
                "Serving the recordings on loopback; Ctrl-C stops. Put these two lines into .env:"
            )
            print(f"OPENAI_BASE_URL={url}\nOPENAI_API_KEY={KEY}", flush=True)
            wait()
    except OSError as error:
        return complain(
            f"Can't serve on port {port} ({error.strerror}). Try --port 0 for a free one."
        )
    return 0


def run(replay: Replay, options: argparse.Namespace) -> int:
    """Run a command beside the server and pass its exit status through."""
    port = options.port or 0
    scripts = sysconfig.get_path("scripts")
    path = os.pathsep.join((scripts, os.environ.get("PATH", os.defpath)))
    program = shutil.which(options.command[0], path=path)
    if program is None:
        return complain(f"Command not found: {options.command[0]}", 127)
    try:
        with serving(replay, port) as url:
            env = os.environ | {"PATH": path, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": KEY}
            return _run([program, *options.command[1:]], env)
    except OSError:
        if not port:
            raise
        options.port = 0
        return run(replay, options)


def _run(command: list[str], env: dict[str, str]) -> int:
    """Ctrl-C goes to the command too, as it shares the terminal: it decides when to end."""
    child = subprocess.Popen(command, env=env)
    previous = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        status = child.wait()
    finally:
        signal.signal(signal.SIGINT, previous)
    return status if status >= 0 else 128 - status


def wait() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    while not stop.wait(0.2):
        pass


def log(request: Request, answer: Answer) -> None:
    """One line a request: what was asked, the status, recorded or computed, and why computed."""
    why = f" ({answer.why})" if answer.why else ""
    line = f"{request.method} {request.target} {answer.status} {answer.headers['x-replay']}{why}"
    print(line.encode("ascii", "backslashreplace").decode(), file=sys.stderr, flush=True)


def complain(message: str, status: int = 1) -> int:
    """One line on stderr."""
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
