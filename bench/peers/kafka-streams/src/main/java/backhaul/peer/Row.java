package backhaul.peer;

import org.apache.avro.generic.GenericRecord;

/** Where the fields of an AmazonReturnRow stand. */
final class Row {
  static final int TENANT_ID = at("tenantId"), INTEGRATION_ID = at("integrationId"), CONFIG_VERSION = at("configVersion"),
      SELLER_ID = at("sellerId"), MARKETPLACE_ID = at("marketplaceId"), CHANNEL_ID = at("channelId"), ROW_ID = at("rowId"),
      RETURN_ID = at("returnId"), ORDER_REFERENCE = at("orderReference"), FLAGS = at("flags"), ORDER_DATE = at("orderDate"),
      REQUEST_DATE = at("returnRequestDate"), STATUS = at("returnRequestStatus"), RMA_ID = at("amazonRmaId"),
      MERCHANT_RMA_ID = at("merchantRmaId"), LABEL_TYPE = at("labelType"), LABEL_COST = at("labelCost"),
      CURRENCY = at("currencyCode"), CARRIER = at("returnCarrier"), TRACKING_ID = at("trackingId"),
      LABEL_PAID_BY = at("labelToBePaidBy"), A_TO_Z = at("aToZClaim"), IS_PRIME = at("isPrime"), ASIN = at("asin"),
      SKU = at("merchantSku"), ITEM_NAME = at("itemName"), QUANTITY = at("returnQuantity"), REASON = at("returnReason"),
      IN_POLICY = at("inPolicy"), RETURN_TYPE = at("returnType"), RESOLUTION = at("resolution"),
      INVOICE_NUMBER = at("invoiceNumber"), DELIVERY_DATE = at("returnDeliveryDate"), ORDER_AMOUNT = at("orderAmount"),
      ORDER_QUANTITY = at("orderQuantity"), SAFE_T_REASON = at("safeTActionReason"), SAFE_T_ID = at("safeTClaimId"),
      SAFE_T_STATE = at("safeTClaimState"), SAFE_T_CREATED = at("safeTClaimCreationTime"),
      SAFE_T_REIMBURSED = at("safeTClaimReimbursementAmount"), REFUNDED = at("refundedAmount"),
      ORDER_ITEM_ID = at("orderItemId"), EXTRA = at("extra"), REPORT_ID = at("reportId"), DOCUMENT = at("documentSha256"),
      ROW_NUMBER = at("rowNumber"), OBSERVED_AT = at("observedAt"), FETCHED_AT = at("fetchedAt");

  private Row() {}

  static String text(GenericRecord row, int field) {
    return (String) row.get(field);
  }

  private static int at(String field) {
    return Schemas.ROW.getField(field).pos();
  }
}
