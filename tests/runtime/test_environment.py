"""What a run finds around it, and leaves behind."""

import pytest

from playground.runtime import environment


@pytest.mark.parametrize(
    "code",
    [
        "import io; sys.stdout = io.StringIO()",
        "import io; sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')",
        "sys.stdout.close()",
        "sys.stdout = None",
    ],
    ids=["replaced", "wrapped", "closed", "removed"],
)
def test_code_that_takes_stdout_away_does_not_silence_the_next(
    capfd: pytest.CaptureFixture[str], code: str
) -> None:
    with environment.streams():
        exec(f"import sys; {code}")
    with environment.streams():
        print("你好")
    assert capfd.readouterr().out.endswith("你好\n")


def test_what_a_wrapper_buffered_is_printed_at_the_end(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with environment.streams():
        exec("import io, sys; sys.stdout = io.TextIOWrapper(sys.stdout.buffer); print('held')")
    assert capfd.readouterr().out == "held\n"


def test_what_is_printed_arrives_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with environment.streams():
        print("begin", end="")
        assert capfd.readouterr().out == "begin"
