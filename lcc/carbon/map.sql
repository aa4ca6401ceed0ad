-- The map: spending lines → cells. Standard SQL over integers and decimals only: no division, no
-- floating point, no placeholder. What varies lies in the small tables it joins (lcc.carbon.compile):
--   map_line         the lines of one kind of amount, each with its group and its year; a scope
--                    reason says that a line is no purchase
--   map_code         (nomenclature, code) → rule, family, scope; own codes, CPV codes and accounts;
--                    last, what people decided of a title without a code
--   contract_factor  (supplier, contract, family, unit) → factor measured under the contract, per unit
--   contract_ratio   (supplier, contract, family) → factor measured under the contract, per euro
--   supplier_factor  (supplier, family, unit) → factor measured by the supplier, per unit
--   supplier_ratio   (supplier, family) → factor measured by the supplier, per euro
--   market_factor    (supplier, family, unit) → the same for energy bought green: shown beside;
--                    -1 stands for a green contract whose own factor is not known
--   physical_factor  (family, unit) → factor per unit
--   monetary_factor  (family, year) → factor per euro
-- A rule leads to one family, so cells name the rule alone. Kilograms, intervals and ranks are formed from the cells, outside.
WITH coded AS (
    SELECT
        map_line.group_key,
        map_line.budget_year,
        map_line.scope_reason,
        map_line.supplier_id,
        map_line.contract,
        map_line.amount_cents,
        map_line.executed_cents,
        map_line.quantity,
        map_line.unit,
        map_line.green_contract,
        COALESCE(own.rule_key, product.rule_key, account.rule_key, decided.rule_key) AS rule_key,
        COALESCE(own.family_key, product.family_key, account.family_key, decided.family_key)
            AS family_key
    FROM map_line
    LEFT JOIN map_code AS own
        ON own.nomenclature = 'own' AND own.code = map_line.family
    LEFT JOIN map_code AS product
        ON product.nomenclature = 'cpv' AND product.code = map_line.cpv
    LEFT JOIN map_code AS account
        ON account.nomenclature = map_line.nomenclature AND account.code = map_line.account
    LEFT JOIN map_code AS decided
        ON decided.nomenclature = 'decision' AND decided.code = map_line.decision
),
priced AS (
    SELECT
        coded.group_key,
        coded.budget_year,
        coded.scope_reason,
        coded.rule_key,
        coded.amount_cents,
        coded.executed_cents,
        CASE
            WHEN contract_factor.factor_key IS NOT NULL THEN coded.quantity
            WHEN contract_ratio.factor_key IS NOT NULL THEN NULL
            WHEN supplier_factor.factor_key IS NOT NULL THEN coded.quantity
            WHEN supplier_ratio.factor_key IS NOT NULL THEN NULL
            WHEN physical_factor.factor_key IS NOT NULL THEN coded.quantity
        END AS quantity,
        CASE
            WHEN coded.scope_reason IS NULL THEN COALESCE(
                contract_factor.factor_key,
                contract_ratio.factor_key,
                supplier_factor.factor_key,
                supplier_ratio.factor_key,
                physical_factor.factor_key,
                monetary_factor.factor_key
            )
        END AS factor_key,
        CASE
            WHEN coded.green_contract THEN COALESCE(market_factor.factor_key, -1)
        END AS market_factor_key
    FROM coded
    LEFT JOIN contract_factor
        ON
            contract_factor.supplier_id = coded.supplier_id
            AND contract_factor.contract = coded.contract
            AND contract_factor.family_key = coded.family_key
            AND contract_factor.unit = coded.unit
            AND coded.quantity <> 0
    LEFT JOIN contract_ratio
        ON
            contract_ratio.supplier_id = coded.supplier_id
            AND contract_ratio.contract = coded.contract
            AND contract_ratio.family_key = coded.family_key
    LEFT JOIN supplier_factor
        ON
            supplier_factor.supplier_id = coded.supplier_id
            AND supplier_factor.family_key = coded.family_key
            AND supplier_factor.unit = coded.unit
            AND coded.quantity <> 0
    LEFT JOIN supplier_ratio
        ON
            supplier_ratio.supplier_id = coded.supplier_id
            AND supplier_ratio.family_key = coded.family_key
    LEFT JOIN market_factor
        ON
            market_factor.supplier_id = coded.supplier_id
            AND market_factor.family_key = coded.family_key
            AND market_factor.unit = coded.unit
            AND coded.quantity <> 0
    LEFT JOIN physical_factor
        ON
            physical_factor.family_key = coded.family_key
            AND physical_factor.unit = coded.unit
            AND coded.quantity <> 0
    LEFT JOIN monetary_factor
        ON
            monetary_factor.family_key = coded.family_key
            AND monetary_factor.budget_year = coded.budget_year
)
SELECT
    group_key,
    budget_year,
    scope_reason,
    rule_key,
    factor_key,
    market_factor_key,
    COUNT(*) AS line_count,
    SUM(amount_cents) AS spend_cents,
    SUM(executed_cents) AS executed_cents,
    SUM(quantity) AS quantity,
    -- DuckDB multiplies 64-bit decimals in 64 bits unless they are wider than 18 digits; Spark keeps
    -- six decimals of a product of that width.
    SUM(CAST(amount_cents AS DECIMAL(19, 0)) * CAST(amount_cents AS DECIMAL(19, 0)))
        AS spend_cents_squared,
    SUM(CAST(quantity AS DECIMAL(19, 3)) * CAST(quantity AS DECIMAL(19, 3))) AS quantity_squared
FROM priced
GROUP BY
    group_key,
    budget_year,
    scope_reason,
    rule_key,
    factor_key,
    market_factor_key
