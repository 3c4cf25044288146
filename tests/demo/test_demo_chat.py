"""Chat completions as the SDK sees them, over real HTTP."""

import enum
import json
from typing import Any

import pytest
from openai import APIStatusError, BadRequestError, OpenAI, pydantic_function_tool
from pydantic import BaseModel, Field

MODEL = "gpt-6-luna"


def ask(client: OpenAI, *messages: Any, **params: Any) -> Any:
    """Send texts (as user messages) and whole messages; without reasoning unless asked for."""
    params.setdefault("reasoning_effort", "none")
    return client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": m} if isinstance(m, str) else m for m in messages],
        **params,
    )


def text(client: OpenAI, *messages: Any, **params: Any) -> str:
    return ask(client, *messages, **params).choices[0].message.content


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Say this is a test", "This is a test."),
        ("1+1等于几？", "1+1 = 2"),
        ("12 乘以 3 是多少", "12 乘以 3 = 36"),
        ("(2+3)*4 = ?", "(2+3)*4 = 20"),
        ("把「今天天气很好」翻译成英文", "The weather is nice today."),
        ("Translate to Chinese: I love programming", "我爱编程。"),
        ("判断情感是正面还是负面：这家店的菜又贵又难吃，很失望。", "负面"),
        ("给这条新闻分类：国足昨晚在决赛中夺得冠军", "体育"),
        ("用一句话总结：公司今天开会。会上讨论了三件事。", "公司今天开会。"),
        ("从 1 数到 5", "1、2、3、4、5"),
        ("从 1 数到 3，用逗号隔开。", "1, 2, 3"),
        ("判断情感：物流很快，但包装破了，客服也不理人。", "负面"),
        ("天空是什么颜色？只答一个字。", "蓝"),
        ("写一个函数判断回文，只输出代码", "def is_palindrome(s):\n    return s == s[::-1]"),
        ("中国的首都是哪里？", "中国的首都是北京。"),
    ],
)
def test_answers_fit_the_question(client, question, expected):
    assert text(client, question) == expected


def test_unknown_question_gets_an_honest_answer(client):
    said = text(client, "为什么海水是咸的？")
    assert "离线演示" in said
    assert "为什么海水是咸的" in said
    assert "API Key" in said


def test_every_answer_shows_where_it_comes_from(client):
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=[{"role": "user", "content": "你好"}]
    )
    assert raw.headers["x-offline-demo"] == "true"
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse().system_fingerprint == "fp_offline_demo"


def test_history_is_remembered_only_when_sent(client):
    told = [{"role": "user", "content": "你好，我叫小明"}, {"role": "assistant", "content": "你好"}]
    assert text(client, *told, "我叫什么名字？") == "你叫小明。"
    assert "没有告诉我" in text(client, "我叫什么名字？")


def test_system_message_sets_the_manner(client):
    said = text(
        client, {"role": "system", "content": "你是一只猫，句子结尾加上喵。"}, "1+1等于几？"
    )
    assert said.startswith("1+1 = 2")
    assert said.endswith("喵～")


def test_choices_differ_and_repeat_on_the_next_run(client):
    first = [c.message.content for c in ask(client, "讲个笑话", n=3).choices]
    assert len(set(first)) == 3
    assert [c.message.content for c in ask(client, "讲个笑话", n=3).choices] == first


def test_stream_joins_to_the_plain_answer_and_counts_agree(client):
    whole = ask(client, "讲个笑话")
    chunks = list(ask(client, "讲个笑话", stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    pieces = [c.choices[0].delta.content for c in chunks[1:-2]]
    assert "".join(pieces) == whole.choices[0].message.content
    assert all(1 <= len(p) <= 3 for p in pieces)
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert whole.usage.completion_tokens == len(pieces)
    assert len({c.id for c in chunks}) == 1


def test_stream_without_usage_has_no_usage(client):
    assert all(c.usage is None and c.choices for c in ask(client, "你好", stream=True))


def test_stream_of_several_choices_interleaves(client):
    texts: dict[int, str] = {}
    for chunk in ask(client, "讲个笑话", n=2, stream=True):
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    assert texts == {c.index: c.message.content for c in ask(client, "讲个笑话", n=2).choices}


@pytest.mark.parametrize(
    ("name", "model"), [("max_tokens", "gpt-5.5"), ("max_completion_tokens", MODEL)]
)
def test_token_limit_cuts_the_answer(client, name, model):
    cut = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "讲个笑话"}],
        reasoning_effort="none",
        **{name: 5},
    )
    assert cut.choices[0].finish_reason == "length"
    assert cut.usage.completion_tokens == 5
    assert text(client, "讲个笑话").startswith(cut.choices[0].message.content)


def test_stop_sequence_ends_the_answer_before_it(client):
    cut = ask(client, "从 1 数到 9", stop=["、4", "、6"])
    assert cut.choices[0].message.content == "1、2、3"
    assert cut.choices[0].finish_reason == "stop"


def test_logprobs_have_one_entry_for_each_token(client):
    got = ask(client, "中国的首都是哪里？", logprobs=True, top_logprobs=3)
    entries = got.choices[0].logprobs.content
    assert "".join(e.token for e in entries) == got.choices[0].message.content
    assert b"".join(bytes(e.bytes) for e in entries).decode() == got.choices[0].message.content
    for entry in entries:
        assert entry.top_logprobs[0].token == entry.token
        values = [t.logprob for t in entry.top_logprobs]
        assert values == sorted(values, reverse=True)
        assert all(v < 0 for v in values)


def reasoning_tokens(got: Any) -> int:
    assert got.usage.total_tokens == got.usage.prompt_tokens + got.usage.completion_tokens
    return got.usage.completion_tokens_details.reasoning_tokens


def test_reasoning_is_counted_by_effort(client):
    counts = [
        reasoning_tokens(ask(client, "你好", reasoning_effort=effort))
        for effort in ("none", "low", "medium", "high", "xhigh", "max")
    ]
    assert counts[0] == 0
    assert counts == sorted(set(counts))
    unasked = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "你好"}]
    )
    assert reasoning_tokens(unasked) == counts[2]


def test_reasoning_can_use_up_the_token_limit(client):
    got = ask(client, "介绍一下长城", reasoning_effort="high", max_completion_tokens=20)
    assert got.choices[0].message.content == ""
    assert got.choices[0].finish_reason == "length"
    assert got.usage.completion_tokens == reasoning_tokens(got) == 20


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"temperature": 0.2}, "temperature", "unsupported_value"),
        ({"top_p": 0.5}, "top_p", "unsupported_parameter"),
        ({"logprobs": True}, "logprobs", "unsupported_parameter"),
        ({"stop": "。"}, "stop", "unsupported_parameter"),
    ],
)
def test_sampling_parameters_are_refused_while_reasoning(client, params, param, code):
    for effort in ({}, {"reasoning_effort": "medium"}):
        with pytest.raises(BadRequestError) as caught:
            client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": "你好"}], **effort, **params
            )
        assert (caught.value.param, caught.value.code) == (param, code)
    assert ask(client, "你好", reasoning_effort="none", **params).choices


def test_default_values_are_no_offence(client):
    assert ask(client, "你好", reasoning_effort="low", temperature=1, logprobs=False).choices


def test_function_tools_need_reasoning_off(client):
    with pytest.raises(BadRequestError, match=r"gpt-6-luna.*responses") as caught:
        ask(client, "北京天气", tools=[WEATHER], reasoning_effort="low")
    assert (caught.value.param, caught.value.code) == ("reasoning_effort", None)


def test_max_tokens_is_refused_by_reasoning_models(client):
    with pytest.raises(BadRequestError, match="max_completion_tokens") as caught:
        ask(client, "你好", max_tokens=5)
    assert (caught.value.param, caught.value.code) == ("max_tokens", "unsupported_parameter")


@pytest.mark.parametrize(("model", "effort"), [(MODEL, "minimal"), ("gpt-6-astra", "none")])
def test_efforts_a_model_does_not_know_are_refused(client, model, effort):
    with pytest.raises(BadRequestError, match="low") as caught:
        client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "你好"}],
            reasoning_effort=effort,
        )
    assert (caught.value.param, caught.value.code) == ("reasoning_effort", "unsupported_value")


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "查询一个城市的天气",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "城市名"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
    },
}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "求两个数的和",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
            "required": ["a", "b"],
        },
    },
}


def test_tool_call_takes_its_arguments_from_the_question(client):
    got = ask(client, "北京今天多少华氏度？天气怎么样", tools=[WEATHER, ADD]).choices[0]
    assert got.finish_reason == "tool_calls"
    assert got.message.content is None
    (call,) = got.message.tool_calls
    assert call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "北京", "unit": "fahrenheit"}


def test_numbers_become_arguments(client):
    (call,) = ask(client, "3 加 5.5 等于多少", tools=[WEATHER, ADD]).choices[0].message.tool_calls
    assert call.function.name == "add"
    assert json.loads(call.function.arguments) == {"a": 3, "b": 5.5}


def test_two_cities_are_two_calls_unless_parallel_is_off(client):
    both = ask(client, "北京和上海的天气", tools=[WEATHER]).choices[0].message.tool_calls
    assert [json.loads(c.function.arguments)["city"] for c in both] == ["北京", "上海"]
    one = ask(client, "北京和上海的天气", tools=[WEATHER], parallel_tool_calls=False)
    assert len(one.choices[0].message.tool_calls) == 1


def test_second_round_uses_the_result(client):
    question = {"role": "user", "content": "北京天气怎么样？"}
    first = ask(client, question, tools=[WEATHER]).choices[0].message
    result = {
        "role": "tool",
        "tool_call_id": first.tool_calls[0].id,
        "content": json.dumps({"天气": "晴", "气温": "25 度"}, ensure_ascii=False),
    }
    said = text(client, question, first, result, tools=[WEATHER])
    assert "晴" in said
    assert "25 度" in said


def test_tool_choice_is_obeyed(client):
    assert ask(client, "你好", tools=[WEATHER]).choices[0].message.tool_calls is None
    none = ask(client, "北京天气", tools=[WEATHER], tool_choice="none")
    assert none.choices[0].message.tool_calls is None
    assert (
        ask(client, "你好", tools=[WEATHER], tool_choice="required").choices[0].message.tool_calls
    )
    named = {"type": "function", "function": {"name": "add"}}
    forced = ask(client, "北京天气", tools=[WEATHER, ADD], tool_choice=named)
    assert forced.choices[0].message.tool_calls[0].function.name == "add"
    allowed = {
        "type": "allowed_tools",
        "allowed_tools": {
            "mode": "required",
            "tools": [{"type": "function", "function": {"name": "add"}}],
        },
    }
    limited = ask(client, "北京天气", tools=[WEATHER, ADD], tool_choice=allowed)
    assert limited.choices[0].message.tool_calls[0].function.name == "add"


def test_streamed_tool_call_joins_to_the_plain_one(client):
    plain = ask(client, "北京天气", tools=[WEATHER]).choices[0].message.tool_calls[0].function
    chunks = list(ask(client, "北京天气", tools=[WEATHER], stream=True))
    deltas = [c.choices[0].delta.tool_calls[0] for c in chunks if c.choices[0].delta.tool_calls]
    assert deltas[0].function.name == "get_weather"
    assert len(deltas) > 3
    assert "".join(d.function.arguments for d in deltas) == plain.arguments
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_custom_tool_gets_the_words_as_input(client):
    tool = {"type": "custom", "custom": {"name": "run_sql", "description": "运行 SQL"}}
    got = ask(client, "SELECT 1", tools=[tool], tool_choice="required").choices[0].message
    assert got.tool_calls[0].custom.input == "SELECT 1"


def test_a_strict_schema_must_be_closed_and_complete(client):
    def refused(schema: dict[str, Any], **where: Any) -> BadRequestError:
        named = {"name": "event", "strict": True, "schema": schema}
        shape = {"type": "json_schema", "json_schema": named}
        with pytest.raises(BadRequestError) as caught:
            ask(client, "你好", response_format=shape)
        return caught.value

    inner = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    closed = {**inner, "additionalProperties": False}
    error = refused(inner)
    assert error.param == "response_format"
    assert "'additionalProperties' is required" in error.message
    nested = {**closed, "properties": {"a": {"type": "array", "items": inner}}}
    assert "In context=('properties', 'a', 'items')" in refused(nested).message
    assert "Missing 'a'" in refused({**closed, "required": []}).message


def test_a_strict_tool_must_be_closed_and_complete(client):
    function = {**WEATHER["function"], "strict": True}
    assert ask(client, "北京天气", tools=[{"type": "function", "function": function}]).choices
    parameters = {**function["parameters"], "required": ["city"]}
    tool = {"type": "function", "function": {**function, "parameters": parameters}}
    with pytest.raises(BadRequestError, match=r"get_weather.*unit") as caught:
        ask(client, "北京天气", tools=[tool])
    assert caught.value.param == "tools[0].function.parameters"
    assert caught.value.code == "invalid_function_parameters"


def test_every_tool_call_needs_its_result(client):
    question = {"role": "user", "content": "北京和上海的天气"}
    first = ask(client, question, tools=[WEATHER]).choices[0].message
    ids = [call.id for call in first.tool_calls]
    one = {"role": "tool", "tool_call_id": ids[0], "content": "晴"}
    for after in ([], [one], [one, {"role": "user", "content": "然后呢"}]):
        with pytest.raises(BadRequestError, match=ids[1]) as caught:
            ask(client, question, first, *after)
        assert caught.value.param == "messages[1].tool_calls"
    other = {"role": "tool", "tool_call_id": ids[1], "content": "雨"}
    said = text(client, question, first, one, other)
    assert "晴" in said
    assert "雨" in said


class GetWeather(BaseModel):
    """查询天气。"""

    city: str


def test_a_tool_round_with_the_sdks_own_helpers(client):
    messages: list[Any] = [{"role": "user", "content": "北京天气"}]

    def round() -> Any:
        return (
            client.chat.completions.parse(
                model=MODEL,
                messages=messages,
                tools=[pydantic_function_tool(GetWeather)],
                reasoning_effort="none",
            )
            .choices[0]
            .message
        )

    called = round()
    (call,) = called.tool_calls
    assert call.function.parsed_arguments == GetWeather(city="北京")
    messages.append(called)
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "晴，25 度"})
    assert "25 度" in round().content


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # the SDK's own, on parsed
def test_a_parsed_answer_can_be_sent_back(client):
    messages: list[Any] = [{"role": "user", "content": "小明周五去参加科技展。"}]
    parsed = client.chat.completions.parse(
        model=MODEL, messages=messages, response_format=CalendarEvent, reasoning_effort="none"
    )
    messages.append(parsed.choices[0].message)
    assert text(client, *messages, "谢谢")


def test_deprecated_functions_still_answer(client):
    got = ask(client, "北京天气", functions=[WEATHER["function"]]).choices[0]
    assert got.finish_reason == "function_call"
    assert json.loads(got.message.function_call.arguments)["city"] == "北京"


class Feeling(enum.StrEnum):
    good = "positive"
    bad = "negative"


class Person(BaseModel):
    name: str
    email: str | None


class Node(BaseModel):
    value: int = Field(ge=3, le=9, multiple_of=3)
    child: "Node | None"


class Everything(BaseModel):
    people: list[Person] = Field(min_length=2)
    feeling: Feeling
    tags: list[str]
    either: int | str
    tree: Node
    code: str = Field(pattern=r"^[A-Z]{2}-\d{4}$")
    score: float
    ok: bool


class CalendarEvent(BaseModel):
    name: str
    date: str
    participants: list[str]


def test_structured_output_satisfies_any_pydantic_schema(client):
    got = client.chat.completions.parse(
        model=MODEL,
        reasoning_effort="none",
        messages=[{"role": "user", "content": "这家店真不错，推荐给你，邮箱 a@b.com"}],
        response_format=Everything,
    )
    made = got.choices[0].message.parsed
    assert isinstance(made, Everything)
    assert made.feeling is Feeling.good
    assert made.people[0].email == "a@b.com"
    assert 3 <= made.tree.value <= 9


def test_structured_output_holds_the_words_of_the_text(client):
    got = client.chat.completions.parse(
        model=MODEL,
        messages=[
            {"role": "system", "content": "提取活动信息。"},
            {"role": "user", "content": "小明和小红周五一起去参加科技展。"},
        ],
        response_format=CalendarEvent,
    )
    made = got.choices[0].message.parsed
    assert made.participants == ["小明", "小红"]
    assert made.date == "周五"
    assert "科技展" in made.name


class Meeting(BaseModel):
    time: str
    place: str
    people: list[str]


def test_structured_output_finds_time_place_and_people(client):
    got = client.chat.completions.parse(
        model=MODEL,
        messages=[
            {"role": "user", "content": "周五下午两点在三号会议室开项目评审，请王敏和李强参加。"}
        ],
        response_format=Meeting,
    )
    assert got.choices[0].message.parsed == Meeting(
        time="周五下午两点", place="三号会议室", people=["王敏", "李强"]
    )


def test_stream_helper_parses_the_final_completion(client):
    with client.chat.completions.stream(
        model=MODEL,
        messages=[{"role": "user", "content": "小明周五去参加科技展。"}],
        response_format=CalendarEvent,
    ) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_completion()
    assert "content.delta" in kinds
    assert final.choices[0].message.parsed.participants == ["小明"]


def test_json_object_is_json(client):
    said = text(
        client,
        "提取信息并输出 JSON：张三，电话 13800138000",
        response_format={"type": "json_object"},
    )
    assert json.loads(said) == {"人名": "张三", "电话": "13800138000"}


def test_other_parts_are_accepted_and_mentioned(client):
    content = [
        {"type": "text", "text": "图里有什么？"},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "JVBERg=="}},
    ]
    got = ask(client, {"role": "user", "content": content})
    said = got.choices[0].message.content
    for word in ("1 张图片", "https://example.com/cat.png", "1 段音频", "a.pdf", "图里有什么"):
        assert word in said
    assert got.usage.prompt_tokens_details.image_tokens == 85
    assert got.usage.prompt_tokens_details.audio_tokens > 0


def test_extra_body_is_an_unknown_parameter(client):
    with pytest.raises(BadRequestError, match="enable_thinking"):
        ask(client, "你好", extra_body={"enable_thinking": False})


def test_retired_model_names_the_day_and_the_replacement(client):
    with pytest.raises(APIStatusError, match=r"2026-10-23.*gpt-5\.6-terra"):
        client.chat.completions.create(
            model="gpt-3.5-turbo", messages=[{"role": "user", "content": "你好"}]
        )


def test_a_model_retires_when_the_clock_reaches_its_day(client, advance):
    def call():
        return client.chat.completions.create(
            model="gpt-5", messages=[{"role": "user", "content": "你好"}]
        )

    assert call().model == "gpt-5"
    advance(17 * 86400)  # 2026-12-11
    with pytest.raises(APIStatusError, match="2026-12-11"):
        call()


@pytest.mark.parametrize(
    ("question", "expected"),
    [("退款要多久？", "退款会在三个工作日内原路退回。"), ("你们老板是谁？", "没有提到")],
)
def test_an_answer_from_given_material_keeps_to_it(client, question: str, expected: str) -> None:
    instructions = "只根据资料回答，资料里没有就说不知道。\n资料：退款会在三个工作日内原路退回"
    completion = client.chat.completions.create(
        model="gpt-6-luna",
        messages=[
            {"role": "developer", "content": instructions},
            {"role": "user", "content": question},
        ],
    )
    assert expected in completion.choices[0].message.content
