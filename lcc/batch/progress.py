"""How far a batch is, on standard error: drawn on a terminal, silent elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from lcc.batch.job import one_line

__all__ = ["Progress"]

LABEL_CHARACTERS = 40


class Progress:
    """A bar with the reports done, the time gone and the time left.

    Parameters
    ----------
    total : int
        Reports to render.
    shown : bool, optional
        Whether to draw; by default where standard error is a terminal.
    """

    def __init__(self, total: int, shown: bool | None = None) -> None:
        self.total = total
        self.shown = bool(total) and (sys.stderr.isatty() if shown is None else shown)
        self._bar: Any = None

    def step(self, label: str) -> None:
        """Say that one report is done."""
        if self._bar is not None:
            self._bar.set_postfix_str(one_line(label)[:LABEL_CHARACTERS], refresh=False)
            self._bar.update()

    def __enter__(self) -> Self:
        if self.shown:
            from tqdm import tqdm

            self._bar = tqdm(total=self.total, unit=" report", dynamic_ncols=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
