"""What a warm process has ready: modules by name, and the first use of what is slow once."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Iterator, Sequence

from lcc.kernels.places import PRELOAD_VARIABLE

__all__ = ["MODULES", "ONE_THREAD", "chosen_modules", "preload"]

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""Pools held to one thread, the one that asks, before the libraries that own them are imported."""

MODULES = (
    "ipykernel.kernelapp",
    "ipykernel_launcher",
    "ipykernel.debugger",
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "pyarrow.parquet",
    "duckdb",
    "stack_data",
    "IPython.core.logger",
    "matplotlib.style.core",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pandas.core.methods.to_dict",
    "importlib.readers",
    "lcc.report.page",
    "lcc.carbon.study",
    "lcc.budget.family",
    "lcc.carbon.manifest",
    "scipy",
    "babel.dates",
)


def chosen_modules() -> tuple[str, ...]:
    """Return the modules to import: those of this package, and those a user names besides."""
    named = os.environ.get(PRELOAD_VARIABLE, "").replace(",", " ").split()
    return (*MODULES, *named)


def preload(modules: Sequence[str]) -> Iterator[str]:
    """Import modules and use them once; yield a sentence for each that could not be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in modules:
            try:
                importlib.import_module(name)
            except (
                Exception
            ) as error:  # a module that fails here fails in the notebook, and is told there
                yield f"{name}: {type(error).__name__}: {error}"
