"""Which tool to call, with which arguments, and what to say about its result."""

import json
import re
from typing import Any

from playground.data import load_data
from playground.demo import extract, schemas
from playground.demo.conversation import Tool, ToolCall, Turn, Wanted

ENOUGH = 2
"""The score from which a tool is called although the request does not require it."""


def choose(wanted: Wanted, question: str) -> tuple[ToolCall, ...]:
    """Return the calls that fit the question; none if no tool does.

    Args:
        wanted: The tools on offer and the request's ``tool_choice``.
        question: The last user message.
    """
    if not wanted.tools or wanted.choice == "none":
        return ()
    named = next((t for t in wanted.tools if t.name == wanted.choice), None)
    if named:
        return calls_of(named, question, wanted.parallel)
    ranked = sorted(wanted.tools, key=lambda tool: -score(tool, question))
    fitting = [t for t in ranked if score(t, question) >= ENOUGH]
    if not fitting:
        return calls_of(ranked[0], question, wanted.parallel) if wanted.choice == "required" else ()
    best = calls_of(fitting[0], question, wanted.parallel)
    several = re.search(r"[，,；;。]|并|再|然后|同时|\band\b", question)
    if wanted.parallel and len(fitting) > 1 and several:
        return best + tuple(c for t in fitting[1:] for c in calls_of(t, question, False))
    return best


def score(tool: Tool, question: str) -> int:
    """Return how well a tool's name and description fit the question."""
    points = 0
    lower = question.lower()
    for stem, words in load_data("playground.demo", "extract")["tools"].items():
        if stem in tool.name.lower() and any(w.lower() in lower for w in words):
            points += 3
    for word in re.findall(r"[a-zA-Z]{3,}", tool.name):
        if re.search(rf"\b{re.escape(word.lower())}", lower):
            points += 2
    for run in re.findall(r"[\u4e00-\u9fff]+", tool.description):
        pairs = {run[i : i + 2] for i in range(len(run) - 1)} - COMMON
        points += sum(pair in question for pair in pairs)
    english = set(re.findall(r"[a-z]{4,}", tool.description.lower())) - COMMON
    points += sum(bool(re.search(rf"\b{w}\b", lower)) for w in english)
    return points


COMMON = {"一个", "获取", "返回", "指定", "根据", "查询", "当前", "今天", "什么", "可以"}
COMMON |= {"用户", "信息", "with", "given", "from"}
"""Pairs of characters and words that say nothing about what a tool is for."""


def calls_of(tool: Tool, question: str, parallel: bool) -> tuple[ToolCall, ...]:
    """Return the calls of one tool: one, or one for each city that the question names."""
    if tool.custom:
        return (ToolCall(tool.name, question, custom=True),)
    properties = tool.schema.get("properties", {})
    places = [
        name
        for name, part in properties.items()
        if isinstance(part, dict)
        and part.get("type") == "string"
        and schemas.kind_of_property(name, part) == "city"
    ]
    cities = extract.cities(question) if places else []
    arguments = _arguments(tool, question)
    if len(places) == 1 and len(cities) > 1 and parallel:
        return tuple(
            ToolCall(tool.name, _written({**arguments, places[0]: city})) for city in cities
        )
    if len(places) == len(cities) == 2:  # from one city to the other
        arguments.update(zip(places, cities, strict=True))
    return (ToolCall(tool.name, _written(arguments)),)


def _arguments(tool: Tool, question: str) -> dict[str, Any]:
    sampled = schemas.sample({"type": "object", **tool.schema}, question)
    return sampled if isinstance(sampled, dict) else {}


def _written(arguments: dict[str, Any]) -> str:
    return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))


def answer(results: list[Turn]) -> str:
    """Return the sentence that uses what the tools have returned."""
    parts = []
    for result in results:
        shown = _shown(result.text)
        parts.append(f"{result.name} 返回：{shown}" if result.name else shown)
    return f"根据工具的结果，{'；'.join(parts)}。".replace("。。", "。")


def _shown(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip().rstrip("。.")
    return _told(value)


def _told(value: Any) -> str:
    match value:
        case dict():
            return "，".join(f"{name} 为 {_told(part)}" for name, part in value.items())
        case list():
            return "、".join(map(_told, value))
        case bool():
            return "是" if value else "否"
        case None:
            return "空"
        case _:
            return str(value)
