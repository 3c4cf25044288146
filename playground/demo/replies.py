"""From a conversation to an answer: words, calls of tools, or JSON that satisfies a schema."""

import json

from playground.demo import answers, attachments, extract, schemas, tokens, tools
from playground.demo.conversation import Conversation, Draft, Wanted


def compose(conversation: Conversation, wanted: Wanted, variant: int = 0) -> Draft:
    """Return the demo's answer.

    Args:
        conversation: The messages.
        wanted: What the request asks of the answer.
        variant: The index of the choice, for ``n`` > 1.
    """
    results = conversation.results
    if not results:
        calls = tools.choose(wanted, conversation.question)
        if calls:
            return Draft(calls=calls)
    given = attachments.texts(conversation)
    source = "\n".join(t for t in (conversation.question, given, *(r.text for r in results)) if t)
    if wanted.schema is not None:
        return Draft(json.dumps(schemas.sample(wanted.schema, source), ensure_ascii=False))
    if wanted.json_object:
        return Draft(json.dumps(_object(conversation, source, variant), ensure_ascii=False))
    if results:
        return Draft(tools.answer(results))
    return Draft(attachments.answer(conversation) or answers.answer(conversation, variant))


def _object(conversation: Conversation, source: str, variant: int) -> dict[str, object]:
    """Return any JSON object: what was found in the text, or the answer in words."""
    found = extract.everything(attachments.texts(conversation) or answers.material(source))
    if found:
        return {name: v[0] if len(v) == 1 else v for name, v in found.items()}
    return {"answer": answers.answer(conversation, variant)}


def cut(pieces: list[str], stops: list[str], limit: int | None) -> tuple[list[str], str]:
    """Cut an answer at a stop sequence or at the token limit.

    Args:
        pieces: The answer's pieces, as ``tokens.pieces`` gives them.
        stops: The stop sequences; the answer ends before the first that occurs.
        limit: The largest number of pieces, or None.

    Returns:
        The pieces that are left and the finish reason, ``stop`` or ``length``.
    """
    text = "".join(pieces)
    ends = [at for at in (text.find(s) for s in stops if s) if at >= 0]
    if ends:
        pieces = tokens.pieces(text[: min(ends)])
    if limit is not None and len(pieces) > limit:
        return pieces[:limit], "length"
    return pieces, "stop"
