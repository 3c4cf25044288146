"""What the demo offers, as Markdown tables for the site's page about it.

``hooks/demo.py`` puts them in place of ``<!-- demo: routes -->`` and ``<!-- demo: faults -->``.
"""

import re

from playground.demo import faults
from playground.demo.app import PREFIX, families
from playground.demo.routes import Family, Route

MARKER = re.compile(r"^<!-- demo: (?P<table>[a-z]+) -->$", re.MULTILINE)


def routes_table() -> str:
    """Return one table for each family: the SDK's methods and the request each of them sends."""
    return "\n\n".join(_family(family) for family in families() if _shown(family))


def _shown(family: Family) -> bool:
    return any(not route.open for route in family.routes)


def _family(family: Family) -> str:
    head = f"### {family.title} {{ #{family.name.replace('_', '-')} }}"
    rows = [_row(route) for route in family.routes if not route.open]
    return "\n".join([head, "", "| SDK 方法 | 请求 |", "|---|---|", *rows])


def _row(route: Route) -> str:
    names = "<br>".join(_code(name) for name in route.methods)
    path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
    streams = "<br>可以流式输出" if route.stream else ""
    return f"| {names} | {_code(f'{route.verb} {PREFIX}{path}')}{streams} |"


def _code(text: str) -> str:
    """Return code that breaks after its dots and before its slashes on a narrow screen."""
    return f"<code>{re.sub(r'([.])|(?<=.)(?=/)', r'\1<wbr>', text)}</code>"


def faults_table() -> str:
    """Return the table of faults: model name and, below it, the header's value; what happens."""
    rows = [
        f"| `{entry['model']}`<br>`{faults.HEADER}: {name}` | {entry['about']} |"
        for name, entry in faults.table().items()
    ]
    return "\n".join(["| 模型名，或请求头 | 结果 |", "|---|---|", *rows])


TABLES = {"routes": routes_table, "faults": faults_table}


def fill(markdown: str) -> str:
    """Replace the markers of a page by the tables they name.

    Raises:
        KeyError: A marker names a table that does not exist.
    """
    return MARKER.sub(lambda found: TABLES[found["table"]](), markdown)
