"""Turn every Python fence into a snippet: registers playground.snippets with superfences."""

from mkdocs.config.defaults import MkDocsConfig

from playground.snippets import custom_fences


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add our custom fences; on_config runs once a build, before any page is rendered."""
    superfences = config.mdx_configs.setdefault("pymdownx.superfences", {})
    superfences["custom_fences"] = [*superfences.get("custom_fences", []), *custom_fences()]
    return config
