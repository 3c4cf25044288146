"""Graders: how well a model's answer does, by comparison, likeness or formula."""

import ast
import json
import math
import operator
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from playground.demo import embeddings, tokens
from playground.demo.models import require_model
from playground.demo.state import State

VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
ERRORS = (
    "formula_parse_error",
    "invalid_variable_error",
    "model_grader_parse_error",
    "model_grader_refusal_error",
    "model_grader_server_error",
    "other_error",
    "python_grader_runtime_error",
    "python_grader_server_error",
    "sample_parse_error",
    "truncated_observation_error",
    "unresponsive_reward_error",
)
DETAILS = (
    "model_grader_server_error_details",
    "python_grader_runtime_error_details",
    "python_grader_server_error_type",
)
NO_PYTHON = "离线演示不运行 Python 评分器的代码，得分记为 0。"
MAX_FORMULA = 1000
"""Characters of the longest formula that is worked out."""
MAX_WORDS = 2000
"""Words of a text that are compared."""


@dataclass
class Grading:
    """One run of a grader.

    Attributes:
        state: The app's memory.
        item: The values of the namespace ``item``.
        sample: The values of the namespace ``sample``.
        errors: The errors that came up.
        details: What is known about them.
        scores: The rewards of the graders inside a ``multi``.
        model: The model that was asked to grade.
        usage: The tokens it took.
    """

    state: State
    item: Any
    sample: dict[str, Any]
    errors: set[str] = field(default_factory=set)
    details: dict[str, str] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    model: str | None = None
    usage: int | None = None

    def fill(self, template: str) -> str:
        """Return a template with its variables filled in."""

        def value(found: re.Match[str]) -> str:
            names = found[1].split(".")
            if names[:2] == ["sample", "output_json"] and self.sample["output_json"] is None:
                self.errors.add("sample_parse_error")
                return ""
            here: Any = {"item": self.item, "sample": self.sample}
            for name in names:
                if not isinstance(here, dict) or name not in here:
                    self.errors.add("invalid_variable_error")
                    return ""
                here = here[name]
            return here if isinstance(here, str) else json.dumps(here, ensure_ascii=False)

        return VARIABLE.sub(value, template)


def run(state: State, grader: dict[str, Any], sample: str, item: Any) -> dict[str, Any]:
    """Return the API's answer to a run of a grader.

    Args:
        state: The app's memory.
        grader: The grader, checked.
        sample: The model's answer.
        item: The entry of the data set that it answers.

    Raises:
        APIError: 404, the grader's model does not exist.
    """
    try:
        output = json.loads(sample)
    except (ValueError, RecursionError):
        output = None
    grading = Grading(state, item or {}, {"output_text": sample, "output_json": output})
    reward = grade(grading, grader)
    errors = {name: name in grading.errors for name in ERRORS}
    details = {name: grading.details.get(name) for name in DETAILS}
    per_model = {}
    if grading.model is not None:
        per_model[grading.model] = {"total_tokens": grading.usage}
    return {
        "reward": reward,
        "metadata": {
            "name": grader["name"],
            "type": grader["type"],
            "errors": {**errors, **details},
            "execution_time": 0.0,
            "scores": grading.scores,
            "token_usage": grading.usage,
            "sampled_model_name": grading.model,
        },
        "sub_rewards": grading.scores,
        "model_grader_token_usage_per_model": per_model,
    }


def grade(grading: Grading, grader: dict[str, Any]) -> float:
    """Return the reward; what went wrong is noted, and the reward is 0 then."""
    reward = KINDS[grader["type"]](grading, grader)
    return 0.0 if grading.errors else round(reward, 6)


def _string_check(grading: Grading, grader: dict[str, Any]) -> float:
    text, reference = grading.fill(grader["input"]), grading.fill(grader["reference"])
    match grader["operation"]:
        case "eq":
            return float(text == reference)
        case "ne":
            return float(text != reference)
        case "like":
            return float(reference in text)
        case _:
            return float(reference.lower() in text.lower())


def _text_similarity(grading: Grading, grader: dict[str, Any]) -> float:
    text, reference = grading.fill(grader["input"]), grading.fill(grader["reference"])
    return likeness(grader["evaluation_metric"], text, reference)


def _python(grading: Grading, grader: dict[str, Any]) -> float:
    grading.errors.add("python_grader_server_error")
    grading.details["python_grader_server_error_type"] = NO_PYTHON
    return 0.0


def _prompt(grading: Grading, grader: dict[str, Any]) -> str:
    """Return the texts of a model grader's messages, filled in; count what they cost."""
    require_model(grader["model"], "chat", grading.state)
    texts = []
    for message in grader["input"]:
        content = message["content"]
        for part in content if isinstance(content, list) else [content]:
            text = part if isinstance(part, str) else part.get("text", "")
            texts.append(grading.fill(text))
    grading.model = grader["model"]
    grading.usage = sum(tokens.PER_MESSAGE + tokens.count(t) for t in texts) + 1
    return "\n".join(texts)


def _score_model(grading: Grading, grader: dict[str, Any]) -> float:
    """Return how near the answer is to the prompt's other words, in place of a model's opinion."""
    prompt = _prompt(grading, grader)
    answer = grading.sample["output_text"]
    others = prompt.replace(answer, " ") if answer.strip() else prompt
    low, high = [*(grader.get("range") or (0.0, 1.0)), 1.0][:2]
    return low + (high - low) * likeness("cosine", answer, others)


def _label_model(grading: Grading, grader: dict[str, Any]) -> float:
    """Return 1 if the label found in the answer passes, else 0; the first label by default."""
    _prompt(grading, grader)
    labels = list(grader["labels"])
    answer = grading.sample["output_text"]
    chosen = next((x for x in labels if x in answer), labels[0] if labels else "")
    return float(chosen in grader["passing_labels"])


def _multi(grading: Grading, grader: dict[str, Any]) -> float:
    inner = grader["graders"]
    grading.scores[inner["name"]] = grade(grading, inner)
    if grading.errors:
        return 0.0
    formula = grader["calculate_output"]
    try:
        return calculate(formula, grading.scores)
    except KeyError:
        grading.errors.add("invalid_variable_error")
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
        grading.errors.add("formula_parse_error")
    return 0.0


KINDS: dict[str, Callable[[Grading, dict[str, Any]], float]] = {
    "string_check": _string_check,
    "text_similarity": _text_similarity,
    "python": _python,
    "score_model": _score_model,
    "label_model": _label_model,
    "multi": _multi,
}
"""How each type of grader grades."""

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}


def calculate(formula: str, values: dict[str, float]) -> float:
    """Return the value of a formula: numbers, names, arithmetic and a few functions.

    Raises:
        KeyError: It names a value that there is not.
        ValueError: It is no such formula.
        SyntaxError, ArithmeticError: It cannot be worked out.
    """
    if len(formula) > MAX_FORMULA:
        raise ValueError("the formula is too long")

    def value(node: ast.AST) -> Any:
        match node:
            case ast.Expression(body):
                return value(body)
            case ast.Constant(int() | float() as number):
                return float(number)
            case ast.Name(name):
                return values[name]
            case ast.BinOp(left, op, right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op, operand) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(operand))
            case ast.Call(ast.Name(name), arguments, []) if name in FUNCTIONS:
                return FUNCTIONS[name](*(value(a) for a in arguments))
        raise ValueError("the formula has something other than arithmetic")

    result = value(ast.parse(formula, mode="eval"))
    if not math.isfinite(result):
        raise ValueError("the formula has no finite value")
    return float(result)


def likeness(metric: str, text: str, reference: str) -> float:
    """Return how alike two texts are, from 0 to 1.

    Args:
        metric: One of the names that ``evaluation_metric`` takes.
        text: The text being graded.
        reference: The text it is compared with.
    """
    a, b = words(text), words(reference)
    if metric == "fuzzy_match":
        import difflib  # here and not above: most readers never need it

        return difflib.SequenceMatcher(None, text[:MAX_WORDS], reference[:MAX_WORDS]).ratio()
    if metric == "cosine":
        near = embeddings.similarity(
            embeddings.text_vector(text), embeddings.text_vector(reference)
        )
        return max(0.0, min(1.0, near))
    if not a or not b:
        return float(a == b)
    match metric:
        case "bleu":
            return bleu(a, b)
        case "gleu":
            return gleu(a, b)
        case "meteor":
            return meteor(a, b)
        case "rouge_l":
            return _f1(common(a, b), len(a), len(b))
        case _:
            size = int(metric.rpartition("_")[2])
            first, second = grams(a, size), grams(b, size)
            return _f1((first & second).total(), first.total(), second.total())


def words(text: str) -> list[str]:
    """Return the words of a text: Latin words, numbers, single Chinese characters."""
    return re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower())[:MAX_WORDS]


def grams(items: list[str], size: int) -> Counter[tuple[str, ...]]:
    """Return how often each run of ``size`` words occurs."""
    return Counter(tuple(items[i : i + size]) for i in range(len(items) - size + 1))


def _f1(shared: float, first: float, second: float) -> float:
    return 2 * shared / (first + second) if first + second else 0.0


def common(a: list[str], b: list[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        left = 0
        for at, y in enumerate(b, 1):
            above = row[at]
            row[at] = left + 1 if x == y else max(above, row[at - 1])
            left = above
    return row[-1]


def bleu(a: list[str], b: list[str], size: int = 4) -> float:
    """Return BLEU with runs of up to four words, smoothed by one where there are longer runs."""
    logs = []
    for n in range(1, size + 1):
        first, second = grams(a, n), grams(b, n)
        shared, total = (first & second).total(), first.total()
        if n > 1:
            shared, total = shared + 1, total + 1
        if not shared or not total:
            return 0.0
        logs.append(math.log(shared / total))
    brevity = min(0.0, 1 - len(b) / len(a))
    return math.exp(brevity + sum(logs) / size)


def gleu(a: list[str], b: list[str], size: int = 4) -> float:
    """Return GLEU: the smaller of precision and recall over runs of up to four words."""
    first = sum((grams(a, n) for n in range(1, size + 1)), Counter())
    second = sum((grams(b, n) for n in range(1, size + 1)), Counter())
    return (first & second).total() / max(first.total(), second.total())


def meteor(a: list[str], b: list[str]) -> float:
    """Return METEOR with exact matches: recall counts most, scattered matches cost."""
    positions: dict[str, list[int]] = {}
    for at, word in enumerate(b):
        positions.setdefault(word, []).append(at)
    matched = [positions[w].pop(0) for w in a if positions.get(w)]
    if not matched:
        return 0.0
    precision, recall = len(matched) / len(a), len(matched) / len(b)
    mean = 10 * precision * recall / (recall + 9 * precision)
    chunks = 1 + sum(y != x + 1 for x, y in pairwise(matched))
    return mean * (1 - 0.5 * (chunks / len(matched)) ** 3)
