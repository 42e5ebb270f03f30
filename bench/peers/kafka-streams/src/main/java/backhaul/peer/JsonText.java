package backhaul.peer;

import java.time.LocalDate;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/** A value as ECMAScript's JSON.stringify writes it; dates as {@code YYYY-MM-DD}. */
final class JsonText {
  private JsonText() {}

  static String of(Schema schema, Object value) {
    var out = new StringBuilder();
    write(schema, value, out);
    return out.toString();
  }

  private static void write(Schema maybe, Object value, StringBuilder out) {
    if (value == null) {
      out.append("null");
      return;
    }
    var schema = Schemas.present(maybe);
    switch (schema.getType()) {
      case RECORD -> writeRecord(schema, (GenericRecord) value, out);
      case ARRAY -> writeList(schema, (List<?>) value, out);
      case STRING -> writeText((String) value, out);
      case INT -> {
        if ("date".equals(schema.getProp("logicalType"))) writeText(LocalDate.ofEpochDay((Integer) value).toString(), out);
        else out.append(value);
      }
      default -> out.append(value);
    }
  }

  private static void writeRecord(Schema schema, GenericRecord record, StringBuilder out) {
    char before = '{';
    for (var field : schema.getFields()) {
      out.append(before);
      writeText(field.name(), out);
      out.append(':');
      write(field.schema(), record.get(field.pos()), out);
      before = ',';
    }
    out.append('}');
  }

  private static void writeList(Schema schema, List<?> list, StringBuilder out) {
    out.append('[');
    for (int at = 0; at < list.size(); at++) {
      if (at > 0) out.append(',');
      write(schema.getElementType(), list.get(at), out);
    }
    out.append(']');
  }

  private static void writeText(String text, StringBuilder out) {
    out.append('"');
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
          else out.append(c);
        }
      }
    }
    out.append('"');
  }
}
