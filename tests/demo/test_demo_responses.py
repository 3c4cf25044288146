"""Responses over real HTTP with the official SDK: what a client sends and what it gets back."""

import json

import openai
import pytest
from openai import AsyncOpenAI
from openai.types.shared_params import Reasoning
from pydantic import BaseModel

from tests.demo.asynchronous import run_async

MODEL = "gpt-6-luna"
QUIET: Reasoning = {"effort": "none"}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "查询某个城市的天气",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "城市名"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Meeting(BaseModel):
    time: str
    place: str
    people: list[str]


INVITATION = "周五下午两点在三号会议室开项目评审，请王敏和李强参加。"


def ask(client, given, **params):
    return client.responses.create(model=MODEL, input=given, **params)


@pytest.mark.parametrize(
    "question",
    ["你好", "你是谁？", "用一句话解释什么是递归。", "1+1 等于几？", "讲个笑话", "没有准备的问题"],
)
def test_same_question_gets_the_same_answer_as_in_chat(client, question):
    chat = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": question}]
    )
    assert ask(client, question).output_text == chat.choices[0].message.content


def test_text_items_and_parts_are_the_same_input(client):
    parts = [{"type": "input_text", "text": "你好"}]
    inputs = (
        "你好",
        [{"role": "user", "content": "你好"}],
        [{"type": "message", "role": "user", "content": "你好"}],
        [{"role": "user", "content": parts}],
    )
    assert len({ask(client, i).output_text for i in inputs}) == 1


def test_instructions_steer_the_answer(client):
    say = "把用户的话翻译成英文，只输出译文。"
    told = ask(client, "早上好", instructions=say)
    assert told.output_text == "Good morning."
    assert told.instructions == say
    item = [{"role": "developer", "content": say}, {"role": "user", "content": "早上好"}]
    assert ask(client, item).output_text == "Good morning."


def test_previous_response_carries_items_but_not_instructions(client):
    first = ask(client, "我叫小林，在学 Python。", instructions="你是一只小猫")
    second = ask(client, "我叫什么名字？", previous_response_id=first.id)
    assert second.output_text == "你叫小林。"
    assert second.previous_response_id == first.id
    assert second.instructions is None
    third = ask(client, "我叫什么名字？", previous_response_id=second.id)
    assert third.output_text == "你叫小林。"
    assert "小林" not in ask(client, "我叫什么名字？").output_text


def test_a_joke_is_explained_if_it_was_told(client):
    joke = ask(client, "讲个笑话")
    assert "笑点" in ask(client, "为什么好笑？", previous_response_id=joke.id).output_text
    assert "还没有讲过" in ask(client, "为什么好笑？").output_text


def test_output_can_be_sent_back_by_hand(client):
    history = [{"role": "user", "content": "我叫小林，在学 Python。"}]
    first = ask(client, history)
    history += first.output
    history.append({"role": "user", "content": "我叫什么名字？"})
    assert ask(client, history, store=False).output_text == "你叫小林。"
    quiet = ask(client, "你好", reasoning=QUIET)
    again = [{"role": o.role, "content": o.content} for o in quiet.output]
    assert ask(client, [*again, {"role": "user", "content": "你好"}]).output_text


def test_items_can_be_referred_to_by_id(client):
    first = ask(client, "我叫小林，在学 Python。")
    (said,) = client.responses.input_items.list(first.id).data
    reference = [{"type": "item_reference", "id": said.id}]
    again = ask(client, [*reference, {"role": "user", "content": "我叫什么名字？"}])
    assert again.output_text == "你叫小林。"


def test_echoes_the_request_and_fills_in_the_defaults(client):
    plain = ask(client, "你好")
    assert (plain.temperature, plain.top_p, plain.truncation) == (1, 1, "disabled")
    assert (plain.tool_choice, plain.tools, plain.parallel_tool_calls) == ("auto", [], True)
    assert plain.text.format.type == "text"
    assert (plain.service_tier, plain.background, plain.metadata) == ("default", False, {})
    full = ask(
        client,
        "你好",
        metadata={"topic": "问候"},
        reasoning={"effort": "low", "summary": "auto"},
        service_tier="fast",
        truncation="auto",
        parallel_tool_calls=False,
        tools=[WEATHER],
        max_output_tokens=500,
        max_tool_calls=3,
        safety_identifier="u1",
        prompt_cache_key="k1",
        text={"verbosity": "low"},
    )
    assert full.metadata == {"topic": "问候"}
    assert (full.reasoning.effort, full.reasoning.summary) == ("low", "auto")
    assert (full.service_tier, full.truncation) == ("priority", "auto")
    assert full.tools[0].name == "get_weather"
    assert (full.max_output_tokens, full.max_tool_calls) == (500, 3)
    assert (full.safety_identifier, full.prompt_cache_key) == ("u1", "k1")
    assert full.text.verbosity == "low"


def test_reasoning_comes_first_and_is_counted(client):
    loud = ask(client, "你好", reasoning={"effort": "high", "summary": "detailed"})
    assert [item.type for item in loud.output] == ["reasoning", "message"]
    assert len(loud.output[0].summary) == 2
    assert "离线演示" in loud.output[0].summary[0].text
    details = loud.usage.output_tokens_details
    assert 0 < details.reasoning_tokens < loud.usage.output_tokens
    plain = ask(client, "你好")
    assert plain.output[0].summary == []
    assert plain.output[0].encrypted_content is None
    quiet = ask(client, "你好", reasoning=QUIET)
    assert [item.type for item in quiet.output] == ["message"]
    assert quiet.usage.output_tokens_details.reasoning_tokens == 0
    assert loud.output_text == quiet.output_text


def test_usage_adds_up_and_is_what_the_counter_says(client):
    usage = ask(client, "你好", instructions="简短", tools=[WEATHER]).usage
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens
    counted = client.responses.input_tokens.count(
        model=MODEL, input="你好", instructions="简短", tools=[WEATHER]
    )
    assert counted.input_tokens == usage.input_tokens
    assert client.responses.input_tokens.count(model=MODEL, input="你好").input_tokens < (
        usage.input_tokens
    )


def test_counts_what_comes_from_before(client):
    first = ask(client, "我叫小林，在学 Python。")
    alone = client.responses.input_tokens.count(model=MODEL, input="你好").input_tokens
    after = client.responses.input_tokens.count(
        model=MODEL, input="你好", previous_response_id=first.id
    )
    assert after.input_tokens > alone


def test_output_limit_makes_it_incomplete(client):
    cut = ask(client, "用一句话解释什么是递归。", max_output_tokens=16, reasoning=QUIET)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert cut.output[0].status == "incomplete"
    assert cut.usage.output_tokens == 16
    assert ask(client, "用一句话解释什么是递归。").output_text.startswith(cut.output_text)
    spent = ask(client, "用一句话解释什么是递归。", max_output_tokens=16)
    assert (spent.status, spent.output_text) == ("incomplete", "")
    assert spent.usage.output_tokens_details.reasoning_tokens == 16


def test_parse_fills_the_readers_model(client):
    parsed = client.responses.parse(model=MODEL, input=INVITATION, text_format=Meeting)
    assert parsed.output_parsed == Meeting(
        time="周五下午两点", place="三号会议室", people=["王敏", "李强"]
    )
    assert json.loads(parsed.output_text)["place"] == "三号会议室"


def test_json_object(client):
    made = ask(
        client, "用 JSON 提取：联系邮箱 a@example.com", text={"format": {"type": "json_object"}}
    )
    assert "a@example.com" in str(json.loads(made.output_text))
    assert made.text.format.type == "json_object"


def test_function_call_and_its_output(client):
    first = ask(client, "北京今天天气怎么样？", tools=[WEATHER])
    (call,) = [item for item in first.output if item.type == "function_call"]
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "北京"})
    assert first.output_text == ""
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "晴，25 度"}
    by_id = ask(client, [output], tools=[WEATHER], previous_response_id=first.id)
    by_hand = ask(
        client,
        [{"role": "user", "content": "北京今天天气怎么样？"}, *first.output, output],
        tools=[WEATHER],
    )
    assert by_id.output_text == by_hand.output_text
    assert "晴，25 度" in by_id.output_text


def test_a_call_must_get_its_output(client):
    first = ask(client, "北京今天天气怎么样？", tools=[WEATHER])
    with pytest.raises(openai.BadRequestError, match="No tool output found"):
        ask(client, "谢谢", previous_response_id=first.id)


def test_several_calls_at_once(client):
    made = ask(client, "北京和上海的天气怎么样？", tools=[WEATHER])
    calls = [item for item in made.output if item.type == "function_call"]
    assert [json.loads(c.arguments)["city"] for c in calls] == ["北京", "上海"]
    assert len({c.call_id for c in calls}) == 2


def test_tool_choice(client):
    def kinds(**params):
        return [i.type for i in ask(client, "你好", tools=[WEATHER], **params).output]

    assert "function_call" not in kinds()
    assert "function_call" not in kinds(tool_choice="none")
    assert "function_call" in kinds(tool_choice="required")
    assert "function_call" in kinds(tool_choice={"type": "function", "name": "get_weather"})


def test_pydantic_function_tool_is_parsed(client):
    class GetWeather(BaseModel):
        """查询某个城市的天气。"""

        city: str

    parsed = client.responses.parse(
        model=MODEL,
        input="上海天气怎么样？",
        tools=[openai.pydantic_function_tool(GetWeather)["function"] | {"type": "function"}],
    )
    (call,) = [item for item in parsed.output if item.type == "function_call"]
    assert call.parsed_arguments == {"city": "上海"}


def test_custom_tool_and_namespace(client):
    custom = {"type": "custom", "name": "run_sql", "description": "查询数据库"}
    made = ask(client, "查询数据库里的订单", tools=[custom], tool_choice="required")
    (call,) = [item for item in made.output if item.type == "custom_tool_call"]
    assert (call.name, call.input) == ("run_sql", "查询数据库里的订单")
    output = {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "3 条"}
    assert "3 条" in ask(client, [output], previous_response_id=made.id).output_text
    space = {"type": "namespace", "name": "sky", "description": "天气", "tools": [WEATHER]}
    spaced = ask(client, "北京天气怎么样？", tools=[space]).output[-1]
    assert (spaced.name, spaced.namespace) == ("get_weather", "sky")


def test_logprobs_need_reasoning_off(client):
    made = ask(
        client,
        "你好",
        include=["message.output_text.logprobs"],
        top_logprobs=2,
        reasoning=QUIET,
    )
    rows = made.output[0].content[0].logprobs
    assert "".join(row.token for row in rows) == made.output_text
    assert {len(row.top_logprobs) for row in rows} == {2}
    assert ask(client, "你好").output[-1].content[0].logprobs == []


def test_fine_tuned_model_answers_what_it_has_learned(client, advance):
    lines = [
        {"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]}
        for q, a in [(f"第 {i} 号仓库在哪里？", f"在 {i} 号楼。") for i in range(12)]
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    file = client.files.create(file=("训练.jsonl", content), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model="gpt-4o-mini", training_file=file.id)
    advance(10)
    model = client.fine_tuning.jobs.retrieve(job.id).fine_tuned_model
    made = client.responses.create(model=model, input="第 3 号仓库在哪里？")
    assert made.output_text == "在 3 号楼。"


def test_images_and_files_are_named(client):
    picture = {"type": "input_image", "image_url": "https://example.com/cat.png"}
    text = {"type": "input_text", "text": "这是什么？"}
    made = ask(client, [{"role": "user", "content": [text, picture]}])
    assert "https://example.com/cat.png" in made.output_text
    assert made.usage.input_tokens > 700
    file = client.files.create(file=("笔记.txt", b"hello"), purpose="user_data")
    part = {"type": "input_file", "file_id": file.id}
    assert "笔记.txt" in ask(client, [{"role": "user", "content": [text, part]}]).output_text


def test_moderation_of_input_and_output(client):
    made = ask(client, "我要杀了你。讲个笑话", moderation={"model": "omni-moderation-latest"})
    assert made.moderation.input.flagged
    assert not made.moderation.output.flagged
    policy = {"input": {"mode": "block"}}
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "我要杀了你", moderation={"model": "omni-moderation-latest", "policy": policy})
    assert caught.value.code == "content_policy_violation"


def test_retrieve_and_delete(client):
    made = ask(client, "你好")
    assert client.responses.retrieve(made.id) == made
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError, match=made.id):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.input_items.list(made.id)
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "你好", previous_response_id=made.id)
    assert caught.value.code == "previous_response_not_found"


def test_what_is_not_stored_cannot_be_read_again(client):
    made = ask(client, "你好", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_retrieve_shows_what_include_asks_for(client):
    made = ask(client, "你好")
    assert made.output[0].encrypted_content is None
    again = client.responses.retrieve(made.id, include=["reasoning.encrypted_content"])
    assert again.output[0].encrypted_content


def test_input_items_page_and_keep_order(client):
    told = [{"role": "user", "content": f"第 {i} 句"} for i in range(5)]
    made = ask(client, told)

    def texts(**params):
        listed = client.responses.input_items.list(made.id, **params)
        return [item.content[0].text for item in listed]

    assert texts(order="asc") == [f"第 {i} 句" for i in range(5)]
    assert texts(limit=2) == [f"第 {i} 句" for i in reversed(range(5))]
    first = client.responses.input_items.list(made.id, limit=2)
    assert (len(first.data), first.has_more) == (2, True)


def test_image_addresses_of_input_are_shown_on_request(client):
    picture = {"type": "input_image", "image_url": "https://example.com/cat.png"}
    made = ask(client, [{"role": "user", "content": [picture]}])
    (plain,) = client.responses.input_items.list(made.id)
    assert plain.content[0].image_url is None
    include = ["message.input_image.image_url"]
    (full,) = client.responses.input_items.list(made.id, include=include)
    assert full.content[0].image_url == "https://example.com/cat.png"


def test_compacted_items_stand_for_the_conversation(client):
    first = ask(client, "我叫小林，在学 Python。")
    compacted = client.responses.compact(model=MODEL, previous_response_id=first.id)
    (item,) = compacted.output
    assert item.type == "compaction"
    later = ask(client, [item, {"role": "user", "content": "我叫什么名字？"}])
    assert later.output_text == "你叫小林。"


def test_foreign_compaction_stands_for_nothing(client):
    item = {"type": "compaction", "encrypted_content": "gAAAAABo"}
    told = [{"role": "user", "content": "我叫小林，在学 Python。"}, item]
    made = ask(client, [*told, {"role": "user", "content": "我叫什么名字？"}])
    assert "小林" not in made.output_text


def test_compaction_by_trigger_and_by_threshold(client):
    told = {"role": "user", "content": "我叫小林，在学 Python。"}
    made = ask(client, [told, {"type": "compaction_trigger"}])
    assert [item.type for item in made.output] == ["compaction"]
    later = ask(client, "我叫什么名字？", previous_response_id=made.id)
    assert later.output_text == "你叫小林。"
    management = [{"type": "compaction", "compact_threshold": 1000}]
    short = ask(client, "你好", context_management=management)
    assert "compaction" not in [item.type for item in short.output]
    long = ask(client, "你好，" * 800, context_management=management)
    assert next(item.type for item in long.output) == "compaction"


def test_configuration_update_stays_in_effect(client):
    update = {"type": "configuration_update", "reasoning": {"effort": "none"}}
    first = ask(client, [update, {"role": "user", "content": "你好"}])
    assert first.usage.output_tokens_details.reasoning_tokens == 0
    second = ask(client, "你好", previous_response_id=first.id)
    assert second.usage.output_tokens_details.reasoning_tokens == 0


def test_prewarming_writes_nothing(client):
    made = ask(client, "你好", prompt_cache_options={"prewarm": True, "ttl": "12h"})
    assert (made.status, made.output, made.usage.output_tokens) == ("completed", [], 0)
    assert made.prompt_cache_options.ttl == "12h"


def test_prompt_template_is_echoed(client):
    made = client.responses.create(prompt={"id": "pmpt_1", "variables": {"name": "小林"}})
    assert (made.prompt.id, made.prompt.variables) == ("pmpt_1", {"name": "小林"})
    assert "pmpt_1" in made.output_text


def test_previous_response_and_conversation_exclude_each_other(client):
    first, talk = ask(client, "你好"), client.conversations.create()
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "你好", previous_response_id=first.id, conversation=talk.id)
    assert caught.value.param == "previous_response_id"


def test_fault_that_fails_the_response(client):
    made = client.responses.create(model="demo-stream-error", input="你好")
    assert (made.status, made.error.code) == ("failed", "server_error")
    assert made.output_text == ""


def test_raw_and_streaming_response(client):
    raw = client.responses.with_raw_response.create(model=MODEL, input="你好")
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse().output_text
    with client.responses.with_streaming_response.create(model=MODEL, input="你好") as body:
        assert json.loads(body.read())["object"] == "response"


def test_async_client(client, base_url):
    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            made = await sdk.responses.create(model=MODEL, input="你好")
            parsed = await sdk.responses.parse(model=MODEL, input=INVITATION, text_format=Meeting)
            listed = [item async for item in sdk.responses.input_items.list(made.id)]
            counted = await sdk.responses.input_tokens.count(model=MODEL, input="你好")
            compacted = await sdk.responses.compact(model=MODEL, input="你好")
            again = await sdk.responses.retrieve(made.id)
            await sdk.responses.delete(made.id)
            return made, parsed, listed, counted, compacted, again

    made, parsed, listed, counted, compacted, again = run_async(run())
    assert parsed.output_parsed.place == "三号会议室"
    assert listed[0].content[0].text == "你好"
    assert counted.input_tokens == made.usage.input_tokens
    assert compacted.output[0].type == "compaction"
    assert again == made


def test_reasoning_of_a_response_that_was_not_stored_needs_its_content(client):
    first = client.responses.create(model=MODEL, input="你好", store=False)
    items = [
        {"role": "user", "content": "你好"},
        *first.output,
        {"role": "user", "content": "再见"},
    ]
    with pytest.raises(openai.NotFoundError) as caught:
        client.responses.create(model=MODEL, input=items, store=False)
    assert first.output[0].id in caught.value.message
    assert "store" in caught.value.message
    carried = client.responses.create(
        model=MODEL, input="你好", store=False, include=["reasoning.encrypted_content"]
    )
    items[1:-1] = carried.output
    assert client.responses.create(model=MODEL, input=items, store=False).output_text
    stored = client.responses.create(model=MODEL, input="你好")
    items[1:-1] = stored.output
    assert client.responses.create(model=MODEL, input=items).output_text
