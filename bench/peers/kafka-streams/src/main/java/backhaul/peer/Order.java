package backhaul.peer;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** Where the fields of a SalesOrder, its lines and their components stand. */
final class Order {
  private static final Schema LINE = Schemas.of(Schemas.ORDER, "items").getElementType();
  private static final Schema COMPONENT = Schemas.of(LINE, "components").getElementType();

  static final int TENANT_ID = at("tenantId"), ID = at("salesOrderId"), REFERENCE = at("orderReference"),
      CHANNEL_ID = at("channelId"), SOURCE_VERSION = at("sourceVersion"), SUB_TYPES = at("subTypes"),
      BUYER_REF = at("buyerRef"), SHIP_TO = at("shipToCountry"), ITEMS = at("items");
  static final int LINE_ID = at(LINE, "salesOrderItemId"), LINE_ORDER_ITEM_ID = at(LINE, "orderItemId"),
      LINE_SKU = at(LINE, "sku"), LINE_ASIN = at(LINE, "asin"), LINE_VARIATION_ID = at(LINE, "variationId"),
      LINE_QUANTITY = at(LINE, "quantity"), LINE_COMPONENTS = at(LINE, "components");
  static final int PART_SKU = at(COMPONENT, "sku"), PART_VARIATION_ID = at(COMPONENT, "variationId"),
      PART_QUANTITY = at(COMPONENT, "quantity");

  private Order() {}

  static String text(GenericRecord record, int field) {
    return (String) record.get(field);
  }

  @SuppressWarnings("unchecked")
  static List<GenericRecord> list(GenericRecord record, int field) {
    return (List<GenericRecord>) record.get(field);
  }

  private static int at(String field) {
    return at(Schemas.ORDER, field);
  }

  private static int at(Schema schema, String field) {
    return schema.getField(field).pos();
  }
}
