"""Lists made at build: a family's methods and objects, what else the SDK has, and the coverage.

A page asks for one with a comment on a line of its own:

- ``<!-- reference: families -->``: the families that are explained, with their methods;
- ``<!-- reference: family images -->``: the methods and response objects of one of them;
- ``<!-- reference: others -->``: the families that are only listed;
- ``<!-- reference: signatures evals -->``: the methods of one of these, in English;
- ``<!-- reference: coverage -->``: how much is explained, by family.
"""

import posixpath
import re
from collections.abc import Callable
from functools import cache

from markupsafe import Markup

from reference.audit import Audit
from reference.errors import ReferenceBuildError
from reference.extension import Reading
from reference.markup import first_sentence, inline, to_html
from reference.pages import index_of, others_page, page_of
from reference.tree import Doc, Field, Method
from reference.words import plain_words

_MARKER = re.compile(r"<!-- reference: (?P<name>\w+)(?: (?P<family>\w+))? -->")
_ENGLISH_SENTENCE = re.compile(r"^(.+?[.:])(?=\s|$)", re.S)
_OPEN = Markup('<b class="ref-open">未译</b>')


def fill(html: str, reading: Reading, page: str) -> str:
    """Replace the comments of a page.

    Args:
        html: The page's content.
        reading: What the build has read.
        page: The page's source path below ``docs/``, for relative links.

    Raises:
        ReferenceBuildError: A comment names no list, or no family.
    """

    def made(match: re.Match[str]) -> str:
        name, family = match["name"], match["family"] or ""
        lister = _LISTS.get(name)
        if lister is None:
            raise ReferenceBuildError(f"{page}: there is no list {name}: {', '.join(_LISTS)}")
        if family and family not in _all_families(reading):
            raise ReferenceBuildError(
                f"{page}: openai {reading.sdk.version} has no family {family}"
            )
        return lister(_Lister(reading, page), family)

    return _MARKER.sub(made, html)


def other_families(reading: Reading) -> list[str]:
    """Return the families of the SDK that are only listed."""
    return [f for f in _all_families(reading) if f not in reading.coverage.families]


def _all_families(reading: Reading) -> list[str]:
    return list(dict.fromkeys(place.partition(".")[0] for place in reading.sdk.functions))


class _Lister:
    """Makes the lists of one page."""

    def __init__(self, reading: Reading, page: str) -> None:
        self._reading = reading
        self._coverage = reading.coverage
        self._folder = address(page)

    def families(self, _: str) -> str:
        items = Markup("")
        for family, name in self._coverage.families.items():
            units = self._coverage.units(family)
            links = Markup(" ").join(
                Markup('<a href="{}"><code>{}</code></a>').format(
                    self._link(page_of(self._coverage, unit)), unit.removeprefix(f"{family}.")
                )
                for unit in units
            )
            items += Markup(
                '<li><p><a href="{}">{}</a> <code>{}</code></p><p class="ref-links">{}</p></li>'
            ).format(self._link(index_of(family)), name, family, links)
        return Markup('<ul class="ref-list">{}</ul>').format(items)

    def family(self, family: str) -> str:
        methods, objects = Markup(""), Markup("")
        for unit in self._coverage.units(family):
            if unit in self._coverage.objects:
                objects += self._object(unit)
            else:
                methods += self._method(self._reading.sdk.method(unit))
        lists = Markup('<ul class="ref-list">{}</ul>').format(methods)
        if objects:
            lists += Markup('<h2 id="objects">响应对象</h2><ul class="ref-list">{}</ul>').format(
                objects
            )
        return lists

    def others(self, _: str) -> str:
        items = Markup("")
        for family in other_families(self._reading):
            count = sum(p.partition(".")[0] == family for p in self._reading.sdk.functions)
            items += Markup('<li><a href="{}"><code>{}</code></a> {} 个方法</li>').format(
                self._link(others_page(family)), family, count
            )
        return Markup("<ul>{}</ul>").format(items)

    def signatures(self, family: str) -> str:
        sections = Markup("")
        for place in self._reading.sdk.functions:
            if place.partition(".")[0] == family:
                sections += self._signature(self._reading.sdk.method(place))
        return Markup('<ref-tree class="ref">{}</ref-tree>').format(sections)

    def coverage(self, _: str) -> str:
        rows = Markup("")
        audit = Audit(self._reading.sdk, self._reading.book, self._coverage)
        for family, name in self._coverage.families.items():
            label = Markup('<a href="{}">{}</a>').format(self._link(index_of(family)), name)
            rows += _row(audit, label, self._coverage.units(family))
        rows += _row(audit, Markup("<strong>以上合计</strong>"), list(self._coverage.family_of))
        for family in other_families(self._reading):
            label = Markup('<a href="{}"><code>{}</code></a>').format(
                self._link(others_page(family)), family
            )
            places = [p for p in self._reading.sdk.functions if p.partition(".")[0] == family]
            rows += _row(audit, label, places)
        everything = [*self._reading.sdk.functions, *self._coverage.objects]
        rows += _row(audit, Markup("<strong>整个 SDK</strong>"), everything)
        return Markup(
            "<p>SDK 版本 {}。表里的「处」是方法、参数、字段、响应对象和联合类型的每一种形式；"
            "同一个类型在几个方法里用到，在每个家族里只算一次。</p>"
            '<div class="ref-coverage"><table><thead><tr><th>家族</th><th>有中文</th><th>共</th>'
            "<th>占比</th></tr></thead><tbody>{}</tbody></table></div>"
        ).format(self._reading.sdk.version, rows)

    def _method(self, method: Method) -> Markup:
        required = [param.name for param in method.params if param.required]
        facts = (
            Markup("<code>{}</code>").format(f"{method.verb} {method.endpoint}")
            if method.endpoint
            else Markup("SDK 的辅助方法")
        )
        if required:
            names = Markup("、").join(Markup("<code>{}</code>").format(n) for n in required)
            facts += Markup(" · 必填 {}").format(names)
        return Markup(
            '<li><p><a href="{}"><code>{}</code></a>{}</p>{}<p class="ref-note">{}</p></li>'
        ).format(
            self._link(page_of(self._coverage, method.place)),
            method.place,
            Markup(" <b>已弃用</b>") if method.deprecation else "",
            self._sentence(method.place, method.doc),
            facts,
        )

    def _object(self, name: str) -> Markup:
        place = self._coverage.objects[name]
        type_ = self._reading.sdk.type_at(place)
        refs = getattr(type_, "place", "")
        doc = self._reading.sdk.object_type(refs).doc if refs else Doc()
        return Markup('<li><p><a href="{}"><code>{}</code></a></p>{}</li>').format(
            self._link(page_of(self._coverage, name)), name, self._sentence(place, doc)
        )

    def _sentence(self, place: str, doc: Doc) -> Markup:
        if entry := self._reading.book.find(place, doc):
            return Markup("<p>{}</p>").format(first_sentence(entry.text))
        if not doc.text:
            return Markup("")
        found = _ENGLISH_SENTENCE.match(doc.text)
        english = inline(to_html(found[1] if found else doc.text))
        return Markup('<p lang="en" data-search-exclude>{}</p>').format(english)

    def _signature(self, method: Method) -> Markup:
        returns = Markup(" → <code>{}</code>").format(method.returns) if method.returns else ""
        params = Markup("").join(_param(param) for param in method.params)
        fold = (
            Markup(
                '<details class="ref-nested"><summary>{} 个参数：{}</summary>'
                '<div class="ref-fields">{}</div></details>'
            ).format(len(method.params), "、".join(p.name for p in method.params), params)
            if params
            else ""
        )
        return Markup(
            '<section class="ref-field" id="{0}"><p><a href="#{0}">{0}</a>{1}</p>'
            '<p class="ref-note">{2}{3}</p>{4}{5}</section>'
        ).format(
            method.place,
            Markup(" <b>已弃用</b>") if method.deprecation else "",
            Markup("<code>{}</code>").format(f"{method.verb} {method.endpoint}".strip())
            if method.endpoint
            else "",
            returns,
            _english(method.doc),
            fold,
        )

    def _link(self, page: str) -> str:
        return f"{posixpath.relpath(address(page), self._folder)}/"


_LISTS: dict[str, Callable[[_Lister, str], str]] = {
    "families": _Lister.families,
    "family": _Lister.family,
    "others": _Lister.others,
    "signatures": _Lister.signatures,
    "coverage": _Lister.coverage,
}


@cache
def address(page: str) -> str:
    """Return the folder that the page becomes in the site."""
    return page.removesuffix(".md").removesuffix("/index")


def _param(param: Field) -> Markup:
    presence = Markup(" <b>必填</b>") if param.required else " · 选填"
    return Markup(
        '<div class="ref-field" id="{0}"><p><a href="#{0}">{1}</a><i> {2}{3}</i></p>{4}</div>'
    ).format(param.place, param.name, plain_words(param.type), presence, _english(param.doc))


def _english(doc: Doc) -> Markup:
    if not doc.text:
        return Markup("")
    return Markup('<div class="ref-english" lang="en" data-search-exclude>{}</div>').format(
        to_html(doc.text)
    )


def _row(audit: Audit, label: Markup, units: list[str]) -> Markup:
    places = audit.places(units)
    written = sum(audit.book.find(p, s.doc) is not None for p, s in places.items())
    share = written / len(places) if places else 1.0
    # Rounded down: 100 % means that nothing is missing.
    percent = int(share * 100)
    return Markup(
        "<tr><td>{}</td><td>{:,}</td><td>{:,}</td>"
        '<td><meter min="0" max="100" value="{}">{}%</meter> {}%</td></tr>'
    ).format(label, written, len(places), percent, percent, percent)
