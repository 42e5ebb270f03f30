package backhaul.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/** The newest version of each record, from the project's schema folder (system property {@code schemas}). */
final class Schemas {
  static final Schema ROW = newest("AmazonReturnRow");
  static final Schema ORDER = newest("SalesOrder");
  static final Schema RETURN = newest("ReturnOrder");

  private Schemas() {}

  private static Schema newest(String name) {
    try (var files = Files.list(Path.of(System.getProperty("schemas"), name))) {
      var newest = files.filter(file -> file.getFileName().toString().matches("v\\d+\\.avsc"))
          .max(Comparator.comparingInt(Schemas::versionOf)).orElseThrow();
      return withJavaStrings(new Schema.Parser().parse(newest.toFile()));
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  private static int versionOf(Path file) {
    return Integer.parseInt(file.getFileName().toString().replaceAll("\\D", ""));
  }

  /** Text is read as java.lang.String, not as Utf8. */
  static Schema withJavaStrings(Schema schema) {
    mark(schema, Collections.newSetFromMap(new IdentityHashMap<>()));
    return schema;
  }

  private static void mark(Schema schema, Set<Schema> seen) {
    if (!seen.add(schema)) return;
    switch (schema.getType()) {
      case STRING -> GenericData.setStringType(schema, GenericData.StringType.String);
      case RECORD -> schema.getFields().forEach(field -> mark(field.schema(), seen));
      case UNION -> schema.getTypes().forEach(type -> mark(type, seen));
      case ARRAY -> mark(schema.getElementType(), seen);
      case MAP -> {
        GenericData.setStringType(schema, GenericData.StringType.String);
        mark(schema.getValueType(), seen);
      }
      default -> { }
    }
  }

  /** The schema of a field, looked into where it may be null. */
  static Schema of(Schema record, String field) {
    return present(record.getField(field).schema());
  }

  static Schema present(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) return schema;
    return schema.getTypes().stream().filter(type -> type.getType() != Schema.Type.NULL).findFirst().orElseThrow();
  }
}
