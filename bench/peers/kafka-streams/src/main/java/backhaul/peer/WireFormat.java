package backhaul.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Bytes in the registry's wire format (0, schema id, Avro body) to generic records of one schema and back. One thread. */
final class WireFormat {
  static final int HEADER_BYTES = 5;

  private final Schema schema;
  private final Registry registry;
  private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
  private final GenericDatumWriter<GenericRecord> writer;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
  private BinaryDecoder decoder;
  private BinaryEncoder encoder;

  WireFormat(Schema schema, Registry registry) {
    this.schema = schema;
    this.registry = registry;
    this.writer = new GenericDatumWriter<>(schema, GenericData.get());
  }

  GenericRecord decode(byte[] bytes) throws Rejected {
    if (bytes.length <= HEADER_BYTES || bytes[0] != 0) {
      throw new Rejected("UNDECODABLE_FRAME", "Not in registry wire format: " + bytes.length + " bytes");
    }
    var reader = readerOf(ByteBuffer.wrap(bytes).getInt(1));
    try {
      decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, decoder);
      var record = reader.read(null, decoder);
      if (decoder.isEnd()) return record;
    } catch (IOException | RuntimeException cause) {
      throw new Rejected("UNDECODABLE_BODY", "The bytes are not a " + schema.getName() + ": " + cause);
    }
    throw new Rejected("UNDECODABLE_BODY", "Bytes are left behind a " + schema.getName());
  }

  byte[] encode(int schemaId, GenericRecord record) {
    try {
      out.reset();
      out.write(0);
      out.write(schemaId >>> 24);
      out.write(schemaId >>> 16);
      out.write(schemaId >>> 8);
      out.write(schemaId);
      encoder = EncoderFactory.get().binaryEncoder(out, encoder);
      writer.write(record, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  private GenericDatumReader<GenericRecord> readerOf(int id) throws Rejected {
    var known = readers.get(id);
    if (known != null) return known;
    var text = registry.schemaOf(id);
    if (text == null) throw new Rejected("UNDECODABLE_SCHEMA_ID", "Schema id " + id + " is not in the registry");
    try {
      var written = new Schema.Parser().parse(text);
      var fit = SchemaCompatibility.checkReaderWriterCompatibility(schema, written).getType();
      if (fit == SchemaCompatibilityType.COMPATIBLE) {
        var reader = new GenericDatumReader<GenericRecord>(written, schema, GenericData.get());
        readers.put(id, reader);
        return reader;
      }
    } catch (AvroRuntimeException cause) {
      throw new Rejected("UNDECODABLE_SCHEMA_ID", "Schema id " + id + " cannot be read: " + cause);
    }
    throw new Rejected("UNDECODABLE_SCHEMA_ID", "Schema id " + id + " is not a " + schema.getName());
  }
}
