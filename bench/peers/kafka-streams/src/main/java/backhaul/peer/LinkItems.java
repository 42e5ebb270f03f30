package backhaul.peer;

import backhaul.peer.KnownOrder.RowFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/**
 * Finds the order line of each row: exact SKU; among several the one with the row's order item id, else its ASIN, else
 * the first with units left.
 */
final class LinkItems {
  /** Rows that name their line come first, so that the others share what is left. */
  private static final Comparator<RowFacts> NAMED_FIRST = Comparator
      .comparing((RowFacts facts) -> facts.row().get(Row.ORDER_ITEM_ID) == null)
      .thenComparing(facts -> Row.text(facts.row(), Row.ROW_ID));

  private LinkItems() {}

  /** Lines by row id. */
  static Map<String, GenericRecord> of(List<RowFacts> rows, GenericRecord order) {
    var items = Order.list(order, Order.ITEMS);
    var left = new HashMap<String, Long>();
    for (var item : items) left.put(Order.text(item, Order.LINE_ID), (long) (Integer) item.get(Order.LINE_QUANTITY));
    var linked = new HashMap<String, GenericRecord>();
    var inOrder = new ArrayList<>(rows);
    inOrder.sort(NAMED_FIRST);
    for (var facts : inOrder) {
      var row = facts.row();
      var line = lineOf(row, items, left);
      if (line == null) continue;
      linked.put(Row.text(row, Row.ROW_ID), line);
      var units = Cells.units(Row.text(row, Row.QUANTITY));
      left.merge(Order.text(line, Order.LINE_ID), units == null ? -1 : -units, Long::sum);
    }
    return linked;
  }

  private static GenericRecord lineOf(GenericRecord row, List<GenericRecord> items, Map<String, Long> left) {
    var orderItemId = Row.text(row, Row.ORDER_ITEM_ID);
    var asin = Row.text(row, Row.ASIN);
    GenericRecord byAsin = null, withUnits = null, first = null;
    for (var item : items) {
      if (!Order.text(item, Order.LINE_SKU).equals(Row.text(row, Row.SKU))) continue;
      if (orderItemId != null && orderItemId.equals(item.get(Order.LINE_ORDER_ITEM_ID))) return item;
      if (first == null) first = item;
      if (left.get(Order.text(item, Order.LINE_ID)) <= 0) continue;
      if (withUnits == null) withUnits = item;
      if (byAsin == null && asin != null && asin.equals(item.get(Order.LINE_ASIN))) byAsin = item;
    }
    if (byAsin != null) return byAsin;
    return withUnits != null ? withUnits : first;
  }
}
