"""Vector stores: files are indexed on the clock, and a search finds what was asked for."""

import io
import time
import zipfile

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.demo.asynchronous import run_async
from tests.demo.server import running_demo

RETURNS = "退货政策：收到商品七天内可以无理由退货，退款在三个工作日内到账。"
SHIPPING = "配送说明：订单当天发货，江浙沪次日到达，满 99 元包邮。"
WEATHER = "天气预报：明天有小雨，气温 12 到 18 度，出门记得带伞。"


def upload(client, text, name="说明.txt"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.files.create(file=(name, content), purpose="assistants").id


@pytest.fixture
def shop(client, advance):
    """A vector store with three indexed files of different topics and attributes."""
    store = client.vector_stores.create(name="商店")
    for text, attributes in (
        (RETURNS, {"topic": "售后", "year": 2026, "public": True}),
        (SHIPPING, {"topic": "物流", "year": 2025, "public": True}),
        (WEATHER, {"topic": "天气", "year": 2024, "public": False}),
    ):
        client.vector_stores.files.create(
            store.id, file_id=upload(client, text), attributes=attributes
        )
    advance(1)
    return store.id


def texts(found):
    return [r.content[0].text for r in found]


def test_a_store_is_ready_when_its_files_are_indexed(client, advance):
    ids = [upload(client, t) for t in (RETURNS, SHIPPING)]
    made = client.vector_stores.create(name="商店", file_ids=ids, metadata={"部门": "客服"})
    assert (made.name, made.status, made.metadata) == ("商店", "in_progress", {"部门": "客服"})
    assert (made.file_counts.in_progress, made.file_counts.total, made.usage_bytes) == (2, 2, 0)
    advance(0.5)
    half = client.vector_stores.retrieve(made.id)
    assert (half.status, half.file_counts.completed) == ("in_progress", 1)
    advance(0.5)
    done = client.vector_stores.retrieve(made.id)
    assert (done.status, done.file_counts.completed) == ("completed", 2)
    assert done.usage_bytes == len(RETURNS.encode()) + len(SHIPPING.encode())


def test_stores_are_listed_changed_and_deleted(client):
    ids = [client.vector_stores.create(name=f"库{i}").id for i in range(5)]
    assert [s.id for s in client.vector_stores.list(limit=2)] == ids[::-1]
    assert [s.id for s in client.vector_stores.list(order="asc", limit=2).data] == ids[:2]
    assert [s.id for s in client.vector_stores.list(before=ids[1]).data] == ids[:1:-1]
    changed = client.vector_stores.update(ids[0], name="新名字", metadata={"a": "b"})
    assert (changed.name, changed.metadata) == ("新名字", {"a": "b"})
    assert client.vector_stores.retrieve(ids[0]) == changed
    assert client.vector_stores.delete(ids[0]).deleted
    for call in (client.vector_stores.retrieve, client.vector_stores.delete):
        with pytest.raises(openai.NotFoundError, match=ids[0]):
            call(ids[0])


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("怎么退货？", RETURNS),
        ("退款多久到账", RETURNS),
        ("什么时候发货", SHIPPING),
        ("明天要带伞吗", WEATHER),
    ],
)
def test_a_search_finds_the_file_that_has_the_words(client, shop, query, text):
    found = client.vector_stores.search(shop, query=query).data
    assert texts(found)[0] == text
    scores = [r.score for r in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < s <= 1 for s in scores)
    assert found[0].filename == "说明.txt"
    assert client.files.retrieve(found[0].file_id).purpose == "assistants"


def test_a_search_for_something_else_finds_nothing(client, shop):
    assert client.vector_stores.search(shop, query="quantum chromodynamics").data == []


def test_a_search_takes_several_queries_and_rewrites_them(client, shop):
    raw = client.vector_stores.with_raw_response.search(shop, query=["退货", "包邮"])
    page = raw.http_response.json()
    assert page["object"] == "vector_store.search_results.page"
    assert page["search_query"] == ["退货", "包邮"]
    assert {r["content"][0]["text"] for r in page["data"][:2]} == {RETURNS, SHIPPING}
    raw = client.vector_stores.with_raw_response.search(
        shop, query="请问怎么退货呢？", rewrite_query=True
    )
    assert raw.http_response.json()["search_query"] == ["退货"]


def test_results_can_be_limited_by_number_and_score(client, shop):
    every = client.vector_stores.search(shop, query="退货 发货 带伞").data
    assert len(every) == 3
    assert (
        len(client.vector_stores.search(shop, query="退货 发货 带伞", max_num_results=1).data) == 1
    )
    best = every[0].score
    kept = client.vector_stores.search(
        shop,
        query="退货 发货 带伞",
        ranking_options={"ranker": "none", "score_threshold": best},
    ).data
    assert [r.score for r in kept] == [best]


def compare(kind, key, value):
    return {"type": kind, "key": key, "value": value}


@pytest.mark.parametrize(
    ("filters", "topics"),
    [
        (compare("eq", "topic", "售后"), {"售后"}),
        (compare("ne", "topic", "售后"), {"物流", "天气"}),
        (compare("gt", "year", 2025), {"售后"}),
        (compare("gte", "year", 2025), {"售后", "物流"}),
        (compare("lt", "year", 2025), {"天气"}),
        (compare("lte", "year", 2025), {"物流", "天气"}),
        (compare("eq", "public", True), {"售后", "物流"}),
        (compare("eq", "public", 1), set()),
        (compare("gt", "topic", 3), set()),
        (compare("in", "topic", ["售后", "天气"]), {"售后", "天气"}),
        (compare("nin", "topic", ["售后", "天气"]), {"物流"}),
        (compare("eq", "nothing", "x"), set()),
        (
            {
                "type": "and",
                "filters": [compare("eq", "public", True), compare("lt", "year", 2026)],
            },
            {"物流"},
        ),
        (
            {
                "type": "or",
                "filters": [
                    compare("eq", "topic", "天气"),
                    {"type": "and", "filters": [compare("eq", "topic", "售后")]},
                ],
            },
            {"天气", "售后"},
        ),
    ],
)
def test_filters_look_at_the_attributes(client, shop, filters, topics):
    found = client.vector_stores.search(shop, query="退货 发货 带伞", filters=filters).data
    assert {r.attributes["topic"] for r in found} == topics


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        (
            {"filters": {"type": "and", "filters": ["x"]}},
            "filters.filters[0]",
            "invalid_request_error",
        ),
        (
            {"filters": {"type": "or", "filters": [{"type": "and"}]}},
            "filters.filters[0].filters",
            "invalid_request_error",
        ),
        ({"filters": {"type": "like", "key": "a", "value": 1}}, "filters.type", "invalid_value"),
        ({"max_num_results": 51}, "max_num_results", "integer_above_max_value"),
        ({"ranking_options": {"score_threshold": 2}}, None, "decimal_above_max_value"),
        ({"extra_body": {"top_k": 1}}, "top_k", "unknown_parameter"),
    ],
)
def test_bad_searches_are_refused(client, shop, params, param, code):
    with pytest.raises(openai.BadRequestError) as caught:
        client.vector_stores.search(shop, query="退货", **params)
    assert caught.value.code in (code, code.replace("decimal", "integer"))
    assert param is None or caught.value.param == param


def test_files_are_listed_changed_and_taken_out(client, shop, advance):
    files = client.vector_stores.files
    listed = list(files.list(shop, limit=2))
    assert len(listed) == 3
    id = listed[0].id
    assert {f.status for f in listed} == {"completed"}
    assert list(files.list(shop, filter="failed")) == []
    changed = files.update(id, vector_store_id=shop, attributes={"topic": "气象"})
    assert changed.attributes == {"topic": "气象"}
    assert files.retrieve(id, vector_store_id=shop) == changed
    assert files.delete(id, vector_store_id=shop).deleted
    with pytest.raises(openai.NotFoundError, match=id):
        files.retrieve(id, vector_store_id=shop)
    assert client.files.retrieve(id)
    assert client.vector_stores.retrieve(shop).file_counts.total == 2
    assert WEATHER not in texts(client.vector_stores.search(shop, query="带伞").data)


def test_a_deleted_file_leaves_all_stores(client, shop):
    id = client.vector_stores.files.list(shop).data[-1].id
    client.files.delete(id)
    assert client.vector_stores.retrieve(shop).file_counts.total == 2
    assert RETURNS not in texts(client.vector_stores.search(shop, query="退货").data)


def test_a_file_is_cut_as_the_strategy_says(client, advance):
    text = "".join(f"第{i}章讲编程。" for i in range(100))
    store = client.vector_stores.create().id
    chunks = {
        "type": "static",
        "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50},
    }
    made = client.vector_stores.files.create(
        store, file_id=upload(client, text), chunking_strategy=chunks
    )
    assert (made.status, made.usage_bytes) == ("in_progress", 0)
    assert made.chunking_strategy.to_dict() == chunks
    assert list(client.vector_stores.files.content(made.id, vector_store_id=store)) == []
    advance(1)
    parts = client.vector_stores.files.content(made.id, vector_store_id=store).data
    assert len(parts) > 3
    assert {p.type for p in parts} == {"text"}
    assert text.startswith(parts[0].text)
    half = len(parts[0].text) // 2
    assert parts[1].text[: half // 2] in parts[0].text
    best = client.vector_stores.search(store, query="第77章").data[0].content[0].text
    assert "第77章" in best
    whole = client.vector_stores.files.create(
        store, file_id=upload(client, text), chunking_strategy={"type": "auto"}
    )
    assert whole.chunking_strategy.static.max_chunk_size_tokens == 800
    assert whole.chunking_strategy.static.chunk_overlap_tokens == 400


@pytest.mark.parametrize(
    ("static", "param"),
    [
        (
            {"max_chunk_size_tokens": 99, "chunk_overlap_tokens": 10},
            "chunking_strategy.static.max_chunk_size_tokens",
        ),
        (
            {"max_chunk_size_tokens": 4097, "chunk_overlap_tokens": 10},
            "chunking_strategy.static.max_chunk_size_tokens",
        ),
        (
            {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51},
            "chunking_strategy.static.chunk_overlap_tokens",
        ),
    ],
)
def test_bad_strategies_are_refused(client, static, param):
    store = client.vector_stores.create().id
    with pytest.raises(openai.BadRequestError) as caught:
        client.vector_stores.files.create(
            store,
            file_id=upload(client, "x"),
            chunking_strategy={"type": "static", "static": static},
        )
    assert caught.value.param == param


def docx(paragraph):
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>"
    body = f'<w:document xmlns:w="{word}"><w:body>{text}</w:body></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", body)
    return packed.getvalue()


def test_word_files_are_read(client, advance):
    id = upload(client, docx("员工手册：每年有十五天年假。"), "手册.docx")
    store = client.vector_stores.create(file_ids=[id]).id
    advance(1)
    found = client.vector_stores.search(store, query="年假有几天").data
    assert texts(found) == ["员工手册：每年有十五天年假。"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "invalid_file"),
        ("a.txt", b"\xff\xfe\x00", "invalid_file"),
        ("a.docx", b"no archive", "invalid_file"),
        ("a.pdf", b"%PDF-1.7", "unsupported_file"),
        ("a.txt", b"x" * 500_001, "invalid_file"),
    ],
)
def test_files_that_cannot_be_read_fail(client, advance, name, content, code):
    store = client.vector_stores.create().id
    file = client.vector_stores.files.create(store, file_id=upload(client, content, name))
    advance(1)
    failed = client.vector_stores.files.retrieve(file.id, vector_store_id=store)
    assert (failed.status, failed.last_error.code) == ("failed", code)
    assert client.vector_stores.retrieve(store).file_counts.failed == 1


def test_files_of_other_types_are_refused(client):
    id = upload(client, "a,b", "表.csv")
    with pytest.raises(openai.BadRequestError, match=r"\[\.csv\] are not supported") as caught:
        client.vector_stores.create(file_ids=[id])
    assert (caught.value.code, caught.value.param) == ("unsupported_file", "file_ids")
    assert list(client.vector_stores.list()) == []


def test_a_batch_indexes_its_files_one_after_another(client, advance):
    store = client.vector_stores.create().id
    ids = [upload(client, t) for t in (RETURNS, SHIPPING, WEATHER)]
    batches = client.vector_stores.file_batches
    made = batches.create(store, file_ids=ids, attributes={"批": 1})
    assert (made.status, made.file_counts.in_progress) == ("in_progress", 3)
    advance(0.5)
    half = batches.retrieve(made.id, vector_store_id=store)
    assert (half.status, half.file_counts.completed) == ("in_progress", 1)
    listed = batches.list_files(made.id, vector_store_id=store, filter="in_progress", limit=1)
    assert [f.id for f in listed] == ids[:0:-1]
    advance(1)
    done = batches.retrieve(made.id, vector_store_id=store)
    assert (done.status, done.file_counts.completed) == ("completed", 3)
    assert {f.attributes["批"] for f in client.vector_stores.files.list(store)} == {1}
    with pytest.raises(openai.BadRequestError, match="completed"):
        batches.cancel(made.id, vector_store_id=store)


def test_a_batch_with_settings_for_each_file(client, advance):
    store = client.vector_stores.create().id
    ids = [upload(client, t) for t in (RETURNS, SHIPPING)]
    client.vector_stores.file_batches.create(
        store,
        files=[{"file_id": ids[0], "attributes": {"a": "x"}}, {"file_id": ids[1]}],
    )
    attributes = [f.attributes for f in client.vector_stores.files.list(store, order="asc")]
    assert attributes == [{"a": "x"}, {}]


def test_a_cancelled_batch_keeps_what_was_indexed(client, advance):
    store = client.vector_stores.create().id
    ids = [upload(client, t) for t in (RETURNS, SHIPPING, WEATHER)]
    made = client.vector_stores.file_batches.create(store, file_ids=ids)
    advance(0.5)
    gone = client.vector_stores.file_batches.cancel(made.id, vector_store_id=store)
    assert gone.status == "cancelled"
    assert (gone.file_counts.completed, gone.file_counts.cancelled) == (1, 2)
    advance(10)
    kept = client.vector_stores.retrieve(store)
    assert (kept.status, kept.file_counts.cancelled) == ("completed", 2)


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({}, "file_ids"),
        ({"file_ids": ["file-x"], "files": [{"file_id": "file-x"}]}, "file_ids"),
        ({"file_ids": []}, "file_ids"),
        ({"file_ids": ["file-x"]}, "file_ids[0]"),
        ({"files": [{"file_id": "file-x"}]}, "files[0].file_id"),
        ({"files": [{"attributes": {}}]}, "files[0].file_id"),
    ],
)
def test_bad_batches_are_refused(client, params, param):
    store = client.vector_stores.create().id
    with pytest.raises(openai.APIStatusError) as caught:
        client.post(f"/vector_stores/{store}/file_batches", body=params, cast_to=object)
    assert caught.value.param == param
    with pytest.raises(openai.NotFoundError, match="vsfb_x"):
        client.vector_stores.file_batches.retrieve("vsfb_x", vector_store_id=store)


def test_a_store_expires_when_it_is_not_used(client, shop, advance):
    policy = {"anchor": "last_active_at", "days": 7}
    made = client.vector_stores.update(shop, expires_after=policy)
    assert made.expires_at == made.last_active_at + 7 * 86400
    advance(6 * 86400)
    client.vector_stores.search(shop, query="退货")
    advance(6 * 86400)
    assert client.vector_stores.retrieve(shop).status == "completed"
    advance(86400)
    assert client.vector_stores.retrieve(shop).status == "expired"
    with pytest.raises(openai.BadRequestError, match="expired"):
        client.vector_stores.search(shop, query="退货")
    assert client.vector_stores.update(shop, expires_after=None).expires_at is None
    assert client.vector_stores.search(shop, query="退货").data


def test_responses_search_the_store(client, shop):
    tool = {"type": "file_search", "vector_store_ids": [shop], "max_num_results": 2}
    answer = client.responses.create(
        model="gpt-6-luna",
        input="根据资料，收到商品几天内可以退货？",
        tools=[tool],
        include=["file_search_call.results"],
    )
    call = next(i for i in answer.output if i.type == "file_search_call")
    assert call.results[0].text == RETURNS
    assert call.results[0].score > 0
    assert "七天内可以无理由退货" in answer.output_text
    message = next(i for i in answer.output if i.type == "message")
    cited = [a.file_id for a in message.content[0].annotations]
    assert cited == [call.results[0].file_id]
    other = {**tool, "filters": compare("eq", "topic", "天气")}
    answer = client.responses.create(
        model="gpt-6-luna",
        input="根据资料，收到商品几天内可以退货？",
        tools=[other],
        include=["file_search_call.results"],
    )
    call = next(i for i in answer.output if i.type == "file_search_call")
    assert RETURNS not in [r.text for r in call.results]


def test_helpers_that_poll_come_back(client):
    """With the clock that readers get, which runs by itself."""
    with running_demo() as base_url, OpenAI(api_key="x", base_url=base_url) as sdk:
        began = time.monotonic()
        store = sdk.vector_stores.create(name="商店").id
        file = sdk.vector_stores.files.upload_and_poll(
            vector_store_id=store, file=("退货.txt", RETURNS.encode()), poll_interval_ms=50
        )
        assert file.status == "completed"
        id = upload(sdk, SHIPPING)
        file = sdk.vector_stores.files.create_and_poll(
            id, vector_store_id=store, attributes={"a": 1}, poll_interval_ms=50
        )
        assert (file.status, file.attributes) == ("completed", {"a": 1})
        batch = sdk.vector_stores.file_batches.upload_and_poll(
            store,
            files=[("天气.txt", WEATHER.encode())],
            file_ids=[id],
            poll_interval_ms=50,
        )
        assert (batch.status, batch.file_counts.completed) == ("completed", 2)
        late = sdk.vector_stores.files.upload(vector_store_id=store, file=("a.md", b"# x"))
        done = sdk.vector_stores.files.poll(late.id, vector_store_id=store, poll_interval_ms=50)
        assert done.status == "completed"
        assert time.monotonic() - began < 8


def test_async(client, base_url, shop, advance):
    async def run():
        async with AsyncOpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as sdk:
            stores = [s.id async for s in sdk.vector_stores.list(limit=1)]
            found = [r async for r in sdk.vector_stores.search(shop, query="退货")]
            files = [f async for f in sdk.vector_stores.files.list(shop, limit=1)]
            parts = [
                p async for p in sdk.vector_stores.files.content(files[0].id, vector_store_id=shop)
            ]
            raw = await sdk.vector_stores.with_raw_response.delete(shop)
            return stores, found, files, parts, raw.parse()

    stores, found, files, parts, gone = run_async(run())
    assert stores == [shop]
    assert found[0].content[0].text == RETURNS
    assert len(files) == 3
    assert parts[0].text == WEATHER
    assert gone.deleted


def test_what_stores_keep_counts_as_stored(client, monkeypatch):
    monkeypatch.setattr("playground.demo.files.MAX_STORED", 400_000)
    id = upload(client, "很长的一段话。" * 5000)
    stores = [client.vector_stores.create(file_ids=[id]).id]
    with pytest.raises(openai.BadRequestError) as caught:
        client.vector_stores.create(file_ids=[id])
    assert caught.value.code == "storage_limit_exceeded"
    client.vector_stores.delete(stores[0])
    kept = client.vector_stores.create(file_ids=[id]).id
    client.files.delete(id)
    assert client.vector_stores.retrieve(kept).file_counts.total == 0
    assert client.vector_stores.create(file_ids=[upload(client, "很长的一段话。" * 5000)]).id


def test_a_word_that_few_passages_have_counts_more(client, advance):
    lines = [f"第{i}条规定：员工请假要提前申请。" for i in range(20)]
    lines[7] = "第7条规定：员工出差要提前申请。"
    ids = [upload(client, line) for line in lines]
    store = client.vector_stores.create(file_ids=ids).id
    advance(10)
    found = client.vector_stores.search(store, query="出差要提前申请吗").data
    assert texts(found)[0] == lines[7]
    assert found[0].score > found[1].score + 0.1
