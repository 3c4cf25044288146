"""Everything that runs in the reader's browser, and the build steps that bring it there."""
