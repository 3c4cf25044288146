"""Puts the app together: state, routes and what every answer has in common."""

import importlib
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route as Endpoint

from playground.demo import checks, faults, generated
from playground.demo.bodies import read_params
from playground.demo.clock import Clock
from playground.demo.errors import APIError, api_error
from playground.demo.models import require_model
from playground.demo.pages import EMPTY
from playground.demo.routes import FAMILIES, Call, Content, Events, Family, Reply, Route
from playground.demo.sse import DONE, encode
from playground.demo.state import State

PREFIX = "/v1"
DELAY = 0.03
"""Seconds between two pieces of a stream, so that a reader sees the answer arrive."""
EXPOSED = (
    "x-request-id",
    "x-offline-demo",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "openai-processing-ms",
    "openai-version",
    *(
        f"x-ratelimit-{what}-{of}"
        for what in ("limit", "remaining", "reset")
        for of in ("requests", "tokens")
    ),
)


def families() -> list[Family]:
    """Return every family with its routes, in the order of the site."""
    return [importlib.import_module(f"playground.demo.routes.{n}").family for n in FAMILIES]


def create_app(
    *,
    delay: float = DELAY,
    clock: Clock | None = None,
    any_id: bool = False,
    origins: tuple[str, ...] = ("*",),
) -> Starlette:
    """Return a new offline demo with a memory of its own, as an ASGI app under ``/v1``.

    Args:
        delay: Seconds between two pieces of a stream; 0 in tests.
        clock: The demo's clock; by default one that starts at ``clock.START`` and runs, so that
            jobs move on while the reader waits.
        any_id: Whether an unknown id is answered with a generated object instead of a 404.
        origins: The web origins that may call the app, ``*`` for all.
    """
    state = State(clock or Clock(running=True), delay=delay, any_id=any_id)
    endpoints = [
        Endpoint(PREFIX + route.path, _endpoint(route, state), methods=[route.verb])
        for family in families()
        for route in family.routes
    ]
    app = Starlette(
        routes=endpoints,
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["*"],
                allow_headers=["*"],
                allow_private_network=True,
                expose_headers=EXPOSED,
            )
        ],
        exception_handlers={HTTPException: _unknown},
    )
    app.state.demo = state
    state.app = app
    return app


def _endpoint(route: Route, state: State) -> Any:
    """Return the ASGI endpoint of one route."""

    async def endpoint(request: Request) -> Response:
        began = time.perf_counter()
        try:
            response = await _answer(route, state, request)
        except APIError as error:
            response = _error(error)
        except ClientDisconnect:
            raise
        except Exception as error:
            response = _error(api_error("server_error", reason=repr(error)))
        _common_headers(response, state, began)
        return response

    return endpoint


async def _answer(route: Route, state: State, request: Request) -> Response:
    if not route.open:
        _authenticate(request)
    shape = checks.load(route.params) if route.params else None
    params = await read_params(request, shape)
    fault = faults.requested(params, request.headers)
    await faults.before_answer(fault, state, request)
    call = Call(state, params, dict(request.path_params), dict(request.headers), fault)
    try:
        _check(route, shape, call)
        reply = await route.handler(call)
    except APIError as error:
        # What the types allow gets an answer, whatever ids, models and ranges it names.
        if not state.any_id or error.code in TYPE_ERRORS:
            raise
        reply = _generated(route, call)
    return _response(reply, fault, state)


TYPE_ERRORS = ("unknown_parameter", "missing_required_parameter", "invalid_type", "invalid_value")
"""Codes of the errors that ``any_id`` does not answer with a made-up object."""


def _check(route: Route, shape: Any, call: Call) -> None:
    """Check a request's parameters and its model."""
    params = call.params
    if shape is not None:
        checks.check(shape, {**_named_in_path(shape, call.path), **params})
    elif params and not route.open:
        raise api_error("unknown_parameter", param=next(iter(params)))
    if route.models and call.fault is None and isinstance(params.get("model"), str):
        require_model(params["model"], route.models, call.state)


def _named_in_path(shape: Any, path: dict[str, str]) -> dict[str, str]:
    """Return the path parameters that the SDK's type of the parameters names, too."""
    if not path:
        return {}
    names = {name for member in checks.members(shape) for name in checks.fields(member)}
    return {name: value for name, value in path.items() if name in names}


def _generated(route: Route, call: Call) -> Reply:
    """Return a made-up answer of the right form, for ``any_id``."""
    if call.params.get("stream") is True and route.stream is not None:
        return Events(_one_event(generated.make(checks.load(route.stream))))
    if route.answer is None:
        return Content(b"", "application/octet-stream")
    if route.page is not None:
        return dict(EMPTY[route.page])
    ids = list(call.path.values())
    return generated.make(checks.load(route.answer), id=ids[-1] if ids else None)


async def _one_event(event: Any) -> AsyncIterator[bytes]:
    """Stream a single made-up event."""
    yield encode(event, event.get("type"))
    yield DONE


def _response(reply: Any, fault: str | None, state: State) -> Response:
    match reply:
        case Events(chunks, own_errors):
            if own_errors and fault == "stream-error":
                fault = None
            return StreamingResponse(
                faults.in_stream(fault, chunks, state),
                media_type="text/event-stream; charset=utf-8",
                headers={"cache-control": "no-cache"},
            )
        case Content(bytes() as body, media_type, headers):
            return Response(body, media_type=media_type, headers=headers)
        case Content(body, media_type, headers):
            assert isinstance(body, AsyncIterator)
            return StreamingResponse(body, media_type=media_type, headers=headers)
        case _:
            return JSONResponse(reply)


def _authenticate(request: Request) -> None:
    """Accept any key but those that the demo refuses on purpose."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise api_error("missing_api_key")
    if key.strip() == "sk-invalid":
        raise api_error("invalid_api_key", value="sk-invalid")


def _error(error: APIError) -> Response:
    return JSONResponse(error.body(), status_code=error.status, headers=error.headers)


async def _unknown(request: Request, error: Exception) -> Response:
    """Answer an unknown path or verb in the API's form."""
    assert isinstance(error, HTTPException)
    key = "method_not_allowed" if error.status_code == 405 else "unknown_url"
    response = _error(api_error(key, method=request.method, path=request.url.path))
    _common_headers(response, request.app.state.demo, time.perf_counter())
    return response


def _common_headers(response: Response, state: State, began: float) -> None:
    headers = response.headers
    headers["x-request-id"] = state.ids.make("req_", 32)
    headers["x-offline-demo"] = "true"
    headers["openai-version"] = "2020-10-01"
    headers["openai-processing-ms"] = str(round((time.perf_counter() - began) * 1000))
    for name, value in faults.rate_limit_headers().items():
        headers.setdefault(name, value)
