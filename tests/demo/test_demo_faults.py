"""Errors and broken connections on request, authentication, CORS, bodies that are no JSON."""

import time

import httpx2
import openai
import pytest
import yaml
from openai import OpenAI

MESSAGES = [{"role": "user", "content": "讲个笑话"}]
FAULTS = yaml.safe_load(open("playground/demo/faults.yml", encoding="utf-8"))  # noqa: SIM115, PTH123
CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}
PLAIN = [name for name, e in FAULTS.items() if "status" in e and not {"after", "failures"} & set(e)]


def create(client, model="gpt-6-luna", **params):
    return client.chat.completions.create(model=model, messages=MESSAGES, **params)


def collect(client, model, into):
    for chunk in create(client, model, stream=True):
        into.append(chunk)


@pytest.mark.parametrize("name", PLAIN)
def test_error_by_model_name_and_by_header(client, name):
    entry = FAULTS[name]
    calls = [
        lambda: create(client, entry["model"]),
        lambda: create(client, extra_headers={"x-demo-fault": name}),
        lambda: create(client, extra_headers={"x-demo-fault": name}, stream=True),
    ]
    for call in calls:
        with pytest.raises(CLASSES[entry["status"]]) as caught:
            call()
        assert (caught.value.code, caught.value.type) == (entry["code"], entry["type"])
        for header, value in entry.get("headers", {}).items():
            assert caught.value.response.headers[header] == value


def test_rate_limit_error_is_retried_after_the_time_it_names(base_url):
    with OpenAI(api_key="x", base_url=base_url, max_retries=1) as client:
        began = time.monotonic()
        with pytest.raises(openai.RateLimitError):
            create(client, "demo-error-429")
        assert time.monotonic() - began >= 0.9


def test_quota_error_is_not_retried(base_url):
    with OpenAI(api_key="x", base_url=base_url, max_retries=5) as client:
        began = time.monotonic()
        with pytest.raises(openai.RateLimitError) as caught:
            create(client, "demo-error-429-quota")
        assert time.monotonic() - began < 0.5
        assert caught.value.code == "insufficient_quota"


def test_flaky_model_succeeds_on_the_third_try(client, base_url):
    with OpenAI(api_key="x", base_url=base_url, max_retries=2) as patient:
        assert create(patient, "demo-flaky").choices[0].message.content
    with pytest.raises(openai.InternalServerError):
        create(client, "demo-flaky")


def test_slow_model_runs_into_the_timeout(base_url):
    with (
        OpenAI(api_key="x", base_url=base_url, max_retries=0, timeout=0.3) as client,
        pytest.raises(openai.APITimeoutError),
    ):
        create(client, "demo-slow")


def test_broken_stream_breaks_in_the_middle(client):
    seen = []
    with pytest.raises((openai.APIConnectionError, httpx2.TransportError)):
        collect(client, "demo-broken-stream", seen)
    assert len(seen) == 4


def test_error_event_in_a_stream_is_an_api_error(client):
    seen = []
    with pytest.raises(openai.APIError, match="streaming") as caught:
        collect(client, "demo-stream-error", seen)
    assert len(seen) == 4
    assert not isinstance(caught.value, openai.APIConnectionError)


def test_unknown_fault_is_refused(client):
    with pytest.raises(openai.BadRequestError, match=r"teapot.*broken-stream"):
        create(client, extra_headers={"x-demo-fault": "teapot"})


def test_any_key_but_one_is_accepted(base_url):
    for key in ("sk-anything", "演示".encode().hex()):
        with OpenAI(api_key=key, base_url=base_url) as client:
            assert client.models.list().data
    with OpenAI(api_key="sk-invalid", base_url=base_url) as client:
        with pytest.raises(openai.AuthenticationError) as caught:
            client.models.list()
        assert caught.value.code == "invalid_api_key"


def test_missing_key_is_refused(base_url):
    answer = httpx2.get(f"{base_url}/models")
    assert answer.status_code == 401
    assert "Authorization" in answer.json()["error"]["message"]


HEADERS = {"authorization": "Bearer x"}


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"", "application/json", 400),
        (b"model=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"--x", "multipart/form-data", 400),
        (b"--x\r\n", "multipart/form-data; boundary=x", 400),
    ],
)
def test_bodies_that_are_no_request_are_refused(client, base_url, content, media_type, status):
    answer = httpx2.post(
        f"{base_url}/chat/completions",
        content=content,
        headers={**HEADERS, "content-type": media_type},
    )
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_too_large_a_body_is_refused_before_it_is_read(client, base_url):
    answer = httpx2.post(
        f"{base_url}/chat/completions",
        content=(b" " * 65536 for _ in range(1050)),
        headers={**HEADERS, "content-type": "application/json"},
    )
    assert answer.status_code == 413


def test_unknown_path_and_verb_are_errors_in_the_apis_form(client, base_url):
    answer = httpx2.get(f"{base_url}/nonsense", headers=HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")
    answer = httpx2.put(f"{base_url}/models", headers=HEADERS)
    assert answer.status_code == 405


def test_browsers_of_any_origin_may_call(base_url):
    answer = httpx2.options(
        f"{base_url}/chat/completions",
        headers={
            "origin": "https://example.com",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type,x-stainless-read-timeout",
            "access-control-request-private-network": "true",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-stainless-read-timeout" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_browsers_see_the_headers_that_matter(base_url):
    answer = httpx2.get(f"{base_url}/models", headers={**HEADERS, "origin": "https://example.com"})
    exposed = answer.headers["access-control-expose-headers"].lower()
    for name in ("x-request-id", "retry-after", "x-ratelimit-remaining-requests", "x-offline-demo"):
        assert name in exposed
