"""Corrections to libraries that behave differently in the sandbox, each with its reason."""

from __future__ import annotations

import warnings
from typing import Any


def apply() -> None:
    """Apply all corrections; called once, before user code runs."""
    # httpx2 first: it imports the transport, which in turn needs parts of httpx2.
    import httpx2  # noqa: F401
    import httpx2_jsfetch as transport

    _wait_for_headers_as_long_as_for_data(transport)
    _abort_on_close(transport)
    _explain_missing_jspi(transport)
    # Every client warns that connection limits are ignored; a reader can do nothing about it.
    warnings.filterwarnings("ignore", message="The following transport option")


def _wait_for_headers_as_long_as_for_data(transport: Any) -> None:
    """Let the wait for response headers last connect + read instead of connect alone.

    httpx2-jsfetch 1.0 applies ``connect`` (the SDK's default is 5 s) to the whole wait until the
    response's headers arrive, so an answer that takes longer to begin would die after three
    tries. Can go when the package separates the two.
    """
    compute = transport._compute_timeouts

    def compute_timeouts(extensions: dict[str, Any]) -> tuple[float, float]:
        connect, read = compute(extensions)
        # 0 means no limit, and no limit on either part is no limit on the sum.
        return (connect + read if connect and read else 0.0), read

    transport._compute_timeouts = compute_timeouts


def _abort_on_close(transport: Any) -> None:
    """Abort the request when Python closes a stream early.

    httpx2-jsfetch 1.0 only drops its reader, and the server would go on generating (and
    charging). Can go when the package aborts by itself.
    """
    sync_stream, async_stream = transport.EmscriptenStream, transport.AsyncEmscriptenStream
    close, aclose = sync_stream.close, async_stream.aclose

    def close_and_abort(self: Any) -> None:
        self.abort_controller_js.abort()
        close(self)

    async def aclose_and_abort(self: Any) -> None:
        self.abort_controller_js.abort()
        await aclose(self)

    sync_stream.close = close_and_abort
    async_stream.aclose = aclose_and_abort


def _explain_missing_jspi(transport: Any) -> None:
    """Refuse the synchronous client where the browser cannot suspend Python.

    The package would fall back to a blocking XMLHttpRequest, which the sandbox's policy forbids.
    """

    def refuse(_request: Any) -> Any:
        raise RuntimeError(
            "这个浏览器不支持 JSPI，OpenAI() 的同步调用无法等待网络。"
            "请升级到 Chrome/Edge 137、Firefox 153 或 Safari 27 以上，"
            "或改用 AsyncOpenAI 并在调用前写 await。"
        )

    transport._no_jspi_fallback = refuse
