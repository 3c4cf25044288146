"""Publish what the parameter reference needs besides its pages; see `reference.site`."""

from pathlib import Path

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from playground.bundle.progress import step
from reference.chapters import link_chapter
from reference.errors import ReferenceBuildError
from reference.extension import Reading, ReferenceExtension
from reference.listing import fill
from reference.search import indexed_pages
from reference.site import (
    SCRIPTS,
    STYLES,
    add_tips,
    asset_files,
    squeeze_sidebars,
    summaries,
    write_originals,
    write_search,
    write_trees,
)

_sentences: dict[str, str] = {}
_indexed: set[str] = set()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let every page load the style and the scripts of the parameter tree."""
    for uri in SCRIPTS:
        script = ExtraScriptValue(uri)
        script.type = "module"
        config.extra_javascript.append(script)
    config.extra_css.extend(STYLES)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the style and the scripts, and let mkdocstrings read the SDK before the first page."""
    for uri, path in asset_files().items():
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    handler = config.plugins["mkdocstrings"].get_handler("python")  # type: ignore[attr-defined]
    try:
        with step("读取 SDK 的类型和中文说明"):
            handler.collect("openai", handler.get_options({}))
    except ReferenceBuildError as error:
        raise PluginError(str(error)) from error
    _indexed.clear()
    _indexed.update(indexed_pages(_reading()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Link each method and each family to the chapter of the guide that shows its use."""
    chapters = _reading().coverage.chapters
    return link_chapter(markdown, page.file.src_uri, chapters, Path(config.docs_dir))


def on_page_content(html: str, page: Page, **_: object) -> str:
    """Replace `<!-- reference: … -->` by the list it names, and give the page its full title."""
    if page.file.src_uri.startswith("reference/") and page.toc.items:
        # The navigation shortens it: `create` says nothing in a browser's tab.
        page.meta.setdefault("title", page.toc.items[0].title)
        # Read by the theme, which would take seconds to parse the trees for the search index.
        if page.url in _indexed:
            page.meta["search"] = {"exclude": True}
    return fill(html, _reading(), page.file.src_uri)


def on_env(env: object, **_: object) -> object:
    """Collect what links to parameters say, once all pages are rendered."""
    _sentences.clear()
    _sentences.update(summaries(_reading()))
    return env


def on_post_page(output: str, **_: object) -> str:
    """Let links to parameters say what the parameter does, and slim the sidebars."""
    return squeeze_sidebars(add_tips(output, _sentences))


def on_post_build(config: MkDocsConfig) -> None:
    """Write the trees, for what reads parameters by program, and the English originals."""
    site = Path(config.site_dir)
    write_trees(_reading(), site)
    write_originals(_reading(), site)
    write_search(_reading(), site)


def _reading() -> Reading:
    assert ReferenceExtension.last, "mkdocstrings has not loaded reference.extension"
    return ReferenceExtension.last
