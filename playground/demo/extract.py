"""Finds people, places, dates and the like in a text, with the words of ``extract.yml``."""

import re
from datetime import date

from playground.data import load_data

YEAR = 2026
"""The year of a date that names none: the year in which the demo's clock starts."""


def _words() -> dict:
    return load_data("playground.demo", "extract")


def _in_order(text: str, words: list[str]) -> list[str]:
    """Return those of ``words`` that occur in ``text``, in the order in which they do."""
    pattern = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    found = re.findall(pattern, text, re.IGNORECASE)
    canonical = {w.lower(): w for w in words}
    return list(dict.fromkeys(canonical[f.lower()] for f in found))


def cities(text: str) -> list[str]:
    """Return the cities named in ``text``, also small ones in phrases such as 「桂林的天气」."""
    known = _in_order(text, _words()["cities"])
    if known:
        return known
    guess = re.search(r"([\u4e00-\u9fff]{2,4}?)市?(?:今天|明天|后天|现在)?的?(?:天气|气温)", text)
    if guess:
        name = re.sub(r"^(?:请问|查询|查一下|查|看看|告诉我|今天|明天|后天|现在)+", "", guess[1])
        if len(name) > 1:
            return [name]
    english = re.search(r"\bin ([A-Z][a-z]+(?: [A-Z][a-z]+)?)", text)
    return [english[1]] if english else []


def people(text: str) -> list[str]:
    """Return the people named in ``text``."""
    surnames = _words()["surnames"]
    known = "|".join(_words()["people"])
    after = r"(?=参加|出席|负责|和|与|跟|、|，|,|。|在|是|去|说|于|要|将|今|明|周|的|一起|$|\s)"
    pattern = (
        rf"(?:我叫|名叫|名字是)([\u4e00-\u9fff]{{2,3}}?){after}|(小[\u4e00-\u9fff]){after}"
        rf"|((?:(?<=[和与跟请让由叫约找给、，,。：:\s])|^)[{surnames}][\u4e00-\u9fff]{{1,2}}?){after}|\b({known})\b"
    )
    found = [next(filter(None, groups)) for groups in re.findall(pattern, text)]
    if not found:
        english = re.search(r"[Mm]y name is ([A-Z][a-z]+)", text)
        found = [english[1]] if english else []
    return list(dict.fromkeys(found))


def dates(text: str) -> list[str]:
    """Return the dates named in ``text``, as they are written there."""
    written = r"\d{4}-\d{1,2}-\d{1,2}|(?:\d{4} ?年 ?)?\d{1,2} ?月 ?\d{1,2} ?[日号]|\d{1,2}/\d{1,2}"
    return re.findall(written, text) or _in_order(text, _words()["dates"])


def iso_date(text: str) -> str | None:
    """Return the first calendar date in ``text`` as ``YYYY-MM-DD``."""
    found = re.search(r"(?:(\d{4})[-年/ ]+)?(\d{1,2})[-月/ ]+(\d{1,2})", text)
    if not found:
        return None
    try:
        return date(int(found[1] or YEAR), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def times(text: str) -> list[str]:
    """Return the times of day named in ``text``, as they are written there."""
    day = r"(?:(?:本|这|下)?(?:周|星期)[一二三四五六日天]|今天|明天|后天)?"
    part = r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?"
    chinese = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3}) ?点(?:半|钟|整|\d{1,2}分)?"
    hour = rf"(?:\d{{1,2}}[:：]\d{{2}}|{chinese})"
    return [t.strip() for t in re.findall(rf"{day}{part}\s?{hour}", text)]


def places(text: str) -> list[str]:
    """Return the places named in ``text``: cities, or where something is said to happen."""
    found = re.findall(
        r"[在去到]([\u4e00-\u9fff\w]{2,10}?)(?=开|举行|举办|见|集合|召开|进行|，|。|$)", text
    )
    rooms = re.findall(r"[\u4e00-\u9fff\d]{1,4}号?(?:会议室|教室|展厅)", text)
    return found or rooms or cities(text)


def emails(text: str) -> list[str]:
    """Return the mail addresses in ``text``."""
    return re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text, re.ASCII)


def phones(text: str) -> list[str]:
    """Return the telephone numbers in ``text``."""
    return re.findall(
        r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)",
        text,
    )


def urls(text: str) -> list[str]:
    """Return the web addresses in ``text``."""
    return re.findall(r"https?://[^\s，。）)」]+", text)


def numbers(text: str) -> list[float]:
    """Return the numbers in ``text``; the Chinese ones up to ten, where they count something."""
    chinese = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8}
    chinese |= {"九": 9, "十": 10}
    found = re.findall(r"-?\d+(?:\.\d+)?|[一二两三四五六七八九十](?=[个只次条天份张位件])", text)
    return [float(str(chinese.get(f, f))) for f in found]


def keywords(text: str) -> list[str]:
    """Return up to five words of ``text``: what is left between its function words."""
    parts = re.split(
        r"[\s，。！？、,.!?:：；;「」“”\"'（）()]+|的|了|和|与|是|在|请|把|我|你|吗|呢|一下|这个|那个|什么|怎么|一个|会|有|很|都|要|想|给|用|从|对",
        text,
    )
    return list(dict.fromkeys(p for p in parts if 1 < len(p) <= 12))[:5]


def event(text: str) -> str | None:
    """Return what someone is about to do in ``text``, e.g. 「参加科技展」."""
    found = re.search(
        r"(?:一起)?(?:去|参加|举办|举行|召开|开)(?:参加)?([\u4e00-\u9fffA-Za-z ]{2,12})", text
    )
    if found:
        return found[1].strip()
    found = re.search(r"going to (?:an? |the )?([a-z ]+?)(?: on\b|[.,]|$)", text)
    return found[1] if found else None


def everything(text: str) -> dict[str, list[str]]:
    """Return all that is found in ``text``, by its Chinese name; empty kinds are left out."""
    found = {
        "人名": people(text),
        "地点": _in_order(text, _words()["cities"]),
        "日期": dates(text),
        "时间": times(text),
        "邮箱": emails(text),
        "电话": phones(text),
        "网址": urls(text),
    }
    return {name: values for name, values in found.items() if values}
