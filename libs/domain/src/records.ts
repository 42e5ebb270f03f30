// Generated from schemas/*/v*.avsc by `npm run generate`; do not edit.

import type { Instant, LocalDate } from './time.ts'

/** One row of a return report as Amazon wrote it, with its provenance. Cells stay text: what they mean is decided downstream, so that a mistake there is mended by a replay. */
export interface AmazonReturnRow {
  /** Owner of the data. Source: the API key or integration. */
  readonly tenantId: string
  /** Integration that read the row. Source: config-service. */
  readonly integrationId: string
  /** Version of the integration's settings when the row was read. Source: config-service. */
  readonly configVersion: number
  /** Amazon seller id. Source: the integration's authorisation. */
  readonly sellerId: string
  /** Amazon marketplace id the report was asked for. Source: report request. */
  readonly marketplaceId: string
  /** Sales channel the marketplace was mapped to. Source: settings version configVersion. */
  readonly channelId: string
  /** Identity of the row, assigned at first sight and sticky. Hex. Source: report-fetcher. */
  readonly rowId: string
  /** Identity of the return the row belongs to, sticky. Hex. Source: report-fetcher. */
  readonly returnId: string
  /** Amazon order id, trimmed. Source: Amazon return report, column "Order ID". */
  readonly orderReference: string
  /** What was odd about the row, a closed list: repeated_line. Source: report-fetcher. */
  readonly flags: readonly string[]
  /** Day the order was placed. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Order date". */
  readonly orderDate: string | null
  /** Day the buyer asked for the return. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return request date". */
  readonly returnRequestDate: string | null
  /** Status word, an open list. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return request status". */
  readonly returnRequestStatus: string | null
  /** Amazon's number of the return. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Amazon RMA ID". */
  readonly amazonRmaId: string | null
  /** The seller's own number of the return. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Merchant RMA ID". */
  readonly merchantRmaId: string | null
  /** Kind of return label. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Label type". */
  readonly labelType: string | null
  /** Decimal text in currencyCode. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Label cost". */
  readonly labelCost: string | null
  /** ISO 4217; applies to all amounts of the row. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Currency code". */
  readonly currencyCode: string | null
  /** Carrier of the return parcel. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return carrier". */
  readonly returnCarrier: string | null
  /** Tracking number of the return parcel. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Tracking ID". */
  readonly trackingId: string | null
  /** Who pays the label. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Label to be paid by". */
  readonly labelToBePaidBy: string | null
  /** Y or N. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "A-to-Z Claim". */
  readonly aToZClaim: string | null
  /** Y or N. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Is prime". */
  readonly isPrime: string | null
  /** Amazon's catalogue number. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "ASIN". */
  readonly asin: string | null
  /** The seller's SKU, leading zeros kept. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Merchant SKU". */
  readonly merchantSku: string | null
  /** Title of the item. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Item Name". */
  readonly itemName: string | null
  /** Whole units. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return quantity". */
  readonly returnQuantity: string | null
  /** Reason code, an open list. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return Reason". */
  readonly returnReason: string | null
  /** Y or N. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "In policy". */
  readonly inPolicy: string | null
  /** Kind of return, an open list. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return type". */
  readonly returnType: string | null
  /** What the buyer gets, an open list. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Resolution". */
  readonly resolution: string | null
  /** Invoice of the order. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Invoice number". */
  readonly invoiceNumber: string | null
  /** Day the parcel reached the seller. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Return delivery date". */
  readonly returnDeliveryDate: string | null
  /** Decimal text in currencyCode: price paid for the item. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Order Amount". */
  readonly orderAmount: string | null
  /** Whole units ordered. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Order quantity". */
  readonly orderQuantity: string | null
  /** SAFE-T reason. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "SafeT Action reason". */
  readonly safeTActionReason: string | null
  /** SAFE-T claim number. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "SafeT claim id". */
  readonly safeTClaimId: string | null
  /** SAFE-T state. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "SafeT claim state". */
  readonly safeTClaimState: string | null
  /** SAFE-T claim creation, text. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "SafeT claim creation time". */
  readonly safeTClaimCreationTime: string | null
  /** Decimal text in currencyCode. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "SafeT claim reimbursement amount". */
  readonly safeTClaimReimbursementAmount: string | null
  /** Decimal text in currencyCode; blank until refunded. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Refunded Amount". */
  readonly refundedAmount: string | null
  /** Product category. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Category". */
  readonly category: string | null
  /** VAT text. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "VAT". */
  readonly vat: string | null
  /** Amazon's order item id, in newer documents only. Trimmed text as Amazon wrote it, null when blank. Source: Amazon return report, column "Order Item ID". */
  readonly orderItemId: string | null
  /** Columns that Backhaul does not know, by header. Never buyer columns. Source: the report. */
  readonly extra: Readonly<Record<string, string>>
  /** Run that read the row. Source: report-fetcher. */
  readonly reportRunId: string
  /** Amazon's report id; null for an imported file. Source: Reports API. */
  readonly reportId: string | null
  /** Amazon's report type. Source: report request. */
  readonly reportType: string
  /** SHA-256 of the archived document, hex. Source: report-fetcher. */
  readonly documentSha256: string
  /** Number of the row in the document; the first row below the header is 1. Source: report-fetcher. */
  readonly rowNumber: number
  /** Start of the window asked for, UTC milliseconds, included; null for an imported file. */
  readonly windowFrom: Instant | null
  /** End of the window asked for, UTC milliseconds, excluded; null for an imported file. */
  readonly windowTo: Instant | null
  /** When Amazon finished the report, UTC milliseconds; orders competing observations. For an imported file the time of upload. */
  readonly observedAt: Instant
  /** When Backhaul read the document, UTC milliseconds. */
  readonly fetchedAt: Instant
  /** How the row came in: api, import or rebuild. */
  readonly source: string
}

/** Latest state of one sales order in one channel. A tombstone deletes it. Holds no buyer data: buyerRef points to the vault. */
export interface SalesOrder {
  /** Owner of the data. */
  readonly tenantId: string
  /** Id of the order in the seller's own system. Source: the order's source. */
  readonly salesOrderId: string
  /** The marketplace's number of the order, trimmed; an Amazon order id for Amazon orders. */
  readonly orderReference: string
  /** Sales channel that holds the order. Source: config-service. */
  readonly channelId: string
  /** Where the order came from: amazon, graphql, rest, file, or the name of a shop. */
  readonly source: string
  /** Grows with each change at the source; older never overwrites newer. */
  readonly sourceVersion: number
  /** Time of purchase, UTC milliseconds. */
  readonly orderedAt: Instant
  /** Order status word of the source. */
  readonly status: string | null
  /** Payment status word of the source. */
  readonly paymentStatus: string | null
  /** Shipping status word of the source. */
  readonly shippingStatus: string | null
  /** Dropship status word of the source. */
  readonly dropshipStatus: string | null
  /** MFN (by the seller) or AFN (by Amazon). */
  readonly fulfillmentChannel: string | null
  /** Sub types such as Prime or Business. */
  readonly subTypes: readonly string[]
  /** Folder of the order in the seller's system. */
  readonly folder: string | null
  /** Notes on the order; never buyer data. */
  readonly notes: readonly OrderNote[]
  /** ISO 4217 code of the order. */
  readonly currency: string | null
  /** Total of the order, VAT included. */
  readonly total: Money | null
  /** VAT inside the total. */
  readonly vat: Money | null
  /** Opaque reference into the buyer vault; never the buyer. */
  readonly buyerRef: string | null
  /** Country shipped to, ISO 3166-1 alpha-2. */
  readonly shipToCountry: string | null
  /** Null when the source does not say. */
  readonly cancelRequested: CancelRequest | null
  /** Lines of the order. */
  readonly items: readonly SalesOrderItem[]
  /** Free key and value pairs of the source; never buyer data. */
  readonly metadata: Readonly<Record<string, string>>
}

/** A note on the order. */
export interface OrderNote {
  /** What the note is about. */
  readonly kind: string
  /** The note. */
  readonly text: string
}

/** An amount of money. Never added over currencies; absent money is null, never 0. */
export interface Money {
  /** Amount in minor units of the currency (cents). Source: computed from the decimal text of the source. */
  readonly amountMinor: number
  /** ISO 4217 code. Source: the record the amount was read from. */
  readonly currency: string
}

/** The buyer's wish to cancel. */
export interface CancelRequest {
  /** yes, no or unknown. */
  readonly value: string
  /** Reason as the buyer gave it. */
  readonly reason: string | null
  /** When the request must be answered, UTC milliseconds. */
  readonly deadlineAt: Instant | null
}

/** One line of the order. */
export interface SalesOrderItem {
  /** Id of the line in the seller's system. */
  readonly salesOrderItemId: string
  /** Amazon's order item id. */
  readonly orderItemId: string | null
  /** The seller's SKU, exact. */
  readonly sku: string
  /** Amazon's catalogue number. */
  readonly asin: string | null
  /** Item variation in the seller's catalogue. */
  readonly variationId: string | null
  /** Title of the item. */
  readonly title: string | null
  /** Units ordered. */
  readonly quantity: number
  /** Price of the line for its whole quantity. */
  readonly price: Money | null
  /** Parts, when the line is a kit; else empty. */
  readonly components: readonly KitComponent[]
}

/** One part of a kit. */
export interface KitComponent {
  /** SKU of the part. */
  readonly sku: string
  /** Item variation of the part. */
  readonly variationId: string | null
  /** Units of the part in one kit. */
  readonly quantity: number
}

/** Latest state of one return, for everyone: full state, version and what changed. */
export interface ReturnOrder {
  /** Owner of the data. */
  readonly tenantId: string
  /** Identity, a UUIDv5 of the return id. */
  readonly returnOrderId: string
  /** Counts full rebuilds. Readers keep the greater (generation, version). */
  readonly generation: number
  /** Counts the emitted changes of this return within a generation, from 1. */
  readonly version: number
  /** Integration the return came through. */
  readonly integrationId: string
  /** Settings version of the newest row. */
  readonly configVersion: number
  /** ReturnOrderOriginEnum; integration for all returns read from a marketplace. */
  readonly origin: string
  /** Sales channel the marketplace is mapped to. */
  readonly channelId: string
  /** Amazon marketplace id. */
  readonly marketplaceId: string | null
  /** Amazon seller id. */
  readonly sellerId: string | null
  /** The marketplace's order number. */
  readonly orderReference: string
  /** The marketplace's number of the return (Amazon RMA ID). */
  readonly orderSourceRmaId: string | null
  /** The seller's own number of the return. */
  readonly merchantRmaId: string | null
  /** Link to the sales order. */
  readonly link: OrderLink
  /** Ours: open, approved, in_transit, received, refunded, closed, rejected or cancelled. */
  readonly status: string
  /** Status word of the marketplace. */
  readonly amazonStatus: string | null
  /** Ours: refund, replacement or none. */
  readonly resolution: string
  /** Resolution word of the marketplace. */
  readonly amazonResolution: string | null
  /** Kind of return, word of the marketplace. */
  readonly returnType: string | null
  /** Calendar day of the request, without zone. */
  readonly requestedOn: LocalDate | null
  /** Calendar day of the order, without zone. */
  readonly orderedOn: LocalDate | null
  /** Calendar day the return reached the seller. */
  readonly deliveredOn: LocalDate | null
  /** Within the return policy; null when unknown. */
  readonly inPolicy: boolean | null
  /** Prime order; null when unknown. */
  readonly isPrime: boolean | null
  /** A-to-z claim exists; null when unknown. */
  readonly aToZClaim: boolean | null
  /** Invoice of the order. */
  readonly invoiceNumber: string | null
  /** Opaque reference into the buyer vault, from the sales order. */
  readonly buyerRef: string | null
  /** Country the order was shipped to, from the sales order, ISO 3166-1 alpha-2. */
  readonly shipToCountry: string | null
  /** Sub types of the sales order, such as Prime. */
  readonly orderSubTypes: readonly string[]
  /** Items; those that no longer apply stay with removed = true. */
  readonly items: readonly ReturnItem[]
  /** Parcels. */
  readonly parcels: readonly ReturnParcel[]
  /** Notes; the tracking number is one too. */
  readonly notes: readonly ReturnNote[]
  /** SAFE-T claim, if any. */
  readonly safeT: SafeTClaim | null
  /** What changed since the version before; empty in version 1. */
  readonly changes: readonly FieldChange[]
  /** When the first row of the return was read, UTC milliseconds. */
  readonly firstImportedAt: Instant
  /** Time of the input that made this version, UTC milliseconds. */
  readonly changedAt: Instant
  /** The newest row behind each item. */
  readonly provenance: readonly RowProvenance[]
}

/** Whether and how the return is tied to its sales order. */
export interface OrderLink {
  /** LINKED, PARTLY or WAITING. */
  readonly status: string
  /** Why not fully linked, from the closed list in libs/domain; null when LINKED. */
  readonly reason: string | null
  /** The reason in words with the next step; null when LINKED. */
  readonly detail: string | null
  /** Sales order in the seller's system; null while WAITING. */
  readonly salesOrderId: string | null
}

/** One returned item, or one part of a returned kit. */
export interface ReturnItem {
  /** Identity, a UUIDv5 under the return. */
  readonly returnItemId: string
  /** True when the item no longer applies (a kit parent that was expanded). */
  readonly removed: boolean
  /** Link to the order item. */
  readonly link: ItemLink
  /** The seller's SKU. */
  readonly sku: string | null
  /** Amazon's catalogue number. */
  readonly asin: string | null
  /** Title of the item. */
  readonly title: string | null
  /** Units returned; never above the ordered quantity. */
  readonly quantity: number
  /** Units ordered; null when unknown. */
  readonly orderedQuantity: number | null
  /** Item variation, from the sales order. */
  readonly variationId: string | null
  /** Line of the sales order. */
  readonly salesOrderItemId: string | null
  /** SKU of the kit, set on its components. */
  readonly kitSku: string | null
  /** Reason in its forms. */
  readonly reason: ReturnReason
  /** Refunded so far; null is unknown, never 0. */
  readonly refunded: Money | null
  /** Price paid for the item. */
  readonly orderAmount: Money | null
  /** Oddities: repeated_line, quantity_above_order. */
  readonly flags: readonly string[]
}

/** Whether the item is tied to a line of the sales order. */
export interface ItemLink {
  /** LINKED or UNASSIGNED. */
  readonly status: string
  /** Why not, from the closed list; null when LINKED. */
  readonly reason: string | null
}

/** Why the buyer sent it back. */
export interface ReturnReason {
  /** As Amazon wrote it. */
  readonly raw: string | null
  /** Normalised code. */
  readonly code: string | null
  /** Mapped return reason, frozen at first import; null when unmapped. */
  readonly returnReasonId: string | null
  /** Settings version whose mapping was used. */
  readonly mappedByConfigVersion: number | null
}

/** One parcel on its way back. */
export interface ReturnParcel {
  /** Identity, a UUIDv5 under the return. */
  readonly parcelId: string
  /** Tracking number. */
  readonly trackingNumber: string | null
  /** Carrier. */
  readonly carrier: string | null
  /** announced, in_transit or delivered. */
  readonly status: string
  /** Label word of the marketplace. */
  readonly labelType: string | null
  /** Cost of the label. */
  readonly labelCost: Money | null
  /** Who pays the label, word of the marketplace. */
  readonly labelPaidBy: string | null
  /** Calendar day of delivery to the seller. */
  readonly deliveredOn: LocalDate | null
}

/** A note on the return. */
export interface ReturnNote {
  /** What the note is about, such as tracking. */
  readonly kind: string
  /** The note. */
  readonly text: string
}

/** The seller's claim for reimbursement. */
export interface SafeTClaim {
  /** Claim number. */
  readonly claimId: string
  /** State word. */
  readonly state: string | null
  /** Reason word. */
  readonly reason: string | null
  /** Creation time, as Amazon wrote it. */
  readonly createdAt: string | null
  /** Reimbursed; null is unknown. */
  readonly reimbursed: Money | null
}

/** One changed field. */
export interface FieldChange {
  /** Path of the field, such as items[3f…].reason.raw. */
  readonly path: string
  /** Value before, JSON; null when the field was absent. */
  readonly before: string | null
  /** Value after, JSON; null when the field is gone. */
  readonly after: string | null
}

/** Where a row of the return stands. */
export interface RowProvenance {
  /** Identity of the row. */
  readonly rowId: string
  /** Amazon's report id. */
  readonly reportId: string | null
  /** SHA-256 of the archived document, hex. */
  readonly documentSha256: string
  /** Row in the document, from 1. */
  readonly rowNumber: number
  /** When Amazon finished the report, UTC milliseconds. */
  readonly observedAt: Instant
}

/** Begin or end of one report read, with counts that add up: rowsInDocument = new + changed + unchanged + skipped + rejected. */
export interface ReportRun {
  /** Identity of the run. Source: report-fetcher. */
  readonly reportRunId: string
  /** Owner of the data. */
  readonly tenantId: string
  /** Integration that asked. */
  readonly integrationId: string
  /** Amazon seller id. */
  readonly sellerId: string | null
  /** Amazon marketplace id. */
  readonly marketplaceId: string
  /** Amazon's report type. */
  readonly reportType: string
  /** Amazon's report id, once known. */
  readonly reportId: string | null
  /** Start of the window, UTC milliseconds, included. */
  readonly windowFrom: Instant | null
  /** End of the window, UTC milliseconds, excluded. */
  readonly windowTo: Instant | null
  /** State of the run, as in the fetcher's ledger. */
  readonly state: string
  /** Start of the run, UTC milliseconds. */
  readonly startedAt: Instant
  /** End of the run, UTC milliseconds. */
  readonly endedAt: Instant | null
  /** SHA-256 of the archived document, hex. */
  readonly documentSha256: string | null
  /** Size of the document in bytes as received. */
  readonly bytes: number | null
  /** Rows below the header. */
  readonly rowsInDocument: number
  /** Rows never seen before. */
  readonly new: number
  /** Rows whose content changed. */
  readonly changed: number
  /** Rows published before with the same content. */
  readonly unchanged: number
  /** Rows left out on purpose, by reason. */
  readonly skipped: Readonly<Record<string, number>>
  /** Rows that could not be read, by reason. */
  readonly rejected: Readonly<Record<string, number>>
  /** Why Amazon cancelled the report; null unless cancelled. */
  readonly cancelledClass: string | null
  /** What went wrong, in words without buyer data. */
  readonly error: string | null
  /** Pieces of the document that are on the topic with this record: a document of many rows is published in several transactions. Source: report-fetcher. */
  readonly position: number
  /** Up to where the window was read, or is known to hold no returns, UTC milliseconds; null while neither is. A window without it is a hole. */
  readonly provenTo: Instant | null
  /** Rows of the document by the day of their request as Amazon wrote it (YYYY-MM-DD); 'other' for rows without one. Rejected rows are in none. */
  readonly rowsByDay: Readonly<Record<string, number>>
}

/** Changelog of the reconciler's derived state of one order; internal. */
export interface OrderState {
  /** Owner of the data. */
  readonly tenantId: string
  /** The marketplace's order number. */
  readonly orderReference: string
  /** Rows by identity. */
  readonly rows: readonly RowState[]
  /** Returns by identity. */
  readonly returns: readonly EmittedReturn[]
  /** Positions of both inputs, to check the changelog against the committed offsets. */
  readonly inputs: readonly InputPosition[]
}

/** What the reconciler knows of one row. */
export interface RowState {
  /** Identity of the row. */
  readonly rowId: string
  /** AmazonReturnRow with all later cells merged in, in registry wire format. */
  readonly row: Uint8Array
  /** True once the row passed the import settings; sticky. */
  readonly imported: boolean
  /** Null until imported. */
  readonly frozen: FrozenReason | null
}

/** The mapping as of first import. */
export interface FrozenReason {
  /** Mapped return reason; null when unmapped. */
  readonly returnReasonId: string | null
  /** Normalised reason that was mapped. */
  readonly amazonReason: string | null
  /** Settings version used. */
  readonly configVersion: number
}

/** What was last emitted for one return. */
export interface EmittedReturn {
  /** Identity of the return. */
  readonly returnOrderId: string
  /** ReturnOrder as last emitted, in registry wire format. */
  readonly returnOrder: Uint8Array
}

/** How far an input was read when this state was written. */
export interface InputPosition {
  /** Input topic, without prefix. */
  readonly topic: string
  /** Offset of the next record to read. */
  readonly nextOffset: number
}

/** The records that topics carry, by name. */
export interface RecordTypes {
  readonly AmazonReturnRow: AmazonReturnRow
  readonly SalesOrder: SalesOrder
  readonly ReturnOrder: ReturnOrder
  readonly ReportRun: ReportRun
  readonly OrderState: OrderState
}
