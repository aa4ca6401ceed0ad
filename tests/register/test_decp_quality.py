"""Quality control of a register, counted by hand."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from lcc.register.decp.judge import judge_amount
from lcc.register.decp.quality import control_quality, summarise_quality
from lcc.register.open import open_register
from lcc.register.register import Register, empty_table, make_table
from lcc.tables import load_reference

BUYER = "21590163800019"
FIRM = "73282932000074"


def make(*contracts: dict[str, Any], **tables: list[dict[str, Any]]) -> Register:
    rows = [
        {"buyer_id": BUYER, "contract": f"M{rank}", "kind": "contract", **each}
        for rank, each in enumerate(contracts, start=1)
    ]
    return Register(
        contracts=make_table(rows, "contract"),
        holders=make_table(tables.get("holders", []), "contract_holder"),
        modifications=empty_table("contract_modification"),
        tags=make_table(tables.get("tags", []), "contract_tag"),
        candidates=empty_table("contract_candidate"),
        problems=empty_table("register_problem"),
    )


def counts(register: Register, control: str, **options: Any) -> tuple[int, int, int]:
    """Return how many contracts are in order, at fault, unknown."""
    row = summarise_quality(register, **options).set_index("control").loc[control]
    return int(row["in_order"]), int(row["at_fault"]), int(row["unknown"])


def faults(register: Register, control: str, **options: Any) -> dict[str, str]:
    found = control_quality(register, **options)
    found = found[(found["control"] == control) & (found["verdict"] == "fault")]
    return dict(zip(found["contract"], found["code"], strict=True))


class TestCodes:
    REGISTER = make(
        {"cpv": "39130000-2", "family": "13.01"},  # office furniture, published digit 2
        {"cpv": "39130000-5"},  # another digit
        {"cpv": "39139999"},  # not in the list of 2008
        {"cpv": "mobilier"},
        {"cpv": "45000000"},  # the division of works alone
        {"cpv": None},
        {"kind": "concession"},  # has no CPV in the format: not asked
    )

    def test_cpv(self) -> None:
        assert counts(self.REGISTER, "cpv") == (2, 3, 1)
        assert faults(self.REGISTER, "cpv") == {
            "M2": "cpv-check-digit", "M3": "cpv-unknown", "M4": "cpv-unreadable",
        }  # fmt: skip

    def test_a_division_alone_is_too_general(self) -> None:
        assert faults(self.REGISTER, "cpv-precise") == {"M5": "cpv-too-general"}
        # Unreadable and missing ones cannot be judged.
        assert counts(self.REGISTER, "cpv-precise") == (3, 1, 2)

    def test_family_against_the_family_of_the_cpv(self) -> None:
        """Families read off the rows of `bridge_cpv` (the longest prefix of 45233140 is 45233)."""
        bridge = {
            row["prefix"]: row["family"]
            for row in load_reference("procurement_map", "bridge_cpv").to_pylist()
        }
        led = next(bridge[p] for p in ("45233140"[:n] for n in range(8, 1, -1)) if p in bridge)
        other = next(each for each in sorted(set(filter(None, bridge.values()))) if each != led)
        register = make(
            {"cpv": "45233140-2", "family": led},
            {"cpv": "45233140-2", "family": other},
            {"cpv": "45233140-2", "family": "zz.99"},
            {"cpv": "45233140-2"},
            {"family": led},
        )
        assert counts(register, "family") == (3, 1, 1)
        assert faults(register, "family") == {"M3": "family-unknown"}
        assert counts(register, "family-cpv") == (1, 1, 3)
        found = control_quality(register)
        row = found[found["code"] == "family-cpv-disagree"].iloc[0]
        # Both are told; neither is preferred.
        assert row["found"] == other and row["other_found"] == f"CPV 45233140-2 → {led}"

    def test_codes_of_the_buyer_s_own(self, tmp_path: Path) -> None:
        own = tmp_path / "familles.csv"
        own.write_text("code;family\nVOI1;02.01\n", encoding="utf-8")
        register = make({"family": "VOI1"})
        assert counts(register, "family") == (0, 1, 0)
        assert counts(register, "family", user_bridge=own) == (1, 0, 0)


class TestDatesAndAmounts:
    @pytest.mark.parametrize(
        ("notified", "published", "code"),
        [
            ("2024-03-01", "2024-05-02", None),  # 62 days
            ("2024-03-01", "2024-05-03", "publication-late"),  # 63
            ("2024-03-01", "2024-02-29", "publication-before-notification"),
        ],
    )
    def test_publication(self, notified: str, published: str, code: str | None) -> None:
        days = [datetime.date.fromisoformat(each) for each in (notified, published)]
        register = make({"notification_date": days[0], "publication_date": days[1]})
        assert faults(register, "publication") == ({"M1": code} if code else {})

    def test_old_dates_are_wrong_but_for_concessions(self) -> None:
        day = datetime.date(1998, 5, 1)
        register = make(
            {"notification_date": day}, {"notification_date": day, "kind": "concession"}
        )
        assert faults(register, "notification") == {"M1": "date-too-early"}

    @pytest.mark.parametrize(
        ("months", "amount", "code"),
        [
            (48, 1e6, None),
            (365, 1e6, "duration-in-days"),
            (365, 2e7, None),
            (144, 1e6, "duration-long"),
            (0, 1e6, "duration-implausible"),
            (2400, 1e9, "duration-implausible"),
        ],
    )
    def test_duration(self, months: int, amount: float, code: str | None) -> None:
        """Limits of decp-qualite, as rows of `rules.csv`."""
        register = make({"duration_months": months, "amount_eur": amount})
        assert faults(register, "duration") == ({"M1": code} if code else {})

    def test_a_duration_that_its_amount_would_judge_is_unknown_without_one(self) -> None:
        register = make(
            {"duration_months": 365}, {"duration_months": 144, "amount_eur": 12311111111.0},
            {"duration_months": 48}, {"duration_months": 365, "kind": "concession"},
        )  # fmt: skip
        assert counts(register, "duration") == (2, 0, 2)

    @pytest.mark.parametrize(
        ("amount", "kind", "code"),
        [
            (0.0, "contract", "amount-below-one"),
            (0.0, "framework", "ceiling-below-one"),
            (1.0, "contract", "amount-symbolic"),
            (12311111111.0, "contract", "amount-sentinel"),
            (3.1e9, "contract", "amount-above-limit"),
            (999999999.0, "contract", "amount-placeholder"),
            (99999999.99, "contract", "amount-placeholder"),
            (6666666.67, "contract", None),
            (10000000.0, "contract", None),
            (1234567.0, "contract", "amount-sequence"),
        ],
    )
    def test_amount(self, amount: float, kind: str, code: str | None) -> None:
        """QUALITY_RULES 2 and 5; an honest third (6 666 666.67) and round millions are amounts."""
        assert judge_amount(amount, kind) == code


class TestFirmsAndTags:
    def test_identifiers_of_firms(self) -> None:
        def firm(number: str, **fields: Any) -> dict[str, Any]:
            return {"buyer_id": BUYER, "contract": number, "role": "contractor",
                    "id_type": "SIRET", "modification": 0, **fields}  # fmt: skip

        register = make(
            {}, {}, {}, {}, {}, {},
            holders=[
                firm("M1", holder_id=FIRM),
                firm("M2", holder_id="7328293200007"),
                firm("M3", holder_id="DE123", id_type="TVA"),
                firm("M4", holder_id=None),
                # A subcontractor is no holder: M5 has none.
                firm("M5", holder_id=FIRM, role="subcontractor"),
                # One firm that nobody names does not hide that another is wrong.
                firm("M6", holder_id=None),
                firm("M6", holder_id="7328293200007"),
            ],
        )  # fmt: skip
        assert counts(register, "holders") == (2, 2, 2)
        assert set(faults(register, "holders")) == {"M2", "M6"}
        assert set(faults(register, "holders").values()) == {"supplier-siret-length"}

    def test_considerations_that_are_stated_are_in_order_be_they_yes_or_no(self) -> None:
        def say(number: str, tag: str) -> dict[str, Any]:
            return {"buyer_id": BUYER, "contract": number, "tag": tag, "value": False}

        social = ("social_clause", "social_criterion", "reserved")
        register = make({}, {}, tags=[*(say("M1", each) for each in social), say("M2", "reserved")])
        assert counts(register, "social") == (1, 0, 1)
        found = control_quality(register)
        row = found[(found["control"] == "social") & (found["contract"] == "M2")].iloc[0]
        assert row["expected"] == "social_clause, social_criterion"


class TestSummary:
    def test_unknown_ones_are_the_width_of_the_bounds(self) -> None:
        register = make({"cpv": "39130000"}, {"cpv": "39139999"}, {"cpv": None}, {"cpv": None})
        row = summarise_quality(register).set_index("control").loc["cpv"]
        assert (row["contracts"], row["controlled"]) == (4, 2)
        assert row["share_controlled"] == 0.5 and row["share_in_order_known"] == 0.5
        assert (row["share_in_order_low"], row["share_in_order_high"]) == (0.25, 0.75)

    def test_the_demonstration_adds_up(self, demo_register: Register) -> None:
        register = demo_register
        summary = summarise_quality(register)
        assert (summary["in_order"] + summary["at_fault"] + summary["unknown"]).equals(
            summary["contracts"]
        )
        found = control_quality(register).groupby(["control", "verdict"]).size()
        for row in summary.to_dict("records"):
            assert found.get((row["control"], "fault"), 0) == row["at_fault"]
            assert found.get((row["control"], "unknown"), 0) == row["unknown"]
        assert summary.set_index("control").loc["cpv", "contracts"] < len(register.contracts)

    def test_real_files(self, real_data: Path) -> None:
        """README of the collected files: 20 wrong check digits in PES, 17 codes not in CPV 2008."""
        path = real_data / "decp" / "json_2019" / "data.gouv.fr_pes_2019-04-05.json"
        register = open_register([path])
        found = control_quality(register)
        codes = found[found["control"] == "cpv"]["code"].value_counts().to_dict()
        # Records 487, 897 and 971 are the modification of another, whose code counts once.
        assert (codes["cpv-check-digit"], codes["cpv-unknown"]) == (20 - 1, 17 - 2)
