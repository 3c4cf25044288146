"""A build that takes long says how far it is."""

import logging

import pytest

from hooks import progress


def test_a_long_pass_tells_how_many_pages_are_done(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    counter = progress.Counter("写出网页")
    counter.start(6)
    with caplog.at_level(logging.INFO):
        for _ in range(6):
            now += progress.PAUSE / 2
            counter.count()
    assert [record.message for record in caplog.records] == [
        "写出网页：2 / 6 页",
        "写出网页：4 / 6 页",
        "写出网页：6 / 6 页",
    ]


def test_a_short_pass_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    counter = progress.Counter("写出网页")
    counter.start(3)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            counter.count()
    assert not caplog.records
