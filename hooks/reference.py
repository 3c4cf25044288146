"""Publish what the parameter reference needs besides its pages; see `reference.site`."""

from pathlib import Path

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from reference.site import SCRIPT, STYLE, asset_files, write_trees


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let every page load the style and the script of the parameter tree."""
    script = ExtraScriptValue(SCRIPT)
    script.type = "module"
    config.extra_css.append(STYLE)
    config.extra_javascript.append(script)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the style and the script, as they are."""
    for uri, path in asset_files().items():
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    return files


def on_post_build(config: MkDocsConfig) -> None:
    """Write the trees as JSON, for what reads parameters by program."""
    write_trees(Path(config.site_dir))
