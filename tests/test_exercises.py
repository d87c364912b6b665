"""The exercises: a verdict takes every right answer, and names a wrong one. None raises."""

import re

import pytest
from nbformat import NotebookNode

from .help import run
from .test_notebooks import NOTEBOOKS, cells, point

EXERCISES = [
    (name, cell)
    for name in NOTEBOOKS
    for cell in cells(name, "code")
    if cell.id.startswith("exercise")
]
GREET = 'client.conversations.create(items=[{"role": "user", "content": "Hello"}])'
# By notebook and cell: right answers, then wrong ones.
ANSWERS: dict[tuple[str, str], tuple[list[str], list[str]]] = {
    ("01", "exercise-metadata"): (
        [
            'chemistry = client.conversations.create(items=[], metadata={"topic": "chemistry"})',
            'labels = {"topic": "chemistry"}\nchemistry = client.conversations.create()\n'
            "chemistry = client.conversations.update(chemistry.id, metadata=labels)",
        ],
        [
            'chemistry = client.beta.threads.create(metadata={"topic": "chemistry"})',
            'chemistry = client.conversations.create(metadata={"topic": "Chemistry"})',
            "chemistry = client.conversations.create()",
            'chemistry = {"topic": "chemistry"}',
        ],
    ),
    ("01", "exercise-ask"): (
        [
            'asked = client.responses.create(model=MODEL, conversation={"id": conversation.id}, '
            'input="What is a derivative?")',
            'said = [{"role": "user", "content": "What is a derivative?"}]\n'
            "asked = client.responses.create("
            "model=MODEL, conversation=conversation.id, input=said)",
        ],
        [
            'asked = client.responses.create(model=MODEL, input="What is a derivative?")',
            "asked = client.responses.create("
            'model=MODEL, conversation=conversation.id, input="Help with math")',
            "other = client.conversations.create()\nasked = client.responses.create("
            'model=MODEL, conversation=other.id, input="What is a derivative?")',
            'asked = "It is the rate of change at one moment."',
        ],
    ),
    ("01", "exercise-flow"): (
        [
            "def answer(question):\n"
            '    made = client.conversations.create(metadata={"q": "1"})\n'
            "    got = client.responses.create(model=MODEL, conversation=made.id, "
            'input=question, instructions="Answer in one sentence.")\n'
            "    return [made.id, got.output_text]",
            "def answer(question):\n"
            "    id = client.conversations.create().id\n"
            "    client.responses.create(model=MODEL, conversation=id, input=question, "
            'instructions="Answer in one sentence.")\n'
            "    newest = client.conversations.items.list(id).data[0]\n"
            "    return id, newest.content[0].text",
        ],
        [
            "def answer(question):\n"
            "    made = client.conversations.create()\n"
            "    return made.id, client.responses.create(model=MODEL, input=question).output_text",
            "def answer(question):\n    return client.conversations.create().id",
            "def answer(question):\n    pass",
            'answer = ("conv_1", "Gladly. What would you like to begin with? (sample)")',
            "def answer(question):\n"
            '    said = [{"role": "user", "content": question}]\n'
            "    made = client.conversations.create(items=said)\n"
            "    got = client.responses.create("
            "model=MODEL, conversation=made.id, input=question)\n"
            "    return made.id, got.output_text",
        ],
    ),
    ("02", "exercise-roles"): (
        [
            "asked = [i.content[0].text for i in client.conversations.items.list("
            'underway_conversation.id, order="asc") if i.type == "message" and i.role == "user"]',
            "asked = []\n"
            "for item in client.conversations.items.list(underway_conversation.id):\n"
            '    if item.role == "user":\n'
            "        asked.insert(0, item.content[0].text)",
        ],
        [
            "asked = [i.content[0].text for i in client.conversations.items.list("
            'underway_conversation.id) if i.role == "user"]',
            "asked = [i.content[0].text for i in client.conversations.items.list("
            'underway_conversation.id, order="asc")]',
            "asked = [i.content[0].text for i in client.conversations.items.list("
            'underway_conversation.id) if i.role == "assistant"]',
            'asked = "Python入門について教えて"',
            "asked = lesson",
        ],
    ),
    ("02", "exercise-scene"): (
        [
            "polite = client.conversations.create("
            'items=[{"role": "developer", "content": "Answer politely."}])\n'
            "client.conversations.items.create(polite.id, "
            'items=[{"role": "user", "content": "Hello"}])',
            "polite = client.conversations.create(items=["
            '{"type": "message", "role": "developer", '
            '"content": [{"type": "input_text", "text": "Answer politely."}]}, '
            '{"role": "user", "content": "Hello"}])',
        ],
        [
            "polite = client.conversations.create(items=["
            '{"role": "user", "content": "Answer politely."}, '
            '{"role": "user", "content": "Hello"}])',
            "polite = client.conversations.create(items=["
            '{"role": "user", "content": "Hello"}, '
            '{"role": "developer", "content": "Answer politely."}])',
            "polite = client.conversations.create("
            'items=[{"role": "developer", "content": "Answer politely."}])',
            'polite = client.beta.threads.create(messages=[{"role": "user", "content": "Hello"}])',
            'polite = "Hello"',
        ],
    ),
    ("02", "exercise"): (
        [
            "mine = client.conversations.create()\n"
            "client.conversations.items.create(mine.id, items=stored)\n"
            "continued = client.responses.create(model=MODEL, conversation=mine.id, "
            'instructions="Answer in one sentence.", input="What comes after arrays?")',
            "mine = client.conversations.create(items=stored)\n"
            "continued = client.responses.create(model=MODEL, conversation=mine.id, "
            'instructions="Answer in one sentence.", '
            'input=[{"role": "user", "content": "What comes after arrays?"}])',
        ],
        [
            "mine = client.conversations.create(items=stored)\n"
            "continued = client.responses.create(model=MODEL, conversation=mine.id, "
            'input="What comes after arrays?")',
            "mine = client.conversations.create(items=stored)\n"
            'continued = client.responses.create(model=MODEL, input="What comes after arrays?", '
            'instructions="Answer in one sentence.")',
            "mine = client.conversations.create()\n"
            "continued = client.responses.create(model=MODEL, conversation=mine.id, "
            'instructions="Answer in one sentence.", input="What comes after arrays?")',
            "mine = client.beta.threads.create(messages=stored)",
            "mine = client.conversations.create(items=stored)",
        ],
    ),
    ("03", "exercise-item"): (
        [
            "for item in client.conversations.items.list(conversation.id):\n"
            "    first = item.content[0].text",
            "items = client.conversations.items.list(conversation.id).data\n"
            "first = client.conversations.items.retrieve("
            "items[0].id, conversation_id=conversation.id).content[0].text",
        ],
        [
            "first = client.conversations.items.list(conversation.id).data[0]",
            "first = client.conversations.items.list(conversation.id).data[0].content",
            "first = conversation.id",
            'first = ""',
        ],
    ),
    ("03", "exercise-error"): (
        [
            'try:\n    client.conversations.retrieve("conv_000")\n'
            "except NotFoundError as e:\n    sentence = e.response.json()['error']['message']",
            "from openai import APIStatusError\n"
            'try:\n    client.conversations.items.list("conv_000")\n'
            "except APIStatusError as e:\n    sentence = e.body['message']",
        ],
        [
            'try:\n    client.conversations.retrieve("conv_000")\n'
            "except NotFoundError as e:\n    sentence = str(e)",
            'try:\n    client.beta.threads.retrieve("thread_000")\n'
            "except NotFoundError as e:\n    sentence = e.body['message']",
            'try:\n    client.conversations.retrieve("conv_000")\n'
            "except NotFoundError as e:\n    sentence = e",
            "sentence = 404",
        ],
    ),
    ("03", "exercise"): (
        [
            "from openai import APIStatusError\n"
            "def there(id):\n"
            "    try:\n        return client.conversations.retrieve(id)\n"
            "    except APIStatusError:\n        return None\n"
            "alive = [id for id in table if there(id)]",
            "from openai import BadRequestError\nalive = []\nfor id in table:\n"
            "    try:\n        client.conversations.items.list(id)\n        alive.append(id)\n"
            "    except (NotFoundError, BadRequestError):\n        continue",
        ],
        [
            "alive = table",
            "alive = []",
            "alive = [thread.id]",
            "alive = [conversation]",
            "alive = conversation.id",
        ],
    ),
    ("04", "exercise-add"): (
        [
            "conversation = client.conversations.update("
            'conversation.id, metadata={**conversation.metadata, "language": "ja"})',
            'client.conversations.update(labelled, metadata={"language": "ja"})',
        ],
        [
            'conversation = client.conversations.create(metadata={"language": "ja"})',
            'client.conversations.update(conversation.id, metadata={"language": "jp"})',
            'conversation.metadata["language"] = "ja"',
            'client.beta.threads.update(thread.id, metadata={"language": "ja"})',
        ],
    ),
    ("04", "exercise-number"): (
        [
            'client.conversations.update(scored.id, metadata={"score": "95"})\n'
            'score = int(client.conversations.retrieve(scored.id).metadata["score"])',
            'scored = client.conversations.update(scored.id, metadata={"score": f"{95}"})\n'
            'score = round(float(scored.metadata["score"]))',
        ],
        [
            "score = 95",
            'score = client.conversations.update(scored.id, metadata={"score": "95"})'
            '.metadata["score"]',
            'scored = client.conversations.create(metadata={"score": "95"})\n'
            'score = int(scored.metadata["score"])',
            'client.conversations.update(scored.id, metadata={"score": "95.0"})\nscore = 95',
            'client.conversations.update(scored.id, metadata={"score": "95"})\nscore = 95.0',
        ],
    ),
    ("04", "exercise-clean"): (
        [
            "clean = client.conversations.create(items=hello)",
            "items = client.conversations.items.list(full.id).data[::-1]\n"
            "clean = client.conversations.create(metadata={}, items=["
            '{"role": i.role, "content": [p.to_dict() for p in i.content]} for i in items])',
        ],
        [
            "clean = full",
            "clean = client.conversations.create()",
            "clean = client.conversations.update(full.id, metadata={})",
            "clean = client.conversations.create(items=hello[::-1])",
            "clean = client.conversations.create(items=hello, metadata=full.metadata)",
            "clean = client.beta.threads.create(messages=hello)",
        ],
    ),
    ("05", "exercise-delete"): (
        [
            "gone = client.conversations.delete(made.id)",
            "trial = client.conversations.delete(trial.id)",
        ],
        [
            "trial = None",
            'client.conversations.update(trial.id, metadata={"name": ""})',
            "trial = client.conversations.create()\nclient.conversations.delete(trial.id)",
            "del trial",
        ],
    ),
    ("05", "exercise-item"): (
        [
            "secret = client.conversations.items.list(told.id).data[0]\n"
            "client.conversations.items.delete(secret.id, conversation_id=told.id)",
            "for item in client.conversations.items.list(told.id).data:\n"
            '    if item.content[0].text != "hello":\n'
            "        client.conversations.items.delete(item.id, conversation_id=told.id)",
        ],
        [
            "client.conversations.delete(told.id)",
            "for item in list(client.conversations.items.list(told.id)):\n"
            "    client.conversations.items.delete(item.id, conversation_id=told.id)",
            "first = client.conversations.items.list(told.id).data[-1]\n"
            "client.conversations.items.delete(first.id, conversation_id=told.id)",
            "told = client.conversations.create(items=said[:1])",
        ],
    ),
    ("05", "exercise-forget"): (
        [
            "def forget(id):\n    count = 0\n    try:\n"
            "        while items := client.conversations.items.list(id, limit=100).data:\n"
            "            for item in items:\n"
            "                client.conversations.items.delete(item.id, conversation_id=id)\n"
            "                count += 1\n"
            "        client.conversations.delete(id)\n"
            "    except NotFoundError:\n        pass\n    return count",
            "def forget(id):\n    try:\n        client.conversations.retrieve(id)\n"
            "    except NotFoundError:\n        return 0\n"
            "    ids = [item.id for item in client.conversations.items.list(id)]\n"
            "    for item in ids:\n"
            "        client.conversations.items.delete(item, conversation_id=id)\n"
            "    client.conversations.delete(id)\n    return len(ids)",
        ],
        [
            "def forget(id):\n    items = client.conversations.items.list(id).data\n"
            "    for item in items:\n"
            "        client.conversations.items.delete(item.id, conversation_id=id)\n"
            "    client.conversations.delete(id)\n    return len(items)",
            "def forget(id):\n    client.conversations.delete(id)\n    return 30",
            "def forget(id):\n    try:\n        client.conversations.delete(id)\n"
            "    except NotFoundError:\n        return 0",
            "def forget(id):\n    for item in list(client.conversations.items.list(id)):\n"
            "        client.conversations.items.delete(item.id, conversation_id=id)\n    return 30",
            'forget = "(30, 0)"',
        ],
    ),
    ("06", "exercise-instructions"): (
        [
            'critic = dict(model=MODEL, instructions="Find the mistake.")',
            'critic = tutor | {"instructions": "Find the mistake."}',
        ],
        [
            'critic = {"model": "MODEL", "instructions": "Find the mistake."}',
            'critic = {"model": MODEL, "instructions": "Find the mistake"}',
            "critic = client.beta.assistants.create("
            'model="gpt-4o", instructions="Find the mistake.")',
            'critic = "Find the mistake."',
        ],
    ),
    ("06", "exercise-branch"): (
        [
            "branch = client.responses.create(model=MODEL, previous_response_id=first.id, "
            'input=[{"role": "user", "content": "And an integral?"}])',
            "branch = client.responses.create(model=MODEL, previous_response_id=first.id, "
            'input="And an integral?", instructions="Be brief.")',
        ],
        [
            "branch = second",
            "branch = client.responses.create(model=MODEL, previous_response_id=second.id, "
            'input="And an integral?")',
            'branch = client.responses.create(model=MODEL, input="And an integral?")',
            "branch = first.id",
            "branch = client.responses.create(model=MODEL, previous_response_id=first.id, "
            'input="Help with math")',
        ],
    ),
    ("06", "exercise-move"): (
        [
            "def new_program(questions):\n"
            "    id = client.conversations.create().id\n"
            "    for text in questions:\n"
            "        client.responses.create(model=MODEL, instructions='Be brief.', "
            "conversation=id, input=[{'role': 'user', 'content': text}])\n"
            "    return id",
            "def new_program(questions):\n"
            "    made = client.conversations.create()\n"
            "    for text in questions:\n"
            "        said = [{'role': 'user', 'content': text}]\n"
            "        client.conversations.items.create(made.id, items=said)\n"
            "        client.responses.create("
            "model=MODEL, instructions='Be brief.', conversation=made.id, input=[])\n"
            "    return made.id",
        ],
        [
            "new_program = old_program",
            "def new_program(questions):\n"
            "    made = client.conversations.create()\n"
            "    for text in questions:\n"
            "        client.responses.create(model=MODEL, input=text)\n"
            "    return made.id",
            "def new_program(questions):\n"
            "    for text in questions:\n"
            "        made = client.conversations.create()\n"
            "        client.responses.create(model=MODEL, conversation=made.id, input=text)\n"
            "    return made.id",
            "def new_program(questions):\n"
            "    made = client.conversations.create()\n"
            "    items = [{'role': 'user', 'content': text} for text in questions]\n"
            "    client.conversations.items.create(made.id, items=items)\n"
            "    return made",
            "new_program = ['What is a derivative?']",
        ],
    ),
}


def solution(name: str, exercise: NotebookNode) -> str:
    """The folded solution of a cell to fill in: its text cell has the same id but for a word."""
    wanted = exercise.id.replace("exercise", "solution")
    folded = next(cell for cell in cells(name, "markdown") if cell.id == wanted)
    parts = re.findall(r"<summary>(.*?)</summary>", folded.source)
    assert parts == ["Hint", "Solution"]
    return re.search(r"```python\n(.*?)```", folded.source, re.S)[1]


def answered(cell: NotebookNode, code: str) -> str:
    """A cell's source with an answer in place of the line that ends in `# your code`."""
    (line,) = [line for line in cell.source.splitlines() if line.endswith("# your code")]
    return cell.source.replace(line, code.rstrip("\n"))


def test_every_notebook_but_the_recipes_has_three_to_five():
    numbers = [name[:2] for name, _ in EXERCISES]
    assert {number: 3 <= numbers.count(number) <= 5 for number in numbers} == {
        f"0{number}": True for number in range(1, 7)
    }
    assert [(name[:2], cell.id) for name, cell in EXERCISES] == list(ANSWERS)
    for right, wrong in ANSWERS.values():
        assert len(right) >= 2
        assert len(wrong) >= 3


@pytest.mark.parametrize("name", sorted({name for name, _ in EXERCISES}))
def test_verdicts(name: str, base_url: str, monkeypatch, capsys):
    """Some wrong answers, the solution, two more right ones and blank, each in its place."""
    point(monkeypatch, base_url, "sk-exercise")
    scope: dict = {}
    for cell in cells(name, "code"):
        if (name, cell) in EXERCISES:
            right, wrong = ANSWERS[name[:2], cell.id]
            tries = [(code, False) for code in wrong]  # first: a right one leaves its traces
            for code, done in [*tries, *((code, True) for code in [solution(name, cell), *right])]:
                run(answered(cell, code), code, dict(scope))
                verdict = capsys.readouterr().out.splitlines()[-1]
                started = "正解です / It worked." if done else "まだです / Not yet: "
                assert verdict.startswith(started), f"{cell.id}\n{code}\n{verdict}"
        run(cell.source, cell.id, scope)
        capsys.readouterr()
    for name_, cell in EXERCISES:
        if name_ == name:
            assert cell.outputs[0].text.startswith("まだです / Not yet: ")


def test_half_of_the_solutions_are_on_what_people_use_today():
    solved = [solution(name, cell) for name, cell in EXERCISES]
    today = [code for code in solved if re.search(r"client\.(conversations|responses)", code)]
    assert len(today) >= len(solved) / 2
