"""Warm kernels: notebooks run in processes forked from one that has imported everything.

`start_zygote` owns such a process for a batch. The kernel `lcc` of Jupyter uses it, or one that the
kernels of a user share; wherever that fails an ordinary kernel starts, and the log says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lcc.kernels.owner import OwnZygote, start_zygote

__all__ = ["OwnZygote", "start_zygote"]


def __getattr__(name: str) -> Any:
    # The zygote itself imports this package: what it does not need stays out of it.
    if name in __all__:
        from lcc.kernels import owner

        return getattr(owner, name)
    raise AttributeError(f"module 'lcc.kernels' has no attribute {name!r}")
