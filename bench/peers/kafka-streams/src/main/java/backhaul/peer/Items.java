package backhaul.peer;

import backhaul.peer.KnownOrder.RowFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** The items of one row: its own, or, where its order line is a kit, one for each part. */
final class Items {
  private static final Schema ITEM = Schemas.of(Schemas.RETURN, "items").getElementType();
  private static final Schema LINK = Schemas.of(ITEM, "link");
  private static final Schema REASON = Schemas.of(ITEM, "reason");
  static final int ID = at("returnItemId"), REMOVED = at("removed"), LINKED = at("link"), SKU = at("sku"),
      REFUNDED = at("refunded");
  private static final int ASIN = at("asin"), TITLE = at("title"), QUANTITY = at("quantity"), ORDERED = at("orderedQuantity"),
      VARIATION_ID = at("variationId"), ORDER_ITEM = at("salesOrderItemId"), KIT_SKU = at("kitSku"),
      REASON_AT = at("reason"), ORDER_AMOUNT = at("orderAmount"), FLAGS = at("flags");

  private Items() {}

  static void addTo(List<GenericRecord> items, String returnOrderId, RowFacts facts, GenericRecord line,
      boolean orderKnown, Settings.Version settings) {
    var item = own(returnOrderId, facts, line, orderKnown);
    items.add(item);
    if (line == null || !settings.expandKits() || Order.list(line, Order.LINE_COMPONENTS).isEmpty()) return;
    item.put(REMOVED, true);
    var rowId = Row.text(facts.row(), Row.ROW_ID);
    for (var part : partsBySku(line).entrySet()) {
      var id = Ids.uuidOf(returnOrderId + "/item/" + rowId + "/" + part.getKey());
      items.add(ofPart(item, id, part.getKey(), line, part.getValue()));
    }
  }

  /** A copy that says it no longer applies. */
  static GenericRecord removed(GenericRecord item) {
    var copy = copyOf(item);
    copy.put(REMOVED, true);
    return copy;
  }

  static boolean isUnassigned(GenericRecord item) {
    return !(Boolean) item.get(REMOVED) && ((GenericRecord) item.get(LINKED)).get(0).equals("UNASSIGNED");
  }

  private record Part(String variationId, int quantity) {}

  private static LinkedHashMap<String, Part> partsBySku(GenericRecord line) {
    var parts = new LinkedHashMap<String, Part>();
    for (var component : Order.list(line, Order.LINE_COMPONENTS)) {
      var part = new Part(Order.text(component, Order.PART_VARIATION_ID), (Integer) component.get(Order.PART_QUANTITY));
      parts.merge(Order.text(component, Order.PART_SKU), part,
          (known, more) -> new Part(known.variationId(), known.quantity() + more.quantity()));
    }
    return parts;
  }

  private static GenericRecord ofPart(GenericRecord kit, String id, String sku, GenericRecord line, Part part) {
    var item = copyOf(kit);
    item.put(ID, id);
    item.put(REMOVED, false);
    item.put(SKU, sku);
    item.put(ASIN, null);
    item.put(TITLE, null);
    item.put(QUANTITY, (Integer) kit.get(QUANTITY) * part.quantity());
    item.put(ORDERED, (Integer) line.get(Order.LINE_QUANTITY) * part.quantity());
    item.put(VARIATION_ID, part.variationId());
    item.put(KIT_SKU, line.get(Order.LINE_SKU));
    item.put(REFUNDED, null);
    item.put(ORDER_AMOUNT, null);
    return item;
  }

  @SuppressWarnings("unchecked")
  private static GenericRecord own(String returnOrderId, RowFacts facts, GenericRecord line, boolean orderKnown) {
    var row = facts.row();
    var units = Cells.units(Row.text(row, Row.QUANTITY));
    long returned = units == null ? 1 : units;
    Long ordered = line == null ? Cells.units(Row.text(row, Row.ORDER_QUANTITY))
        : Long.valueOf((Integer) line.get(Order.LINE_QUANTITY));
    boolean above = ordered != null && returned > ordered;
    var currency = Row.text(row, Row.CURRENCY);
    var item = new GenericData.Record(ITEM);
    item.put(ID, Ids.uuidOf(returnOrderId + "/item/" + Row.text(row, Row.ROW_ID)));
    item.put(REMOVED, false);
    item.put(LINKED, link(line, orderKnown));
    item.put(SKU, row.get(Row.SKU));
    item.put(ASIN, row.get(Row.ASIN));
    item.put(TITLE, row.get(Row.ITEM_NAME));
    item.put(QUANTITY, Math.toIntExact(above ? ordered : returned));
    item.put(ORDERED, ordered == null ? null : Math.toIntExact(ordered));
    item.put(VARIATION_ID, line == null ? null : line.get(Order.LINE_VARIATION_ID));
    item.put(ORDER_ITEM, line == null ? null : line.get(Order.LINE_ID));
    item.put(KIT_SKU, null);
    item.put(REASON_AT, reason(facts));
    item.put(REFUNDED, Monies.read(Row.text(row, Row.REFUNDED), currency));
    item.put(ORDER_AMOUNT, Monies.read(Row.text(row, Row.ORDER_AMOUNT), currency));
    var flags = (List<String>) row.get(Row.FLAGS);
    if (above) {
      flags = new ArrayList<>(flags);
      flags.add("quantity_above_order");
    }
    item.put(FLAGS, flags);
    return item;
  }

  private static GenericRecord link(GenericRecord line, boolean orderKnown) {
    var link = new GenericData.Record(LINK);
    link.put(0, line != null ? "LINKED" : "UNASSIGNED");
    link.put(1, line == null && orderKnown ? "SKU_UNKNOWN" : null);
    return link;
  }

  private static GenericRecord reason(RowFacts facts) {
    var reason = new GenericData.Record(REASON);
    reason.put(0, facts.row().get(Row.REASON));
    if (facts.frozen() != null) {
      reason.put(1, facts.frozen().amazonReason());
      reason.put(2, facts.frozen().returnReasonId());
      reason.put(3, facts.frozen().configVersion());
    }
    return reason;
  }

  private static GenericRecord copyOf(GenericRecord item) {
    var copy = new GenericData.Record(ITEM);
    for (int field = 0; field < ITEM.getFields().size(); field++) copy.put(field, item.get(field));
    return copy;
  }

  private static int at(String field) {
    return ITEM.getField(field).pos();
  }
}
