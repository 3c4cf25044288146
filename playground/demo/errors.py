"""The API's error objects, as an exception that the app turns into a response.

The sentences, in English like the API's and in Chinese, are in ``messages.yml``.
"""

from typing import Any

from playground.data import load_data


class APIError(Exception):
    """An error answer: ``{"error": {"message", "type", "param", "code"}}`` with its status.

    Args:
        status: The HTTP status.
        message: What went wrong, in English and Chinese.
        type: The API's class of error, e.g. ``invalid_request_error``.
        param: The path of the parameter that is wrong, e.g. ``messages[0].content``.
        code: The API's code, e.g. ``unknown_parameter``.
        headers: Further response headers, e.g. ``retry-after``.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


def api_error(key: str, *, param: str | None = None, **words: Any) -> APIError:
    """Return the error ``key`` of ``messages.yml`` with its sentences filled in.

    Args:
        key: The entry's name, which is also the API's ``code`` unless the entry says otherwise.
        param: The path of the parameter that is wrong.
        words: What the sentences name.

    Raises:
        KeyError: ``messages.yml`` has no such entry, or a sentence needs a word not given.
    """
    entry = load_data("playground.demo", "messages")[key]
    filled = {"param": param, **words}
    message = f"{entry['en'].format(**filled)} {entry['zh'].format(**filled)}"
    return APIError(
        entry["status"],
        message,
        type=entry.get("type", "invalid_request_error"),
        param=param,
        code=entry.get("code", key),
    )


def requires(param: str, reason: str, reason_zh: str) -> APIError:
    """Return the 400 for a parameter that needs something else, in English and Chinese."""
    return api_error("requires", param=param, reason=reason, reason_zh=reason_zh)


def requires_stream(param: str) -> APIError:
    """Return the 400 for a parameter that only means something in a stream."""
    return requires(param, "'stream' to be true", "stream=True")


def wrong_state(kind: str, value: str, expected: str) -> APIError:
    """Return the 400 for an object whose state does not allow the call."""
    return api_error("wrong_state", kind=kind, value=value, expected=expected)


def not_found(kind: str, id: str) -> APIError:
    """Return the 404 for an object that does not exist."""
    key = "file_not_found" if kind == "file" else "not_found"
    return api_error(key, kind=kind, value=id, param="id")
