"""The command: `python -m tests.replay [--port N] [--live | --record] [COMMAND...]`."""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, TextIO

from . import recordings
from .server import HOST, PORT, Answer, Replay, Request, serving

if TYPE_CHECKING:
    from .live import Live
    from .recorder import Recorder

KEY = "sk-replay-any-key-will-do"
NO_REAL_KEY = (
    "Live needs your own OpenAI key: set OPENAI_API_KEY in the environment, or in .env."
    " Without one, leave --live and --record out: the recordings answer."
)


def main(argv: list[str] | None = None) -> int:
    """Serve, or run a command beside the server; returns the exit status."""
    options = parser().parse_args(argv)
    if options.upstream or options.record:
        options.live = True
    try:
        replay = Replay(recordings.load())
    except recordings.BrokenRecording as error:
        return complain(f"A recording can't be used. {error}")
    live = recorder = None
    if options.live:
        key = real_key()
        if not key:
            return complain(NO_REAL_KEY)
        live, recorder = going_live(replay, key, options)
    status = (run if options.command else serve)(replay, live, options)
    for line in recorder.write() if recorder else ():
        say(line)
    return status


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay",
        description="Answer the OpenAI API from recordings, on loopback. With a COMMAND, run it"
        " with OPENAI_BASE_URL and OPENAI_API_KEY set, and stop when it ends.",
    )
    parser.add_argument(
        "--port", type=int, help=f"port to serve on (default {PORT}; 0: a free one)"
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="Threads from the recordings; Conversations and Responses from the real API, with the"
        " real key from the environment or .env",
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="live, and write what the real API answered to tests/recordings, scrubbed",
    )
    parser.add_argument("--upstream", metavar="URL", help="the real API's base URL; implies --live")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    return parser


def real_key() -> str:
    """The key for the real API, from the environment or else from .env; "" when there is none."""
    from dotenv import dotenv_values, find_dotenv

    for values in (os.environ, dotenv_values(find_dotenv(usecwd=True), encoding="utf-8")):
        key = values.get("OPENAI_API_KEY") or ""
        if key and not key.startswith("sk-replay-"):
            return key
    return ""


def going_live(
    replay: Replay, key: str, options: argparse.Namespace
) -> "tuple[Live, Recorder | None]":
    """The forwarder of a live session and, with --record, its recorder."""
    from .live import UPSTREAM, Live
    from .recorder import Recorder

    upstream = options.upstream or UPSTREAM
    live = Live(key, f"sk-replay-{secrets.token_hex(16)}", upstream)
    replay.session_key = live.session_key
    if not options.record:
        return live, None
    recorder = Recorder(replay.recordings, upstream)
    live.captured = recorder.captured
    replay.log = lambda request, answer: answer.exchange and recorder.replayed(answer.exchange)
    return live, recorder


def serve(replay: Replay, live: "Live | None", options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; one line on stderr a request."""
    recording = replay.log

    def logged(request: Request, answer: Answer) -> None:
        recording(request, answer)
        log(request, answer)

    replay.log = logged
    port = PORT if options.port is None else options.port
    try:
        with serving(replay, port, live) as url:
            say("Answering on loopback; Ctrl-C stops. Put these two lines into .env:")
            say(f"OPENAI_BASE_URL={url}\nOPENAI_API_KEY={key_for(live)}")
            wait()
    except OSError as error:
        return complain(f"Can't serve on port {port}: {error.strerror}. --port 0 takes a free one.")
    return 0


def run(replay: Replay, live: "Live | None", options: argparse.Namespace) -> int:
    """Run a command beside the server and pass its exit status through."""
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
    program = shutil.which(options.command[0], path=path)
    if program is None:
        return complain(f"Command not found: {options.command[0]}", 127)
    with ExitStack() as stack:
        try:
            url = stack.enter_context(serving(replay, options.port or 0, live))
        except OSError:  # a taken port is no reason not to run the command
            url = stack.enter_context(serving(replay, 0, live))
        whom = "the recordings; Conversations by the real API" if live else "the recordings"
        say(f"Answered by {whom}, at {url}.", sys.stderr)
        say("To stop: Ctrl-C here; JupyterLab wants it twice.", sys.stderr)
        command = [program, *options.command[1:]]
        try:
            child = subprocess.Popen(command, env=environment(path, url, key_for(live)))
        except OSError as error:
            return complain(f"Can't run {program}: {error.strerror}", 126)
        return ended(child)


def environment(path: str, url: str, key: str) -> dict[str, str]:
    """The command's environment: pointed at the server, with no proxy in between."""
    direct = {}
    for name in ("NO_PROXY", "no_proxy"):
        kept = os.environ.get(name)
        direct[name] = ",".join(filter(None, (kept, HOST, "localhost")))
    return os.environ | {"PATH": path, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": key} | direct


def key_for(live: "Live | None") -> str:
    """The key that a client sends here. A live session's is its own, as it spends real money."""
    return live.session_key if live else KEY


def ended(child: subprocess.Popen) -> int:
    """Wait for the command; its exit status, as a shell gives it.

    Ctrl-C reaches it too, as it shares the terminal: it decides when to end. SIGTERM, which reaches
    only this process, is passed on.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    status = child.wait()
    return status if status >= 0 else 128 - status


def wait() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    while not stop.wait(0.2):
        pass


def log(request: Request, answer: Answer) -> None:
    """One line a request: what was asked, the status, who answered, and why it was computed."""
    why = f" ({answer.why})" if answer.why else ""
    who = answer.headers.get("x-replay", "forwarded")
    line = f"{request.method} {request.target} {answer.status} {who}{why}"
    say(line.encode("ascii", "backslashreplace").decode(), sys.stderr)


def say(line: str, to: TextIO | None = None) -> None:
    """Print a line. A pipe that nobody reads any more is no reason to stop serving."""
    with suppress(BrokenPipeError):
        print(line, file=to or sys.stdout, flush=True)


def complain(message: str, status: int = 1) -> int:
    """One line on stderr."""
    print(message, file=sys.stderr)
    return status
