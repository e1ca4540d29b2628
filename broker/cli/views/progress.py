"""The progress of an import, on standard error and on a terminal only: files, records, and the time that is left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int], None]


@contextmanager
def watching(files: int) -> Iterator[Callable[[int, str], Told]]:
    """Show how far an import is, and take it off the screen again; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda number, name: lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        whole = progress.add_task("files", total=files)
        records = progress.add_task("records", total=None)

        def begin(number: int, name: str) -> Told:
            progress.update(whole, completed=number - 1)
            progress.reset(records, total=None)

            def told(done: int, of: int) -> None:
                progress.update(records, completed=done, total=of)

            return told

        yield begin
