"""The page about the demo lists every route and every fault."""

from pathlib import Path

import pytest

from playground.demo import faults
from playground.demo.app import families
from playground.demo.overview import fill


def test_the_page_lists_every_method_and_fault():
    page = fill(Path("docs/demo.md").read_text(encoding="utf-8")).replace("<wbr>", "")
    assert "<!-- demo:" not in page
    for family in families():
        for route in family.routes:
            for method in route.methods:
                assert f"<code>{method}</code>" in page
            path = route.path.replace(":path", "")
            assert (f" /v1{path}</code>" in page) is not route.open
    for entry in faults.table().values():
        assert f"`{entry['model']}`" in page
        assert entry["about"] in page


def test_a_marker_without_a_table_is_an_error():
    with pytest.raises(KeyError, match="nonsense"):
        fill("<!-- demo: nonsense -->")
