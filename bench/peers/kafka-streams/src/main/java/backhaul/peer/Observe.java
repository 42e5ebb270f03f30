package backhaul.peer;

import backhaul.peer.KnownOrder.Frozen;
import backhaul.peer.KnownOrder.RowFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Takes one observation into what is known. */
final class Observe {
  private Observe() {}

  /** Null when the observation is no newer than what is known. */
  static RowFacts row(RowFacts known, GenericRecord row, Settings.Version settings) {
    if (known != null && !isNewer(row, known.row())) return null;
    if (known != null) fillIn(row, known.row());
    if (known != null && known.imported()) return new RowFacts(row, true, known.frozen());
    if (isSkipped(row, settings)) return new RowFacts(row, false, null);
    var amazonReason = Words.reason(Row.text(row, Row.REASON));
    var returnReasonId = amazonReason == null ? null : settings.reasons().get(amazonReason);
    return new RowFacts(row, true, new Frozen(returnReasonId, amazonReason, settings.number()));
  }

  private static boolean isSkipped(GenericRecord row, Settings.Version settings) {
    if (settings.approvedOnly() && !isWord(Row.text(row, Row.STATUS), "approved")) return true;
    if (settings.skipReturnless() && isWord(Row.text(row, Row.RESOLUTION), "returnlessrefund")) return true;
    if (settings.labelTypes() == null) return false;
    var labelType = Row.text(row, Row.LABEL_TYPE);
    return !settings.labelTypes().contains(labelType == null ? "" : labelType);
  }

  private static boolean isWord(String cell, String word) {
    return cell != null && Cells.lower(cell).equals(word);
  }

  private static boolean isNewer(GenericRecord row, GenericRecord than) {
    int order = Long.compare((Long) row.get(Row.OBSERVED_AT), (Long) than.get(Row.OBSERVED_AT));
    if (order == 0) order = Long.compare((Long) row.get(Row.FETCHED_AT), (Long) than.get(Row.FETCHED_AT));
    if (order == 0) order = Row.text(row, Row.DOCUMENT).compareTo(Row.text(than, Row.DOCUMENT));
    if (order == 0) order = Integer.compare((Integer) row.get(Row.ROW_NUMBER), (Integer) than.get(Row.ROW_NUMBER));
    return order > 0;
  }

  /** A later blank never erases a value; a flag once seen stays. */
  @SuppressWarnings("unchecked")
  private static void fillIn(GenericRecord row, GenericRecord earlier) {
    int fields = row.getSchema().getFields().size();
    for (int field = 0; field < fields; field++) {
      if (row.get(field) == null) row.put(field, earlier.get(field));
    }
    var flags = new TreeSet<>((List<String>) earlier.get(Row.FLAGS));
    flags.addAll((List<String>) row.get(Row.FLAGS));
    row.put(Row.FLAGS, new GenericData.Array<>(Schemas.ROW.getField("flags").schema(), new ArrayList<>(flags)));
    var extra = new HashMap<>((Map<String, String>) earlier.get(Row.EXTRA));
    extra.putAll((Map<String, String>) row.get(Row.EXTRA));
    row.put(Row.EXTRA, extra);
  }
}
