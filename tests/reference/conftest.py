import re
import shutil
from pathlib import Path

import pytest

from reference.audit import Audit
from reference.coverage import Coverage
from reference.entries import EntryBook
from reference.sdk import Sdk
from tests.reference.fake_sdk import write_fake_sdk
from tests.reference.site_builder import ROOT, build


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


@pytest.fixture(scope="session")
def reference_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every page of the reference as committed, and a guide that links to it."""
    folder = tmp_path_factory.mktemp("reference-site")
    shutil.copytree(ROOT / "docs/reference", folder / "docs/reference")
    built = build(
        folder,
        {**guide_headings(), "index.md": "# 首页\n", "api/chat.md": GUIDE},
        hooks=("root.py", "snippets.py", "reference.py"),
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


def guide_headings() -> dict[str, str]:
    """Return the chapters of the guide, which the reference links to, without their text."""
    docs = ROOT / "docs"
    return {
        chapter.relative_to(docs).as_posix(): "\n\n".join(
            re.findall(r"^#+ .*\{ #.*\}$", chapter.read_text("utf-8"), re.MULTILINE)
        )
        for chapter in docs.rglob("*.md")
        if "reference" not in chapter.relative_to(docs).parts
    }


GUIDE = """
    # 会话补全

    先看 [`temperature`][chat.completions.create.temperature]，再看
    [`detail`](../reference/chat/completions/create.md#chat.completions.create.messages.user.content.image_url.image_url.detail)，
    最后是 [`prompt`][images.generate.prompt] 和返回的 [`id`][FileObject.id]。
    """
