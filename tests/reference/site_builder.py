"""Build a site of reference pages with the real `mkdocs build`, and read its HTML."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent

from reference.coverage import COVERAGE_FILE

ROOT = Path(__file__).resolve().parents[2]
NOVEMBER_24 = "1795478400"  # 2026-11-24 as SOURCE_DATE_EPOCH
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

CONFIG = """
    site_name: 参考
    theme: {{name: material, font: false, language: zh}}
    hooks: {hooks}
    plugins:
      - search
      - autorefs
      - mkdocstrings:
          custom_templates: {root}/reference/templates
          handlers:
            python:
              paths: [{sdk}]
              options:
                extensions:
                  - reference.extension:ReferenceExtension: {{coverage: "{coverage}"}}
                allow_inspection: false
                heading_level: 1
                line_length: 88
                show_root_heading: false
    markdown_extensions:
      - attr_list
      - md_in_html
      - pymdownx.highlight
      - pymdownx.superfences
      - toc: {{permalink: true, toc_depth: 3}}
    validation: {{links: {{anchors: warn, not_found: warn}}}}
    """


@dataclass
class Element:
    """One element of a parsed page."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    children: list["Element | str"] = field(default_factory=list)

    def walk(self) -> Iterator["Element"]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def find(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Return the descendants with this tag and these attributes (`class_`: one of)."""
        found = []
        for element in self.walk():
            if tag and element.tag != tag:
                continue
            classes = element.attributes.get("class", "").split()
            if all(
                value in classes if name == "class_" else element.attributes.get(name) == value
                for name, value in attributes.items()
            ):
                found.append(element)
        return found

    @property
    def text(self) -> str:
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return "".join(parts)

    @property
    def ancestors(self) -> list["Element"]:
        return [self.parent, *self.parent.ancestors] if self.parent else []


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self._open = Element("", {}, None)

    def handle_starttag(self, tag, attrs) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_endtag(self, tag) -> None:
        if tag in VOID:
            return
        assert tag == self._open.tag, f"</{tag}> closes <{self._open.tag}>: the HTML is not nested"
        assert self._open.parent
        self._open = self._open.parent

    def handle_data(self, data) -> None:
        self._open.children.append(data)


def read_html(file: Path) -> Element:
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    return reader.root


def build(
    folder: Path, pages: dict[str, str], sdk: Path | None = None, hooks: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Build a site of these pages with `mkdocs build --strict`."""
    for name, text in pages.items():
        file = folder / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    coverage = folder / "coverage.yml" if sdk else COVERAGE_FILE
    config = dedent(CONFIG).format(
        root=ROOT, sdk=sdk or folder, coverage=coverage, hooks=[f"{ROOT}/hooks/{h}" for h in hooks]
    )
    if sdk:
        coverage.write_text("families: {talk: 说话}\nobjects: {talk: [types.talk.Talk]}\n")
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SOURCE_DATE_EPOCH": NOVEMBER_24,
        "NO_MKDOCS_2_WARNING": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder / "site")],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
