"""The result of a study: measures of every alternative, its ledger, and the rules it followed.

Tables are pandas DataFrames with one row per alternative, year or rule; columns carry their unit.
A column `NAME_reason` stands beside each measure that may be undefined.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lcc.cost.engine.ledger import Ledger, LedgerLine, make_ledger
from lcc.cost.engine.model import Evaluation, Model
from lcc.cost.results.coverage import covers_emissions, list_uncounted_energy
from lcc.cost.results.measures import (
    Figure,
    Payback,
    RateOfReturn,
    calc_abatement_cost,
    calc_airr,
    calc_benefit_cost_ratio,
    calc_irr,
    calc_mirr,
    calc_payback,
    calc_sir,
)
from lcc.cost.results.origins import list_carbon_values, list_figures, state_conventions
from lcc.cost.study import HORIZON_RULES, Study
from lcc.errors import LccError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AlternativeMeasures", "CostResult", "RuleOutcome", "cost_study"]


@dataclass(frozen=True)
class AlternativeMeasures:
    """What one alternative costs and emits, and how it compares with the reference.

    Euros are present values at the base date; years are those of the study. Tonnes are None where
    no item of the study has a factor or kilograms (`coverage.covers_emissions`).
    """

    key: str
    label: str
    label_en: str
    lcc_eur: float
    carbon_cost_eur: float
    carbon_in_prices_eur: float
    lcc_with_externalities_eur: float
    investment_eur: float
    operation_eur: float
    eac_eur: Figure
    horizon_years: float
    emissions_tco2e: float | None
    avoided_tco2e: float
    net_savings_eur: Figure
    net_savings_with_externalities_eur: Figure
    sir: Figure
    airr_per_year: Figure
    simple_payback: Payback
    discounted_payback: Payback
    payback_with_externalities: Payback
    irr: RateOfReturn
    mirr_per_year: Figure
    benefit_cost_ratio: Figure
    eur_per_tco2e_avoided: Figure


@dataclass(frozen=True)
class RuleOutcome:
    """What another horizon rule would say.

    Attributes
    ----------
    ranking : tuple of str
        Keys from the cheapest to the dearest; empty where the rule cannot be applied.
    reason : str
        Why it cannot.
    """

    rule: str
    ranking: tuple[str, ...]
    compared_eur: tuple[float, ...]
    reason: str = ""


def cost_study(study: Study) -> CostResult:
    """Return the life-cycle costs of a study at its central values.

    Parameters
    ----------
    study : Study

    Raises
    ------
    FieldError, UnitError
        If the study cannot be computed.
    """
    return CostResult(Model(study))


class CostResult:
    """Measures, ledger and rules of a study; see `cost_study`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.study = model.study
        self._placed = model.place()
        self.evaluation: Evaluation = model.value(self._placed)
        self._ledgers: dict[str, Ledger] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the alternatives."""
        return self.study.keys

    @property
    def reference(self) -> str:
        """Key of the alternative the others are compared with."""
        return self.study.reference

    @cached_property
    def emissions_covered(self) -> bool:
        """Whether any item of the study has a factor or kilograms."""
        return covers_emissions(self.study)

    def ledger_lines(self, key: str) -> list[LedgerLine]:
        """Return the dated lines of one alternative."""
        return self._ledger(key).lines

    def _ledger(self, key: str) -> Ledger:
        if key not in self._ledgers:
            self._ledgers[key] = make_ledger(self._placed, key)
        return self._ledgers[key]

    @cached_property
    def measures(self) -> dict[str, AlternativeMeasures]:
        """Measures of each alternative, by key."""
        return {key: self._measure(key) for key in self.keys}

    @property
    def ranking(self) -> tuple[str, ...]:
        """Keys from the cheapest to the dearest, at market prices."""
        return _rank(self.evaluation)

    @property
    def ranking_with_externalities(self) -> tuple[str, ...]:
        """Keys from the cheapest to the dearest, with the value of carbon."""
        return _rank(self.evaluation, externalities=True)

    @cached_property
    def rules(self) -> tuple[RuleOutcome, ...]:
        """What each horizon rule says, the study's own first."""
        own = self.study.horizon_rule
        return tuple(
            self._try_rule(rule) for rule in (own, *(r for r in HORIZON_RULES if r != own))
        )

    @property
    def ranking_depends_on_rule(self) -> bool:
        """Whether another horizon rule that can be applied ranks the alternatives otherwise."""
        return len({each.ranking for each in self.rules if each.ranking}) > 1

    def _try_rule(self, rule: str) -> RuleOutcome:
        try:
            found = self.model.evaluate(rule=rule)
        except LccError as error:
            return RuleOutcome(rule, (), (), error.problem)
        compared = tuple(float(each) for each in found.compared_eur()[0])
        return RuleOutcome(rule, _rank(found), compared)

    def _years(self, *keys: str) -> int:
        longest = max(float(self.evaluation.costs[key].horizon_years[0]) for key in keys)
        return int(np.ceil(longest - 1e-9))

    def _measure(self, key: str) -> AlternativeMeasures:
        """Return the measures of one alternative."""
        alternative = self.study.alternative(key)
        cost = self.evaluation.costs[key]
        lcc, carbon = float(cost.lcc_eur[0]), float(cost.carbon_cost_eur[0])
        investment = float(cost.investment_eur[0])
        annuity = float(cost.annuity_factor[0])
        return AlternativeMeasures(
            key=key,
            label=alternative.label,
            label_en=alternative.label_en or alternative.label,
            lcc_eur=lcc,
            carbon_cost_eur=carbon,
            carbon_in_prices_eur=float(cost.carbon_in_prices_eur[0]),
            lcc_with_externalities_eur=lcc + carbon,
            investment_eur=investment,
            operation_eur=lcc - investment,
            eac_eur=Figure(reason="no-period") if np.isnan(annuity) else Figure(lcc * annuity),
            horizon_years=float(cost.horizon_years[0]),
            emissions_tco2e=float(cost.emissions_tco2e[0]) if self.emissions_covered else None,
            avoided_tco2e=float(cost.avoided_tco2e[0]),
            **self._compare(key),
        )

    def _compare(self, key: str) -> dict[str, Any]:
        """Return the measures on the difference with the reference."""
        reason = "reference" if key == self.reference else ""
        if self.study.horizon_rule == "annuity" and not reason:
            reason = "own-lives"
        if reason:
            none, unpaid = Figure(reason=reason), Payback(None, reason)
            return {
                **dict.fromkeys(FIGURES, none),
                **dict.fromkeys(PAYBACKS, unpaid),
                "irr": RateOfReturn(None, (), 0, reason),
            }
        base, own = self.evaluation.costs[self.reference], self.evaluation.costs[key]
        saved = float(base.lcc_eur[0] - own.lcc_eur[0])
        carbon = float(base.carbon_cost_eur[0] - own.carbon_cost_eur[0])
        extra = float(own.investment_eur[0] - base.investment_eur[0])
        tonnes = float(base.emissions_tco2e[0]), float(own.emissions_tco2e[0])
        base_cost = float(base.lcc_eur[0])
        sir = calc_sir(saved + extra, extra, base_cost)
        years = self._years(self.reference, key)
        plain = self._savings(key, "amount_eur", years)
        discounted = self._savings(key, "present_eur", years)
        social = discounted + self._savings(key, "carbon_present_eur", years)
        rate = self.equivalent_rate_per_year
        return {
            "net_savings_eur": Figure(saved),
            "net_savings_with_externalities_eur": Figure(saved + carbon),
            "sir": sir,
            "airr_per_year": calc_airr(sir, rate, float(own.horizon_years[0])),
            "simple_payback": calc_payback(plain),
            "discounted_payback": calc_payback(discounted),
            "payback_with_externalities": calc_payback(social),
            "irr": self._calc_irr(key),
            "mirr_per_year": calc_mirr(plain, rate, rate),
            "benefit_cost_ratio": calc_benefit_cost_ratio(saved + extra, carbon, extra, base_cost),
            "eur_per_tco2e_avoided": calc_abatement_cost(-saved, *tonnes)
            if self.emissions_covered
            else Figure(reason="not-covered"),
        }

    @property
    def equivalent_rate_per_year(self) -> float:
        """The discount rate; under bands, the constant one with the same factor at the horizon."""
        bands = self.study.discount.bands
        if bands is None:
            return self.model.inputs["discount"].central
        years = max(float(each.horizon_years[0]) for each in self.evaluation.costs.values())
        if years <= 0:
            return bands.rates_per_year[0]
        from lcc.cost.rates.discounting import calc_band_factors

        factor = float(calc_band_factors(np.array([[years]]), bands)[0, 0])
        return float(factor ** (-1 / years) - 1)

    def _savings(self, key: str, column: str, years: int) -> Any:
        """Return base minus alternative by year."""
        base = self._ledger(self.reference).by_year(column, years)
        return base - self._ledger(key).by_year(column, years)

    def _calc_irr(self, key: str) -> RateOfReturn:
        """Return the rate of return of the extra cost, at the very dates of the flows."""
        base, own = self._ledger(self.reference), self._ledger(key)
        dates = np.round(np.concatenate([each.column("discount_years") for each in (base, own)]), 9)
        times, places = np.unique(dates, return_inverse=True)
        saved = np.concatenate([base.column("amount_eur"), -own.column("amount_eur")])
        return calc_irr(np.bincount(places, weights=saved, minlength=len(times)), times)

    def table(self) -> pd.DataFrame:
        """Return one row per alternative: euros, tonnes, measures, and reasons where undefined."""
        import pandas as pd

        table = pd.DataFrame([_flatten(each) for each in self.measures.values()])
        table["emissions_tco2e_reason"] = "" if self.emissions_covered else "not-covered"
        # A measure undefined for all is a column of numbers too.
        empty = [name for name in table if table[name].isna().all()]
        return table.astype(dict.fromkeys(empty, float))

    def ledger(self) -> pd.DataFrame:
        """Return the dated lines of all alternatives."""
        import pandas as pd

        lines = [line._asdict() for key in self.keys for line in self.ledger_lines(key)]
        return pd.DataFrame(lines)

    def by_year(self) -> pd.DataFrame:
        """Return euros and tonnes by alternative, year and category; residual values visible."""
        columns = [
            "amount_eur", "present_eur", "emissions_tco2e", "avoided_tco2e", "carbon_present_eur",
        ]  # fmt: skip
        grouped = self.ledger().groupby(["alternative", "year", "category"], sort=True)[columns]
        return grouped.sum().reset_index()

    def by_category(self) -> pd.DataFrame:
        """Return present euros and tonnes by alternative and category, carbon cost included.

        Tonnes are missing where the study covers none.
        """
        import pandas as pd

        names = ["group", "label_fr", "label_en", "category", "eur", "tco2e"]
        return pd.DataFrame(self._category_rows(), columns=names).astype({"tco2e": float})

    def _category_rows(self) -> list[dict[str, Any]]:
        """Return the rows of `by_category`, tonnes None where the study covers none."""
        rows: list[dict[str, Any]] = []
        covered = self.emissions_covered
        for key in self.keys:
            alternative, cost = self.study.alternative(key), self.evaluation.costs[key]
            head = {
                "group": key,
                "label_fr": alternative.label,
                "label_en": alternative.label_en or alternative.label,
            }
            for name, present in cost.by_category_eur.items():
                tonnes = cost.by_category_tco2e.get(name, np.zeros(1))
                if not present.any() and not tonnes.any():
                    continue
                rows.append(
                    {
                        **head,
                        "category": name,
                        "eur": float(present.reshape(-1)[0]),
                        "tco2e": float(tonnes.reshape(-1)[0]) if covered else None,
                    }
                )
            for name, carbon in self._carbon_parts(key).items():
                part = {"category": name, "eur": carbon, "tco2e": 0.0 if covered else None}
                rows.append({**head, **part})
        return rows

    def _carbon_parts(self, key: str) -> dict[str, float]:
        """Return the carbon cost as the correction chosen shows it.

        Under ``difference`` one part, net; under ``subtract-from-price`` the whole value, and what
        is taken out of the prices.
        """
        if self.study.externalities is None:
            return {}
        cost = self.evaluation.costs[key]
        net, inside = float(cost.carbon_cost_eur[0]), float(cost.carbon_in_prices_eur[0])
        if self.study.externalities.double_counting == "difference":
            return {"carbon": net}
        return {"carbon": net + inside, "carbon-in-prices": -inside}

    def cumulative(self, *, discounted: bool = True, externalities: bool = False) -> pd.DataFrame:
        """Return the cumulated cost of each alternative at the end of each year."""
        import pandas as pd

        rows = []
        column = "present_eur" if discounted else "amount_eur"
        carbon = "carbon_present_eur" if discounted else "carbon_cost_eur"
        for key in self.keys:
            alternative, years = self.study.alternative(key), self._years(key)
            by_year = self._ledger(key).by_year(column, years)
            if externalities:
                by_year = by_year + self._ledger(key).by_year(carbon, years)
            for year, total in enumerate(np.cumsum(by_year)):
                rows.append(
                    {
                        "group": key,
                        "label_fr": alternative.label,
                        "label_en": alternative.label_en or alternative.label,
                        "year": year,
                        "cumulative_eur": float(total),
                    }
                )
        return pd.DataFrame(rows)

    def figures(self) -> pd.DataFrame:
        """Return every figure stated, with its nature and its source (`origins.list_figures`)."""
        return list_figures(self.study)

    def uncounted_energy(self) -> pd.DataFrame:
        """Return energy without factor nor kilograms (`coverage.list_uncounted_energy`)."""
        return list_uncounted_energy(self.study)

    def carbon_values(self) -> pd.DataFrame:
        """Return the value of a tonne year by year (`origins.list_carbon_values`)."""
        horizons = (float(each.horizon_years[0]) for each in self.evaluation.costs.values())
        return list_carbon_values(self.model, max(horizons))

    def conventions(self) -> dict[str, str]:
        """Return what must be printed beside the result, by code (`origins.state_conventions`)."""
        stated = state_conventions(self.model)
        return {
            **stated,
            "ranking_depends_on_rule": "yes" if self.ranking_depends_on_rule else "no",
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result as plain values, for machines."""
        return {
            "study": self.study.key,
            "title": self.study.title,
            "illustrative": self.study.illustrative,
            "conventions": self.conventions(),
            "alternatives": [_plain(asdict(each)) for each in self.measures.values()],
            "ranking": list(self.ranking),
            "ranking_with_externalities": list(self.ranking_with_externalities),
            "rules": [_plain(asdict(each)) for each in self.rules],
            "emissions_covered": self.emissions_covered,
            "uncounted_energy": self.uncounted_energy().to_dict("records"),
            "by_category": self._category_rows(),
            "ledger": [line._asdict() for key in self.keys for line in self.ledger_lines(key)],
        }

    def to_json(self) -> str:
        """Return the whole result as JSON (UTF-8, no NaN)."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


FIGURES = (
    "net_savings_eur",
    "net_savings_with_externalities_eur",
    "sir",
    "airr_per_year",
    "mirr_per_year",
    "benefit_cost_ratio",
    "eur_per_tco2e_avoided",
)
PAYBACKS = ("simple_payback", "discounted_payback", "payback_with_externalities")


def _rank(evaluation: Evaluation, *, externalities: bool = False) -> tuple[str, ...]:
    """Return keys from the cheapest to the dearest; equal costs keep the order of the study."""
    compared = evaluation.compared_eur(externalities=externalities)[0]
    return tuple(evaluation.keys[place] for place in np.argsort(compared, kind="stable"))


def _plain(value: Any) -> Any:
    """Return plain values; tuples become lists."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _flatten(row: AlternativeMeasures) -> dict[str, Any]:
    """Return one row of the table: a column per figure, and one per reason."""
    flat: dict[str, Any] = {"group": row.key, "label_fr": row.label, "label_en": row.label_en}
    for name, value in vars(row).items():
        if name in ("key", "label", "label_en"):
            continue
        if isinstance(value, Figure):
            flat[name], flat[f"{name}_reason"] = value.value, value.reason
        elif isinstance(value, Payback):
            flat[f"{name}_year"], flat[f"{name}_reason"] = value.year, value.reason
        elif isinstance(value, RateOfReturn):
            flat["irr_per_year"], flat["irr_reason"] = value.rate_per_year, value.reason
            flat["irr_roots"] = ", ".join(f"{each:.6g}" for each in value.roots_per_year)
        else:
            flat[name] = value
    return flat
