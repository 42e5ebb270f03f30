/** What tells that the group of Kafka had offsets, should it lose them. */
export const statements: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS begun_partitions (
    topic String,
    partition UInt32,
    generation UInt32 COMMENT 'SINK_GENERATION: tables that are filled anew begin anew',
    begun_at DateTime64(3, 'UTC') DEFAULT now64(3)
  ) ENGINE = ReplacingMergeTree ORDER BY (topic, partition, generation)`,
]
