"""With ``any_id`` whatever the SDK's types allow gets a valid answer."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from playground.demo import checks, create_app
from playground.demo.app import families
from playground.demo.routes import Route
from tests.demo.samples import requests
from tests.demo.server import serving
from tests.demo.strict import StrictApp

ROUTES = [r for family in families() for r in family.routes if not r.open]


@pytest.fixture(scope="module")
def lenient() -> Iterator[tuple[OpenAI, StrictApp]]:
    """A client of a demo that knows any id."""
    app = StrictApp(create_app(delay=0, any_id=True))
    with serving(app) as origin, OpenAI(api_key="x", base_url=f"{origin}/v1", max_retries=0) as sdk:
        yield sdk, app


def send(client: OpenAI, route: Route, params: dict[str, Any]) -> Any:
    """Send parameters as the SDK does: query, JSON or multipart form."""
    path = re.sub(r"\{\w+(:\w+)?\}", "any-id", route.path)
    files = [
        (name, (value.filename, value.content))
        for name, value in params.items()
        if isinstance(value, checks.Upload)
    ]
    files += [
        (f"{name}[]", (item.filename, item.content))
        for name, value in params.items()
        if isinstance(value, list)
        for item in value
        if isinstance(item, checks.Upload)
    ]
    held = {name.removesuffix("[]") for name, _ in files}
    body = {name: value for name, value in params.items() if name not in held}
    if route.verb == "GET":
        return client.get(path, options={"params": body}, cast_to=httpx2.Response)
    if route.verb == "DELETE":
        return client.delete(path, cast_to=httpx2.Response)
    options = {"headers": {"Content-Type": "multipart/form-data"}} if files else {}
    return client.post(
        path, body=body, files=files or None, options=options, cast_to=httpx2.Response
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.verb} {route.path}")
def test_every_parameter_gets_a_valid_answer(lenient, route):
    client, app = lenient
    shape = checks.load(route.params) if route.params else None
    tried = list(requests(shape)) if shape is not None else [("", {})]
    for name, params in tried:
        app.errors.clear()
        try:
            response = send(client, route, params)
        except openai.APIStatusError as error:
            pytest.fail(f"{name} in {params}: {error}")
        response.read()
        assert response.status_code == 200
        assert app.errors == [], (name, params)


def test_types_are_still_checked(lenient):
    client, _ = lenient
    for body in ({"model": 3, "input": "x"}, {"model": "x"}, {"model": "x", "input": "x", "y": 1}):
        with pytest.raises(openai.BadRequestError):
            client.post("/embeddings", body=body, cast_to=object)


def test_the_object_has_the_id_that_was_asked_for(lenient):
    client, _ = lenient
    assert client.files.retrieve("file-whatever").id == "file-whatever"
    assert client.models.retrieve("gpt-99").id == "gpt-99"
    assert client.files.delete("file-whatever").deleted
