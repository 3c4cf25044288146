"""The routes, one module for each family of the API.

A module holds one ``Family`` and the functions that answer its routes. ``chat.py`` is the example::

    family = Family("chat", "会话补全")

    @family.route(
        "POST /chat/completions",
        methods=("chat.completions.create", "chat.completions.parse", "chat.completions.stream"),
        params="chat.completion_create_params:CompletionCreateParams",
        answer="chat:ChatCompletion",
        stream="chat:ChatCompletionChunk",
        models="chat",
    )
    async def create(call: Call) -> Reply:
        ...

To add a route, write one such function. ``methods`` are the SDK's methods that end there; a test
compares them with what the SDK offers. ``params`` names the SDK's TypedDict (``module:name`` below
``openai.types``) that the request is checked against before the function runs; ``answer`` and
``stream`` name the SDK's models that the answer, or each event of its stream, must satisfy;
``models`` is the kind of model that ``model`` must name (see ``playground/models.yml``).

The function gets a ``Call`` (checked parameters, path parameters, the state) and returns a dict,
which is sent as JSON, an ``Events`` for a stream, or a ``Content`` for bytes. It raises
``api_error(...)`` for what the types cannot say. What it stores goes into
``call.state.store(kind)``, whose ``get`` raises the 404; ``pages.page`` cuts lists; instants come
from ``call.state.clock`` and ids from ``call.state.ids``, so answers are the same on every run.

To add a family, add its module to ``FAMILIES``. ``tests/demo/test_demo_routes.py`` then compares
its routes with every method that the SDK offers under that name, ``test_demo_any_id.py`` tries
every parameter the types allow, and every answer of every test is validated on the wire.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playground.demo.state import State


@dataclass
class Call:
    """One request, checked.

    Attributes:
        state: The app's memory.
        params: The body or query parameters, checked against the route's type.
        path: The path parameters.
        headers: The request headers, names in lower case.
        fault: The documented fault the client asked for, e.g. ``broken-stream``.
    """

    state: State
    params: dict[str, Any]
    path: dict[str, str]
    headers: dict[str, str]
    fault: str | None = None


@dataclass(frozen=True)
class Events:
    """An answer in server-sent events.

    Attributes:
        chunks: The encoded events, one each.
        own_errors: Whether the events themselves tell of the fault ``stream-error``.
    """

    chunks: AsyncIterator[bytes]
    own_errors: bool = False


@dataclass(frozen=True)
class Content:
    """An answer of plain bytes, or of bytes that arrive piece by piece."""

    body: bytes | AsyncIterator[bytes]
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


Reply = dict[str, Any] | list[Any] | Events | Content
Handler = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True)
class Route:
    """One route: how it is reached, what it takes, what it answers.

    Attributes:
        verb: The HTTP verb.
        path: The path below ``/v1``, with parameters as ``{id}``.
        handler: The function that answers.
        methods: The SDK's methods that end here, by their dotted names.
        params: The TypedDict of the parameters; None takes none at all.
        answer: The response model of the JSON answer, or of a list's items.
        stream: The type of a stream's events; None does not stream.
        models: The kind of model that ``model`` must name; None leaves that to the handler.
        page: The frame of a list: ``cursor`` (``pages.page``), ``all``, or another of
            ``pages.EMPTY``; None answers a single object.
        open: Whether it is the demo's own and needs no API key.
        content: Whether it answers bytes instead of JSON, or may do so.
    """

    verb: str
    path: str
    handler: Handler
    methods: tuple[str, ...] = ()
    params: str | None = None
    answer: str | None = None
    stream: str | None = None
    models: str | None = None
    page: str | None = None
    open: bool = False
    content: bool = False


@dataclass
class Family:
    """The routes of one family.

    Args:
        name: The SDK's name of the family, e.g. ``chat``.
        title: Its Chinese name on the site.
    """

    name: str
    title: str
    routes: list[Route] = field(default_factory=list)

    def route(self, target: str, **options: Any) -> Callable[[Handler], Handler]:
        """Register the decorated function for ``target``, e.g. ``POST /chat/completions``.

        Args:
            target: The verb and the path below ``/v1``.
            options: The other fields of ``Route``.
        """
        verb, path = target.split(" ", 1)

        def register(handler: Handler) -> Handler:
            self.routes.append(Route(verb, path, handler, **options))
            return handler

        return register


FAMILIES = (
    "models",
    "chat",
    "responses",
    "conversations",
    "completions",
    "embeddings",
    "moderations",
    "images",
    "audio",
    "files",
    "uploads",
    "batches",
    "vector_stores",
    "fine_tuning",
    "control",
)
"""The modules of this package that hold a family, in the order of the site."""
