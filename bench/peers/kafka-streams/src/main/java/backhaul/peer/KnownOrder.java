package backhaul.peer;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

/** Everything known of one order reference of one tenant. */
final class KnownOrder {
  /** One row with the cells of all its observations merged; {@code frozen} null until a settings version let it in. */
  record RowFacts(GenericRecord row, boolean imported, Frozen frozen) {}

  /** The reason as mapped at first import. */
  record Frozen(String returnReasonId, String amazonReason, int configVersion) {}

  final String tenantId;
  final String orderReference;
  /** By channel. */
  final Map<String, GenericRecord> salesOrders = new LinkedHashMap<>();
  /** By row id. */
  final Map<String, RowFacts> rows = new LinkedHashMap<>();
  /** What was last emitted, by return order id. */
  final Map<String, GenericRecord> emitted = new LinkedHashMap<>();

  KnownOrder(String tenantId, String orderReference) {
    this.tenantId = tenantId;
    this.orderReference = orderReference;
  }
}
