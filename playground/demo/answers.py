"""What the demo answers in words: the table of ``answers.yml`` and the rules it names."""

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

from playground.data import load_data
from playground.demo import extract
from playground.demo.conversation import Conversation

CJK = re.compile(r"[\u4e00-\u9fff]")
SUBJECT = 40
"""Characters of the question that the fallback repeats."""


NEAR = 0.05
"""Similarity to the question from which a sentence of the material counts as an answer."""


def answer(conversation: Conversation, variant: int = 0) -> str:
    """Return the demo's answer to the last user message.

    Args:
        conversation: The messages.
        variant: Which of several answers to take, for ``n`` > 1.
    """
    table = load_data("playground.demo", "answers")
    question = conversation.question.strip()
    text = (
        _media(conversation, table)
        or _remembered(conversation, table)
        or _looked_up(conversation, table, variant)
        or _fallback(question, table, variant)
    )
    return _in_manner(text, conversation.instructions, table)


def asks_for_overview(question: str) -> bool:
    """Return whether a question is about a text as a whole: 总结, 讲了什么."""
    pattern = load_data("playground.demo", "answers")["overview"]
    return re.search(pattern, question, re.IGNORECASE) is not None


def refusal() -> str:
    """Return the sentence with which the demo refuses to answer, when asked to."""
    return load_data("playground.demo", "answers")["refusal"]


def _media(conversation: Conversation, table: dict[str, Any]) -> str | None:
    sentences = []
    for kind, sentence in table["media"].items():
        found = [m for m in conversation.media if m.kind == kind]
        if found:
            details = "、".join(m.detail for m in found)
            sentences.append(sentence.format(count=len(found), details=details))
    if not sentences:
        return None
    if conversation.question:
        sentences.append(f"你的问题是「{_subject(conversation.question)}」。")
    return "".join(sentences)


def _remembered(conversation: Conversation, table: dict[str, Any]) -> str | None:
    for entry in table["memory"]:
        if not re.search(entry["ask"], conversation.question, re.IGNORECASE):
            continue
        for said in conversation.earlier:
            told = re.search(entry["tell"], said)
            if told:
                return entry["known"].format(**told.groupdict())
        return entry["unknown"]
    told = next((re.search(e["tell"], conversation.question) for e in table["memory"][:2]), None)
    if told and len(conversation.question) <= 24 and not re.search("[?？]", conversation.question):
        return f"你好，{told['value']}，很高兴认识你。我记住你的名字了：只要下次请求带上这条消息。"
    return None


def _looked_up(conversation: Conversation, table: dict[str, Any], variant: int) -> str | None:
    instructed = f"{conversation.instructions}\n{conversation.question}".strip()
    for source in (conversation.question.strip(), instructed):
        for entry in table["table"]:
            for pattern in entry["match"]:
                found = re.search(pattern, source, re.IGNORECASE)
                if not found:
                    continue
                if "rule" in entry:
                    rule: Callable[..., str | None] = RULES[entry["rule"]]
                    computed = rule(source, found, table)
                    if computed is not None:
                        return computed
                else:
                    chosen = entry["answers"][variant % len(entry["answers"])]
                    return chosen.format(**found.groupdict())
        if not conversation.instructions:
            break
    return None


def _fallback(question: str, table: dict[str, Any], variant: int) -> str:
    if not question:
        return "你没有写任何内容。把问题放进 role 为 user 的消息，再试一次。"
    choices = table["fallback"]
    return choices[variant % len(choices)].format(subject=_subject(question))


def _in_manner(text: str, instructions: str, table: dict[str, Any]) -> str:
    for entry in table["persona"]:
        found = re.search(entry["match"], instructions, re.IGNORECASE)
        if found:
            words = found.groupdict()
            prefix = entry.get("prefix", "").format(**words)
            suffix = entry.get("suffix", "").format(**words)
            return f"{prefix}{text}{suffix}"
    return text


def _subject(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= SUBJECT else f"{line[:SUBJECT]}…"


def material(source: str) -> str:
    """Return the part of a request that is to be worked on: quoted, or after a colon or a line."""
    quoted = re.search(
        r"[「“\"'『`]{1,3}(?P<text>.+?)[」”\"'』`]{1,3}\s*[。.？?]?\s*$", source, re.DOTALL
    )
    if quoted and len(quoted["text"]) > 1:
        return quoted["text"].strip()
    for mark in ("\n\n", "：", ": ", ":", "\n"):
        head, found, tail = source.partition(mark)
        if found and tail.strip() and len(head) < 80:
            return tail.strip()
    quoted = re.search(r"[「“\"『](?P<text>.+?)[」”\"』]", source, re.DOTALL)
    return quoted["text"].strip() if quoted else source.strip()


SEPARATORS = {
    "逗号": ", ",
    "comma": ", ",
    "空格": " ",
    "space": " ",
    "换行": "\n",
    "一行一个": "\n",
}
"""What stands between the numbers, by the words that ask for it."""


def counting(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Count up to the number named."""
    limit = int(found["limit"])
    mark = next((m for word, m in SEPARATORS.items() if word in source), "、")
    return mark.join(map(str, range(1, limit + 1))) if 0 < limit <= 100 else None


OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def arithmetic(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Work out a sum such as ``1+1`` or ``12 乘以 3``."""
    written = found["sum"].strip()
    text = written
    for old, new in (
        ("除以", "/"), ("乘以", "*"), ("加", "+"), ("减", "-"), ("乘", "*"), ("除", "/"),
        ("×", "*"), ("÷", "/"), ("x", "*"), ("X", "*"), ("（", "("), ("）", ")"), ("^", "**"),
    ):  # fmt: skip
        text = text.replace(old, new)
    try:
        tree = ast.parse(text, mode="eval").body
        if not isinstance(tree, ast.BinOp):
            return None
        value = _value(tree)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        return None
    return f"{written} = {value:g}" if isinstance(value, float) else f"{written} = {value}"


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(int() | float() as number):
            return number
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand)
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            a, b = _value(left), _value(right)
            if isinstance(op, ast.Pow) and (abs(b) > 64 or abs(a) > 10**6):
                raise ValueError("too large")
            return OPERATORS[type(op)](a, b)
    raise ValueError("not a sum")


def translation(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Translate a phrase of the table between Chinese and English."""
    wanted = _plain(material(source))
    for chinese, english in table["translations"]:
        if wanted == _plain(chinese):
            return english if english[-1] in ".?!" else f"{english}."
        if wanted == _plain(english):
            return f"{chinese}。"
    if len(wanted) > 40:
        return None
    subject = _subject(material(source))
    return f"离线演示的词表里没有「{subject}」。想得到真实的译文，请填写自己的 API Key。"


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


FEELINGS = {"positive": "正面", "negative": "负面", "neutral": "中性"}


def feeling(text: str) -> str:
    """Return ``positive``, ``negative`` or ``neutral``, by counting the table's words."""
    words = load_data("playground.demo", "answers")["sentiment"]
    lower = text.lower()
    bad = sum(lower.count(w) for w in words["negative"])
    good = sum(lower.count(w) for w in words["positive"])
    good -= sum(lower.count(f"不{w}") for w in words["positive"])
    return "positive" if good > bad else "negative" if bad > good else "neutral"


def sentiment(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Name the feeling of a text."""
    names = FEELINGS
    if re.search("positive|negative", source, re.IGNORECASE) and not CJK.search(source):
        return feeling(material(source)).capitalize()
    if "积极" in source or "消极" in source:
        names = {"positive": "积极", "negative": "消极", "neutral": "中性"}
    return names[feeling(material(source))]


def topic(text: str) -> str | None:
    """Return the topic of the table whose words occur most often in ``text``, if any does."""
    topics = load_data("playground.demo", "answers")["topics"]
    counts = {name: sum(text.count(w) for w in words) for name, words in topics.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None


def classification(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Name the topic of a text."""
    return topic(material(source)) or "其他"


def summary(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Shorten a text to its first sentence, which is what the demo can do."""
    text = material(source)
    if text == source.strip() and len(text) < 20:
        return None
    first = re.split(r"(?<=[。！？!?])|(?<=\.)\s", text)[0].strip()
    return first if len(first) <= 60 else f"{first[:60]}…"


def extraction(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """List the people, places, dates, addresses and numbers of a text."""
    text = material(source)
    lines = [f"{name}：{'、'.join(values)}" for name, values in extract.everything(text).items()]
    return "\n".join(lines) or None


def rewriting(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Return the text with its spacing and punctuation put in order."""
    text = material(source)
    if text == source.strip():
        return None
    tidy = re.sub(r"\s+", " ", text).strip()
    if CJK.search(tidy):
        tidy = tidy.replace(",", "，").replace("?", "？").replace("!", "。")
        return tidy if tidy[-1] in "。？！…" else f"{tidy}。"
    return tidy[0].upper() + tidy[1:] + ("" if tidy[-1] in ".?!" else ".")


def code_explanation(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Say what a piece of code consists of: its functions, loops and output."""
    facts = []
    for name, parameters in re.findall(r"def (\w+)\((.*?)\)", source):
        facts.append(f"定义了函数 {name}，参数为（{parameters or '无'}）")
    if re.search(r"\bfor\b.+\bin\b", source):
        facts.append("用 for 循环逐个处理元素")
    if re.search(r"\bif\b", source):
        facts.append("用 if 判断条件")
    if "return" in source:
        facts.append("用 return 返回结果")
    if "print(" in source:
        facts.append("用 print 打印结果")
    return f"这段代码{'，'.join(facts)}。" if facts else None


def grounded(source: str, found: re.Match[str], table: dict[str, Any]) -> str | None:
    """Answer from the given material: its sentence nearest to the question, or that it has none."""
    from playground.demo.embeddings import similarity, text_vector

    question = source.strip().splitlines()[-1]
    given = found["material"].replace(question, "")
    sentences = [part.strip(" -·") for part in re.split(r"[\n。]", given) if part.strip(" -·")]
    if not sentences:
        return None
    asked = text_vector(question)
    nearest = max(sentences, key=lambda sentence: similarity(asked, text_vector(sentence)))
    if similarity(asked, text_vector(nearest)) < NEAR:
        return table["ungrounded"]
    return f"{nearest}。"


RULES: dict[str, Callable[..., str | None]] = {
    rule.__name__: rule
    for rule in (
        counting, arithmetic, translation, sentiment, classification,
        summary, extraction, rewriting, code_explanation, grounded,
    )
}  # fmt: skip
"""The rules that ``answers.yml`` can name."""
