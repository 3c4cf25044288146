import datetime

from reference.docstrings import digest, read_doc, split_arguments


def test_digest_survives_rewrapping_and_moved_links() -> None:
    one = "Up to [4 stops](https://a.example/x) where\nthe API   stops."
    other = "Up to [4 stops](https://b.example/y#z) where the API stops.\n"
    assert digest(one) == digest(other)
    assert digest(one) != digest(one.replace("4", "5"))
    assert digest(" \n") == ""


def test_retired_values_are_data_and_no_part_of_the_text() -> None:
    doc = read_doc(
        "The model.\n\nDeprecated values:\n\n"
        '- "a", "a-2":\n  Announced shutdown date: 2026-12-11. See\n  the guide.\n'
        '- "b": B was shut down on October 3, 2026. Use c.\n'
        '- "d": Not a supported model ID.\n'
    )
    assert doc.text == "The model."
    assert doc.digest == digest("The model.")
    assert [(r.values, r.date) for r in doc.retirements] == [
        (("a", "a-2"), datetime.date(2026, 12, 11)),
        (("b",), datetime.date(2026, 10, 3)),
        (("d",), None),
    ]


def test_text_after_the_retired_values_stays() -> None:
    doc = read_doc('First.\n\nDeprecated values:\n\n- "a": Gone.\n\nLast.')
    assert doc.text.split() == ["First.", "Last."]


def test_ways_the_sdk_says_that_something_goes() -> None:
    cases = {
        "Deprecated in favor of `tools`.\n\nA list.": ("deprecated", ("tools",)),
        "Deprecated. Use `a.ttl` instead.": ("deprecated", ("a.ttl",)),
        "**Deprecated:** use `summary` instead.": ("deprecated", ("summary",)),
        "The limit. This value is now deprecated in favor of `b`, and is not": (
            "deprecated", ("b",),
        ),
        "This field is being replaced by `x` and `y`.": ("superseded", ("x", "y")),
        "Deprecated and replaced by `calls`.": ("deprecated", ("calls",)),
        "Replaces the deprecated `user` field.": ("current", ()),
    }  # fmt: skip
    for text, expected in cases.items():
        doc = read_doc(text)
        assert (doc.standing, doc.replacements) == expected, text


def test_arguments_keep_paragraphs_that_lost_their_indent() -> None:
    description, texts = split_arguments(
        "Lists.\n\nArgs:\n  after: A cursor.\n\n  `after` is an ID.\n\n  limit: How many.\n"
        "      Between 1 and 9.\n",
        ["self", "after", "limit"],
    )
    assert description == "Lists."
    assert texts["after"].split("\n\n") == ["A cursor.", "`after` is an ID."]
    assert texts["limit"].split("\n") == ["How many.", "Between 1 and 9."]
