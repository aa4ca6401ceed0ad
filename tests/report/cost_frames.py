"""Synthetic tables in the form of the tables of costs and marks; every figure is made up."""

from __future__ import annotations

import pandas as pd

HOSTILE = '<script>alert(1)</script> $x^2$ & "quote" --> \x07 🚌'
LONG = "Solution de remplacement au nom plutôt long pour une étiquette, numéro"
REFERENCE = "Éclairage existant"

YEARS = 20
LIGHTING = {
    # label: (at year 0, each year), in euros
    REFERENCE: (0.0, 100_000.0),
    "LED": (400_000.0, 50_000.0),
    "LED avec gradation": (540_000.0, 40_000.0),
}


def cumulative_table(costs: dict[str, tuple[float, float]] | None = None) -> pd.DataFrame:
    """Return the cumulative cost of each solution, year by year."""
    return pd.DataFrame(
        [
            {"label": label, "year": year, "cumulative_eur": first + yearly * year}
            for label, (first, yearly) in (costs or LIGHTING).items()
            for year in range(YEARS + 1)
        ]
    )


def ten_near_equal() -> pd.DataFrame:
    """Return ten solutions whose costs end within three per cent of one another."""
    return cumulative_table({f"{LONG} {rank}": (1e5 + 900 * rank, 2e4) for rank in range(10)})


def stack_table() -> pd.DataFrame:
    """Return costs and emissions by category, some of which come back."""
    cells = {
        REFERENCE: {"energy": (1_200_000.0, 620.0), "maintenance": (300_000.0, 0.0)},
        "LED": {
            "acquisition": (420_000.0, 80.0),
            "energy": (550_000.0, 280.0),
            "residual": (-60_000.0, 0.0),
            "carbon": (40_000.0, 0.0),
        },
    }
    return pd.DataFrame(
        [
            {"label": label, "category": category, "eur": eur, "tco2e": tonnes}
            for label, row in cells.items()
            for category, (eur, tonnes) in row.items()
        ]
    )


def many_categories() -> pd.DataFrame:
    """Return ten solutions of every category, and one that is unknown."""
    from lcc.report.charts.stack import CATEGORY_COLOURS

    back = {"residual", "revenue"}
    return pd.DataFrame(
        [
            {
                "label": f"{LONG} {rank}",
                "category": category,
                "eur": (-1 if category in back else 1) * (1_000.0 + 700 * ((rank + place) % 5)),
                "tco2e": 0.1 + (rank * place) % 7,
            }
            for rank in range(10)
            for place, category in enumerate([*CATEGORY_COLOURS, "Poste inconnu"])
        ]
    )


def tornado_table() -> pd.DataFrame:
    """Return what six inputs do to a cost of 1 045 000 €; one rises on both sides, one is idle."""
    rows = [
        ("Taux d'actualisation", 1_180_000.0, 930_000.0, "1,2 %/an", "4,5 %/an"),
        ("Prix de l'électricité", 820_000.0, 1_310_000.0, "0,14 €/kWh", "0,24 €/kWh"),
        ("Durée d'allumage annuelle", 990_000.0, 1_110_000.0, "3 900 h", "4 300 h"),
        ("Prix des luminaires", 1_000_000.0, 1_090_000.0, "250 €", "360 €"),
        ("Puissance", 1_090_000.0, 1_130_000.0, "basse", "haute"),
        ("Valeur du carbone", 1_045_000.0, 1_045_000.0, "0", "2"),
    ]
    columns = ["label", "low_output", "high_output", "low_input_text", "high_input_text"]
    return pd.DataFrame(rows, columns=columns)


def difference_table() -> pd.DataFrame:
    """Return a hundred draws: −70 to 29 k€, one per thousand euros, none of them twice."""
    return pd.DataFrame({"difference": [1_000.0 * each for each in range(-70, 30)]})


def plane_table() -> pd.DataFrame:
    """Return a plane where the first is cheaper below the line y = 100 x."""
    return pd.DataFrame(
        [
            {"x": x, "y": y, "difference": 1_000.0 * (y - 100 * x)}
            for x in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
            for y in (50.0, 100.0, 150.0, 200.0, 250.0)
        ]
    )


def marks_table() -> pd.DataFrame:
    """Return the marks of the refuse-collection tender, with those of the jury made up."""
    marks = {
        "A": (24.80, 30.00, 20.50),
        "B": (22.55, 33.25, 25.00),
        "D": (40.00, 12.00, 9.30),
        "E": (23.00, 28.00, None),
    }
    criteria = ("Prix", "Valeur technique", "Émissions de CO2")
    return pd.DataFrame(
        [
            {"label": bid, "criterion": criterion, "points": points}
            for bid, row in marks.items()
            for criterion, points in zip(criteria, row, strict=True)
        ]
    )


def many_marks() -> pd.DataFrame:
    """Return ten bids of long names, marked on nine criteria of long names."""
    return pd.DataFrame(
        [
            {
                "label": f"{LONG} {bid}",
                "criterion": f"Critère au nom long, numéro {rank}",
                "points": float((bid * 3 + rank * 5) % 11),
            }
            for bid in range(10)
            for rank in range(9)
        ]
    )
