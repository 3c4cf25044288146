"""Files in messages: the demo reads texts and Office files and answers from them."""

import base64
import io
import zipfile

import openai
import pytest

MODEL = "gpt-6-luna"
RULES = "保修期两年。七天内可以退货。\n发票在订单页下载。".encode()


def encoded(content: bytes, media_type: str = "text/plain") -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def chat(client, file: dict[str, str], question: str, **options):
    content = [{"type": "text", "text": question}, {"type": "file", "file": file}]
    return client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": content}], **options
    )


def respond(client, file: dict[str, str], question: str, **options):
    content = [{"type": "input_text", "text": question}, {"type": "input_file", **file}]
    return client.responses.create(
        model=MODEL, input=[{"role": "user", "content": content}], **options
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("保修期多久？", "保修期两年。（依据 说明.txt）"),
        ("怎么退货？", "七天内可以退货。（依据 说明.txt）"),
        ("发票在哪里下载？", "发票在订单页下载。（依据 说明.txt）"),
        ("明天下雨吗？", "说明.txt 里没有提到。"),
    ],
)
def test_a_question_about_a_file_is_answered_from_it(client, question, answer):
    file = {"filename": "说明.txt", "file_data": encoded(RULES)}
    assert chat(client, file, question).choices[0].message.content == answer
    assert respond(client, file, question).output_text == answer


def test_an_uploaded_file_is_read_by_its_id(client):
    kept = client.files.create(file=("说明.txt", RULES), purpose="user_data")
    made = chat(client, {"file_id": kept.id}, "保修期多久？")
    assert made.choices[0].message.content == "保修期两年。（依据 说明.txt）"
    assert "保修期两年" in respond(client, {"file_id": kept.id}, "保修期多久？").output_text


def test_a_summary_begins_like_the_file(client):
    file = {"filename": "说明.txt", "file_data": encoded(RULES)}
    content = chat(client, file, "总结一下这个文件").choices[0].message.content
    assert content.startswith("保修期两年。")


def test_an_office_file_is_read(client):
    inner = '<d xmlns:w="x"><w:p><w:t>会议改到周五下午三点。</w:t></w:p></d>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("word/document.xml", inner)
    file = {"filename": "通知.docx", "file_data": encoded(packed.getvalue(), "application/x")}
    assert "周五下午三点" in respond(client, file, "会议改到什么时候？").output_text


def test_what_a_file_says_fills_a_schema(client):
    schema = {
        "type": "object",
        "properties": {"email": {"type": "string"}},
        "required": ["email"],
        "additionalProperties": False,
    }
    shape = {"type": "json_schema", "json_schema": {"name": "card", "schema": schema}}
    card = "联系人：王敏，邮箱 wangmin@example.com。".encode()
    file = {"filename": "名片.txt", "file_data": encoded(card)}
    made = chat(client, file, "提取邮箱", response_format=shape)
    assert "wangmin@example.com" in made.choices[0].message.content


def test_a_file_that_cannot_be_read_is_named(client):
    file = {"filename": "报告.pdf", "file_data": encoded(b"%PDF-1.7\n", "application/pdf")}
    content = chat(client, file, "讲了什么？").choices[0].message.content
    assert "报告.pdf" in content
    assert "读不出" in content


def test_a_longer_file_counts_for_more_tokens(client):
    few = chat(client, {"filename": "a.txt", "file_data": encoded(RULES)}, "退货").usage
    many = chat(client, {"filename": "a.txt", "file_data": encoded(RULES * 50)}, "退货").usage
    assert many.prompt_tokens > few.prompt_tokens + 500


def test_a_file_that_does_not_exist_is_a_404(client):
    with pytest.raises(openai.NotFoundError) as caught:
        chat(client, {"file_id": "file-gone"}, "讲了什么？")
    assert caught.value.param == "messages[0].content[1]"
    assert "file-gone" in caught.value.message
    with pytest.raises(openai.NotFoundError):
        respond(client, {"file_id": "file-gone"}, "讲了什么？")
    picture = {"type": "input_image", "file_id": "file-gone", "detail": "auto"}
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model=MODEL, input=[{"role": "user", "content": [picture]}])


@pytest.mark.parametrize("data", ["data:text/plain;base64,不是", "%%%"])
def test_data_that_is_no_base64_is_refused(client, data):
    with pytest.raises(openai.BadRequestError) as caught:
        chat(client, {"filename": "a.txt", "file_data": data}, "讲了什么？")
    assert "base64" in caught.value.message


@pytest.mark.parametrize("url", ["cat.png", "C:\\cat.png", "ftp://example.com/cat.png"])
def test_an_address_that_is_none_is_refused(client, url):
    part = {"type": "image_url", "image_url": {"url": url}}
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": [part]}])
    assert caught.value.param == "messages[0].content[0]"
    assert "https://" in caught.value.message
