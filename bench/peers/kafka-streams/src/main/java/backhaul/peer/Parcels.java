package backhaul.peer;

import backhaul.peer.KnownOrder.RowFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** One parcel for each tracking number; before there is one, the label announces it. */
final class Parcels {
  private static final Schema PARCEL = Schemas.of(Schemas.RETURN, "parcels").getElementType();
  private static final Schema NOTE = Schemas.of(Schemas.RETURN, "notes").getElementType();
  private static final int ID = at("parcelId"), TRACKING = at("trackingNumber"), CARRIER = at("carrier"), STATUS = at("status"),
      LABEL_TYPE = at("labelType"), LABEL_COST = at("labelCost"), LABEL_PAID_BY = at("labelPaidBy");
  static final int DELIVERED_ON = at("deliveredOn");

  private Parcels() {}

  static List<GenericRecord> of(String returnOrderId, List<RowFacts> rows) {
    var byTracking = new LinkedHashMap<String, List<GenericRecord>>();
    for (var facts : rows) {
      var tracking = Cells.tracking(Row.text(facts.row(), Row.TRACKING_ID));
      byTracking.computeIfAbsent(tracking, none -> new ArrayList<>(2)).add(facts.row());
    }
    var parcels = new ArrayList<GenericRecord>(byTracking.size());
    for (var sharing : byTracking.entrySet()) {
      var parcel = parcel(returnOrderId, sharing.getKey(), sharing.getValue());
      if (parcel != null) parcels.add(parcel);
    }
    return parcels;
  }

  static List<GenericRecord> notes(List<GenericRecord> parcels) {
    var notes = new ArrayList<GenericRecord>(parcels.size());
    for (var parcel : parcels) {
      var tracking = parcel.get(TRACKING);
      if (tracking == null) continue;
      var carrier = (String) parcel.get(CARRIER);
      var note = new GenericData.Record(NOTE);
      note.put(0, "tracking");
      note.put(1, carrier == null || carrier.isEmpty() ? tracking : carrier + " " + tracking);
      notes.add(note);
    }
    return notes;
  }

  private static GenericRecord parcel(String returnOrderId, String tracking, List<GenericRecord> sharing) {
    var deliveredOn = Cells.date(first(sharing, Row.DELIVERY_DATE));
    var labelType = first(sharing, Row.LABEL_TYPE);
    if (tracking == null && labelType == null && deliveredOn == null) return null;
    var costs = sharing.stream().filter(row -> row.get(Row.LABEL_COST) != null).findFirst().orElse(null);
    var parcel = new GenericData.Record(PARCEL);
    parcel.put(ID, Ids.uuidOf(returnOrderId + "/parcel/" + Row.text(sharing.getFirst(), Row.ROW_ID)));
    parcel.put(TRACKING, tracking);
    parcel.put(CARRIER, first(sharing, Row.CARRIER));
    parcel.put(STATUS, deliveredOn != null ? "delivered" : tracking != null ? "in_transit" : "announced");
    parcel.put(LABEL_TYPE, labelType);
    parcel.put(LABEL_COST,
        costs == null ? null : Monies.read(Row.text(costs, Row.LABEL_COST), Row.text(costs, Row.CURRENCY)));
    parcel.put(LABEL_PAID_BY, first(sharing, Row.LABEL_PAID_BY));
    parcel.put(DELIVERED_ON, deliveredOn);
    return parcel;
  }

  private static String first(List<GenericRecord> rows, int field) {
    for (var row : rows) {
      if (row.get(field) != null) return Row.text(row, field);
    }
    return null;
  }

  private static int at(String field) {
    return PARCEL.getField(field).pos();
  }
}
