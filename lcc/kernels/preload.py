"""What a warm process has ready: modules by name, and the first use of what is slow once."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence

from lcc.kernels.places import PRELOAD_VARIABLE

__all__ = ["KERNEL_MODULES", "MODULES", "ONE_THREAD", "chosen_modules", "preload"]

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""Pools held to one thread, the one that asks, before the libraries that own them are imported."""

KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel_launcher",
    "ipykernel.debugger",
    "IPython.core.logger",
    "psutil",
    "stack_data",
)

MODULES = (
    "numpy",
    "pandas",
    "pandas.core.methods.to_dict",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib.style.core",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "duckdb",
    "scipy",
    "babel.dates",
    "importlib.readers",
    "lcc.report.page",
    "lcc.carbon.study",
    "lcc.budget.directorate",
    "lcc.budget.opening",
    "lcc.cost.files.study",
    "lcc.cost.results.conclusion",
    "lcc.cost.results.decision",
    "lcc.cost.results.doubt",
    "lcc.clauses.evaluation",
)
"""What the cells of reports import, found by looking at the modules they added to a kernel.

itables is none of them: where polars is installed it imports that too, which starts a thread.
"""


FIRST_USES = (
    ("jupyter_client.localinterfaces", "localhost", ()),
    ("lcc.report.catalogue", "load_catalogue", ("en",)),
    ("lcc.report.format", "format_number", (1234.5,)),
    ("matplotlib.font_manager", "findfont", ("DejaVu Sans",)),
)
"""Calls whose first costs more than the next: module, function, arguments.

Drawing a chart is none of them: it leaves the files of its fonts open, whose position every kernel
would share.
"""


def chosen_modules() -> tuple[str, ...]:
    """Return the modules to import: a kernel's, and those of this package or that a user names."""
    named = os.environ.get(PRELOAD_VARIABLE, "").replace(",", " ").split()
    return (*KERNEL_MODULES, *(named or MODULES))


def preload(modules: Sequence[str]) -> Iterator[str]:
    """Import modules, and make the first uses of those; yield a sentence for each failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            try:
                importlib.import_module(name)
            except Exception as error:  # it will fail in the notebook too, and be told there
                yield f"{name}: {type(error).__name__}: {error}"
        for name, function, arguments in FIRST_USES:
            if name in sys.modules:
                try:
                    getattr(sys.modules[name], function)(*arguments)
                except Exception as error:  # nothing depends on it but speed
                    yield f"{name}.{function}: {type(error).__name__}: {error}"
