// Layout of a record batch, version 2. Source: Kafka protocol guide, "Record Batch".
export const LENGTH_AT = 8
export const LENGTH_FROM = 12
export const MAGIC_AT = 16
export const CRC_AT = 17
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
export const PRODUCER_EPOCH_AT = 51
export const BASE_SEQUENCE_AT = 53
export const COUNT_AT = 57
export const RECORDS_AT = 61

export const MAGIC = 2

export const COMPRESSION_BITS = 0b111
export const LOG_APPEND_TIME_BIT = 0b1000
export const TRANSACTIONAL_BIT = 0b1_0000
export const CONTROL_BIT = 0b10_0000
