/** Ids never move between partitions, so FINAL may merge within each alone. */
const FINAL_WITHIN_PARTITIONS = 'SETTINGS do_not_merge_across_partitions_select_final = 1'

/**
 * How many parts ClickHouse remembers the tokens of. One insert makes up to 8 (`PARTITION BY`), so this is 12 500
 * inserts of all instances together: a quarter of an hour at full load, against a take-over within a minute. A range
 * inserted again even later adds rows that FINAL hides.
 */
const DEDUPLICATION_WINDOW = 100_000

/**
 * Money in a view: minor units by currency, nothing in it where the amount is unknown. A map cannot be added over currencies
 * by mistake; `sumMap` adds each for itself (B6).
 */
const byCurrency = (money: 'refunded' | 'order_amount') =>
  `if(isNull(i.${money}_minor), map(), map(assumeNotNull(i.${money}_currency)::String, assumeNotNull(i.${money}_minor)))
      AS ${money}_minor_by_currency`

/**
 * Tables keep every version that was inserted until ClickHouse merges; views show what holds. No view is fed by an
 * insert: it would count what a replay inserts again.
 */
export const statements: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS return_items (
    tenant_id LowCardinality(String),
    return_order_id String,
    return_item_id String,
    row_version UInt64 COMMENT 'generation and version in one number, the greater wins',
    generation Int32,
    version Int64,
    source_offset Int64 COMMENT 'offset of the event; a later deletion hides it',
    removed Bool COMMENT 'the item no longer applies, such as a kit that became its parts',
    origin LowCardinality(String),
    integration_id LowCardinality(String),
    channel_id LowCardinality(String),
    marketplace_id LowCardinality(Nullable(String)),
    order_reference String,
    order_source_rma_id Nullable(String),
    sales_order_id Nullable(String),
    link_status LowCardinality(String) COMMENT 'LINKED, PARTLY or WAITING',
    link_reason LowCardinality(Nullable(String)),
    item_link_status LowCardinality(String) COMMENT 'LINKED or UNASSIGNED',
    item_link_reason LowCardinality(Nullable(String)),
    status LowCardinality(String),
    amazon_status LowCardinality(Nullable(String)),
    resolution LowCardinality(String),
    amazon_resolution LowCardinality(Nullable(String)),
    return_type LowCardinality(Nullable(String)),
    requested_on Nullable(Date32),
    ordered_on Nullable(Date32),
    delivered_on Nullable(Date32),
    in_policy Nullable(Bool),
    is_prime Nullable(Bool),
    a_to_z_claim Nullable(Bool),
    ship_to_country LowCardinality(Nullable(String)),
    order_sub_types Array(LowCardinality(String)),
    sku Nullable(String),
    asin Nullable(String),
    title Nullable(String),
    quantity Int32 COMMENT 'units returned',
    ordered_quantity Nullable(Int32),
    variation_id Nullable(String),
    sales_order_item_id Nullable(String),
    kit_sku Nullable(String) COMMENT 'set on the parts of a kit',
    reason_raw LowCardinality(Nullable(String)) COMMENT 'as Amazon wrote it',
    reason_code LowCardinality(Nullable(String)) COMMENT 'normalised',
    return_reason_id LowCardinality(Nullable(String)) COMMENT 'as mapped at first import',
    refunded_minor Nullable(Int64) COMMENT 'minor units; NULL is unknown, never 0',
    refunded_currency LowCardinality(Nullable(String)),
    order_amount_minor Nullable(Int64),
    order_amount_currency LowCardinality(Nullable(String)),
    flags Array(LowCardinality(String)),
    first_imported_at DateTime64(3, 'UTC'),
    changed_at DateTime64(3, 'UTC'),
    CONSTRAINT quantity_not_negative CHECK quantity >= 0,
    CONSTRAINT refunded_has_currency CHECK isNull(refunded_minor) = isNull(refunded_currency)
  ) ENGINE = ReplacingMergeTree(row_version)
  PARTITION BY cityHash64(return_order_id) % 8
  ORDER BY (tenant_id, return_order_id, return_item_id)
  SETTINGS non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`,

  `CREATE TABLE IF NOT EXISTS return_deletions (
    return_order_id String,
    source_offset Int64,
    deleted_at DateTime64(3, 'UTC')
  ) ENGINE = ReplacingMergeTree(source_offset)
  ORDER BY return_order_id
  SETTINGS non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`,

  `CREATE TABLE IF NOT EXISTS report_runs (
    tenant_id LowCardinality(String),
    report_run_id String,
    source_offset Int64,
    integration_id LowCardinality(String),
    seller_id LowCardinality(Nullable(String)),
    marketplace_id LowCardinality(String),
    report_type LowCardinality(String),
    report_id Nullable(String),
    state LowCardinality(String),
    window_from Nullable(DateTime64(3, 'UTC')),
    window_to Nullable(DateTime64(3, 'UTC')),
    started_at DateTime64(3, 'UTC'),
    ended_at Nullable(DateTime64(3, 'UTC')),
    document_sha256 Nullable(String),
    bytes Nullable(Int64),
    rows_in_document Int64 COMMENT 'new + changed + unchanged + skipped + rejected',
    rows_new Int64,
    rows_changed Int64,
    rows_unchanged Int64,
    rows_skipped Map(LowCardinality(String), UInt64),
    rows_rejected Map(LowCardinality(String), UInt64),
    cancelled_class LowCardinality(Nullable(String)),
    error Nullable(String),
    CONSTRAINT rows_not_negative CHECK rows_in_document >= 0
  ) ENGINE = ReplacingMergeTree(source_offset)
  ORDER BY (tenant_id, report_run_id)
  SETTINGS non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`,

  `CREATE OR REPLACE VIEW current_report_runs AS SELECT * FROM report_runs FINAL`,

  `CREATE OR REPLACE VIEW current_return_items AS
  SELECT i.* EXCEPT (refunded_minor, refunded_currency, order_amount_minor, order_amount_currency),
    ${byCurrency('refunded')}, ${byCurrency('order_amount')}
  FROM return_items AS i FINAL
  LEFT JOIN (SELECT return_order_id, max(source_offset) AS deleted_offset, 1 AS deleted
             FROM return_deletions GROUP BY return_order_id) AS d USING return_order_id
  WHERE NOT i.removed AND (ifNull(d.deleted, 0) = 0 OR i.source_offset > d.deleted_offset)
  ${FINAL_WITHIN_PARTITIONS}`,

  `CREATE OR REPLACE VIEW return_reasons AS
  SELECT
    tenant_id,
    origin,
    channel_id,
    sku,
    ifNull(reason_code, 'unknown') AS reason,
    ifNull(return_reason_id, 'unmapped') AS return_reason,
    uniqExact(return_order_id) AS returns,
    count() AS items,
    sum(quantity) AS units,
    countIf(empty(i.refunded_minor_by_currency)) AS items_refund_unknown,
    sumMap(i.refunded_minor_by_currency) AS refunded_minor_by_currency
  FROM current_return_items AS i
  GROUP BY tenant_id, origin, channel_id, sku, reason, return_reason`,
]
