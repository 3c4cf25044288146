"""The built site in a real Chromium."""

import pytest

# The helpers assert too; without this their failures would not say what differed.
pytest.register_assert_rewrite("tests.browser.reader")
