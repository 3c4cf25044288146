from pathlib import Path

import pytest

from reference.audit import Audit
from reference.coverage import Coverage
from reference.entries import EntryBook
from reference.sdk import Sdk
from tests.reference.fake_sdk import write_fake_sdk


@pytest.fixture
def fake(tmp_path: Path) -> Sdk:
    return Sdk.load([write_fake_sdk(tmp_path / "sdk")])


@pytest.fixture(scope="session")
def sdk() -> Sdk:
    """The installed SDK."""
    return Sdk.load()


@pytest.fixture(scope="session")
def book() -> EntryBook:
    return EntryBook.load()


@pytest.fixture(scope="session")
def audit(sdk: Sdk, book: EntryBook) -> Audit:
    return Audit(sdk, book, Coverage.load(sdk))
