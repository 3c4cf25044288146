"""Put the offline demo's tables into the page about it; see `playground.demo.overview`."""

from playground.demo.overview import fill


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace `<!-- demo: … -->` by the table it names."""
    return fill(markdown)
