"""The command ``sundog`` and ``python -m sundog``: an interrupt is caught from here on, while the rest is still being imported."""

from __future__ import annotations

import signal
from types import FrameType


def main() -> None:
    """Run the command line; an interrupt at any time ends with one line and exit code 4."""
    caught: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        caught.append(number)
        raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(name) is not signal.SIG_IGN:  # as under nohup
            signal.signal(name, interrupt)  # SIGTERM too, so that spooled real records go with the run
    try:
        from sundog.cli import main as run

        run()
    except BaseException as error:
        # A module that is interrupted while it is imported may turn the interrupt into an error of its own.
        if not caught or isinstance(error, SystemExit):
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the end is near, and a second one would only show a traceback
        from sundog.cli.say import end_interrupted

        end_interrupted()


if __name__ == "__main__":
    main()
