"""The parameter reference: the SDK's own types, explained in Chinese.

``sdk`` reads the installed ``openai`` package statically, ``tree`` is the typed tree that comes
out, ``entries`` holds the Chinese texts of ``zh/*.yml``, ``view`` joins the two for one page,
``extension`` hands the views to mkdocstrings, and ``python -m reference`` checks that no text is
missing, unknown or stale.
"""
