package backhaul.peer;

import backhaul.peer.KnownOrder.Frozen;
import backhaul.peer.KnownOrder.RowFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** The state of one order reference, by tenant, as the store and its changelog hold it: one Avro record each. One thread. */
final class StateSerde implements Serde<Map<String, KnownOrder>> {
  private static final Schema ROW_STATE = Schemas.withJavaStrings(SchemaBuilder.record("RowState").namespace("peer").fields()
      .name("row").type(Schemas.ROW).noDefault().requiredBoolean("imported").optionalString("returnReasonId")
      .optionalString("amazonReason").optionalInt("configVersion").endRecord());
  private static final Schema ORDER_STATE = Schemas.withJavaStrings(SchemaBuilder.record("OrderState").namespace("peer").fields()
      .requiredString("tenantId").requiredString("orderReference")
      .name("salesOrders").type(Schema.createArray(Schemas.ORDER)).noDefault()
      .name("rows").type(Schema.createArray(ROW_STATE)).noDefault()
      .name("emitted").type(Schema.createArray(Schemas.RETURN)).noDefault().endRecord());
  private static final int RETURN_ID = Schemas.RETURN.getField("returnOrderId").pos();

  private final GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(ORDER_STATE, GenericData.get());
  private final GenericDatumReader<GenericRecord> reader =
      new GenericDatumReader<>(ORDER_STATE, ORDER_STATE, GenericData.get());
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
  private BinaryEncoder encoder;
  private BinaryDecoder decoder;

  @Override
  public Serializer<Map<String, KnownOrder>> serializer() {
    return (topic, tenants) -> tenants == null ? null : write(tenants);
  }

  @Override
  public Deserializer<Map<String, KnownOrder>> deserializer() {
    return (topic, bytes) -> bytes == null ? null : read(bytes);
  }

  private byte[] write(Map<String, KnownOrder> tenants) {
    try {
      out.reset();
      encoder = EncoderFactory.get().binaryEncoder(out, encoder);
      for (var order : tenants.values()) writer.write(toAvro(order), encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  private Map<String, KnownOrder> read(byte[] bytes) {
    try {
      var tenants = new LinkedHashMap<String, KnownOrder>(2);
      decoder = DecoderFactory.get().binaryDecoder(bytes, decoder);
      while (!decoder.isEnd()) {
        var order = fromAvro(reader.read(null, decoder));
        tenants.put(order.tenantId, order);
      }
      return tenants;
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  private static GenericRecord toAvro(KnownOrder order) {
    var rows = new ArrayList<GenericRecord>(order.rows.size());
    for (var facts : order.rows.values()) {
      var row = new GenericData.Record(ROW_STATE);
      row.put(0, facts.row());
      row.put(1, facts.imported());
      if (facts.frozen() != null) {
        row.put(2, facts.frozen().returnReasonId());
        row.put(3, facts.frozen().amazonReason());
        row.put(4, facts.frozen().configVersion());
      }
      rows.add(row);
    }
    var state = new GenericData.Record(ORDER_STATE);
    state.put(0, order.tenantId);
    state.put(1, order.orderReference);
    state.put(2, List.copyOf(order.salesOrders.values()));
    state.put(3, rows);
    state.put(4, List.copyOf(order.emitted.values()));
    return state;
  }

  @SuppressWarnings("unchecked")
  private static KnownOrder fromAvro(GenericRecord state) {
    var order = new KnownOrder((String) state.get(0), (String) state.get(1));
    for (var sold : (List<GenericRecord>) state.get(2)) order.salesOrders.put(Order.text(sold, Order.CHANNEL_ID), sold);
    for (var kept : (List<GenericRecord>) state.get(3)) {
      var row = (GenericRecord) kept.get(0);
      var version = (Integer) kept.get(4);
      var frozen = version == null ? null : new Frozen((String) kept.get(2), (String) kept.get(3), version);
      order.rows.put(Row.text(row, Row.ROW_ID), new RowFacts(row, (Boolean) kept.get(1), frozen));
    }
    for (var emitted : (List<GenericRecord>) state.get(4)) order.emitted.put((String) emitted.get(RETURN_ID), emitted);
    return order;
  }
}
