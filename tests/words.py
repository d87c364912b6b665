"""The words of what `tests.refresh` makes, in both languages: the sheet, and the tables of moving.

What has no Japanese here stops the making.
"""

# The sheet's entries, by the number in their cells' tags.
TITLES = {
    0: ("Set up", "準備"),
    1: ("Create", "作成"),
    2: ("Ask", "質問"),
    3: ("Follow up", "続けて質問"),
    4: ("Stream", "少しずつ受け取る（ストリーム）"),
    5: ("Call a function", "関数の呼び出し"),
    6: ("A JSON answer", "JSON で回答"),
    7: ("Send an image", "画像を送る"),
    8: ("Send a file", "ファイルを送る"),
    9: ("Search files", "ファイル検索"),
    10: ("Add a message", "メッセージの追加"),
    11: ("Read back", "読み出し"),
    12: ("Page by cursor", "ページごとの読み出し"),
    13: ("Retrieve", "取得"),
    14: ("Label", "ラベルの追加"),
    15: ("Delete one item", "1件だけ削除"),
    16: ("Forget a user", "ユーザーのデータを削除"),
    17: ("Restore stored messages", "保存したメッセージの復元"),
    18: ("Long histories", "長い履歴"),
    19: ("Tokens and cost", "トークンと費用"),
    20: ("Time-outs and retries", "タイムアウトと再試行"),
    21: ("Async", "同時に質問（非同期）"),
    22: ("Test your code", "コードのテスト"),
    23: ("Handle errors", "エラーの処理"),
}
# What stands in the place of Before, where the entry is Now only.
WITHOUT = {
    16: ("`threads.delete`, one call", "`threads.delete` を1回"),
    17: ("`threads.create(messages=...)`", "`threads.create(messages=...)`"),
    18: ("`truncation_strategy` of a run", "Run の `truncation_strategy`"),
    19: ("`run.usage`", "`run.usage`"),
    20: ("the same", "同じ"),
    21: ("the same", "同じ"),
    22: ("no such call", "対応するものなし"),
    23: ("the same", "同じ"),
}
# Errors, by the number in their cells' tags: why, and what to do.
ERRORS = {
    1: (
        ("the key is wrong", "API キーが違う"),
        ("check `OPENAI_API_KEY`", "`OPENAI_API_KEY` を確認する"),
    ),
    2: (
        ("deleted, or another project's", "削除済み、または別のプロジェクトのもの"),
        ("make a new one", "新しく作る"),
    ),
    3: (
        ("the model has ended", "モデルが終了した"),
        ("choose another model", "別のモデルを選ぶ"),
    ),
    4: (
        ("two calls at once on one conversation", "1つの会話を同時に2回呼び出した"),
        ("wait, and try again", "待って、もう一度送る"),
    ),
    5: (
        ("a `function_call` has no output yet", "`function_call` の出力をまだ送っていない"),
        (
            "send one `function_call_output` for each",
            "`function_call` ごとに `function_call_output` を用意し、すべて送る",
        ),
    ),
    6: (
        ("more than 20 items in one call", "1回に20件を超えるアイテム"),
        ("send groups of 20", "20件ずつ送る"),
    ),
    7: (
        ("a role that the API does not know", "API にないロール"),
        (
            "`user`, `assistant`, `developer`, `system`",
            "`user`、`assistant`、`developer`、`system` のどれかにする",
        ),
    ),
    8: (
        ("a value is no string", "値が文字列ではない"),
        ("`str(...)`", "`str(...)` で文字列にする"),
    ),
    9: (
        ("too many requests or tokens a minute", "1分あたりのリクエストかトークンが多すぎる"),
        ("the SDK tries again; else wait", "SDK が再試行する。だめなら待つ"),
    ),
    10: (
        (
            "no network, or a wrong `OPENAI_BASE_URL`",
            "ネットワークがない、または `OPENAI_BASE_URL` が違う",
        ),
        ("check both; `max_retries`", "両方を確認する。一時的な失敗なら `max_retries` を増やす"),
    ),
    11: (
        ("no answer in time (600 s)", "制限時間（600秒）内に回答がない"),
        ("`with_options(timeout=...)`, or stream", "`with_options(timeout=...)`、またはストリーム"),
    ),
}
SAID = {
    "Before": "以前",
    "Now": "現在",
    "notebook ": "ノートブック",
    "no call": "対応するものなし",
    "Errors": "エラーの一覧",
    "What you see": "表示",
    "Why": "理由",
    "What to do": "対処",
    "What differs": "違い",
    "quoted from users' reports": "利用者の報告からの引用",
    "the SDK's own words": "SDK の文",
    # The browser edition's page of the sheet.
    "Before and Now": "共通",
    "Copy": "コピー",
    "Copied": "コピーしました",
    "Notebooks": "ノートブック",
    "On paper: one sheet of A4, both sides.": "印刷すると、A4用紙1枚（両面）に収まります。",
}
# What differs, from `replay.now`: the notes of TABLE, and FIELDS.
NOTES = {
    "no call in Responses: a dictionary, sent with each response. The Agents API (beta) stores"
    " agents. Lost: `name`, `description`, `metadata`": (
        "Responses に対応する呼び出しはありません。設定は辞書に入れ、毎回送ります。"
        "Agents API（ベータ版）なら、設定をエージェントとして保存できます。"
        "失われるもの：`name`、`description`、`metadata`"
    ),
    "your own code: the dictionary": "自分のコードの辞書を使います",
    "`items` in place of `messages`, up to 20 a call. Lost: a message's `metadata`;"
    " `tool_resources` go into `tools`": (
        "`messages` の代わりに `items`、1回に20件まで。失われるもの：メッセージの `metadata`。"
        "`tool_resources` は `tools` に書きます"
    ),
    "the same": "同じです",
    "`metadata` only; no call removes a key": "`metadata` だけ。キーを消す呼び出しはありません",
    "the items are not deleted, but no call reaches them": (
        "アイテムは削除されませんが、取得する呼び出しもありません"
    ),
    "before a run: the `input` of the response. Lost: `metadata`; `attachments` become"
    " `input_file`": (
        "Run の直前に追加していたメッセージなら、`responses.create` の `input` に入れます。"
        "失われるもの：`metadata`。"
        "`attachments` は `input_file` にします"
    ),
    "check the type. Lost: `before`, `run_id`, `created_at`": (
        "`type` を確かめます。失われるもの：`before`、`run_id`、`created_at`"
    ),
    "the item's own id": "アイテムの id を使います",
    "an item has no `metadata`: keep it yourself": (
        "アイテムに `metadata` はありません。自分で保存します"
    ),
    "returns the conversation": "会話が返ります",
    "`**assistant`, `conversation`, `input`. Lost: `max_prompt_tokens`, `last_messages`": (
        "`**assistant`、`conversation`、`input` を渡します。"
        "失われるもの：`max_prompt_tokens`、`last_messages`"
    ),
    "after `conversations.create`": "`conversations.create` の後に呼びます",
    "these lines go: the call returns when the answer is there. `run.status`, `.last_error`,"
    " `.usage` are `response.status`, `.error`, `.usage`; one run may be several responses: add"
    " their usage up": (
        "この呼び出しは不要です。`responses.create` は、回答ができてから戻ります。"
        "`run.status` は `response.status`、`run.last_error` は `response.error`、"
        "`run.usage` は `response.usage` です（レスポンスが複数なら合計）"
    ),
    "keep each response's `id` and `usage` yourself": (
        "各レスポンスの `id` と `usage` を自分で保存します"
    ),
    "send `metadata` with `responses.create`": "`metadata` は `responses.create` で送ります",
    "`responses.cancel` is for responses in the background only": (
        "`responses.cancel` は background のレスポンス専用です"
    ),
    "the outputs are the `input`; send tools and instructions again": (
        "出力を `input` にします。ツールと指示はもう一度送ります"
    ),
    "`response.output`, or the conversation's items": "`response.output`、または会話のアイテム",
    "a message's `metadata`": "メッセージの `metadata`",
    "`runs.list`, the usage of a thread": "`runs.list`、スレッドの使用量",
    "`strict` of a function": "関数の `strict`",
    "a run `failed` or `expired`": "Run の `failed`、`expired`",
    "`temperature`, `top_p`": "`temperature`、`top_p`",
    "`max_prompt_tokens`, `last_messages`": "`max_prompt_tokens`、`last_messages`",
    "Join them to the `instructions`.": "`instructions` につなげます。",
    "Lost. Keep it yourself.": "失われます。自分で保存します。",
    "A response's own `output`.": ("各レスポンスの `output`。"),
    "Lost. Store each response's.": ("失われます。各レスポンスのものを保存します。"),
    '`{"type": "input_image", "image_url": ...}`: a string.': (
        '`{"type": "input_image", "image_url": ...}` というパート。値は文字列です。'
    ),
    'True by default. `"strict": False` keeps what was.': (
        '省くと true です。`"strict": False` で以前と同じになります。'
    ),
    'Refused while the model reasons: `reasoning={"effort": "none"}`.': (
        '推論が有効だと拒否されます。`reasoning={"effort": "none"}` にします。'
    ),
    '`text={"format": ...}`, with `name` and `schema` one level higher.': (
        '`text={"format": ...}`。`name` と `schema` は1段上に書きます。'
    ),
    "`max_output_tokens`, at least 16.": "`max_output_tokens`。16以上です。",
    'Lost. There is `truncation="auto"`.': (
        'なくなりました。代わりに `truncation="auto"` を使います。'
    ),
    '`tool_choice={"type": "function", "name": ...}`': (
        '`tool_choice={"type": "function", "name": ...}`'
    ),
    "Items of type `function_call`. In a stream: `response.output_item.done`.": (
        "`function_call` のアイテム。ストリームでは `response.output_item.done`。"
    ),
    "`status` is `failed` with `error`, or `incomplete`.": (
        "`status` が `failed`（`error` あり）か `incomplete` になります。"
    ),
    "A part `input_file`, or a vector store.": "`input_file` のパート、またはベクトルストア。",
}
# Term and meaning in both languages; the Japanese terms are those of OpenAI's Japanese pages.
GLOSSARY = [
    (
        ("thread", "スレッド"),
        "holds one conversation, and its messages in order",
        "1つの会話と、順に並んだメッセージを保存する入れ物",
    ),
    (
        ("message", "メッセージ"),
        "what a user or an assistant said",
        "ユーザーかアシスタントの発言",
    ),
    (
        ("role", "ロール"),
        "who says it: `user`, `assistant`, and today `developer` and `system`",
        "誰の発言か。`user`、`assistant`。現在は `developer` と `system` も",
    ),
    (
        ("assistant", "アシスタント"),
        "a model with a name, instructions and tools",
        "名前、指示、ツールを持つモデル",
    ),
    (
        ("run", "Run（実行）"),
        "an assistant reads a thread and adds its answer, in the background",
        "アシスタントがスレッドを読み、回答を加える処理。非同期に進む",
    ),
    (
        ("metadata", "メタデータ"),
        "your own labels: up to 16 pairs of strings",
        "自分用のラベル。文字列の組を16個まで",
    ),
    (
        ("tool resources", "ツールリソース"),
        "files and vector stores for an assistant's tools",
        "アシスタントのツールが使うファイルとベクトルストア",
    ),
    (
        ("conversation", "会話（conversation）"),
        "what a thread is called today",
        "現在、スレッドの代わりになるもの",
    ),
    (
        ("item", "アイテム（item）"),
        "one part of a conversation: a message, a tool call, reasoning",
        "会話を構成する1つの要素。メッセージ、ツールの呼び出し、推論など",
    ),
    (
        ("response", "レスポンス（response）"),
        "what a run is today: one call, answered when it returns",
        "現在、Run の代わりになるもの。呼び出しが戻った時には回答がある",
    ),
    (
        ("part", "パート（part）"),
        "a piece of a message: a text, an image, a file",
        "メッセージを構成する部品。テキスト、画像、ファイル",
    ),
    (
        ("token", "トークン"),
        "the piece of text that a model counts, and that you pay for",
        "モデルがテキストを数える単位。料金の基準",
    ),
    (
        ("stream", "ストリーム"),
        "an answer that comes in pieces, while it is written",
        "書かれている途中から、少しずつ届く回答",
    ),
    (
        ("reasoning", "推論"),
        "what a model thinks before it answers",
        "モデルが回答の前に考えること",
    ),
    (
        ("SDK", "SDK"),
        "the package that makes the calls: `openai`",
        "API を呼び出すためのパッケージ。ここでは `openai`",
    ),
    (
        ("recording", "記録"),
        "a request and its answer, written down",
        "書き留めたリクエストとその応答",
    ),
    (
        ("replay", "再生"),
        "to answer from recordings",
        "記録をもとに応答すること",
    ),
]

# What no Japanese text says, and what it says instead.
TERMS = {
    r"(?<![ァ-ヴー])ラン(?![ァ-ヴー])": "Run",
    r"(?<!Run)(?<!Run\*\*)（実行）": "Run（実行）",
    r"応答(を|の)?(作成|作る|削除|id)|応答の `": "レスポンス",
    r"項目（item）": "アイテム（item）",
    r"本物": "実際の OpenAI API",
    r"モデルの言葉": "実際のモデルの回答",
    r"返答": "回答",
    r"手元のサーバー|ローカルサーバー": "再生サーバー",
    r"APIキー": "API キー",
    r"ブラウザ(?!ー)": "ブラウザー",
    r"(サーバ|ユーザ|フォルダ|エディタ|パラメータ)(?!ー)": "ー で終わる",
    r"要りません|要らな": "不要です",
    r"(エラー|404)を捕まえ": "エラーを処理する",
    r"うまくいかないとき": "エラーになる例",
    r"決して": "まったく",
    r"通して実行": "最初から最後まで実行する",
    r"ADDRESS": "このリポジトリの URL",
    r"(?<!（)role ?について": "ロール（role）について",
}
