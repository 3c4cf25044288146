"""Streamed and background responses: the events in the API's order, the states on the clock."""

import base64
import itertools
import re

import openai
import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel

from playground.demo import hosted, pictures
from tests.demo.asynchronous import run_async

MODEL = "gpt-6-luna"
QUIET = {"effort": "none"}
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "查询某个城市的天气",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}
TOOLS = {
    "web_search": {"type": "web_search"},
    "file_search": {"type": "file_search", "vector_store_ids": ["vs_1"]},
    "code_interpreter": {"type": "code_interpreter", "container": {"type": "auto"}},
    "image_generation": {"type": "image_generation", "partial_images": 2},
    "mcp": {
        "type": "mcp",
        "server_label": "demo",
        "server_url": "https://example.com/mcp",
        "require_approval": "never",
    },
    "computer": {"type": "computer"},
    "shell": {"type": "shell", "environment": {"type": "container_auto"}},
    "local_shell": {"type": "local_shell"},
    "apply_patch": {"type": "apply_patch"},
    "tool_search": {"type": "tool_search"},
    "programmatic_tool_calling": {"type": "programmatic_tool_calling"},
}


def stream(client, given="你好", **params):
    return list(client.responses.create(model=MODEL, input=given, stream=True, **params))


def names(events):
    """The types of events, a run of the same delta counted once."""
    types = [e.type.removeprefix("response.") for e in events]
    return [t for at, t in enumerate(types) if at == 0 or t != types[at - 1] or "delta" not in t]


def test_events_of_a_text_come_in_order(client):
    events = stream(client, reasoning=QUIET)
    assert names(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [e.sequence_number for e in events] == list(range(len(events)))
    created, completed = events[0].response, events[-1].response
    assert (created.status, created.output, created.usage) == ("in_progress", [], None)
    assert completed.status == "completed"
    assert completed.usage.output_tokens > 0
    assert created.id == completed.id


def test_deltas_join_to_the_text(client):
    events = stream(client, "用一句话解释什么是递归。")
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    (done,) = [e for e in events if e.type == "response.output_text.done"]
    assert text == done.text == events[-1].response.output_text
    plain = client.responses.create(model=MODEL, input="用一句话解释什么是递归。")
    assert text == plain.output_text


def test_what_was_streamed_is_stored(client):
    made = stream(client)[-1].response
    assert client.responses.retrieve(made.id).output_text == made.output_text
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(stream(client, store=False)[-1].response.id)


def test_reasoning_summary_events(client):
    events = stream(client, reasoning={"effort": "low", "summary": "auto"})
    assert names(events)[2:8] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    text = "".join(e.delta for e in events if e.type == "response.reasoning_summary_text.delta")
    assert text == events[-1].response.output[0].summary[0].text


def test_function_call_events(client):
    events = stream(client, "北京天气怎么样？", tools=[WEATHER], reasoning=QUIET)
    assert names(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    added = events[2].item
    assert (added.name, added.arguments, added.status) == ("get_weather", "", "in_progress")
    pieces = [e.delta for e in events if e.type.endswith("arguments.delta")]
    assert "".join(pieces) == '{"city":"北京"}'


def test_custom_tool_events(client):
    tool = {"type": "custom", "name": "run_sql"}
    events = stream(
        client, "查询订单", tools=[tool], tool_choice={"type": "custom", "name": "run_sql"}
    )
    pieces = [e.delta for e in events if e.type == "response.custom_tool_call_input.delta"]
    assert "".join(pieces) == "查询订单"


def test_incomplete_and_failed_streams_end_as_such(client):
    events = stream(client, "用一句话解释什么是递归。", max_output_tokens=16, reasoning=QUIET)
    assert events[-1].type == "response.incomplete"
    assert events[-1].response.incomplete_details.reason == "max_output_tokens"
    events = list(client.responses.create(model="demo-stream-error", input="你好", stream=True))
    assert [e.type for e in (events[0], events[-1])] == ["response.created", "response.failed"]
    assert events[-1].response.error.code == "server_error"


def test_broken_stream_raises_a_connection_error(client):
    with pytest.raises(openai.APIConnectionError):
        list(client.responses.create(model="demo-broken-stream", input="你好", stream=True))


class Meeting(BaseModel):
    time: str
    place: str
    people: list[str]


def test_stream_helper_snapshots_and_parses(client):
    given = "周五下午两点在三号会议室开项目评审，请王敏和李强参加。"
    with client.responses.stream(model=MODEL, input=given, text_format=Meeting) as events:
        snapshots = [e.snapshot for e in events if e.type == "response.output_text.delta"]
        final = events.get_final_response()
    assert snapshots[-1] == final.output_text
    assert all(later.startswith(sooner) for sooner, later in itertools.pairwise(snapshots))
    assert final.output_parsed.people == ["王敏", "李强"]


@pytest.mark.parametrize("name", hosted.RUNNERS)
def test_built_in_tools_say_that_they_are_a_demo(client, name):
    given = {"model": MODEL, "input": "帮我查一下", "tools": [TOOLS[name]]}
    with client.responses.stream(**given) as events:
        kinds = names(events)
        final = events.get_final_response()
    plain = client.responses.create(**given)
    assert [i.type for i in plain.output] == [i.type for i in final.output]
    assert plain.output_text == final.output_text
    assert kinds.count("output_item.added") == kinds.count("output_item.done")
    first = final.output[1]
    assert re.fullmatch(rf"{name}_call|mcp_list_tools|program", first.type)
    if final.output[-1].type == "message":
        assert "离线演示" in final.output_text
    # What came back can be sent again: the types of output and input agree.
    back = [{"role": "user", "content": "帮我查一下"}, *final.output]
    if final.output[-1].type == "message":
        client.responses.create(model=MODEL, input=[*back, {"role": "user", "content": "谢谢"}])
    listed = client.responses.input_items.list(
        client.responses.create(model=MODEL, input=back).id, order="asc"
    )
    assert [i.type for i in listed] == ["message", *(i.type for i in final.output)]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("web_search", ["in_progress", "searching", "completed"]),
        ("file_search", ["in_progress", "searching", "completed"]),
        ("code_interpreter", ["in_progress", "interpreting", "completed"]),
        ("image_generation", ["in_progress", "generating", "partial_image", "completed"]),
    ],
)
def test_steps_of_built_in_tools(client, name, wanted):
    events = stream(client, "帮我查一下", tools=[TOOLS[name]])
    steps = [e.type.rpartition(".")[2] for e in events if f".{name}_call." in e.type]
    assert list(dict.fromkeys(steps)) == wanted


def test_web_search_sources_and_citation(client):
    made = client.responses.create(
        model=MODEL,
        input="搜索一下递归是什么",
        tools=[{"type": "web_search", "filters": {"allowed_domains": ["docs.python.org"]}}],
        include=["web_search_call.action.sources"],
    )
    assert made.output[1].action.query == "搜索一下递归是什么"
    assert made.output[1].action.sources[0].url == "https://docs.python.org/"
    (cited,) = made.output[2].content[0].annotations
    assert made.output_text[cited.start_index : cited.end_index] == cited.title
    assert made.tool_usage.web_search.num_requests == 1


def test_code_interpreter_computes_sums_only(client):
    made = client.responses.create(
        model=MODEL,
        input="12*3 等于多少？",
        tools=[{"type": "code_interpreter", "container": "cntr_1"}],
        include=["code_interpreter_call.outputs"],
    )
    call = made.output[1]
    assert (call.code, call.outputs[0].logs, call.container_id) == (
        "print(12*3)",
        "36\n",
        "cntr_1",
    )


def test_generated_picture_opens(client):
    made = client.responses.create(model=MODEL, input="画一只猫", tools=[TOOLS["image_generation"]])
    call = made.output[1]
    file = base64.b64decode(call.result)
    assert (pictures.kind_of(file), pictures.size_of(file)) == ("png", (1024, 1024))
    assert (call.output_format, call.size, call.revised_prompt) == ("png", "1024x1024", "画一只猫")
    assert made.tool_usage.image_gen.output_tokens > 0
    events = stream(client, "画一只猫", tools=[TOOLS["image_generation"]])
    partial = [e for e in events if e.type.endswith("partial_image")]
    assert [e.partial_image_index for e in partial] == [0, 1]
    assert len({e.partial_image_b64 for e in partial} | {call.result}) == 3


def test_picture_has_the_size_and_format_that_was_asked_for(client):
    tool = {"type": "image_generation", "size": "1536x1024", "output_format": "webp"}
    made = client.responses.create(model=MODEL, input="画一只猫", tools=[tool])
    file = base64.b64decode(made.output[1].result)
    assert (pictures.kind_of(file), made.output[1].size) == ("webp", "1536x1024")
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input="画", tools=[{**tool, "size": "huge"}])
    assert caught.value.param == "tools[0].size"


def test_mcp_asks_for_approval(client):
    tool = {k: v for k, v in TOOLS["mcp"].items() if k != "require_approval"}
    first = client.responses.create(model=MODEL, input="查一下文档", tools=[tool])
    request = first.output[-1]
    assert request.type == "mcp_approval_request"

    def reply(approve):
        answer = {
            "type": "mcp_approval_response",
            "approval_request_id": request.id,
            "approve": approve,
        }
        return client.responses.create(
            model=MODEL, input=[answer], tools=[tool], previous_response_id=first.id
        )

    granted = reply(True)
    assert granted.output[1].approval_request_id == request.id
    assert "模拟" in granted.output[1].output
    assert "mcp_call" not in [i.type for i in reply(False).output]


def test_outputs_of_the_readers_own_shell_are_used(client):
    tool = {"type": "shell", "environment": {"type": "local"}}
    first = client.responses.create(model=MODEL, input="列出目录", tools=[tool])
    call = first.output[-1]
    output = {
        "type": "shell_call_output",
        "call_id": call.call_id,
        "output": [
            {"stdout": "a.txt\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
        ],
    }
    after = client.responses.create(
        model=MODEL, input=[output], tools=[tool], previous_response_id=first.id
    )
    assert "a.txt" in after.output_text


def test_own_function_wins_over_a_built_in_tool_that_fits_less(client):
    tools = [WEATHER, TOOLS["web_search"]]
    made = client.responses.create(model=MODEL, input="北京天气怎么样？", tools=tools)
    assert made.output[-1].type == "function_call"
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "web_search"}]}
    made = client.responses.create(
        model=MODEL, input="北京天气怎么样？", tools=tools, tool_choice=choice
    )
    assert made.output[1].type == "web_search_call"


def start(client, **params):
    return client.responses.create(model=MODEL, input="你好", background=True, **params)


def test_background_goes_through_its_states_on_the_clock(client, advance):
    made = start(client)
    assert (made.status, made.output, made.usage) == ("queued", [], None)
    assert client.responses.retrieve(made.id).status == "queued"
    advance(1.5)
    working = client.responses.retrieve(made.id)
    assert (working.status, working.output_text) == ("in_progress", "")
    advance(3)
    done = client.responses.retrieve(made.id)
    assert done.status == "completed"
    assert done.output_text
    assert done.completed_at > done.created_at


def test_polling_ends_although_the_clock_stands_still(client):
    made, seen = start(client), []
    while made.status in ("queued", "in_progress"):
        seen.append(made.status)
        assert len(seen) < 10
        made = client.responses.retrieve(made.id)
    assert made.status == "completed"
    assert list(dict.fromkeys(seen)) == ["queued", "in_progress"]


def test_background_can_be_cancelled_until_it_is_done(client, advance):
    made = start(client)
    assert client.responses.cancel(made.id).status == "cancelled"
    assert client.responses.cancel(made.id).status == "cancelled"
    advance(60)
    gone = client.responses.retrieve(made.id)
    assert (gone.status, gone.output) == ("cancelled", [])
    done = start(client)
    advance(60)
    with pytest.raises(openai.BadRequestError, match="completed"):
        client.responses.cancel(done.id)
    plain = client.responses.create(model=MODEL, input="你好")
    with pytest.raises(openai.BadRequestError, match="background"):
        client.responses.cancel(plain.id)


def test_cancelled_response_streams_nothing(client):
    made = start(client)
    client.responses.cancel(made.id)
    assert list(client.responses.retrieve(made.id, stream=True)) == []
    assert client.responses.retrieve(made.id).status == "cancelled"


def test_unfinished_response_cannot_be_gone_on_from(client):
    made = start(client)
    with pytest.raises(openai.BadRequestError, match="queued"):
        client.responses.create(model=MODEL, input="你好", previous_response_id=made.id)


def test_background_stream_can_be_resumed(client):
    events = stream(client, background=True)
    assert names(events)[:3] == ["created", "queued", "in_progress"]
    made = events[0].response
    assert made.status == "queued"
    rest = list(client.responses.retrieve(made.id, stream=True, starting_after=4))
    assert [e.sequence_number for e in rest] == [e.sequence_number for e in events[5:]]
    assert rest[-1].response.output_text == events[-1].response.output_text
    assert client.responses.retrieve(made.id).status == "completed"
    with client.responses.stream(response_id=made.id, starting_after=4) as helper:
        assert next(iter(helper)).sequence_number == 5
        assert helper.get_final_response().output_text == events[-1].response.output_text


def test_only_background_responses_can_be_streamed_again(client):
    made = client.responses.create(model=MODEL, input="你好")
    with pytest.raises(openai.BadRequestError):
        client.responses.retrieve(made.id, stream=True)
    with pytest.raises(openai.BadRequestError) as caught:
        client.get(
            f"/responses/{made.id}", options={"params": {"starting_after": 1}}, cast_to=object
        )
    assert caught.value.param == "starting_after"


def test_background_that_fails(client, advance):
    made = client.responses.create(model="demo-stream-error", input="你好", background=True)
    advance(60)
    assert client.responses.retrieve(made.id).error.code == "server_error"


def test_async_streams(client, base_url):
    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            plain = await sdk.responses.create(model=MODEL, input="你好", stream=True)
            kinds = [e.type async for e in plain]
            async with sdk.responses.stream(model=MODEL, input="你好") as events:
                async for _ in events:
                    pass
                final = await events.get_final_response()
            made = await sdk.responses.create(model=MODEL, input="你好", background=True)
            again = await sdk.responses.retrieve(made.id, stream=True)
            resumed = [e.type async for e in again]
            other = await sdk.responses.create(model=MODEL, input="你好", background=True)
            cancelled = await sdk.responses.cancel(other.id)
            return kinds, final, resumed, cancelled

    kinds, final, resumed, cancelled = run_async(run())
    assert kinds[-1] == resumed[-1] == "response.completed"
    assert final.output_text
    assert cancelled.status == "cancelled"


def test_a_picture_is_drawn_on_in_the_next_turn(client):
    tool = {"type": "image_generation"}
    first = client.responses.create(model=MODEL, input="画一只猫", tools=[tool])
    second = client.responses.create(
        model=MODEL, input="给它画一顶红帽子", tools=[tool], previous_response_id=first.id
    )
    [before] = [i for i in first.output if i.type == "image_generation_call"]
    [after] = [i for i in second.output if i.type == "image_generation_call"]
    assert (before.action, after.action) == ("generate", "edit")
    assert after.revised_prompt == "画一只猫，给它画一顶红帽子"
    assert after.result != before.result
    anew = client.responses.create(
        model=MODEL,
        input="画一只狗",
        tools=[{**tool, "action": "generate"}],
        previous_response_id=second.id,
    )
    assert anew.output[-2].revised_prompt == "画一只狗"
