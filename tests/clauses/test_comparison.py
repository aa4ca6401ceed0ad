"""Matching, balance and warnings: what is planted is found, what is fair is left alone."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest

from lcc.clauses.balance import FALSE_ALARMS, SMD_LIMIT, calc_smd
from lcc.clauses.comparables import ComparedContract, read_comparables
from lcc.clauses.comparison import compare_contracts
from lcc.clauses.matching import calc_distances, match_pairs, pool_deviations
from lcc.clauses.paired import calc_mean_interval, calc_power
from lcc.errors import FieldError

RUNS = 2_000


def make(
    rank: int, clause: bool, *, work: float = 1000.0, intensity: float = 1.0,
    before: float | None = 1.0, family: str = "06.01", supplier: str | None = None,
    start: datetime.date = datetime.date(2024, 1, 1), years: float = 4.0, method: str = "relevés",
    scope_changed: bool | None = False, unit: str = "km",
) -> ComparedContract:  # fmt: skip
    return ComparedContract(
        key=f"M{rank}",
        clause=clause,
        family=family,
        supplier=supplier or f"S{rank % 7}",
        work_unit=unit,
        yearly_work=work,
        start=start,
        duration_years=years,
        intensity=intensity,
        intensity_before=before,
        method=method,
        method_before="relevés",
        scope_changed=scope_changed,
    )


def draw(
    rng: np.random.Generator, treated: int = 10, others: int = 30, *, gap: float = 0.0,
    slope: float = 0.0, effect: float = math.log(0.9), noise: float = 0.08,
) -> list[ComparedContract]:  # fmt: skip
    """Return contracts whose size differs by `gap` deviations and moves intensity by `slope`."""
    rows = []
    for rank in range(treated + others):
        clause = rank < treated
        size = rng.normal(gap if clause else 0.0, 1.0)
        log_level = slope * size + (effect if clause else 0.0) + rng.normal(0, noise)
        rows.append(
            make(
                rank,
                clause,
                work=1000 * math.exp(0.4 * size),
                intensity=math.exp(log_level),
                before=math.exp(slope * size),
                supplier=f"S{int(rng.integers(8))}",
                start=datetime.date(2023, 1, 1) + datetime.timedelta(int(rng.integers(700))),
                years=float(rng.choice([3.0, 4.0, 5.0])),
            )
        )
    return rows


class TestMatching:
    def test_by_hand(self):
        # Sizes 1 and 3 against 0, 2.9 and 10, deviation 1: 1–0 and 3–2.9 sum to 1.1; the greedy
        # pair 1–2.9 is no better, and 10 is beyond any caliper.
        distances = calc_distances(
            np.array([[1.0], [3.0]]), np.array([[0.0], [2.9], [10.0]]), np.ones(1)
        )
        assert distances.ravel().tolist() == pytest.approx([1.0, 1.9, 9.0, 3.0, 0.1, 7.0])
        assert match_pairs(distances, ["a", "a"], ["a", "a", "a"], 1.0) == [(0, 0), (1, 1)]

    def test_family_is_exact_and_the_caliper_holds(self):
        distances = np.array([[0.1, 0.5], [0.2, 3.0]])
        assert match_pairs(distances, ["a", "b"], ["b", "b"], 1.0) == [(1, 0)]
        assert match_pairs(distances, ["b", "b"], ["b", "b"], 1.0) == [(0, 1), (1, 0)]
        assert match_pairs(np.zeros((0, 2)), [], ["b", "b"]) == []

    def test_deviation_is_pooled(self):
        # Variances 2 and 8: sqrt((2 + 8) / 2) = sqrt(5); nothing varies: 1.
        one = np.array([[0.0, 5.0], [2.0, 5.0]])
        zero = np.array([[0.0, 5.0], [4.0, 5.0]])
        assert pool_deviations(one, zero).tolist() == pytest.approx([math.sqrt(5), 1.0])

    def test_differences_in_differences_by_hand(self):
        # With the clause 1.0 → 0.8 and 2.0 → 1.6; neighbours 1.0 → 0.9 and 2.0 → 1.8.
        rows = [
            make(1, True, before=1.0, intensity=0.8, work=1000),
            make(2, True, before=2.0, intensity=1.6, work=2000),
            make(3, False, before=1.0, intensity=0.9, work=1000),
            make(4, False, before=2.0, intensity=1.8, work=2000),
            make(5, False, before=2.0, intensity=9.9, work=2000, family="16.06"),
        ]
        found = compare_contracts(rows)
        assert len(found.others) == 2 and found.pairs == ((0, 0), (1, 1))
        assert found.effects["before-after"].effect == pytest.approx(-0.2)
        assert found.effects["matched"].effect == pytest.approx(0.8 / 0.9 - 1)
        assert found.effects["difference-in-differences"].effect == pytest.approx(0.8 / 0.9 - 1)

    def test_order_of_rows_changes_nothing(self):
        rows = draw(np.random.default_rng(11))
        first, last = compare_contracts(rows), compare_contracts(rows[::-1])
        for name, found in first.effects.items():
            assert last.effects[name].mean_log == pytest.approx(found.mean_log)


class TestCoverage:
    """Nominal 95 % within ±2 points over 2 000 seeded runs; power likewise."""

    def run(self, effect: float, seed: int, slope: float = 0.03) -> tuple[np.ndarray, ...]:
        rng = np.random.default_rng(seed)
        treated, others, noise = 8, 24, 0.08
        bounds = np.empty((RUNS, 2))
        counts = np.empty(RUNS, dtype=int)
        strata = ["a"] * treated, ["a"] * others
        sizes = rng.normal(0, 1, (RUNS, treated + others, 3))
        levels = slope * sizes.sum(axis=-1) + rng.normal(0, noise, (RUNS, treated + others))
        levels[:, :treated] += effect
        for rank in range(RUNS):
            one, zero = sizes[rank, :treated], sizes[rank, treated:]
            distances = calc_distances(one, zero, pool_deviations(one, zero))
            pairs = np.array(match_pairs(distances, *strata, 1.5))
            gaps = levels[rank, pairs[:, 0]] - levels[rank, treated + pairs[:, 1]]
            counts[rank] = len(gaps)
            bounds[rank] = [float(each) for each in calc_mean_interval(gaps)[2:]]
        return bounds[:, 0], bounds[:, 1], counts

    def test_interval_of_matched_contracts(self):
        true = math.log(0.9)
        low, high, _ = self.run(true, 21)
        assert np.mean((low <= true) & (true <= high)) == pytest.approx(0.95, abs=0.02)

    def test_power_of_matched_contracts(self):
        # Nothing but noise tells contracts apart, so that the deviation of differences is known:
        # 0.08·sqrt(2). The number of pairs varies a little between runs; the power is its mean.
        true = math.log(0.88)
        low, high, counts = self.run(true, 22, slope=0.0)
        sd = 0.08 * math.sqrt(2)
        powers = {each: calc_power(int(each), math.expm1(true), sd) for each in set(counts)}
        expected = np.mean([powers[each] for each in counts])
        assert np.mean((high < 0) | (low > 0)) == pytest.approx(expected, abs=0.02)


class TestBalance:
    def test_smd_by_hand(self):
        # Means 3 and 1; variances 2 and 2: 2 / sqrt(2) = 1.4142.
        assert float(calc_smd(np.array([2.0, 4.0]), np.array([0.0, 2.0]))) == pytest.approx(
            math.sqrt(2)
        )
        assert float(calc_smd(np.array([2.0, 2.0]), np.array([2.0, 2.0]))) == 0.0

    def test_a_fair_sample_raises_no_warning_but_at_the_stated_rate(self):
        rng = np.random.default_rng(31)
        runs = 300
        alarms = sum(
            any(
                each.severity == "warning" and ("imbalance" in each.code or "supp" in each.code)
                for each in compare_contracts(draw(rng), caliper=3.0).warnings
            )
            for _ in range(runs)
        )
        # Three standard deviations of a count of 300 at 5 %.
        margin = 3 * math.sqrt(FALSE_ALARMS * (1 - FALSE_ALARMS) / runs)
        assert alarms / runs <= FALSE_ALARMS + margin

    def test_a_planted_confounder_is_named_with_its_figure(self):
        # The clause was given to contracts larger by two deviations, and larger ones emit less.
        rng = np.random.default_rng(32)
        found = [compare_contracts(draw(rng, gap=2.0, slope=-0.1)) for _ in range(50)]
        named = [
            each
            for comparison in found
            for each in comparison.warnings
            if each.code == "size-imbalance" and each.severity == "warning"
        ]
        assert len(named) >= 48
        assert all(each.figure > SMD_LIMIT and "taille" in each.what_fr for each in named)
        assert np.mean([each.figure for each in named]) == pytest.approx(2.0, abs=0.3)
        assert all(each.confounded for each in found if each.warnings[0].severity == "warning")

    def test_matching_takes_away_most_of_what_size_does(self):
        # True effect −10 %; size is shifted by 0.7 deviation and moves intensities by 10 %.
        rng = np.random.default_rng(33)
        found = [
            compare_contracts(draw(rng, 12, 60, gap=0.7, slope=-0.1), caliper=0.5)
            for _ in range(60)
        ]
        bias = {
            name: abs(np.mean([each.effects[name].mean_log for each in found]) - math.log(0.9))
            for name in ("unmatched", "matched")
        }
        assert bias["unmatched"] > 0.05 and bias["matched"] < bias["unmatched"] / 2

    @pytest.mark.parametrize(
        ("code", "change", "said"),
        [
            ("supplier-differs", {"supplier": "Unique SARL"}, "100 % des marchés avec clause"),
            ("method-change", {"method": "autre"}, "la méthode de mesure"),
            ("scope-change", {"scope_changed": True}, "le périmètre"),
            ("year-imbalance", {"start": datetime.date(2019, 1, 1)}, "date de début"),
            ("no-overlap", {"work": 1e9}, "n'ont pas de voisin"),
        ],
    )
    def test_each_confounder_has_its_name(self, code, change, said):
        days = datetime.timedelta
        rows = []
        for rank in range(40):
            start = datetime.date(2024, 1, 1) + days(13 * (rank % 11))
            alike = {"work": 1000.0 + 10 * (rank % 10), "start": start}
            rows.append(make(rank, rank < 10, **(alike | (change if rank < 10 else {}))))
        found = {each.code: each for each in compare_contracts(rows).warnings}
        assert found[code].severity == "warning" and said in found[code].what_fr
        assert abs(found[code].figure) > found[code].limit


HEADER = (
    "Marché;Clause carbone;Famille d'achat;Titulaire;Unité d'ouvrage;Ouvrage par an;Début;"
    "Durée (ans);Intensité avant (kgCO2e/unité);Intensité (kgCO2e/unité);Méthode;Source"
)


@pytest.mark.parametrize(
    ("row", "field", "found"),
    [
        ("M1;oui;99.99;S;km;1000;01/01/2024;4;1;0,9;m;s", "Famille d'achat", "99.99"),
        ("M1;oui;06.01;S;zorglub;1000;01/01/2024;4;1;0,9;m;s", "Unité d'ouvrage", "zorglub"),
        ("M1;oui;06.01;S;km;0;01/01/2024;4;1;0,9;m;s", "Ouvrage par an", "0"),
        ("M1;oui;06.01;S;km;1000;01/01/2024;4;1;-0,9;m;s", "Intensité (kgCO2e/unité)", "-0,9"),
        ("M1;peut-être;06.01;S;km;1000;01/01/2024;4;1;0,9;m;s", "Clause carbone", "peut-être"),
    ],
)
def test_bad_comparables_are_refused_with_their_row(tmp_path, row, field, found):
    path = tmp_path / "comparables.csv"
    good = "M0;non;06.01;S;km;1000;01/01/2024;4;;0,9;m;s"
    path.write_text(f"{HEADER}\n{good}\n{row}\n", encoding="utf-8")
    with pytest.raises(FieldError) as caught:
        read_comparables(path)
    assert (caught.value.rows, caught.value.field) == ((3,), field)
    assert found in (caught.value.found or "") and caught.value.file == "comparables.csv"
