"""Long prompts: the context window, and the cache of their beginnings."""

import openai
import pytest

MODEL = "gpt-6-luna"
MANUAL = "".join(f"第{n}条，员工应当准时上班。" for n in range(400))
TOO_LONG = "数据" * 130_000


def ask(client, question: str, manual: str = MANUAL, **options):
    messages = [{"role": "developer", "content": manual}, {"role": "user", "content": question}]
    made = client.chat.completions.create(model=MODEL, messages=messages, **options)
    return made.usage.prompt_tokens_details


def test_the_second_prompt_with_the_same_beginning_reads_it_from_the_cache(client):
    first, second = ask(client, "几点上班？"), ask(client, "迟到怎么办？")
    assert first.cached_tokens == 0
    assert first.cache_write_tokens > 1024
    assert second.cached_tokens >= 1024
    assert second.cached_tokens % 128 == 0
    assert second.cache_write_tokens < 256


def test_a_short_prompt_is_not_cached(client):
    for _ in range(2):
        details = ask(client, "你好", manual="简短回答。")
        assert (details.cached_tokens, details.cache_write_tokens) == (0, 0)


def test_another_beginning_or_key_shares_nothing(client):
    ask(client, "几点上班？")
    assert ask(client, "几点上班？", manual=f"今天{MANUAL}").cached_tokens == 0
    assert ask(client, "几点上班？", prompt_cache_key="另一个").cached_tokens == 0


def test_explicit_mode_without_a_breakpoint_caches_nothing(client):
    for _ in range(2):
        details = ask(client, "几点上班？", prompt_cache_options={"mode": "explicit"})
        assert (details.cached_tokens, details.cache_write_tokens) == (0, 0)


def test_the_cache_forgets_after_half_an_hour_without_use(client, advance):
    ask(client, "几点上班？")
    advance(29 * 60)
    assert ask(client, "几点上班？").cached_tokens > 0
    advance(31 * 60)
    assert ask(client, "几点上班？").cached_tokens == 0


def test_responses_share_the_cache_among_themselves(client):
    def details(question: str):
        made = client.responses.create(model=MODEL, instructions=MANUAL, input=question)
        return made.usage.input_tokens_details

    assert details("几点上班？").cached_tokens == 0
    assert details("迟到怎么办？").cached_tokens >= 1024


def test_a_prompt_that_exceeds_the_window_is_refused(client):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, TOO_LONG)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "messages")
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input=TOO_LONG)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "input")


def test_truncation_leaves_out_the_oldest_items(client):
    items = [
        {"role": "user", "content": TOO_LONG},
        {"role": "user", "content": "我叫小林。"},
        {"role": "user", "content": "我叫什么名字？"},
    ]
    made = client.responses.create(model=MODEL, input=items, truncation="auto")
    assert made.usage.input_tokens < 1000
    assert "小林" in made.output_text


def test_one_item_that_does_not_fit_is_refused_even_with_truncation(client):
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=MODEL, input=TOO_LONG, truncation="auto")
