"""Synthetic tables for the images of charts; every figure is made up for the tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from frames import map_table

from lcc.tables import load_reference

DOMAINS = {"10": "Voirie", "12": "Bâtiments", "22": "Énergie", "31": "Déchets", "40": "Numérique",
           "51": "Restauration", "60": "Études", "33": "Eau", "70": "Nettoyage",
           "15": "Voirie"}  # fmt: skip


def pareto_table() -> pd.DataFrame:
    """Return families with the interval of their cumulated share."""
    frame = map_table().sort_values("emissions_tco2e", ascending=False)
    shares = frame["emissions_tco2e"].cumsum() / frame["emissions_tco2e"].sum()
    return frame.assign(
        cumulated_low=0.88 * shares, cumulated_high=[min(1.0, 1.08 * each) for each in shares]
    )


def doubtful_pareto_table() -> pd.DataFrame:
    """Return the same families, of which four may make the head or not."""
    chances = [1.0, 1.0, 0.99, 0.97, 0.71, 0.66, 0.31, 0.06, 0.03, 0.01, 0.0, 0.0]
    return pareto_table().assign(p_class_a=chances)


def treemap_table() -> pd.DataFrame:
    """Return families in their domains, some of them tiny."""
    frame = map_table()
    small = pd.DataFrame(
        {
            "group": [f"60.{rank}" for rank in range(10, 30)],
            "label_fr": [f"Petite famille numéro {rank}" for rank in range(20)],
            "label_en": [f"Small family number {rank}" for rank in range(20)],
            "emissions_tco2e": [900.0 - 40 * rank for rank in range(20)],
        }
    )
    frame = pd.concat([frame, small], ignore_index=True)
    return frame.assign(domain=[DOMAINS[code[:2]] for code in frame["group"]])


def tiers_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a digital footprint by tier and phase, and by tier."""
    parts = pd.DataFrame(
        [
            ("terminals", "manufacture", 345.0, 254.0, 459.0),
            ("terminals", "use", 29.0, 24.0, 35.0),
            ("networks", "use", 13.0, 10.0, 16.0),
            ("networks", "spending", 264.0, 128.0, 485.0),
            ("data-centres", "manufacture", 16.0, 2.0, 63.0),
            ("data-centres", "use", 47.0, 42.0, 52.0),
            ("services", "spending", 881.0, 472.0, 1507.0),
        ],
        columns=["tier", "phase", "emissions_tco2e", "low_tco2e", "high_tco2e"],
    ).assign(kgco2e_per_agent=None)
    totals = parts.groupby("tier", sort=False)[["emissions_tco2e", "low_tco2e", "high_tco2e"]].sum()
    return parts, totals.reset_index()


def ages_table() -> pd.DataFrame:
    """Return units by kind and age, some of an age that is not known."""
    parks = {
        "Ordinateur portable": ((744, 720, 620, 465, 310, 186, 93), 5),
        "Écran d'ordinateur": ((559, 602, 705, 688, 602, 473, 387, 344), 6),
        "Vidéoprojecteur de salle de réunion, modèle courant": ((14, 21, 28, 0, 21, 14), 4),
    }
    rows = [
        (label, float(age), units, units if age >= lifetime else 0)
        for label, (ages, lifetime) in parks.items()
        for age, units in enumerate(ages)
    ]
    rows.append(("Écran d'ordinateur", float("nan"), 120, 0))
    return pd.DataFrame(rows, columns=["label", "age_years", "units", "beyond_lifetime_units"])


def causes_table() -> pd.DataFrame:
    """Return what changed between two years: 104 000 to 101 000, two causes unsure."""
    rows = [
        ("Volume des achats", 6_200.0, 3_100.0, 9_300.0),
        ("Prix", -1_800.0, -4_100.0, 500.0),
        ("Composition des achats entre familles", -5_400.0, -8_000.0, -2_800.0),
        ("Révision des facteurs", -2_000.0, -3_900.0, -100.0),
    ]
    return pd.DataFrame(rows, columns=["label", "change", "change_low", "change_high"])


CAUSE_NAMES = {
    "perimeter": "Périmètre",
    "volume": "Volume, en euros constants",
    "mix": "Nature des achats",
    "suppliers": "Choix des fournisseurs",
    "method": "Mode de calcul",
    "real": "Fournisseurs et mesures (évolution réelle)",
}


def contributions_table() -> pd.DataFrame:
    """Return the change of four groups by cause, one of unknown sign, and of ten small ones."""
    rows = [
        ("Voirie", 900.0, 1_500.0, 0.0, 1_400.0, 600.0, 300.0, 0.0, 200.0),
        ("Énergie", -2_600.0, -1_700.0, 0.0, 300.0, -400.0, -900.0, -500.0, -600.0),
        ("Bâtiments", -900.0, 1_300.0, 0.0, 500.0, -300.0, 0.0, 0.0, 0.0),
        ("Budget de l'eau", 700.0, 1_100.0, 900.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        *((f"Petite famille {rank}", 5.0, 25.0, 0.0, 15.0, *[0.0] * 4) for rank in range(9)),
    ]
    columns = ["label", "low_tco2e", "high_tco2e", *(f"{each}_tco2e" for each in CAUSE_NAMES)]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(change_tco2e=frame[columns[3:]].sum(axis=1))


def fan_table() -> pd.DataFrame:
    """Return a projection that falls by a twentieth a year, the wider the further."""
    spread = {0.025: -1.96, 0.1: -1.28, 0.25: -0.67, 0.5: 0.0, 0.75: 0.67, 0.9: 1.28, 0.975: 1.96}
    return pd.DataFrame(
        [
            {
                "year": 2024 + step,
                "quantile": quantile,
                "projected": 101_000 * 0.95**step * (1 + 0.05 * score * (step + 1) ** 0.5),
            }
            for step in range(7)
            for quantile, score in spread.items()
        ]
    )


def rank_table(count: int = 8, draws: int = 400) -> pd.DataFrame:
    """Return how often each family has each rank, over draws with errors of a third."""
    frame = map_table().sort_values("emissions_tco2e", ascending=False).head(count)
    errors = np.random.default_rng(2026).normal(0.0, 0.33, (draws, count))
    masses = frame["emissions_tco2e"].to_numpy() * np.exp(errors)
    ranks = (-masses).argsort(axis=1).argsort(axis=1)
    return pd.DataFrame(
        [
            {"label": label, "rank": rank + 1, "probability": (ranks[:, place] == rank).mean()}
            for place, label in enumerate(frame["label_fr"])
            for rank in range(count)
        ]
    )


AS_OF = date(2026, 11, 26)


def rank_chance_tables(draws: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return families with the ranks they have over draws with errors of a third, and how often."""
    frame = map_table().sort_values("emissions_tco2e", ascending=False).reset_index(drop=True)
    count = len(frame)
    errors = np.random.default_rng(2026).normal(0.0, 0.33, (draws, count))
    masses = frame["emissions_tco2e"].to_numpy() * np.exp(errors)
    ranks = (-masses).argsort(axis=1).argsort(axis=1) + 1
    within = (ranks <= 5).mean(axis=0)
    words = [
        "certain" if each >= 0.95 else "likely" if each >= 0.66 else
        "unlikely" if each < 0.33 else "open" for each in within
    ]  # fmt: skip
    table = frame.assign(
        rank=range(1, count + 1),
        expected_rank=ranks.mean(axis=0),
        rank_low=np.quantile(ranks, 0.025, axis=0).astype(int),
        rank_high=np.quantile(ranks, 0.975, axis=0).astype(int),
        p_top_1=(ranks == 1).mean(axis=0),
        p_top_5=within,
        leading=words,
    )
    chances = pd.DataFrame(
        [
            {"group": group, "rank": rank, "probability": (ranks[:, place] == rank).mean()}
            for place, group in enumerate(frame["group"])
            for rank in range(1, count + 1)
        ]
    )
    return table, chances


def reliability_table() -> pd.DataFrame:
    """Return ten bins of forecasts: nine well calibrated, those near one too sure of themselves."""
    counts = [420, 160, 90, 60, 48, 50, 62, 84, 150, 380]
    shares = [0.04, 0.15, 0.23, 0.37, 0.44, 0.56, 0.63, 0.76, 0.84, 0.90]
    means = [0.03, 0.14, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.86, 0.96]
    return pd.DataFrame(
        [
            (rank / 10, (rank + 1) / 10, mean, share, share - reach, share + reach, count)
            for rank, (mean, share, count) in enumerate(zip(means, shares, counts, strict=True))
            if (reach := 1.96 * (share * (1 - share) / count) ** 0.5)
        ],
        columns=[
            *("low", "high", "mean_forecast", "observed", "low_observed", "high_observed", "count")
        ],
    )


def programme_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return contracts of two directorates, one without, and their periods around `AS_OF`."""
    roads, waste = "Direction de la voirie", "Direction des déchets"
    rows = [
        ("M1", "Collecte des déchets ménagers", waste, "renewal", date(2027, 3, 31),
         date(2026, 12, 31), date(2026, 11, 1), "on-time", 5_400.0, 2e6),
        ("M2", "Tri des collectes sélectives", waste, "renewal", date(2027, 1, 31),
         date(2026, 10, 31), date(2026, 9, 1), "decision-late", 2_100.0, 9e5),
        ("M3", "Travaux d'aménagement de voirie, secteur Nord", roads, "end", date(2027, 2, 28),
         None, date(2026, 10, 1), "launch-late", 3_000.0, 3e6),
        ("M4", "Réfection de chaussées", roads, "option", date(2027, 6, 30), None,
         date(2027, 1, 31), "on-time", 900.0, 8e5),
        ("M5", "Exploitation du réseau de transports", roads, "whole", date(2027, 9, 30), None,
         date(2026, 3, 1), "launch-late", 9_000.0, 4e7),
        ("M6", "Fourniture d'électricité", None, "whole", date(2028, 3, 31), None,
         date(2027, 11, 1), "on-time", 700.0, 5e5),
    ]  # fmt: skip
    columns = ["contract", "label", "directorate", "kind", "next_end_date", "decision_date"]
    columns += ["launch_by", "state", "emissions_tco2e", "spend_eur"]
    entries = pd.DataFrame(rows, columns=columns, dtype=object)
    periods = [
        ("M1", "firm", date(2025, 4, 1), date(2027, 3, 31)),
        ("M1", "renewal", date(2027, 4, 1), date(2028, 3, 31)),
        ("M1", "renewal", date(2028, 4, 1), date(2029, 3, 31)),
        ("M2", "firm", date(2024, 2, 1), date(2026, 1, 31)),
        ("M2", "renewal", date(2026, 2, 1), date(2027, 1, 31)),
        ("M2", "renewal", date(2027, 2, 1), date(2028, 1, 31)),
        ("M3", "firm", date(2023, 3, 1), date(2027, 2, 28)),
        ("M4", "firm", date(2025, 1, 1), date(2027, 6, 30)),
        ("M4", "option", date(2027, 7, 1), date(2028, 6, 30)),
        ("M5", "whole", date(2018, 10, 1), date(2027, 9, 30)),
        ("M6", "whole", date(2024, 4, 1), date(2028, 3, 31)),
    ]
    return entries.astype({"emissions_tco2e": float, "spend_eur": float}), pd.DataFrame(
        periods, columns=["contract", "kind", "start_date", "end_date"], dtype=object
    )


def contracts_table() -> pd.DataFrame:
    """Return contracts that end in the window, beyond it, before it, or on an unknown day."""
    rows = [
        (
            "Collecte des ordures ménagères, lot 1",
            date(2027, 3, 31),
            date(2029, 3, 31),
            6_100.0,
            14.2e6,
        ),
        ("Enrobés et gravillons", date(2027, 3, 31), None, 4_900.0, 6.1e6),
        ("Fourniture d'électricité", date(2026, 12, 31), None, 3_800.0, 18.0e6),
        ("Carburants en vrac", date(2027, 9, 30), date(2028, 3, 31), 3_100.0, 2.4e6),
        ("Restauration scolaire", date(2027, 8, 31), date(2028, 8, 31), 2_700.0, 5.2e6),
        ("Maintenance des chaufferies", date(2027, 12, 31), None, 900.0, 3.3e6),
        ("Postes de travail et écrans", date(2028, 2, 29), date(2028, 5, 15), 640.0, 2.0e6),
        ("Nettoyage des locaux", date(2027, 3, 15), None, 310.0, 2.9e6),
        ("Études de programmation", date(2027, 6, 30), None, None, 0.4e6),
        ("Hors fenêtre", date(2029, 6, 30), None, 9_999.0, 9.0e6),
        ("Déjà échu", date(2026, 11, 26), None, 9_999.0, 9.0e6),
        ("Sans échéance", None, None, 120.0, 0.2e6),
    ]
    columns = ["label", "end_date", "options_end_date", "emissions_tco2e", "spend_eur"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"end_date": object, "options_end_date": object}
    )


def decomposition_table() -> pd.DataFrame:
    """Return what changed in `year_table`: 98 000 to 104 000, then to 101 000."""
    first = pd.DataFrame(
        [
            ("Volume des achats", 5_200.0, 2_500.0, 7_900.0),
            ("Prix", 3_300.0, 1_000.0, 5_600.0),
            ("Composition des achats entre familles", -2_500.0, -5_100.0, 100.0),
        ],
        columns=["label", "change", "change_low", "change_high"],
    )
    parts = [first.assign(from_year=2021, to_year=2022),
             causes_table().assign(from_year=2022, to_year=2023)]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def clause_table() -> pd.DataFrame:
    """Return a reference, a promise that tightens each year, and four measurements."""
    rows = [("baseline", date(2024, 1, 1), date(2027, 12, 31), 1.0, 0.92, 1.08)]
    for rank, promised in enumerate((0.96, 0.92, 0.88, 0.84)):
        span = (date(2024 + rank, 1, 1), date(2024 + rank, 12, 31))
        rows.append(("committed", *span, promised, promised, promised))
        level = promised + (0.02, -0.03, 0.01, -0.02)[rank]
        rows.append(("measured", *span, level, level - 0.05, level + 0.05))
    columns = ["kind", "date", "date_end", "level", "level_low", "level_high"]
    return pd.DataFrame(rows, columns=columns)


def effects_table() -> pd.DataFrame:
    """Return effects of a clause, one without an interval."""
    rows = [
        ("Marchés appariés", -0.10, -0.15, -0.05, 8),
        ("Lot 1, bennes au gaz", -0.02, -0.10, 0.06, 5),
        ("Lot 2", 0.04, None, None, 1),
    ]
    columns = ["label", "effect", "effect_low", "effect_high", "contracts"]
    return pd.DataFrame(rows, columns=columns).astype({"effect_low": float, "effect_high": float})


def bounds_table() -> pd.DataFrame:
    """Return indicators: unsure, aimed at, exact, and one that nothing is known of."""
    rows = [
        ("Attributaires qui sont des TPME", 0.68, 0.63, 0.71, None, 20, None),
        ("Contrats avec clause sociale", 3 / 7, 0.3, 0.6, 0.3, 3, "held"),
        ("Considération environnementale", 0.55, 0.42, 0.81, 1.0, 26, "missed"),
        ("Critère environnemental", 0.9, 0.9, 0.9, None, 0, None),
        ("Part des femmes dans les heures d'insertion", 0.34, 0.0, 1.0, None, 18, None),
        ("Part des euros mandatés dans la région", None, None, None, None, None, None),
    ]
    columns = ["label", "known", "low", "high", "target", "unknown", "state"]
    numbers = dict.fromkeys(columns[1:-1], float)
    return pd.DataFrame(rows, columns=columns).astype(numbers)


def balance_table() -> pd.DataFrame:
    """Return how far two groups are apart before and after matching."""
    rows = [("size", 0.80, 0.30), ("year", -0.10, 0.02), ("duration", 0.45, -0.12)]
    return pd.DataFrame(rows, columns=["characteristic", "smd_before", "smd_matched"])


def power_table() -> pd.DataFrame:
    """Return the chance to see two effects, by number of contracts."""
    return pd.DataFrame(
        [
            {"effect": effect, "contracts": count, "power": 1 - np.exp(count * effect * 1.1)}
            for effect in (-0.10, -0.05)
            for count in (3, 5, 8, 12, 16, 20, 26)
        ]
    )


def posts_table() -> pd.DataFrame:
    """Return posts: one changed by quantities, one that purchases do not tell."""
    rows = [
        ("1.1", "Sources fixes de combustion", "counted", 120.0, 100.0, 140.0, 70.0, 50.0),
        ("3.3", "Déplacements domicile-travail", "not-covered", None, None, None, 0.0, 0.0),
        ("4.1", "Achats de biens", "counted", 900.0, 640.0, 1_260.0, 0.0, 0.0),
        ("4.2", "Immobilisations de biens", "counted", 410.0, 250.0, 650.0, 0.0, 0.0),
        ("4.5", "Achats de services", "no-factor", None, None, None, 0.0, 0.0),
    ]
    columns = ["post", "label_fr", "status", "tco2e", "low_tco2e", "high_tco2e", "replaced_tco2e",
               "physical_tco2e"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(label_en=frame["label_fr"]).astype(dict.fromkeys(columns[3:], float))


def heat_table() -> pd.DataFrame:
    """Return made-up stakes of families that exist, by every issue."""
    known = load_reference("procurement_map", "issues").to_pandas()["issue"]
    families = ("01.01", "02.01", "02.06", "09.01")
    return pd.DataFrame(
        [
            {
                "family": family,
                "segment": family[:2],
                "issue": issue,
                "stake": (place * 2 + rank * 3) % 4,
                "rationale": "raison",
                "status": "judgement",
            }
            for place, family in enumerate(families)
            for rank, issue in enumerate(known)
        ]
    )


def path_table() -> pd.DataFrame:
    """Return emissions of 2022 to 2030, observed to 2024, and a target in 2026 and 2030."""
    rows = []
    for year in range(2022, 2031):
        central = {2022: 100.0, 2023: 97.0}.get(year, 95.0)
        target = 100 - 5 * (year - 2022)
        rows.append(
            {
                "year": year,
                "observed": year <= 2024,
                "emissions_tco2e": 1000 * central,
                "low_tco2e": 800 * central,
                "high_tco2e": 1250 * central,
                "target_tco2e": 1000.0 * target,
                "stated": year in (2026, 2030),
                "gap_tco2e": 1000 * (central - target),
                "gap_low_tco2e": 800 * (central - target),
                "gap_high_tco2e": 1200 * (central - target),
                "probability_held": 0.004,
                "origin": "own",
            }
        )
    return pd.DataFrame(rows)


def frontier_table() -> pd.DataFrame:
    """Return four plans, then none."""
    return pd.DataFrame(
        {
            "tightness": [0.0, 0.4, 1.0, 2.0, 2.4],
            "avoided_tco2e": [0.0, 20e3, 50e3, 100e3, None],
            "present_eur": [0.0, 300e3, 1500e3, 5500e3, None],
            "eur_per_tco2e_avoided": [None, 15.0, 40.0, 80.0, None],
            "levers": [0.0, 2.0, 5.0, 10.0, None],
        }
    )


LEVERS = ("Enrobés tièdes", "Repas moins carnés", "Bennes électriques", "Éclairage à détection",
          "Reconditionné pour les postes de travail", "Béton bas carbone")  # fmt: skip


def levers_table() -> pd.DataFrame:
    """Return how often each lever is in the cheapest plan."""
    shares = [1.0, 0.96, 0.71, 0.42, 0.08, 0.0]
    return pd.DataFrame(
        {
            "group": [f"L{rank}" for rank in range(len(LEVERS))],
            "label": LEVERS,
            "probability_in_plan": shares,
            "median_start_year": 2027,
            "in_nominal_plan": [share > 0.5 for share in shares],
            "no_regret": [share >= 0.9 for share in shares],
        }
    )


def wedge_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each lever takes off, and emissions with and without the plan."""
    years = list(range(2026, 2036))
    avoided = pd.DataFrame(
        [
            {"label": label, "year": year, "avoided_tco2e": 500.0 * (6 - rank) * place / 9}
            for rank, label in enumerate(LEVERS)
            for place, year in enumerate(years)
        ]
    )
    removed = avoided.groupby("year")["avoided_tco2e"].sum().to_numpy()
    emissions = pd.DataFrame({"year": years, "scope": "all", "baseline_tco2e": 50e3})
    emissions["planned_tco2e"] = 50e3 - removed
    emissions["budget_tco2e"] = 50e3 - 0.97 * removed
    emissions["slack_tco2e"] = emissions["budget_tco2e"] - emissions["planned_tco2e"]
    return avoided, emissions


def timeline_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days of a contract and the periods of two rules; the launch is not known."""
    moments = pd.DataFrame(
        [
            ("launch-window", date(2024, 11, 1), date(2026, 11, 1)),
            ("notification", date(2026, 11, 1), None),
            ("performance", date(2026, 11, 1), date(2028, 10, 31)),
            ("modification", date(2027, 6, 1), None),
        ],
        columns=["kind", "date", "date_end"],
    )
    periods = pd.DataFrame(
        [
            ("formal", "Procédure formalisée", "≥ 5 538 000 €", "required", date(2024, 1, 1),
             date(2025, 12, 31)),
            ("formal", "Procédure formalisée", "≥ 5 404 000 €", "required", date(2026, 1, 1), None),
            ("criterion", "Critère environnemental", "rien", "none", None, date(2026, 8, 21)),
            ("criterion", "Critère environnemental", "exigé", "required", date(2026, 8, 22), None),
        ],
        columns=["rule", "label", "text", "effect", "date", "date_end"],
    )  # fmt: skip
    return moments, periods


def gain_table() -> pd.DataFrame:
    """Return four measurements that take away 22 % of an interval of 70 000 to 150 000 t."""
    reached = [0.12, 0.17, 0.2, 0.22]
    names = ["Réseau de transports", "Traitement des déchets", "Eau potable", "Enrobés"]
    rows = [
        {
            "label": name,
            "low_tco2e_after": 70_000 + 0.4 * share * 80_000,
            "high_tco2e_after": 150_000 - 0.6 * share * 80_000,
            "reached_share": share,
        }
        for name, share in zip(names, reached, strict=True)
    ]
    return pd.DataFrame(rows)


def learnt_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return families before and after, and the measurements between."""
    families = pd.DataFrame(
        {
            "family": ["06.01", "07.02", "09.05"],
            "label_fr": ["Collecte et transport des déchets", "Transport scolaire", "Gazole"],
            "label_en": ["Waste collection and haulage", "School transport", "Diesel"],
            "contracts": [3, 1, 1],
            "multiplier": [0.70, 1.09, 1.00],
            "low": [0.49, 0.73, 0.88],
            "high": [0.98, 1.57, 1.13],
            "prior_low": [0.30, 0.42, 0.87],
            "prior_high": [2.51, 2.03, 1.15],
        }
    )
    measurements = pd.DataFrame(
        [
            ("06.01", "", 1.0, 0.3, 2.51),
            ("06.01", "a", 0.92, 0.78, 1.08),
            ("06.01", "b", 0.58, 0.43, 0.77),
            ("06.01", "c", 0.53, 0.45, 0.62),
            ("07.02", "d", 1.17, 1.0, 1.36),
            ("09.05", "e", 0.97, 0.88, 1.07),
        ],
        columns=["family", "measurement_id", "ratio", "low", "high"],
    )
    return families, measurements


def overlap_table() -> pd.DataFrame:
    """Return candidates: two directorates, a need and another buyer, a contract to join."""
    one, two, three = "1. Entretien", "2. Télécommunications", "3. Assurances"
    rows = [
        (
            1,
            one,
            "F1, Direction des sports",
            "own",
            date(2022, 4, 1),
            date(2026, 3, 31),
            date(2025, 6, 30),
        ),
        (
            1,
            one,
            "F2, Direction de la culture",
            "own",
            date(2024, 11, 15),
            date(2026, 5, 14),
            date(2025, 8, 14),
        ),
        (2, two, "besoin B1, Direction du numérique", "programme", None, None, date(2025, 7, 1)),
        (
            2,
            two,
            "17, Commune voisine",
            "neighbour",
            date(2022, 6, 1),
            date(2026, 5, 31),
            date(2025, 8, 31),
        ),
        (
            3,
            three,
            "S9, Direction de la culture",
            "own",
            date(2022, 1, 1),
            date(2025, 12, 31),
            date(2025, 3, 31),
        ),
        (3, three, "G1, Direction juridique", "joint", date(2023, 1, 1), date(2027, 12, 31), None),
    ]
    names = ["candidate", "heading", "buyer", "kind", "start_date", "end_date", "launch_by"]
    return pd.DataFrame(rows, columns=names).assign(label="Objet")
