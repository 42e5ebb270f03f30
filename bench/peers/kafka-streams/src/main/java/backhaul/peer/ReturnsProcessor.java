package backhaul.peer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Takes each record into the order it concerns, recomputes the order, compares with what was emitted and forwards what is
 * new; what cannot be read goes to the dead letters.
 */
final class ReturnsProcessor implements Processor<byte[], byte[], Object, Object> {
  static final String STORE = "orders";
  static final String RETURNS = "returns";
  static final String DEAD_LETTERS = "dead-letters";

  /** What the processor is told on start. */
  record Setup(String rowsTopic, int partitions, int returnSchemaId, Registry registry, Settings settings) {}

  private final Setup setup;
  private final WireFormat rows;
  private final WireFormat orders;
  private final WireFormat returns;
  private ProcessorContext<Object, Object> context;
  private KeyValueStore<String, Map<String, KnownOrder>> store;

  ReturnsProcessor(Setup setup) {
    this.setup = setup;
    this.rows = new WireFormat(Schemas.ROW, setup.registry());
    this.orders = new WireFormat(Schemas.ORDER, setup.registry());
    this.returns = new WireFormat(Schemas.RETURN, setup.registry());
  }

  @Override
  public void init(ProcessorContext<Object, Object> context) {
    this.context = context;
    this.store = context.getStateStore(STORE);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var at = context.recordMetadata().orElseThrow();
    boolean isRow = at.topic().equals(setup.rowsTopic());
    try {
      var key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
      if (isRow) takeRow(key, record);
      else takeOrder(key, record, at.partition());
    } catch (Rejected rejected) {
      var origin = isRow ? "amazon-return-rows.v1" : "sales-orders.v1";
      var headers = new RecordHeaders(record.headers());
      put(headers, "origin-topic", origin);
      put(headers, "origin-partition", String.valueOf(at.partition()));
      put(headers, "origin-offset", String.valueOf(at.offset()));
      put(headers, "origin-timestamp", String.valueOf(record.timestamp()));
      put(headers, "step", "reconcile");
      put(headers, "error-code", rejected.code);
      put(headers, "error-message", rejected.getMessage());
      put(headers, "attempt", "1");
      put(headers, "app-version", "peer");
      context.forward(new Record<Object, Object>(record.key(), record.value(), System.currentTimeMillis(), headers), DEAD_LETTERS);
    }
  }

  private void takeRow(String key, Record<byte[], byte[]> record) throws Rejected {
    if (record.value() == null) throw new Rejected("CONTRACT_BROKEN", "A return row without a value");
    var row = rows.decode(record.value());
    var version = setup.settings().get(Row.text(row, Row.INTEGRATION_ID), (Integer) row.get(Row.CONFIG_VERSION));
    var reference = Row.text(row, Row.ORDER_REFERENCE);
    if (!reference.equals(key)) throw new Rejected("CONTRACT_BROKEN", "A row of " + reference + " has the key " + key);
    var tenants = known(reference);
    var order = tenants.computeIfAbsent(Row.text(row, Row.TENANT_ID), tenant -> new KnownOrder(tenant, reference));
    var rowId = Row.text(row, Row.ROW_ID);
    var seen = Observe.row(order.rows.get(rowId), row, version);
    if (seen == null) return;
    order.rows.put(rowId, seen);
    emit(reference, tenants, order, record);
  }

  private void takeOrder(String given, Record<byte[], byte[]> record, int partition) throws Rejected {
    var value = record.value() == null ? null : orders.decode(record.value());
    var key = given == null ? "" : given;
    int right = Partitions.ofSalesOrder(key, setup.partitions());
    if (right != partition) {
      throw new Rejected("SALES_ORDER_MISPLACED", key + " belongs in partition " + right + ", not " + partition);
    }
    var reference = Partitions.referenceOf(key);
    if (value == null) {
      removeOrder(reference, key.substring(Math.min(key.length(), reference.length() + 1)), record);
      return;
    }
    var channelId = Order.text(value, Order.CHANNEL_ID);
    var says = Order.text(value, Order.REFERENCE) + "|" + channelId;
    if (!says.equals(key)) throw new Rejected("CONTRACT_BROKEN", "Sales order " + key + " says it is " + says);
    var tenants = known(reference);
    var order = tenants.computeIfAbsent(Order.text(value, Order.TENANT_ID), tenant -> new KnownOrder(tenant, reference));
    var before = order.salesOrders.get(channelId);
    if (before != null && (Long) value.get(Order.SOURCE_VERSION) < (Long) before.get(Order.SOURCE_VERSION)) return;
    order.salesOrders.put(channelId, value);
    emit(reference, tenants, order, record);
  }

  /** A tombstone names no tenant: it means the one that holds this channel's order. */
  private void removeOrder(String reference, String channelId, Record<byte[], byte[]> record) throws Rejected {
    var tenants = known(reference);
    for (var order : tenants.values()) {
      if (order.salesOrders.remove(channelId) == null) continue;
      emit(reference, tenants, order, record);
      return;
    }
  }

  private Map<String, KnownOrder> known(String reference) {
    var tenants = store.get(reference);
    return tenants == null ? new LinkedHashMap<>(2) : tenants;
  }

  private void emit(String reference, Map<String, KnownOrder> tenants, KnownOrder order, Record<byte[], byte[]> record)
      throws Rejected {
    int partition = context.recordMetadata().orElseThrow().partition();
    for (var content : Reconcile.of(order, setup.settings())) {
      var id = (String) content.get(Reconcile.ID);
      var event = NextVersion.of(order.emitted.get(id), content, record.timestamp());
      if (event == null) continue;
      order.emitted.put(id, event);
      var outgoing = new Outgoing(returns.encode(setup.returnSchemaId(), event), partition);
      context.forward(new Record<Object, Object>(id, outgoing, record.timestamp(), headersOf(id, event, record.timestamp())), RETURNS);
    }
    store.put(reference, tenants);
  }

  /** Source: CloudEvents 1.0.2, Kafka protocol binding, binary mode. */
  private static Headers headersOf(String id, GenericRecord event, long timestamp) {
    var headers = new RecordHeaders();
    put(headers, "ce_specversion", "1.0");
    put(headers, "ce_id", id + ":" + event.get("generation") + ":" + event.get("version"));
    put(headers, "ce_source", "/backhaul/reconciler");
    put(headers, "ce_type", "backhaul.ReturnOrder");
    put(headers, "ce_subject", id);
    put(headers, "ce_time", isoMillis(timestamp));
    put(headers, "content-type", "avro/binary");
    return headers;
  }

  private static String isoMillis(long timestamp) {
    var text = Instant.ofEpochMilli(timestamp).toString();
    return timestamp % 1000 == 0 ? text.replace("Z", ".000Z") : text;
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
