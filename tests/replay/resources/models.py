"""Models: list, retrieve; and what is known of a model by its name.

The names are the SDK's own list, which also says when one shuts down [documented: its modules
`types/shared/chat_model` and `responses_model`].
"""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import get_args

from .. import errors
from ..call import Call
from ..parameters import branches
from ..sdk_types import sdk_file, sdk_type

CREATED = 1773705600  # Unix seconds; our own, as no source gives the times
UNSUPPORTED = {"gpt-5.1-mini"}  # in the list, and "not a supported model ID" [documented]
# What an answer calls a model that was asked for by its short name [recorded, these].
FULL_NAMES = {
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-5.5": "gpt-5.5-2026-04-23",
    "gpt-5.6": "gpt-5.6-sol",
}
# How much a model reasons when it isn't told [documented; others, medium: inferred].
NO_EFFORT = ("gpt-5.1", "gpt-5.2", "gpt-5.4")


def list_(call: Call) -> dict:
    """GET /models: all that live [recorded: the list's shape]."""
    data = [_shown(name) for name in _names() if is_alive(name)]
    return {"object": "list", "data": data}


def retrieve(call: Call, model: str) -> dict:
    """GET /models/{model}. Raises errors.ApiError: 404 for an unknown or dead one [recorded]."""
    if not is_alive(model):
        raise errors.no_model(model)
    return _shown(model)


def is_alive(name: str) -> bool:
    """Whether there is a model of that name, today."""
    if name in UNSUPPORTED or (name not in _names() and name not in FULL_NAMES):
        return False
    return _shutdowns().get(name, "9999") > f"{datetime.now(UTC):%Y-%m-%d}"


def reasons(name: str) -> bool:
    """Whether it is a reasoning model [inferred from its name]."""
    return bool(re.match(r"gpt-[5-9]|o\d", name)) and "chat" not in name


def effort(name: str) -> str:
    """How much a reasoning model reasons when it isn't told."""
    return "none" if name.startswith(NO_EFFORT) else "medium"


def defaults(name: str) -> dict:
    """What a response shows of a model that was told nothing [recorded: gpt-4o-mini, 5.5, 5.6;
    inferred from these: others]."""
    if not reasons(name):
        return {"context": None, "effort": None}
    newest = re.match(r"gpt-(5\.[6-9]|[6-9])", name)
    shown = {"context": "all_turns" if newest else "current_turn", "effort": effort(name)}
    return shown | ({"mode": "standard"} if newest else {})


def top_p(name: str) -> float:
    """The default of `top_p` [recorded: gpt-5.2, 5.5, 5.6 and others; inferred: later ones]."""
    return 0.98 if re.match(r"gpt-(5\.[2-9]|[6-9])", name) and reasons(name) else 1.0


def _shown(name: str) -> dict:
    shown = {"id": name, "object": "model", "created": CREATED, "owned_by": "system"}
    shutdown = _shutdowns().get(name)
    return shown | {"shutdown_date": shutdown} if shutdown else shown


@cache
def _names() -> tuple[str, ...]:
    kind = sdk_type("shared.responses_model", "ResponsesModel")
    return tuple(name for part in branches(kind) for name in get_args(part))


@cache
def _shutdowns() -> dict[str, str]:
    """The day of each announced shutdown, from the list's documentation."""
    text = Path(sdk_file("shared.chat_model")).read_text(encoding="utf-8")
    pattern = r'- ((?:"[^"]+",?\s+)*"[^"]+"):\s+Announced shutdown\s+date:\s+(\d{4}-\d\d-\d\d)'
    return {
        name: day
        for names, day in re.findall(pattern, text)
        for name in re.findall(r'"(.*?)"', names)
    }
