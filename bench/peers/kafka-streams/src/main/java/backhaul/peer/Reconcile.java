package backhaul.peer;

import backhaul.peer.KnownOrder.RowFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Everything that follows from the facts of one order: one ReturnOrder for each return with an imported row. */
final class Reconcile {
  private static final Schema LINK = Schemas.of(Schemas.RETURN, "link");
  private static final Schema SAFE_T = Schemas.of(Schemas.RETURN, "safeT");
  private static final Schema PROVENANCE = Schemas.of(Schemas.RETURN, "provenance").getElementType();
  static final int ID = at("returnOrderId"), ITEMS = at("items"), FIRST_IMPORTED_AT = at("firstImportedAt");

  private Reconcile() {}

  /** Contents without generation, version, changes and changedAt, sorted by id. */
  static List<GenericRecord> of(KnownOrder order, Settings settings) throws Rejected {
    var imported = new ArrayList<RowFacts>(order.rows.size());
    for (var facts : order.rows.values()) if (facts.imported()) imported.add(facts);
    imported.sort(Comparator.comparing(facts -> Row.text(facts.row(), Row.ROW_ID)));
    var byReturn = new LinkedHashMap<String, List<RowFacts>>();
    for (var facts : imported) {
      byReturn.computeIfAbsent(Row.text(facts.row(), Row.RETURN_ID), none -> new ArrayList<>(2)).add(facts);
    }
    var contents = new ArrayList<GenericRecord>(byReturn.size());
    for (var rows : byReturn.values()) contents.add(content(rows, order, imported, settings));
    contents.sort(Comparator.comparing(content -> (String) content.get(ID)));
    return contents;
  }

  private static GenericRecord content(List<RowFacts> rows, KnownOrder known, List<RowFacts> rowsOfOrder, Settings settings)
      throws Rejected {
    var newest = rows.getFirst().row();
    for (var facts : rows) {
      if ((Long) facts.row().get(Row.OBSERVED_AT) > (Long) newest.get(Row.OBSERVED_AT)) newest = facts.row();
    }
    var version = settings.get(Row.text(newest, Row.INTEGRATION_ID), (Integer) newest.get(Row.CONFIG_VERSION));
    var channelId = Row.text(newest, Row.CHANNEL_ID);
    var order = known.salesOrders.get(channelId);
    var returnOrderId = Ids.uuidOf(Row.text(newest, Row.RETURN_ID));
    var lines = order == null ? Map.<String, GenericRecord>of() : LinkItems.of(inChannel(rowsOfOrder, channelId), order);
    var items = new ArrayList<GenericRecord>();
    for (var facts : rows) {
      Items.addTo(items, returnOrderId, facts, lines.get(Row.text(facts.row(), Row.ROW_ID)), order != null, version);
    }
    var parcels = Parcels.of(returnOrderId, rows);
    Integer deliveredOn = null;
    for (var parcel : parcels) {
      var day = (Integer) parcel.get(Parcels.DELIVERED_ON);
      if (day != null && (deliveredOn == null || day > deliveredOn)) deliveredOn = day;
    }
    var cells = new Cell(newest, rows);
    var content = new GenericData.Record(Schemas.RETURN);
    content.put("tenantId", newest.get(Row.TENANT_ID));
    content.put(ID, returnOrderId);
    content.put("integrationId", newest.get(Row.INTEGRATION_ID));
    content.put("configVersion", newest.get(Row.CONFIG_VERSION));
    content.put("origin", "integration");
    content.put("channelId", channelId);
    content.put("marketplaceId", newest.get(Row.MARKETPLACE_ID));
    content.put("sellerId", newest.get(Row.SELLER_ID));
    content.put("orderReference", newest.get(Row.ORDER_REFERENCE));
    content.put("orderSourceRmaId", cells.of(Row.RMA_ID));
    content.put("merchantRmaId", cells.of(Row.MERCHANT_RMA_ID));
    content.put("link", link(channelId, order, known.salesOrders, items, settings));
    content.put("status", Words.status(cells.of(Row.STATUS), items.stream().anyMatch(Reconcile::isRefunded),
        deliveredOn != null, rows.stream().anyMatch(Reconcile::isTracked)));
    content.put("amazonStatus", cells.of(Row.STATUS));
    content.put("resolution", Words.resolution(cells.of(Row.RESOLUTION)));
    content.put("amazonResolution", cells.of(Row.RESOLUTION));
    content.put("returnType", cells.of(Row.RETURN_TYPE));
    content.put("requestedOn", Cells.date(cells.of(Row.REQUEST_DATE)));
    content.put("orderedOn", Cells.date(cells.of(Row.ORDER_DATE)));
    content.put("deliveredOn", deliveredOn);
    content.put("inPolicy", Cells.flag(cells.of(Row.IN_POLICY)));
    content.put("isPrime", Cells.flag(cells.of(Row.IS_PRIME)));
    content.put("aToZClaim", Cells.flag(cells.of(Row.A_TO_Z)));
    content.put("invoiceNumber", cells.of(Row.INVOICE_NUMBER));
    content.put("buyerRef", order == null ? null : order.get(Order.BUYER_REF));
    content.put("shipToCountry", order == null ? null : order.get(Order.SHIP_TO));
    content.put("orderSubTypes", order == null ? List.of() : order.get(Order.SUB_TYPES));
    content.put(ITEMS, items);
    content.put("parcels", parcels);
    content.put("notes", Parcels.notes(parcels));
    content.put("safeT", safeT(rows));
    long firstImportedAt = Long.MAX_VALUE;
    var provenance = new ArrayList<GenericRecord>(rows.size());
    for (var facts : rows) {
      firstImportedAt = Math.min(firstImportedAt, (Long) facts.row().get(Row.FETCHED_AT));
      provenance.add(provenance(facts.row()));
    }
    content.put(FIRST_IMPORTED_AT, firstImportedAt);
    content.put("provenance", provenance);
    return content;
  }

  /** The newest row's cell, or the first that is not blank. */
  private record Cell(GenericRecord newest, List<RowFacts> rows) {
    String of(int field) {
      if (newest.get(field) != null) return Row.text(newest, field);
      for (var facts : rows) if (facts.row().get(field) != null) return Row.text(facts.row(), field);
      return null;
    }
  }

  private static List<RowFacts> inChannel(List<RowFacts> rows, String channelId) {
    return rows.stream().filter(facts -> channelId.equals(facts.row().get(Row.CHANNEL_ID))).toList();
  }

  private static boolean isRefunded(GenericRecord item) {
    var refunded = (GenericRecord) item.get(Items.REFUNDED);
    return refunded != null && (Long) refunded.get(0) > 0;
  }

  private static boolean isTracked(RowFacts facts) {
    return Cells.tracking(Row.text(facts.row(), Row.TRACKING_ID)) != null;
  }

  private static GenericRecord link(String channelId, GenericRecord order, Map<String, GenericRecord> salesOrders,
      List<GenericRecord> items, Settings settings) {
    if (order != null) {
      var unknown = items.stream().filter(Items::isUnassigned)
          .map(item -> item.get(Items.SKU) == null ? "(none)" : (String) item.get(Items.SKU))
          .collect(Collectors.joining(", "));
      boolean allKnown = items.stream().noneMatch(Items::isUnassigned);
      var id = Order.text(order, Order.ID);
      if (allKnown) return link("LINKED", null, null, id);
      return link("PARTLY", "SKU_UNKNOWN", "The sales order has no line with this SKU. SKU: " + unknown
          + ". Correct the SKU of the order line, or assign the item by hand.", id);
    }
    var elsewhere = new TreeSet<>(salesOrders.keySet());
    elsewhere.remove(channelId);
    if (elsewhere.isEmpty()) {
      return link("WAITING", "ORDER_MISSING", "No sales order with this number is known. Import the sales order into"
          + " the channel of the marketplace; the return links by itself then.", null);
    }
    var names = elsewhere.stream().map(settings::channelName).collect(Collectors.joining(", "));
    return link("WAITING", "ORDER_IN_OTHER_CHANNEL", "The sales order is in another channel than the one its marketplace"
        + " is mapped to. It is in: " + names
        + ". Move the order to the mapped channel, or map the marketplace to the channel of the order.", null);
  }

  private static GenericRecord link(String status, String reason, String detail, String salesOrderId) {
    var link = new GenericData.Record(LINK);
    link.put(0, status);
    link.put(1, reason);
    link.put(2, detail);
    link.put(3, salesOrderId);
    return link;
  }

  private static GenericRecord safeT(List<RowFacts> rows) {
    for (var facts : rows) {
      var row = facts.row();
      if (row.get(Row.SAFE_T_ID) == null) continue;
      var claim = new GenericData.Record(SAFE_T);
      claim.put(0, row.get(Row.SAFE_T_ID));
      claim.put(1, row.get(Row.SAFE_T_STATE));
      claim.put(2, row.get(Row.SAFE_T_REASON));
      claim.put(3, row.get(Row.SAFE_T_CREATED));
      claim.put(4, Monies.read(Row.text(row, Row.SAFE_T_REIMBURSED), Row.text(row, Row.CURRENCY)));
      return claim;
    }
    return null;
  }

  private static GenericRecord provenance(GenericRecord row) {
    var provenance = new GenericData.Record(PROVENANCE);
    provenance.put(0, row.get(Row.ROW_ID));
    provenance.put(1, row.get(Row.REPORT_ID));
    provenance.put(2, row.get(Row.DOCUMENT));
    provenance.put(3, row.get(Row.ROW_NUMBER));
    provenance.put(4, row.get(Row.OBSERVED_AT));
    return provenance;
  }

  private static int at(String field) {
    return Schemas.RETURN.getField(field).pos();
  }
}
