"""The command line: one file a verb. Nothing heavy is imported before a verb runs."""

from __future__ import annotations

import os
import signal
import sys
from importlib.metadata import EntryPoint, entry_points
from typing import cast

import typer

from sundog.cli.advise import advise_epsilon
from sundog.cli.audit import audit
from sundog.cli.demo import demo
from sundog.cli.export import export
from sundog.cli.inspect import inspect
from sundog.cli.kinds import init, kinds
from sundog.cli.make import make
from sundog.cli.model import model
from sundog.cli.replicate import replicate
from sundog.cli.report import report
from sundog.cli.say import end_interrupted, end_with, print_error
from sundog.cli.verify import verify
from sundog.cli.view import view

VERBS = (demo, kinds, init, inspect, make, replicate, audit, verify, report, export, view, advise_epsilon)


def build() -> typer.Typer:
    """The application: our own verbs, and those that installed kinds bring (``sundog.commands``)."""
    app = typer.Typer(
        name="sundog",
        help="Synthetic data of every kind, each dataset with the evidence for it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_version)
    for verb in VERBS:
        app.command(verb.__name__.replace("_", "-"))(verb)
    app.add_typer(model, name="model")
    for point in sorted(entry_points(group="sundog.commands"), key=lambda p: p.name):
        _add(app, point)
    return app


def _add(app: typer.Typer, point: EntryPoint) -> None:
    """A verb of a kind: a function, or a ``typer.Typer`` with verbs of its own (``sundog recipe from``)."""
    try:
        verb = point.load()
    except Exception as error:  # noqa: BLE001 - whatever a third party's module raises must not stop the other verbs
        print(f"the command {point.name!r} ({point.value}) cannot be loaded: {error}", file=sys.stderr)
        return
    if isinstance(verb, typer.Typer):
        app.add_typer(verb, name=point.name)
    else:
        app.command(point.name)(verb)


def _say_version(wanted: bool) -> None:
    """Runs while the words are read: before a missing verb is complained about."""
    if wanted:
        from sundog import __version__

        print(__version__)
        raise typer.Exit


def _version(
    version: bool = typer.Option(
        False, "--version", help="Print the version and end.", is_eager=True, callback=_say_version
    ),
) -> None:
    pass


def main() -> None:
    """Run the command line; an error of ours ends with its exit code and says what to do, as JSON too where that was asked for."""
    from sundog.core.errors import Problem, SundogError

    # Read when numpy and LightGBM are imported: work is spread over processes and checks, and their threads would spin.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # so that spooled real records go with the run
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = build()(standalone_mode=False)
    except SundogError as error:
        print_error(error)
        end_with(error.exit_code, error.problems)
    except _UsageError as error:
        error.show()
        mend = "See `sundog --help`, and --help of the verb."
        end_with(error.exit_code, (Problem("SD-CLI-005", "command line", error.format_message(), mend),))
    except KeyboardInterrupt:
        end_interrupted()
    except BrokenPipeError:
        sys.exit(0)
    if code == _INTERRUPTED:
        end_interrupted()
    sys.exit(code if isinstance(code, int) else 0)


_UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__base__)
"""What typer raises for words that it does not understand."""
_INTERRUPTED = 130
"""What typer gives for an interrupt that no verb caught."""
