"""``python -m playground.demo``: serve the offline demo on loopback."""

import argparse
import asyncio
import contextlib
import socket
import sys
from datetime import UTC, datetime

import uvicorn

from playground.demo import create_app, faults
from playground.demo.app import DELAY, PREFIX
from playground.demo.clock import START, Clock
from playground.demo.faults import HEADER

HOST = "127.0.0.1"
PORT = 8399


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser; its help is in Chinese, for readers of the site."""
    table = "\n".join(
        f"  {name:<14} {entry['model']:<22} {entry['about']}"
        for name, entry in faults.table().items()
    )
    made = argparse.ArgumentParser(
        prog="python -m playground.demo",
        description="在本机启动离线演示：像 OpenAI API 一样回答，不联网，不需要真实的 API Key。",
        epilog=(
            "用法：把 OPENAI_BASE_URL 设为启动后显示的地址，OPENAI_API_KEY 设为任意字符串。\n"
            "Key 为 sk-invalid 时一律返回 401，用来试错误处理。\n\n"
            f"演示各种故障：用下面的模型名，或者加请求头 {HEADER}。\n"
            f"  {'请求头的值':<9} {'模型名':<19} 结果\n{table}\n\n"
            '控制：POST /v1/demo/clock {"advance": 秒数} 拨快时钟，POST /v1/demo/reset 清空。'
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    made.add_argument("-h", "--help", action="help", help="显示这段说明后退出")
    made.add_argument("--host", default=HOST, help="监听的地址，默认 %(default)s，只有本机能访问")
    made.add_argument(
        "--port", type=int, default=PORT, help="监听的端口，默认 %(default)s，0 为任意空闲端口"
    )
    made.add_argument(
        "--delay", type=float, default=DELAY, help="流式输出每一小段之间的秒数，默认 %(default)s"
    )
    made.add_argument(
        "--now",
        type=_instant,
        default=START,
        metavar="时间",
        help=f"演示时钟的起点（ISO 8601），决定哪些模型已停用，默认 {START.isoformat()}",
    )
    made.add_argument(
        "--origin",
        action="append",
        metavar="来源",
        help="允许哪个网页来源跨域访问，可以写多次，默认全部",
    )
    made.add_argument(
        "--any-id", action="store_true", help="遇到不存在的 id 时返回一个生成的对象，而不是 404"
    )
    return made


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} 不是 ISO 8601 时间，例如 2026-11-24T00:00:00+00:00"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted.

    Args:
        arguments: The command line's arguments; by default those of the process.

    Returns:
        The process's exit status: 0 after Ctrl-C, 1 if the port is taken.
    """
    options = parser().parse_args(arguments)
    app = create_app(
        delay=options.delay,
        clock=Clock(options.now, running=True),
        any_id=options.any_id,
        origins=tuple(options.origin or ("*",)),
    )
    # With the protocol named, asyncio switches Nagle's delay off: 40 ms for each answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
    except OSError as error:
        print(
            f"无法监听 {options.host}:{options.port}（{error.strerror}），换一个端口试试：--port 0",
            file=sys.stderr,
        )
        return 1
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1, ws="none"
    )
    server = Announced(config, f"离线演示已启动：http://{host}:{port}{PREFIX}")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve(sockets=[listener]))
    return 0


class Announced(uvicorn.Server):
    """A server that prints one line once it is ready."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self.line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then print the line."""
        await super().startup(sockets)
        if not self.should_exit:
            print(self.line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
