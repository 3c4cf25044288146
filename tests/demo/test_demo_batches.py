"""Batches: the demo answers each request of a file as it would answer it on its own."""

import json
import time

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import (
    Completion,
    CreateEmbeddingResponse,
    ImagesResponse,
    ModerationCreateResponse,
)
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from tests.demo.asynchronous import run_async
from tests.demo.server import running_demo
from tests.demo.strict import errors_in, errors_in_error

CHAT = "/v1/chat/completions"
MODEL = "gpt-6-luna"


def line(custom_id, body, url=CHAT, **changes):
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body, **changes}


def ask(text, **params):
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **params}


def upload(client, lines):
    content = "\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines)
    return client.files.create(file=("任务.jsonl", content.encode()), purpose="batch").id


def start(client, lines, endpoint=CHAT, **params):
    return client.batches.create(
        input_file_id=upload(client, lines), endpoint=endpoint, completion_window="24h", **params
    )


def read(client, id):
    return [json.loads(x) for x in client.files.content(id).text.splitlines()]


def test_states_follow_the_clock(client, advance):
    made = start(client, [line(str(i), ask("你好")) for i in range(5)], metadata={"批": "一"})
    assert (made.status, made.endpoint, made.metadata) == ("validating", CHAT, {"批": "一"})
    assert made.expires_at == made.created_at + 86400
    assert made.request_counts.to_dict() == {"total": 0, "completed": 0, "failed": 0}
    seen = []
    for _ in range(16):
        advance(0.2)
        now = client.batches.retrieve(made.id)
        counts = now.request_counts
        if not seen or seen[-1][0] != now.status or seen[-1][1] != counts.completed:
            seen.append((now.status, counts.completed))
    assert [s for s, _ in seen] == [
        "validating",
        *["in_progress"] * 5,
        "finalizing",
        "completed",
    ]
    assert [done for s, done in seen if s == "in_progress"] == [0, 1, 2, 3, 4]
    done = client.batches.retrieve(made.id)
    assert made.created_at <= done.in_progress_at <= done.finalizing_at <= done.completed_at
    assert (done.model, done.errors, done.error_file_id) == (MODEL, None, None)


def test_each_line_gets_the_answer_that_the_same_request_gets(client, advance):
    questions = ["用一句话解释什么是递归。", "1+1 等于几？"]
    made = start(client, [line(f"问-{i}", ask(q)) for i, q in enumerate(questions)])
    advance(10)
    done = client.batches.retrieve(made.id)
    results = read(client, done.output_file_id)
    assert [r["custom_id"] for r in results] == ["问-0", "问-1"]
    for question, result in zip(questions, results, strict=True):
        assert set(result) == {"id", "custom_id", "response", "error"}
        assert result["id"].startswith("batch_req_")
        assert result["error"] is None
        assert result["response"]["status_code"] == 200
        assert result["response"]["request_id"].startswith("req_")
        body = result["response"]["body"]
        assert errors_in(ChatCompletion, body) == []
        alone = client.chat.completions.create(**ask(question))
        assert body["choices"][0]["message"]["content"] == alone.choices[0].message.content
    tokens = sum(r["response"]["body"]["usage"]["total_tokens"] for r in results)
    assert done.usage.total_tokens == tokens
    file = client.files.retrieve(done.output_file_id)
    assert (file.purpose, file.filename) == ("batch_output", f"{made.id}_output.jsonl")


@pytest.mark.parametrize(
    ("endpoint", "body", "model"),
    [
        (
            "/v1/embeddings",
            {"model": "text-embedding-3-small", "input": "你好"},
            CreateEmbeddingResponse,
        ),
        ("/v1/responses", {"model": MODEL, "input": "你好"}, Response),
        (
            "/v1/moderations",
            {"model": "omni-moderation-latest", "input": "我要杀了你"},
            ModerationCreateResponse,
        ),
        ("/v1/completions", {"model": "demo-instruct", "prompt": "从前"}, Completion),
        (
            "/v1/images/generations",
            {"model": "gpt-image-2", "prompt": "一只猫", "size": "1024x1024"},
            ImagesResponse,
        ),
    ],
)
def test_other_endpoints_answer_too(client, advance, endpoint, body, model):
    made = start(client, [line("a", body, url=endpoint)], endpoint=endpoint)
    advance(10)
    done = client.batches.retrieve(made.id)
    (result,) = read(client, done.output_file_id)
    assert errors_in(model, result["response"]["body"]) == []
    assert done.usage.input_tokens == result["response"]["body"].get("usage", {}).get(
        "input_tokens", result["response"]["body"].get("usage", {}).get("prompt_tokens", 0)
    )


def test_requests_that_fail_go_to_the_error_file(client, advance):
    lines = [
        line("好", ask("你好")),
        line("坏", ask("你好", top_k=3)),
        line("流", ask("你好", stream=True)),
    ]
    made = start(client, lines)
    advance(10)
    done = client.batches.retrieve(made.id)
    assert done.request_counts.to_dict() == {"total": 3, "completed": 1, "failed": 2}
    assert [r["custom_id"] for r in read(client, done.output_file_id)] == ["好"]
    errors = read(client, done.error_file_id)
    assert [e["custom_id"] for e in errors] == ["坏", "流"]
    assert [e["error"] for e in errors] == [None, None]
    for entry, param in zip(errors, ("top_k", "stream"), strict=True):
        assert entry["response"]["status_code"] == 400
        assert errors_in_error(entry["response"]["body"]) == []
        assert entry["response"]["body"]["error"]["param"] == param


def test_a_batch_whose_requests_all_fail_has_no_output_file(client, advance):
    retired = {**ask("你好"), "model": "gpt-4"}
    made = start(client, [line("a", retired), line("b", {**retired, "model": "gpt-4"})])
    advance(10)
    done = client.batches.retrieve(made.id)
    assert (done.status, done.output_file_id) == ("completed", None)
    codes = [e["response"]["body"]["error"]["code"] for e in read(client, done.error_file_id)]
    assert codes == ["model_not_found", "model_not_found"]


def test_a_batch_of_a_fault_model_shows_the_fault(client, advance):
    made = start(client, [line("a", {**ask("你好"), "model": "demo-error-429"})])
    advance(10)
    (entry,) = read(client, client.batches.retrieve(made.id).error_file_id)
    assert entry["response"]["status_code"] == 429


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        ([], [("empty_file", None, None)]),
        (["not json", line("a", ask("x"))], [("invalid_json_line", 1, None)]),
        ([line("a", ask("x")), "[1]"], [("invalid_json_line", 2, None)]),
        (
            [line("a", ask("x")), line("a", ask("y"))],
            [("duplicate_custom_id", 2, "custom_id")],
        ),
        (
            [line("a", ask("x"), url="/v1/responses")],
            [("url_mismatch", 1, "url")],
        ),
        (
            [line("a", ask("x")), line("b", {**ask("x"), "model": "gpt-5.5"})],
            [("model_mismatch", 2, "body.model")],
        ),
        ([line("a", ask("x"), method="GET")], [("invalid_value", 1, "method")]),
        ([line(1, ask("x"))], [("invalid_type", 1, "custom_id")]),
        (
            [{"custom_id": "a"}, {"custom_id": "b", "method": "POST", "url": CHAT}],
            [
                ("missing_required_parameter", 1, "method"),
                ("missing_required_parameter", 2, "body"),
            ],
        ),
    ],
)
def test_a_bad_file_fails_the_batch_line_by_line(client, advance, lines, errors):
    made = start(client, lines)
    assert made.status == "validating"
    advance(1)
    failed = client.batches.retrieve(made.id)
    assert failed.status == "failed"
    assert failed.failed_at == made.created_at + 1
    assert [(e.code, e.line, e.param) for e in failed.errors.data] == errors
    assert all(any("\u4e00" <= c <= "\u9fff" for c in e.message) for e in failed.errors.data)
    assert (failed.output_file_id, failed.error_file_id) == (None, None)


def test_cancelling_keeps_what_was_answered(client, advance):
    made = start(client, [line(str(i), ask("你好")) for i in range(10)])
    advance(1.5)
    assert client.batches.retrieve(made.id).request_counts.completed == 2
    assert client.batches.cancel(made.id).status == "cancelling"
    assert client.batches.cancel(made.id).status == "cancelling"
    advance(1)
    done = client.batches.retrieve(made.id)
    assert done.status == "cancelled"
    assert done.cancelling_at <= done.cancelled_at
    assert len(read(client, done.output_file_id)) == 2
    left = read(client, done.error_file_id)
    assert [e["custom_id"] for e in left] == [str(i) for i in range(2, 10)]
    assert {(e["response"], e["error"]["code"]) for e in left} == {(None, "batch_cancelled")}
    with pytest.raises(openai.BadRequestError, match="cancelled") as caught:
        client.batches.cancel(made.id)
    assert caught.value.code == "invalid_state"


def test_lists_are_paged_with_the_newest_first(client, advance):
    ids = [start(client, [line("a", ask("你好"))]).id for _ in range(3)]
    advance(10)
    first = client.batches.list(limit=2)
    assert [b.id for b in first.data] == ids[:0:-1]
    assert [b.id for b in first] == ids[::-1]
    assert {b.status for b in client.batches.list()} == {"completed"}
    assert [b.id for b in client.batches.list(after=ids[1])] == ids[:1]


def test_output_files_expire_as_asked(client, advance):
    policy = {"anchor": "created_at", "seconds": 3600}
    made = start(client, [line("a", ask("你好"))], output_expires_after=policy)
    advance(10)
    file = client.files.retrieve(client.batches.retrieve(made.id).output_file_id)
    assert file.expires_at == file.created_at + 3600


def test_a_batch_needs_a_file_for_batches(client):
    other = client.files.create(file=("a.jsonl", b"{}"), purpose="user_data").id
    for id, kind in (("file-x", openai.NotFoundError), (other, openai.BadRequestError)):
        with pytest.raises(kind) as caught:
            client.batches.create(
                input_file_id=id, endpoint="/v1/embeddings", completion_window="24h"
            )
        assert caught.value.param == "input_file_id"
    for call in (client.batches.retrieve, client.batches.cancel):
        with pytest.raises(openai.NotFoundError, match="batch_x"):
            call("batch_x")


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"endpoint": "/v1/audio/speech"}, "endpoint", "invalid_value"),
        ({"completion_window": "1h"}, "completion_window", "invalid_value"),
        ({"metadata": {"k": "x" * 513}}, "metadata.k", "string_above_max_length"),
        ({"extra_body": {"priority": 1}}, "priority", "unknown_parameter"),
        (
            {"output_expires_after": {"anchor": "created_at", "seconds": 1}},
            "output_expires_after.seconds",
            "integer_below_min_value",
        ),
    ],
)
def test_bad_parameters_are_refused(client, changes, param, code):
    params = {"endpoint": CHAT, "completion_window": "24h", **changes}
    with pytest.raises(openai.BadRequestError) as caught:
        client.batches.create(input_file_id=upload(client, []), **params)
    assert (caught.value.param, caught.value.code) == (param, code)


def test_a_deleted_input_file_does_not_stop_a_batch_that_has_begun(client, advance):
    made = start(client, [line("a", ask("你好"))])
    client.files.delete(made.input_file_id)
    advance(10)
    assert client.batches.retrieve(made.id).status == "completed"


def test_a_reader_who_waits_gets_a_result(client):
    """With the clock that readers get, which runs by itself."""
    with running_demo() as base_url, OpenAI(api_key="x", base_url=base_url) as sdk:
        batch = start(sdk, [line("a", ask("你好")), line("b", ask("1+1 等于几？"))])
        began = time.monotonic()
        while batch.status not in ("completed", "failed"):
            time.sleep(0.2)
            assert time.monotonic() - began < 10
            batch = sdk.batches.retrieve(batch.id)
        assert len(read(sdk, batch.output_file_id)) == 2


def test_many_who_ask_at_once_do_not_answer_twice(client, advance, base_url):
    made = start(client, [line(str(i), ask("你好")) for i in range(20)])
    advance(100)

    async def run():
        import asyncio

        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            found = await asyncio.gather(*(sdk.batches.retrieve(made.id) for _ in range(8)))
            page = await sdk.batches.list()
            raw = await sdk.batches.with_raw_response.retrieve(made.id)
            return found, page.data, raw.parse()

    found, listed, raw = run_async(run())
    assert {b.output_file_id for b in found} == {found[0].output_file_id}
    counts = found[0].request_counts
    assert counts is not None
    assert counts.completed == 20
    assert (listed[0].id, raw.id) == (made.id, made.id)


def test_files_of_unfinished_batches_count_as_stored(client, advance, monkeypatch):
    monkeypatch.setattr("playground.demo.files.MAX_STORED", 200_000)
    body = ask("你好" * 4000)
    first = start(client, [line("a", body)])
    client.files.delete(first.input_file_id)
    start(client, [line("a", body)])
    with pytest.raises(openai.BadRequestError) as caught:
        start(client, [line("a", body)])
    assert caught.value.code == "storage_limit_exceeded"
    advance(10)
    assert client.batches.retrieve(first.id).status == "completed"
