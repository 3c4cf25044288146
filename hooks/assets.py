"""Bring the browser runtime and the page's scripts into the site; see `playground.bundle`."""

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from playground.bundle import Assets, BundleError, build_assets
from playground.bundle.build import SITE_FOLDER

_assets: Assets | None = None


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Build what is out of date, and let every page load the hashed script and style."""
    global _assets
    try:
        _assets = build_assets()
    except BundleError as error:
        raise PluginError(str(error)) from error
    script = ExtraScriptValue(f"{SITE_FOLDER}/{_assets.script}")
    script.type = "module"
    config.extra_javascript = [
        known for known in config.extra_javascript if SITE_FOLDER not in str(known)
    ] + [script]
    config.extra_css = [known for known in config.extra_css if SITE_FOLDER not in known] + [
        f"{SITE_FOLDER}/{_assets.style}"
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the built files, as they are."""
    assert _assets is not None
    for path in sorted(_assets.folder.iterdir()):
        files.append(File.generated(config, f"{SITE_FOLDER}/{path.name}", abs_src_path=str(path)))
    return files
