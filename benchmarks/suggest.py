"""Time of training on 500 000 titles and of suggesting families for 100 000, over reading alone.

Each figure is a ratio to its floor (the same titles brought to numbers) in the same run.

Run as `python benchmarks/suggest.py [TITLES] [SUGGESTIONS]`. Titles are drawn from the words of the
shipped labels, rank by rank as Zipf has it: a label of the family, and words of any.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from lcc.spending.suggest.features import build_vocabulary, read_terms
from lcc.spending.suggest.labels import read_labels
from lcc.spending.suggest.predict import suggest
from lcc.spending.suggest.text import split_words
from lcc.spending.suggest.train import CodedTitles, train_model

TITLES, SUGGESTIONS, BUYERS = 500_000, 100_000, 2_000
EXTRA_WORDS = 3
SEED = 20190101


def draw_titles(count: int, seed: int) -> CodedTitles:
    """Return titles recombined from words of labels."""
    rng = np.random.default_rng(seed)
    labels = read_labels()
    words = sorted({word for each in labels for word in split_words(each.text)})
    shares = 1 / np.arange(1, len(words) + 1)
    order = rng.permutation(len(words))
    extra = order[rng.choice(len(words), (count, EXTRA_WORDS), p=shares / shares.sum())]
    weights = 1 / np.arange(1, len(labels) + 1) ** 0.5
    chosen = rng.permutation(len(labels))[rng.choice(len(labels), count, p=weights / weights.sum())]
    buyers = rng.integers(0, BUYERS, count)
    return CodedTitles(
        [
            f"{labels[label].text} {' '.join(words[each] for each in more)}"
            for label, more in zip(chosen, extra, strict=True)
        ],
        [labels[label].family for label in chosen],
        [f"{buyer:09d}" for buyer in buyers],
    )


def vectorise(titles: Sequence[str]) -> None:
    """Bring titles to numbers: the floor of training and of suggesting."""
    terms = read_terms(titles).terms
    build_vocabulary(terms).weigh(terms)


def main() -> None:
    """Measure, and print the table."""
    titles, suggestions = (int(each) for each in (sys.argv[1:] or (TITLES, SUGGESTIONS)))
    coded, asked = draw_titles(titles, SEED), list(draw_titles(suggestions, SEED + 1).titles)
    timed: dict[str, tuple[float, float]] = {}

    def measure(name: str, work: Callable[[], object]) -> object:
        start, used = time.perf_counter(), time.process_time()
        found = work()
        timed[name] = (time.perf_counter() - start, time.process_time() - used)
        return found

    # Processor seconds stand beside: a machine that others use too says little in seconds.
    measure("titles vectorised", lambda: vectorise(coded.titles))
    model = measure("trained", lambda: train_model(coded))
    measure("suggestions vectorised", lambda: vectorise(asked))
    measure("suggested", lambda: suggest(model, asked))  # type: ignore[arg-type]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    for floor, name in (
        ("titles vectorised", "trained"),
        ("suggestions vectorised", "suggested"),
    ):
        low, high = timed[floor][1], timed[name][1]
        sys.stdout.write(
            f"{floor}: processor {low:.1f} s, elapsed {timed[floor][0]:.1f} s\n"
            f"{name}: processor {high:.1f} s, elapsed {timed[name][0]:.1f} s, "
            f"{high / low:.1f} times the floor\n"
        )
    sys.stdout.write(f"{titles} titles, {suggestions} suggestions, {peak:.1f} GB\n")


if __name__ == "__main__":
    main()
