/** How a report type is served. */
export interface ReportType {
  readonly content: 'returns' | 'fba-returns' | 'orders'
  readonly format: 'flat' | 'xml'
  /** Goods of merchant-fulfilled orders: an FBA-only seller has none. */
  readonly merchantFulfilled: boolean
}

/** The report types that the simulator knows; any other is refused. */
export const REPORT_TYPES: Readonly<Record<string, ReportType>> = {
  GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE: { content: 'returns', format: 'flat', merchantFulfilled: true },
  GET_XML_RETURNS_DATA_BY_RETURN_DATE: { content: 'returns', format: 'xml', merchantFulfilled: true },
  GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA: {
    content: 'fba-returns',
    format: 'flat',
    merchantFulfilled: false,
  },
  GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL: {
    content: 'orders',
    format: 'flat',
    merchantFulfilled: false,
  },
}
