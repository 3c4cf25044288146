"""A demo over real HTTP whose every answer is validated strictly."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from playground.demo import Clock, create_app
from tests.demo.server import serving
from tests.demo.strict import StrictApp


@pytest.fixture(scope="session")
def watched() -> StrictApp:
    """The demo app of this session, with a clock that stands still unless a test moves it."""
    return StrictApp(create_app(delay=0, clock=Clock()))


@pytest.fixture(scope="session")
def base_url(watched: StrictApp) -> Iterator[str]:
    """The base URL of the watched demo."""
    with serving(watched) as origin:
        yield f"{origin}/v1"


@pytest.fixture(scope="session")
def sdk(base_url: str) -> Iterator[OpenAI]:
    """One SDK client for the session: making one costs a tenth of a second."""
    with OpenAI(api_key="sk-test", base_url=base_url, max_retries=0) as client:
        yield client


@pytest.fixture
def client(sdk: OpenAI, watched: StrictApp) -> Iterator[OpenAI]:
    """The SDK client of a demo just reset; the test fails if any answer was not strict."""
    watched.errors.clear()
    sdk.post("/demo/reset", cast_to=object)
    yield sdk
    assert watched.errors == []


@pytest.fixture
def advance(client: OpenAI):
    """A function that moves the demo's clock on by some seconds."""

    def advance(seconds: float) -> None:
        client.post("/demo/clock", body={"advance": seconds}, cast_to=object)

    return advance
