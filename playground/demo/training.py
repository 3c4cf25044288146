"""Training files: what their lines must hold, and what a model learns from them in the demo."""

from dataclasses import dataclass
from typing import Any

from playground.demo import jsonl, tokens

MIN_EXAMPLES = 10
ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class Invalid(Exception):
    """A training file with which a job fails.

    Attributes:
        code: The code of the job's error.
        message: What is wrong, in English and Chinese.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Example:
    """One line of a training file: a question and, unless it is for reinforcement, its answer."""

    question: str
    answer: str | None
    tokens: int


def read(content: bytes, id: str, method: str) -> list[Example]:
    """Return the examples of a training file.

    Args:
        content: The file.
        id: Its id, for messages.
        method: ``supervised``, ``dpo`` or ``reinforcement``.

    Raises:
        Invalid: There are too few, or a line is not what the method needs.
    """
    found = [_example(value, at, id, method) for at, value in enumerate(jsonl.objects(content), 1)]
    if len(found) < MIN_EXAMPLES:
        raise Invalid(
            "invalid_n_examples",
            f"Training file has {len(found)} example(s), but must have at least {MIN_EXAMPLES} "
            f"examples 训练文件只有 {len(found)} 条，至少要 {MIN_EXAMPLES} 条",
        )
    return found


def _example(value: dict[str, Any], number: int, id: str, method: str) -> Example:
    if "input" in value:
        known, format = "dpo", "fine-tune-preference"
    elif "messages" in value:
        known, format = "supervised", "fine-tune-chat"
    else:
        raise _wrong(number, 'missing key "messages"', "缺少 messages")
    if method != known and not (method == "reinforcement" and known == "supervised"):
        raise Invalid(
            "invalid_training_file",
            "The job failed due to an invalid training file. Invalid file format. Input file "
            f"{id} is in the {format} format, but the specified fine-tuning job is not using "
            f"'{known}' as the training method (provided method={method}). "
            f"训练文件是 {known} 的格式，任务的方法是 {method}，两者不一致。",
        )
    match method:
        case "dpo":
            given = value["input"]
            messages = _messages(given.get("messages") if isinstance(given, dict) else None, number)
            answers = [
                _messages(value.get(name), number, name)
                for name in ("preferred_output", "non_preferred_output")
            ]
            answer = answers[0][-1]
            told = [*messages, *answers[0], *answers[1]]
        case "reinforcement":
            messages = told = _messages(value["messages"], number)
            answer = None
            if messages[-1]["role"] == "assistant":
                raise _wrong(number, "the last message must be a user's", "最后一条应是 user 消息")
        case _:
            messages = told = _messages(value["messages"], number)
            answer = messages[-1]
            if answer["role"] != "assistant":
                raise _wrong(
                    number,
                    "the last message must be from the assistant",
                    "最后一条应是 assistant 消息",
                )
    question = next((_text(m) for m in reversed(messages) if m["role"] == "user"), "")
    count = sum(tokens.PER_MESSAGE + tokens.count(_text(m)) for m in told)
    return Example(question, None if answer is None else _text(answer), count)


def _messages(value: Any, number: int, name: str = "messages") -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value:
        raise _wrong(number, f'"{name}" must be a list of messages', f"{name} 应为消息的数组")
    for at, message in enumerate(value, 1):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            raise _wrong(
                number,
                f"message {at}: invalid role; it must be one of {', '.join(ROLES)}",
                f"第 {at} 条消息的 role 不对",
            )
        empty = not isinstance(message.get("content"), str | list)
        if empty and not message.get("tool_calls") and not message.get("function_call"):
            raise _wrong(number, f'message {at}: missing "content"', f"第 {at} 条消息缺少 content")
    return value


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(t for t in texts if isinstance(t, str))
    return content or ""


def _wrong(number: int, reason: str, reason_zh: str) -> Invalid:
    return Invalid(
        "invalid_training_file",
        "The job failed due to an invalid training file. Invalid file format. "
        f"Example {number}, {reason}. 训练文件格式不对：第 {number} 条{reason_zh}。",
    )
