"""One request answered: the checks in their order, the rule, recorded or computed.

This is the whole API without HTTP: it runs wherever Python does.
"""

import gc
import re
import secrets
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

import pydantic_core

from . import errors, ids
from .call import START, Call
from .errors import NOT_REPLAYED, ApiError
from .exchange import Answer, Exchange, Request, Stream, canonical, encode, last_state
from .matching import Recordings
from .parameters import json_type
from .project import Project
from .resources import BETA, HEADERS, OTHER_APIS, ROUTES, Rule

HOSTS = ("127.0.0.1", "localhost", "[::1]")
# Bytes. The largest text that the API documents, an item's 10,485,760 characters, and some room.
BODY_LIMIT = 10_485_760 + 2**20
KEYS = 10_000  # that own something at one time; then the one unused for longest is forgotten

Observer = Callable[[Request, Answer], None]


@dataclass(eq=False)
class Arrival:
    """A request on its way through the checks, and what they have found out."""

    request: Request
    session_key: str | None = None
    today: bool = False
    rule: Rule | None = None
    ids: dict[str, str] = field(default_factory=dict)
    body: dict | None = None
    broken: ApiError | None = None


class Replay:
    """The answers: state per API key, over one set of recordings.

    session_key: the one key that is taken; without it, any that begins as the API's do. today:
    answer as the API does since the Assistants API's end. observers: called with every request and
    its answer.
    """

    def __init__(
        self,
        recordings: Iterable[Exchange] = (),
        session_key: str | None = None,
        today: bool = False,
    ) -> None:
        self.recordings = Recordings(recordings)
        self.session_key = session_key
        self.today = today
        self.observers: list[Observer] = []
        self.projects: OrderedDict[str, Project] = OrderedDict()

    def admit(self, request: Request) -> None:
        """The checks that need no body. Raises ApiError."""
        arrival = Arrival(request, self.session_key, self.today)
        for check in WITHOUT_BODY:
            check(arrival)

    def answer(self, request: Request) -> Answer:
        """One request answered. What goes wrong is an answer too, in the API's shape."""
        project = Project(self.recordings)
        arrival = Arrival(request, self.session_key, self.today)
        recorded, headers, refused = None, {}, ""
        try:
            if not request.admitted:
                self.admit(request)
            project = self.project(request.key)
            small_enough(arrival)
            read_body(arrival)
            recorded = project.unplayed(
                self.recordings.exchanges_for(request.method, request.target, arrival.body)
            )
            for check in WITH_BODY:
                check(arrival)
            call = Call(
                project,
                query=query_of(request.target),
                body={} if arrival.body is None else arrival.body,
                recorded=recorded.value if recorded else {},
            )
            status, value = 200, arrival.rule(call, **arrival.ids)
            headers = call.headers
        except ApiError as error:
            status, value, headers = error.status, error.body, error.headers
            refused = error.why_refused
            if not is_key(request.key):
                recorded = project.unplayed(
                    self.recordings.exchanges_with_key(request.method, request.target, request.key)
                )
        except Exception as bug:
            traceback.print_exc()
            error = errors.broken_rule(type(bug).__name__)
            status, value, headers = error.status, error.body, error.headers
        answer = self._answer(
            request, project, status, value, headers, recorded, arrival.body, refused
        )
        self.observe(request, answer)
        return answer

    async def close(self) -> None:
        """Nothing to close."""

    def observe(self, request: Request, answer: Answer) -> None:
        """Tell the observers. What fails in one of them costs nobody the answer."""
        for observer in self.observers:
            try:
                observer(request, answer)
            except Exception:
                traceback.print_exc()

    def project(self, key: str) -> Project:
        """What a key owns; for what is no key, nothing that would be kept."""
        if not is_key(key):
            return Project(self.recordings)
        if key in self.projects:
            self.projects.move_to_end(key)
        else:
            self.projects[key] = Project(self.recordings)
            if len(self.projects) > KEYS:
                self.projects.popitem(last=False)
        return self.projects[key]

    def _answer(
        self,
        request: Request,
        project: Project,
        status: int,
        value: dict,
        headers: dict[str, str],
        recorded: Exchange | None,
        body: dict | None,
        refused: str,
    ) -> Answer:
        """Headers and bytes, and the comparison that decides between recorded and computed."""
        headers = standard_headers(project, status, first_part(request.path)) | headers
        if isinstance(value, Stream):
            headers["Content-Type"] = "text/event-stream; charset=utf-8"
        content = encode(value, request.target)
        why = ""
        if recorded and recorded.status == status and value is not None:
            project.played.add(recorded)
            for name, text in recorded.headers.items():
                headers[CASE.get(name.lower(), name)] = text
            if isinstance(value, Stream):  # where its deltas are cut, the API makes up
                same = last_state([data for _, data in value.events]) == recorded.value
            else:
                same = content == encode(recorded.value, request.target)
            if same:
                content = recorded.content
            else:
                why = "the state differs from the recording's"
        elif value is None:
            why = "what the API answers today is not known whole"
            recorded = None
        elif recorded:
            why = f"the recording's status is {recorded.status}"
            recorded = None
        else:
            why = refused or self.recordings.why_not(request.method, request.target, body)
        headers["x-replay"] = "computed" if why else "recorded"
        return Answer(status, headers, content, why, recorded)


# The checks, in their order. Each raises ApiError.


def addressed_here(arrival: Arrival) -> None:
    """403 for another host: that is how a web page would reach a loopback server, by rebinding its
    own name to 127.0.0.1 [replay]."""
    host = arrival.request.headers.get("Host", "")
    if (host if host.endswith("]") else host.rsplit(":", 1)[0]).lower() not in HOSTS:
        raise errors.not_this_host()


def with_a_key(arrival: Arrival) -> None:
    """401 without a key, or with what is none [quoted, recorded]."""
    if not arrival.request.key:
        raise errors.no_key()
    if not is_key(arrival.request.key):
        raise errors.bad_key(arrival.request.key)


def with_the_sessions_key(arrival: Arrival) -> None:
    """401 in a live session for any other key than its own [replay]."""
    key = arrival.session_key
    if key and not secrets.compare_digest(arrival.request.key.encode(), key.encode()):
        raise errors.not_this_session()


def small_enough(arrival: Arrival) -> None:
    """413 for a body over the limit [replay]."""
    if arrival.request.size > BODY_LIMIT:
        raise errors.too_large(BODY_LIMIT)


def while_it_lived(arrival: Arrival) -> None:
    """404 for all of the Assistants API, asked as it is today [reported]."""
    if arrival.today and first_part(arrival.request.path) in BETA:
        raise errors.gone()


def with_a_rule(arrival: Arrival) -> None:
    """404 for a path, or a method on it, that the API does not have [quoted]; 400 for what it has
    and this server has not [replay]."""
    method, path = arrival.request.method, arrival.request.path
    route, arrival.ids = find_route(method, path)
    if route in NOT_REPLAYED:
        raise errors.not_replayed(route)
    if route is None:
        if first_part(path) in OTHER_APIS:
            raise errors.not_replayed("api", name=first_part(path))
        raise errors.unknown_path(method, path)
    arrival.rule = ROUTES[route]


def with_the_beta_header(arrival: Arrival) -> None:
    """400 for a call of the Assistants API without its header [quoted]."""
    header = arrival.request.headers.get("OpenAI-Beta", "")
    if first_part(arrival.request.path) in BETA and "assistants=v2" not in header:
        raise errors.no_beta_header()


def with_good_json(arrival: Arrival) -> None:
    """400 for a body that is no JSON [quoted], or no object [inferred: the words]."""
    if arrival.broken:
        raise arrival.broken


WITHOUT_BODY = (addressed_here, with_a_key, with_the_sessions_key)
WITH_BODY = (while_it_lived, with_a_rule, with_the_beta_header, with_good_json)


def read_body(arrival: Arrival) -> None:
    """Parse the body: to a JSON object, None when there is none, or the error to raise."""
    content = arrival.request.content
    if not content:
        return
    gc.disable()  # else it looks for cycles again and again while millions of values come
    try:
        value = pydantic_core.from_json(content, allow_inf_nan=False)
        if re.search(
            rb"[eE]\+?[0-9]{3}|[0-9]{300}", content
        ):  # 1e999 is no number of JSON's either
            canonical(value)
    except ValueError:
        arrival.broken = errors.invalid_json()
        return
    finally:
        gc.enable()
    if isinstance(value, dict):
        arrival.body = value
    else:
        arrival.broken = errors.wrong_type("body", "an object", json_type(value))


@lru_cache(1024)
def find_route(method: str, path: str) -> tuple[str | None, dict[str, str]]:
    """The route of a request and the ids in its path; None when the API has none."""
    parts = path.split("/")
    if parts[:2] != ["", "v1"] or "" in parts[2:]:
        return None, {}
    for route, names in _BY_SIZE.get((method, len(parts) - 2), ()):
        if all(n[0] == "{" or n == p for n, p in zip(names, parts[2:], strict=True)):
            found = zip(names, parts[2:], strict=True)
            return route, {n[1:-1]: unquote(part) for n, part in found if n[0] == "{"}
    return None, {}


def _by_size() -> dict[tuple[str, int], list[tuple[str, list[str]]]]:
    """The routes by method and number of parts; those with fewer names in them come first."""
    found: dict = {}
    routes = [*ROUTES, *(name for name in NOT_REPLAYED if "/" in name)]
    for route in sorted(routes, key=lambda route: route.count("{")):
        method, _, path = route.partition(" ")
        names = path.split("/")
        found.setdefault((method, len(names)), []).append((route, names))
    return found


_BY_SIZE = _by_size()


def query_of(target: str) -> dict[str, str]:
    """The query of a target: the last value of each name."""
    query = target.partition("?")[2]
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def first_part(path: str) -> str:
    """The API that a path belongs to: `threads` of `/v1/threads/thread_abc`; "" for none."""
    parts = path.split("/")
    return parts[2] if parts[:2] == ["", "v1"] and len(parts) > 2 else ""


def is_key(key: str) -> bool:
    """Any key that begins as the API's do opens a project of its own."""
    return key.startswith("sk-")


def own_error(error: ApiError) -> Answer:
    """An error outside any project: a live session's."""
    headers = {"Content-Type": "application/json"} | error.headers
    return Answer(error.status, headers, encode(error.body, ""), str(error))


@lru_cache(1024)
def _date(time: int) -> str:
    return formatdate(time, usegmt=True)


def standard_headers(project: Project, status: int, api: str) -> dict[str, str]:
    """The headers that every answer has, their case too, as on the wire [recorded].

    api: the path's first part. A 401 names no organization and no project, and its request id is a
    UUID [recorded: bad key].
    """
    made_up = ids.hexes("req", project.next_serial(), 64)
    headers: dict[str, str | None] = {
        "Date": _date(project.now or START),
        "Content-Type": "application/json",
        "Connection": "keep-alive",
        "openai-version": "2020-10-01",
        "openai-organization": "org-abc123xyz789",
        "openai-project": "proj_abc123xyz789",
        "openai-processing-ms": "1",
        "x-request-id": f"req_{made_up[:32]}",
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "cf-cache-status": "DYNAMIC",
        "Server": "cloudflare",
        "CF-RAY": f"{made_up[32:48]}-NRT",
        "alt-svc": 'h3=":443"; ma=86400',
    }
    if status == 401:
        del headers["openai-organization"], headers["openai-project"]
        headers["x-request-id"] = ids.uuid(made_up)
    for name, value in HEADERS.get(api, {}).items():
        headers[name] = value
        if value is None:
            del headers[name]
    return headers


CASE = {name.lower(): name for name in standard_headers(Project(Recordings()), 200, "")}
