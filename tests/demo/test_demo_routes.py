"""Every method of the SDK has a route that takes and gives what the SDK says it does."""

import re

import pytest
from openai import OpenAI

from playground.demo.app import families
from tests.demo.sdk_methods import Method, methods

WANTED = ["models", "chat", "completions", "embeddings", "moderations", "images", "audio", "files"]
WANTED += ["uploads", "responses", "conversations", "batches", "vector_stores", "fine_tuning"]
WRITTEN = {family.name: family for family in families()}
SDK = OpenAI(api_key="x")
ELSEWHERE = {
    "responses.connect": "a WebSocket, which neither the sandbox nor the demo has",
}
NO_MODELS = {
    "_create_response_format_type",
    "HttpxBinaryResponseContent",
    "str",
    "bytes",
    "Stream",
    "object",
    "NoneType",
}
CASES = [
    pytest.param(method, id=method.name)
    for name in WANTED
    if name in WRITTEN
    for method in methods(SDK, name)
    if method.verb is not None and method.name not in ELSEWHERE
]
ROUTES = {name: route for f in WRITTEN.values() for route in f.routes for name in route.methods}


@pytest.mark.parametrize("name", WANTED)
def test_family_is_written(name):
    if name not in WRITTEN:
        pytest.skip(f"the family {name} is not written yet")
    assert WRITTEN[name].title


@pytest.mark.parametrize("method", CASES)
def test_method_has_a_route(method: Method):
    assert method.name in ROUTES, f"no route names {method.name}: {method.verb} {method.path}"
    route = ROUTES[method.name]
    assert route.verb == method.verb
    assert re.sub(r"\{\w+(:\w+)?\}", "{}", route.path) == method.path


@pytest.mark.parametrize("method", CASES)
def test_route_checks_against_the_methods_own_params(method: Method):
    route = ROUTES[method.name]
    named = {n.removesuffix("NonStreaming").removesuffix("Streaming") for n in method.params}
    if named:
        assert route.params is not None
        assert route.params.partition(":")[2] in named
    else:
        assert route.params is None


@pytest.mark.parametrize("method", CASES)
def test_route_answers_with_the_methods_own_model(method: Method):
    route = ROUTES[method.name]
    models = method.answers - NO_MODELS
    if route.content and not models:
        assert route.answer is None or method.answers == {"_create_response_format_type"}
    else:
        assert route.answer is not None
        assert route.answer.partition(":")[2] in models


def test_no_route_names_a_method_that_the_sdk_does_not_have():
    known = {m.name for name in WANTED for m in methods(SDK, name)}
    assert set(ROUTES) - known == set()
