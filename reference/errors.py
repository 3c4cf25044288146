"""The one exception of this package."""


class ReferenceBuildError(Exception):
    """The reference cannot be built; the message says what is wrong and how to mend it."""
