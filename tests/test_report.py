"""The report: what a program asked of the old API, once each, with no key in it, to go on from."""

import json
import re
import signal
import sys
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path

import httpx2
import pytest
from openai import APIStatusError, OpenAI

from .help import SERVE, WAIT, answered, headers, run_command, started
from .replay import command, now, report
from .replay.api import Replay, first_part
from .replay.exchange import Answer, Request
from .replay.inspector import KEPT
from .replay.report import Report
from .replay.resources import BETA, ROUTES
from .replay.server import serving
from .replay.taught import Taught

SCHEMA = {"type": "object", "properties": {}}
TOOL = {"type": "function", "function": {"name": "order_status"}}
FLAT = {"type": "function", "name": "order_status", "parameters": SCHEMA, "strict": False}


@pytest.fixture
def reported() -> Iterator[tuple[Report, Callable[..., OpenAI]]]:
    """The report of a server, and what makes a client for it, of a key."""
    replay, written = Replay(), Report()
    replay.observers.append(written)
    with serving(replay) as url:
        yield written, lambda key="sk-test": OpenAI(base_url=url, api_key=key, max_retries=0)


def titles(text: str) -> list[str]:
    """The calls that a report has, each with how often it came."""
    return [line.partition("`")[2] for line in text.splitlines() if re.match(r"## \d", line)]


def replies_in(text: str) -> dict:
    """The file of replies that a report has for filling in."""
    return json.loads(re.search(r"^```json\n(.*?)^```$", text, re.M | re.S)[1])


def test_calls_that_differ_by_their_ids_only_are_one_entry_with_how_often(reported):
    written, client = reported
    beta = client().beta
    assistant = beta.assistants.create(model="gpt-4o").id
    for _ in range(3):
        thread = beta.threads.create().id
        beta.threads.messages.create(thread, role="user", content="Hi")
        beta.threads.runs.create_and_poll(thread_id=thread, assistant_id=assistant)
        for _ in range(2):
            beta.threads.messages.list(thread)
        with pytest.raises(APIStatusError):
            beta.threads.retrieve(f"{thread}x")
    beta.threads.messages.create(thread, role="user", content="Other")
    with pytest.raises(APIStatusError):  # it repeats another call than the one before
        beta.threads.retrieve(f"{thread}x")
    beta.assistants.create(model="gpt-4o", instructions="Be brief.")
    polls = sum(k.times for k in written.calls["sk-test"] if "/runs/" in k.request.path)
    assert len(written.calls["sk-test"]) < 20 + polls  # what is asked again is kept once
    text = written.text()
    assert titles(text) == [
        "beta.assistants.create`, POST /assistants",
        "beta.threads.create`, POST /threads, 3 times",
        "beta.threads.messages.create`, POST /threads/{id}/messages, 3 times",
        "beta.threads.runs.create`, POST /threads/{id}/runs, 3 times",
        f"beta.threads.runs.retrieve`, GET /threads/{{id}}/runs/{{id}}, {polls} times",
        "beta.threads.messages.list`, GET /threads/{id}/messages, 6 times",
        "beta.threads.retrieve`, GET /threads/{id}, 4 times",
        "beta.threads.messages.create`, POST /threads/{id}/messages",
        "beta.assistants.create`, POST /assistants",
    ]
    summary = f"{22 + polls} calls: 18 translate, {polls} have none, 4 were refused."
    assert f"\n{summary}\n" in text
    assert text.count("It was refused: 404 No thread found with id") == 1
    assert text.count("To decide: `gpt-4o` ends on 2027-01-14.") == 1


@pytest.mark.parametrize(
    ("kinds", "says"),
    [
        ("", report.NOTHING),
        ("t", "1 call: 1 translates."),
        ("ttllnnrr", "8 calls: 2 translate, 2 lose a field, 2 have none, 2 were refused."),
        ("lnr", "3 calls: 1 loses a field, 1 has none, 1 was refused."),
    ],
)
def test_the_summary_counts_each_kind(kinds: str, says: str):
    made = {
        "t": now.Entry(None, "", code="x"),
        "l": now.Entry(None, "", code="x", lost=["y"]),
        "n": now.Entry(None, "", lost=["y"]),
        "r": now.Entry(None, "", code="x", refused="404"),
    }
    assert report.summary([(made[kind], 1) for kind in kinds]) == says


def test_it_keeps_an_account_of_its_own():
    """The page forgets what came before its last 500."""
    replay, written = Replay(), Report()
    replay.observers.append(written)
    for n in range(KEPT + 100):
        answered(replay, "POST", "/v1/threads", "sk-test", {"metadata": {"n": str(n)}})
    assert written.summary() == "600 calls: 600 translate."
    assert len(titles(written.text())) == 600


@pytest.mark.parametrize(
    "key", ["sk-ab1", "sk-proj-AnotherOnesKey_0123456789", command.KEY, "no-key-of-the-apis-0123"]
)
def test_no_key_is_in_it_wherever_it_stood(reported, key: str):
    written, client = reported
    other = "sk-proj-SomebodyElses_0123456789"
    api, said = client(key), f"{key} {other}"
    for call in (
        lambda: api.beta.assistants.create(model="gpt-4o", instructions=said, name=said),
        lambda: api.beta.threads.create(metadata={key: other, "a": key}),
        lambda: api.beta.threads.create(messages=[{"role": "user", "content": said}]),
        lambda: api.beta.threads.retrieve(f"thread_{key}_{other}"),
        lambda: api.responses.create(model="gpt-5.4", input=said),
    ):
        try:
            call()
        except APIStatusError as error:
            assert error.status_code in (401, 404)
    text = written.text()
    assert key not in text
    assert other not in text
    assert ('"to": "…' in text) == key.startswith("sk-")  # of others nothing is read


def test_a_key_that_asked_no_call_of_the_old_api_is_in_it_no_more(reported):
    written, client = reported
    client("sk-xy9").responses.create(model="gpt-5.4", input="my key is sk-xy9")
    assert replies_in(written.text()) == {"replies": [{"to": "my key is …xy9", "text": ""}]}


def test_of_two_keys_each_object_has_a_name_of_its_own(reported):
    """They may have the same ids. The whole program runs, and makes what they made."""
    written, client = reported
    ids = set()
    for key in ("sk-one", "sk-two"):
        threads = client(key).beta.threads
        made = threads.create(
            metadata={"of": key}, messages=[{"role": "assistant", "content": key}]
        )
        threads.update(made.id, metadata={"by": key})
        assistant = client(key).beta.assistants.create(model="gpt-4o", instructions=key)
        threads.runs.create_and_poll(thread_id=made.id, assistant_id=assistant.id)
        ids.add(made.id)
    assert len(ids) == 1
    program = re.findall(r"^```python\n(.*?)^```$", written.text(), re.M | re.S)[-1]
    variables = {"client": client("sk-now")}
    exec(program.replace("client = OpenAI()", ""), variables)
    for number, key in (("", "sk-one"), ("_2", "sk-two")):
        made = variables["client"].conversations.retrieve(variables[f"conversation{number}"].id)
        assert made.metadata == {"of": f"…{key[-3:]}", "by": f"…{key[-3:]}"}
        assert variables[f"response{number}"].conversation.id == made.id
        assert variables[f"response{number}"].instructions == f"…{key[-3:]}"


def test_each_question_without_a_reply_is_listed_once_as_a_file_that_is_taken(
    reported, tmp_path: Path
):
    """Of one turn, the one that could have called a function; none without a question."""
    written, client = reported
    api, ask = client(), {"model": "gpt-5.4", "input": "Order?"}
    for more in ({}, {"tools": [FLAT]}, {}):
        api.responses.create(**ask, **more)
    api.responses.create(model="gpt-5.4", input='"Two" primes?\n```')
    run = {"assistant_id": api.beta.assistants.create(model="gpt-4o", tools=[TOOL]).id}
    for messages in ([{"role": "user", "content": "Order?"}], []):
        run["thread_id"] = api.beta.threads.create(messages=messages).id
        api.beta.threads.runs.create_and_poll(**run, instructions="Say something.")
    api.responses.create(**ask)
    found = replies_in(written.text())
    called = [{"name": "order_status", "arguments": {}}]
    assert found["replies"] == [
        {"to": "Order?", "calls": called},
        {"to": '"Two" primes?\n```', "text": ""},
    ]
    found["replies"][1]["text"] = "2, 3"
    file = tmp_path / "replies.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    replay, again = Replay(taught=Taught(file)), Report()
    replay.observers.append(again)
    with serving(replay) as url:
        api = OpenAI(base_url=url, api_key="sk-test", max_retries=0)
        (asked,) = api.responses.create(**ask, tools=[FLAT]).output
        given = {"type": "function_call_output", "call_id": asked.call_id, "output": "sent"}
        history = [{"role": "user", "content": "Order?"}, asked.to_dict(), given]
        api.responses.create(model="gpt-5.4", input=history, tools=[FLAT])
        api.responses.create(**ask)
    text = again.text()
    assert replies_in(text) == {"replies": [{"to": "Order?", "after": ["sent"], "text": ""}]}
    assert "\n- replies[0]: order_status is not offered\n" in text


def test_nothing_was_asked_is_a_report_too():
    text = Report().text()
    assert text.endswith(f"\n\n{report.NOTHING}\n")


def test_a_program_that_is_moved_already_did_ask(reported):
    written, client = reported
    api = client()
    api.models.retrieve("gpt-5.4")
    assert written.summary() == "No call of the old API in 1 call: there is nothing to move."
    made = api.conversations.create()
    for _ in range(2):
        api.conversations.items.list(made.id)
    with pytest.raises(APIStatusError):
        api.embeddings.create(model="x", input="x")  # not replayed
    assert written.text().partition("\n\n")[2] == (
        "No call of the old API in 5 calls: there is nothing to move.\n\n"
        "These calls were not shut down. They stay as they are: `models.retrieve`,"
        " `conversations.create`, `conversations.items.list`.\n"
    )


def test_the_report_says_once_which_calls_stay_as_they_are(reported):
    written, client = reported
    api = client()
    for _ in range(2):
        file = api.files.create(file=("a.txt", b"a"), purpose="assistants").id
        store = api.vector_stores.create().id
        api.vector_stores.file_batches.create(store, file_ids=[file])
    resources = {"file_search": {"vector_store_ids": [store]}}
    api.beta.assistants.create(
        model="gpt-4o", tools=[{"type": "file_search"}], tool_resources=resources
    )
    text = written.text()
    stay = "`files.create`, `vector_stores.create`, `vector_stores.file_batches.create`. Your files"
    assert text.index(stay) < text.index("\n## 1.")
    assert text.count("were not shut down") == text.count("still exist,") == 1
    calls = text.partition("<details>")[0]
    assert "store still exists: use its id. This one is empty.\nvector_store = client." in calls


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "x", 404), ("POST", "", 200)])
def test_what_the_real_api_answered_is_counted_and_not_read(method: str, path: str, status: int):
    """Its beginning is all that is there when it is observed."""
    written = Report()
    request = Request(method, f"/v1/vector_stores/{path}".rstrip("/"), {}, b"")
    written(request, Answer(status, {}, b'{"id', "", forwarded=True))
    assert "in 1 call:" in written.summary()


def test_a_call_that_stays_is_named_as_the_sdk_does():
    for route in ROUTES:
        if first_part(f"/v1/{route.split()[1]}") not in BETA:
            assert callable(attrgetter(report.in_the_sdk(route))(OpenAI(api_key="sk-test"))), route


# By the command

PROGRAM = """
import os, sys, httpx2
http = httpx2.Client(headers={"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"})
http.headers["OpenAI-Beta"] = "assistants=v2"
def ask(path, **body):
    url = os.environ["OPENAI_BASE_URL"] + path
    return (http.post(url, json=body) if body else http.get(url)).raise_for_status().json()
tool = {"type": "function", "function": {"name": "order_status"}}
assistant = ask("/assistants", model="gpt-4o", tools=[tool])["id"]
messages = [{"role": "user", "content": "Where is order 42?"}]
for _ in range(3):
    run = ask("/threads/runs", assistant_id=assistant, thread={"messages": messages})
    while run["status"] in ("queued", "in_progress"):
        run = ask(f"/threads/{run['thread_id']}/runs/{run['id']}")
    print(run["status"])
said = ask("/responses", model="gpt-5.4", input="Two primes\\u2026?")["output"][-1]
print(said["content"][0]["text"])
sys.exit(7)
"""


def test_a_command_that_fails_is_reported_and_its_questions_are_filled_in(
    tmp_path: Path,
):
    file, replies = tmp_path / "report.md", tmp_path / "replies.json"
    wanted = (sys.executable, "-c", PROGRAM)
    done = run_command("--report", str(file), *wanted)
    assert (done.returncode, done.stdout.split()[:3]) == (7, ["completed"] * 3)
    text = file.read_text(encoding="utf-8")
    (summary,) = re.findall(r"^\d+ calls: 4 translate, \d+ have none\.$", text, re.M)
    assert done.stderr.splitlines()[-1].endswith(f".md: {summary}")
    assert command.KEY not in text
    found = replies_in(text)
    assert [reply["to"] for reply in found["replies"]] == ["Where is order 42?", "Two primes…?"]
    found["replies"][1]["text"] = "2 and 3."
    replies.write_text(json.dumps(found), encoding="utf-8")
    done = run_command("--replies", str(replies), "--report", str(file), *wanted)
    assert done.stdout.splitlines() == ["requires_action"] * 3 + ["2 and 3."]
    assert "Questions without a reply" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("exits", "status"), [(0, 1), (7, 7)])
def test_a_report_that_cannot_be_written_is_a_sentence_and_costs_no_answer(
    tmp_path: Path, exits: int, status: int
):
    asks = "import os, sys, urllib.request as r; u = os.environ['OPENAI_BASE_URL'][:-2]"
    asks += f"; print(r.urlopen(u).status); sys.exit({exits})"
    done = run_command("--report", str(tmp_path), sys.executable, "-c", asks)
    assert (done.returncode, done.stdout) == (status, "200\n")
    assert done.stderr.splitlines()[3:] == [
        line for line in done.stderr.splitlines() if "can't be written" in line
    ]
    assert done.stderr.splitlines()[-1].startswith(f"{tmp_path} can't be written: ")


def test_a_report_is_not_lost_to_a_mistyped_command(tmp_path: Path):
    file = tmp_path / "report.md"
    file.write_text("It was long.", encoding="utf-8")
    assert run_command("--report", str(file), "pyhton", "x.py").returncode == 127
    assert run_command("--report", str(file), sys.executable, "-c", "").returncode == 0
    assert file.read_text(encoding="utf-8") == "It was long."


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C as on POSIX")
def test_served_alone_it_is_written_at_ctrl_c(tmp_path: Path):
    file = tmp_path / "report.md"
    with started(*SERVE, "--port", "0", "--report", str(file)) as (process, url):
        assert httpx2.post(f"{url}/threads", headers=headers()).status_code == 200
        assert not file.exists()
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT) == 0
        assert process.stderr.read().splitlines()[-1] == f"{file}: 1 call: 1 translates."
    assert titles(file.read_text(encoding="utf-8")) == ["beta.threads.create`, POST /threads"]


def test_with_today_there_is_nothing_to_report(tmp_path: Path, capsys):
    file = tmp_path / "report.md"
    assert command.main(["--today", "--report", str(file), sys.executable, "-c", ""]) == 1
    assert capsys.readouterr().err == (
        "--report needs the answers of the old API: leave --today out.\n"
    )
    assert not file.exists()
