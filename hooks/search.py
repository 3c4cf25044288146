"""Cut Chinese into words short enough that any word of a title is found.

Material's search finds words from their beginning. It asks jieba for the words, and jieba keeps
compounds like 推理模型 whole, so 模型 would not find them. Here a compound that is nothing but
shorter words is cut into these; the page shows the same text either way.

`search-words.txt` beside this file holds terms of this site that jieba's dictionary lacks.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import jieba
from material.plugins.search import plugin as search
from mkdocs.config.defaults import MkDocsConfig

WORDS = Path(__file__).with_name("search-words.txt")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Teach jieba our terms and put the finer cut in the search plugin's hands."""
    jieba.setLogLevel(logging.WARNING)
    jieba.load_userdict(str(WORDS))
    search.jieba = SimpleNamespace(cut=short_words)
    return config


def short_words(text: str | bytes) -> Iterator[str]:
    """Yield the words of a Chinese text in order; together they are the text."""
    for word in jieba.cut(text):
        yield from split_compound(word)


def split_compound(word: str) -> list[str]:
    """Return the shorter words a compound consists of, or the word itself if it is none.

    A part of one character says too little to be searched for, so 客户端 stays whole.
    """
    for end in range(2, len(word) - 1):
        if is_word(word[:end]):
            rest = split_compound(word[end:])
            if all(is_word(part) for part in rest):
                return [word[:end], *rest]
    return [word]


def is_word(text: str) -> bool:
    """Whether the dictionary has the text as a word that is in use."""
    return bool(jieba.get_FREQ(text))
