"""Assistants and threads that the user's own file brings, under the ids that a program expects."""

from ..call import START
from ..errors import ApiError
from ..parameters import check
from ..project import Project, Thread
from ..sdk_types import sdk_type
from ..taught import Content
from . import assistants, messages, threads

TAKES = {
    "assistants": ("beta.assistant_create_params", "AssistantCreateParams"),
    "threads": ("beta.thread_create_params", "ThreadCreateParams"),
}


def check_body(kind: str, body: dict) -> None:
    """Check what a file says of an assistant or a thread as the API would.

    kind: a key of TAKES. Raises ValueError with the API's words.
    """
    try:
        check(sdk_type(*TAKES[kind]), body)
        if kind == "assistants":
            assistants.check_sent(body)
    except ApiError as error:
        raise ValueError(str(error)) from None


def plant(project: Project, content: Content) -> None:
    """Give a key what the file has and it has not been given: what it deleted stays away."""
    for id, sent in content.assistants.items():
        if project.seeds.get(id) != sent:
            project.seeds[id] = sent
            project.assistants[id] = assistants.shown(
                sent, id, START, sent.get("tool_resources") or {}
            )
    for id, sent in content.threads.items():
        if id not in project.seeds:
            project.seeds[id] = sent
            project.threads[id] = _thread(id, sent)


def _thread(id: str, sent: dict) -> Thread:
    thread = Thread(threads.shown(sent, id, START, sent.get("tool_resources") or {}))
    for number, message in enumerate(sent.get("messages") or ()):
        made = messages.shown(message, f"msg_{id.removeprefix('thread_')}_{number}", START, id)
        thread.messages[made["id"]] = made
    return thread
