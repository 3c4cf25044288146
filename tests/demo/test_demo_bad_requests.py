"""Every kind of bad request gets the API's error object, with the exact path of the parameter."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from openai import APIStatusError

TABLE = yaml.safe_load((Path(__file__).parent / "bad_requests.yml").read_text(encoding="utf-8"))
CASES = [
    pytest.param(route, entry["good"], case, id=f"{route.split()[1]}-{case['param']}-{index}")
    for route, entry in TABLE.items()
    for index, case in enumerate(entry["bad"])
]


def send(client: Any, route: str, body: dict[str, Any]) -> Any:
    verb, path = route.split()
    if verb == "GET":
        return client.get(path, options={"params": body}, cast_to=object)
    return client.post(path, body=body, cast_to=object)


@pytest.mark.parametrize(("route", "good", "case"), CASES)
def test_bad_request_names_the_parameter(client, route, good, case):
    body = {**good, **case.get("with", {})}
    body.pop(case.get("without"), None)
    with pytest.raises(APIStatusError) as caught:
        send(client, route, body)
    error = caught.value
    assert (error.param, error.code) == (case["param"], case["code"])
    assert error.status_code == case.get("status", 400)
    assert error.type == "invalid_request_error"
    assert any("\u4e00" <= c <= "\u9fff" for c in error.body["message"])


@pytest.mark.parametrize(("route", "good"), [(r, e["good"]) for r, e in TABLE.items()])
def test_the_good_body_is_answered(client, route, good):
    assert send(client, route, good)
