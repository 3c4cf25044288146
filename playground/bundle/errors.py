"""The one exception of this package."""


class BundleError(Exception):
    """A step of the build cannot go on; the message says what to do about it."""
