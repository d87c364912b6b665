"""Models: list, retrieve; and what is known of each.

Which names there are is the SDK's own list [documented: its modules `types/shared/chat_model` and
`responses_model`, which also say when one shuts down], and what captures show beside it. Models
that answer neither Responses nor ran Assistants are left out.
"""

import re
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple, get_args

from .. import errors
from ..call import Call
from ..parameters import branches
from ..sdk_types import sdk_type

# A row each, dated names as their short one. Last day: announced [documented], or when a capture
# met it gone [recorded: 2026-08-03]. Full name: what a
# response calls it; a suffix, or = for the same. Context, effort: of its reasoning, when it is told
# nothing; - for a model that does not reason. Phase: whether messages have one. Efforts: those that
# it takes [quoted], - for not known. Grade: of all that has none here; `inferred` is from its
# family.
MODELS = """
# name                    last day    full name    cache      top_p  context       effort  phase  efforts       grade
gpt-6.2-sol               -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-6.2-astra             -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-6.2-astra-law         -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-6.1-sol               -           =            24h        0.98   all_turns     medium  yes    low-max       inferred
gpt-6.1-terra             -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-6-sol                 -           =            24h        0.98   all_turns     medium  yes    none-max      inferred
gpt-6-luna                -           =            24h        0.98   all_turns     medium  yes    none-max      recorded
gpt-6-astra               -           =            24h        0.98   all_turns     medium  yes    low-max       inferred
gpt-6-cyber               -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-6-rosalind            -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-5.6                   -           -sol         24h        0.98   all_turns     medium  yes    none-max      recorded
gpt-5.6-sol               -           =            24h        0.98   all_turns     medium  yes    none-max      recorded
gpt-5.6-luna              -           =            24h        0.98   all_turns     medium  yes    none-max      recorded
gpt-5.6-cyber             -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-5.6-terra             -           =            24h        0.98   all_turns     medium  yes    none-max      recorded
gpt-5.5                   -           -2026-04-23  24h        0.98   current_turn  medium  yes    none-xhigh    recorded
gpt-5.5-pro               -           -2026-04-23  24h        0.98   current_turn  medium  yes    medium-xhigh  inferred
gpt-5.4                   -           -2026-03-05  24h        0.98   current_turn  none    yes    none-xhigh    recorded
gpt-5.4-pro               -           -2026-03-05  24h        0.98   current_turn  medium  yes    medium-xhigh  inferred
gpt-5.4-mini              -           -2026-03-17  24h        0.98   current_turn  none    yes    none-xhigh    recorded
gpt-5.4-nano              2027-04-01  -2026-03-17  24h        0.98   current_turn  none    yes    none-xhigh    recorded
gpt-5.3-codex             -           =            24h        0.98   current_turn  medium  yes    -             recorded
gpt-5.2                   -           -2025-12-11  24h        0.98   current_turn  none    -      none-xhigh    recorded
gpt-5.2-pro               -           -2025-12-11  24h        0.98   current_turn  medium  -      medium-xhigh  inferred
gpt-5.2-codex             2026-08-03  =            24h        0.98   current_turn  medium  -      -             inferred
gpt-5.1                   2027-04-01  -2025-11-13  in_memory  1.0    current_turn  none    -      none-high     inferred
gpt-5.1-codex-max         2026-08-03  =            in_memory  1.0    current_turn  none    -      none-high     inferred
gpt-5.1-codex-mini        2026-08-03  =            in_memory  1.0    current_turn  none    -      none-high     inferred
gpt-5                     2026-12-11  -2025-08-07  in_memory  1.0    current_turn  medium  -      minimal-high  recorded
gpt-5-pro                 -           -2025-10-06  in_memory  1.0    current_turn  high    -      high          inferred
gpt-5-mini                2026-12-11  -2025-08-07  in_memory  1.0    current_turn  medium  -      minimal-high  recorded
gpt-5-nano                2026-12-11  -2025-08-07  in_memory  1.0    current_turn  medium  -      minimal-high  recorded
gpt-5-codex               2026-08-03  =            in_memory  1.0    current_turn  medium  -      -             inferred
gpt-4.1                   2027-01-14  -2025-04-14  in_memory  1.0    -             -       -      -             recorded
gpt-4.1-mini              2027-01-14  -2025-04-14  in_memory  1.0    -             -       -      -             recorded
gpt-4.1-nano              2026-10-23  -2025-04-14  in_memory  1.0    -             -       -      -             recorded
gpt-4o                    2027-01-14  -2024-08-06  in_memory  1.0    -             -       -      -             recorded
gpt-4o-mini               2027-01-14  -2024-07-18  in_memory  1.0    -             -       -      -             recorded
gpt-4                     2026-10-23  -0613        in_memory  1.0    -             -       -      -             recorded
gpt-audio-mini            2027-01-20  -2025-12-15  in_memory  1.0    -             -       -      -             inferred
gpt-rosalind-research     -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-daybreak-red-latest   -           =            24h        0.98   all_turns     medium  yes    -             inferred
gpt-daybreak-blue-latest  -           =            24h        0.98   all_turns     medium  yes    -             inferred
o3                        2026-12-11  -2025-04-16  in_memory  1.0    current_turn  medium  -      low-high      recorded
o4-mini                   2026-10-23  -2025-04-16  in_memory  1.0    current_turn  medium  -      low-high      recorded
o3-mini                   2026-10-23  -2025-01-31  in_memory  1.0    current_turn  medium  -      low-high      recorded
o1-pro                    2026-10-23  -2025-03-19  in_memory  1.0    current_turn  medium  -      low-high      inferred
o3-pro                    -           -2025-06-10  in_memory  1.0    current_turn  medium  -      -             inferred
o3-deep-research          -           -2025-06-26  in_memory  1.0    current_turn  medium  -      -             inferred
o4-mini-deep-research     2026-08-03  -2025-06-26  in_memory  1.0    current_turn  medium  -      -             inferred
chat-latest               -           =            24h        0.98   current_turn  medium  -      medium        inferred
computer-use-preview      -           -2025-03-11  in_memory  1.0    current_turn  medium  -      -             inferred
"""
# Shut down, with nothing more known of them [documented].
GONE = {
    "2024-09-13": "gpt-3.5-turbo-16k gpt-3.5-turbo-0301 gpt-3.5-turbo-0613 gpt-3.5-turbo-16k-0613",
    "2024-12-06": "gpt-4-vision-preview",
    "2025-06-06": "gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613",
    "2025-07-14": "gpt-4.5-preview gpt-4.5-preview-2025-02-27",
    "2025-07-28": "o1-preview o1-preview-2024-09-12",
    "2025-10-10": "gpt-4o-audio-preview-2024-10-01",
    "2025-10-27": "o1-mini o1-mini-2024-09-12",
    "2026-02-12": "codex-mini-latest",
    "2026-02-17": "chatgpt-4o-latest",
    "2026-03-26": "gpt-4-0125-preview gpt-4-turbo-preview gpt-4-0314",
    "2026-05-07": """gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17 gpt-4o-audio-preview-2025-06-03
        gpt-4o-mini-audio-preview gpt-4o-mini-audio-preview-2024-12-17""",
    "2026-07-23": """gpt-5.1-codex gpt-5.1-chat-latest gpt-5-chat-latest gpt-4o-search-preview
        gpt-4o-mini-search-preview gpt-4o-search-preview-2025-03-11
        gpt-4o-mini-search-preview-2025-03-11""",
    "2026-08-10": "gpt-5.3-chat-latest gpt-5.2-chat-latest",
    "2026-09-28": "gpt-3.5-turbo-1106",
    "2026-10-23": """gpt-4.1-nano-2025-04-14 o4-mini-2025-04-16 o3-mini-2025-01-31 o1 o1-2024-12-17
        gpt-4o-2024-05-13 gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4-1106-preview gpt-4-0613
        gpt-3.5-turbo gpt-3.5-turbo-0125""",
}
# Unix seconds [recorded: GET /models, May 2026; the first two lines quoted, Oct 2026; gpt-6-sol
# reported].
CREATED = """
    gpt-6.1-sol 1790552874  gpt-6-luna 1789406102  gpt-6-sol 1789405937  gpt-6-astra 1787853604
    gpt-5.6-luna 1782228658  gpt-5.6-terra 1782228459  gpt-5.6-sol 1782228018
    chat-latest 1777704602  gpt-5.5-pro-2026-04-23 1776894470  gpt-5.5-pro 1776894349
    gpt-5.5-2026-04-23 1776839241  gpt-5.5 1776824847  gpt-5.4-mini 1773451123
    gpt-5.4-mini-2026-03-17 1773451076  gpt-5.4-nano 1773450870  gpt-5.4-nano-2026-03-17
    1773450837  gpt-5.4 1772691852  gpt-5.4-pro-2026-03-05 1772659657  gpt-5.4-pro 1772659601
    gpt-5.4-2026-03-05 1772654062  gpt-5.3-codex 1770537915  gpt-5.2-codex 1766164985
    gpt-audio-mini-2025-12-15 1765760008  gpt-5.2-pro 1765343983  gpt-5.2-pro-2025-12-11
    1765343959  gpt-5.2 1765313051  gpt-5.2-2025-12-11 1765313028  gpt-5.1-codex-max 1763671532
    gpt-5.1-codex-mini 1763007109  gpt-5.1 1762800673  gpt-5.1-2025-11-13 1762800353
    gpt-audio-mini 1759512027  gpt-5-pro 1759469822  gpt-5-pro-2025-10-06 1759469707  gpt-5-codex
    1757527818  gpt-5-nano 1754426384  gpt-5-nano-2025-08-07 1754426303  gpt-5-mini 1754425928
    gpt-5-mini-2025-08-07 1754425867  gpt-5 1754425777  gpt-5-2025-08-07 1754075360
    o4-mini-deep-research-2025-06-26 1750866121  o3-deep-research-2025-06-26 1750865219
    o3-deep-research 1749840121  o4-mini-deep-research 1749685485  o3-pro-2025-06-10 1749166761
    o3-pro 1748475349  gpt-4.1-mini 1744318173  gpt-4.1-mini-2025-04-14 1744317547  gpt-4.1
    1744316542  gpt-4.1-2025-04-14 1744315746  o3 1744225308  o3-2025-04-16 1744133301  o1-pro
    1742251791  o1-pro-2025-03-19 1742251504  computer-use-preview-2025-03-11 1741377021
    gpt-4o-2024-11-20 1739331543  computer-use-preview 1734655677  gpt-4o-2024-08-06 1722814719
    gpt-4o-mini 1721172741  gpt-4o-mini-2024-07-18 1721172717  gpt-4o 1715367049
"""
LATER = 1790812800  # Unix seconds: what is shown of a model whose time is not known; made up
OWNERS = {"gpt-4": "openai", "gpt-4-0613": "openai"}  # of the others: system [recorded]
EFFORTS = "none minimal low medium high xhigh max".split()
UNSUPPORTED = {"gpt-5.1-mini"}  # in the list, and "not a supported model ID" [documented]


class Model(NamedTuple):
    """What is known of a model. efforts: () where that is not known; context, effort: None for a
    model that does not reason."""

    name: str
    last_day: str | None
    full_name: str
    cache: str
    top_p: float
    context: str | None
    effort: str | None
    phase: bool
    efforts: tuple[str, ...]
    grade: str

    @property
    def reasoning(self) -> dict:
        """What a response shows when it was told nothing."""
        shown = {"context": self.context, "effort": self.effort}
        return shown | ({"mode": "standard"} if self.context else {})


def list_(call: Call) -> dict:
    """GET /models: all that live [recorded: the list's shape]."""
    data = [_shown(model) for name in _names() if (model := alive(name))]
    return {"object": "list", "data": data}


def retrieve(call: Call, name: str) -> dict:
    """GET /models/{name}. Raises errors.ApiError: 404 for an unknown or dead one [recorded]."""
    if model := alive(name):
        return _shown(model)
    raise errors.no_model(name)


def today() -> str:
    """The day, as the only thing that is asked of the calendar; tests set it."""
    return datetime.now(UTC).date().isoformat()


def alive(name: str) -> Model | None:
    """The model of that name, if there is one today."""
    model = known(name)
    return model if model and (model.last_day or "9999") > today() else None


@cache
def known(name: str) -> Model | None:
    """What is known of a model, gone or not; None for a name that is no model's."""
    table = _table()
    if name in table:
        return table[name]
    day = next((day for day, names in GONE.items() if name in names.split()), None)
    if day is None and (name in UNSUPPORTED or name not in _names()):
        return None
    short = re.sub(r"-\d{4}-\d\d-\d\d$", "", name)
    like = next((model for model in table.values() if model.full_name == name), None)
    like = like or table.get(short) or _by_pattern(name)
    return like._replace(name=name, full_name=name, last_day=day or like.last_day)


def came_after_assistants(name: str) -> bool:
    """Whether the Assistants API refused it [quoted: gpt-5-mini and another; inferred: later]."""
    return re.match(r"gpt-([5-9]|\d\d)", name) is not None


def _by_pattern(name: str) -> Model:
    """A rule of thumb for a name without a row [inferred]."""
    plain = re.match(r"gpt-[34]", name)
    like = _table()["gpt-4o" if plain else "o3" if name.startswith("o") else "gpt-6-luna"]
    return like._replace(last_day=None, efforts=(), grade="inferred")


@cache
def _table() -> dict[str, Model]:
    found = {}
    for line in MODELS.strip().splitlines()[1:]:
        name, day, full, kept, top_p, context, effort, phase, efforts, grade = line.split()
        least, _, most = efforts.partition("-")
        taken: tuple[str, ...] = ()
        if least:
            span = EFFORTS[EFFORTS.index(least) : EFFORTS.index(most or least) + 1]
            taken = tuple(e for e in span if e != "minimal" or least == "minimal")
        found[name] = Model(
            name,
            None if day == "-" else day,
            name if full == "=" else name + full,
            kept,
            float(top_p),
            None if context == "-" else context,
            None if effort == "-" else effort,
            phase == "yes",
            taken,
            grade,
        )
    return found


@cache
def _created() -> dict[str, int]:
    words = CREATED.split()
    return {name: int(time) for name, time in zip(words[::2], words[1::2], strict=True)}


def _shown(model: Model) -> dict:
    """A model as the API shows it; `shutdown_date` is null where none is announced [live, 2026]."""
    return {
        "id": model.name,
        "object": "model",
        "created": _created().get(model.name, LATER),
        "owned_by": OWNERS.get(model.name, "system"),
        "shutdown_date": model.last_day,
    }


@cache
def _names() -> tuple[str, ...]:
    """All names: the SDK's list, the table's, and those that a capture of the list shows."""
    kind = sdk_type("shared.responses_model", "ResponsesModel")
    listed = [name for part in branches(kind) for name in get_args(part)]
    return tuple(dict.fromkeys([*listed, *_table(), *_created()]))
