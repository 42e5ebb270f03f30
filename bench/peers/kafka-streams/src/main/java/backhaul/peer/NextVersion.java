package backhaul.peer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.Schema.Field;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** The next version of a return, with what changed; items emitted before and gone now stay, removed. */
final class NextVersion {
  private static final Schema CHANGE = Schemas.of(Schemas.RETURN, "changes").getElementType();
  /** Fields that tell how a version came to be; a difference in them alone is no change. */
  private static final Set<String> NOT_MATERIAL = Set.of("generation", "version", "changes", "changedAt", "firstImportedAt",
      "provenance", "configVersion");
  private static final List<Field> MATERIAL =
      Schemas.RETURN.getFields().stream().filter(field -> !NOT_MATERIAL.contains(field.name())).toList();
  private static final int GENERATION = at("generation"), VERSION = at("version"), CHANGES = at("changes"),
      CHANGED_AT = at("changedAt");

  private NextVersion() {}

  /** Completes {@code content}; null when nothing material changed. */
  static GenericRecord of(GenericRecord emitted, GenericRecord content, long changedAt) {
    content.put(GENERATION, 1);
    content.put(CHANGED_AT, changedAt);
    content.put(CHANGES, List.of());
    content.put(VERSION, 1L);
    if (emitted == null) return content;
    content.put(Reconcile.ITEMS, withGone(list(content, Reconcile.ITEMS), list(emitted, Reconcile.ITEMS)));
    content.put(Reconcile.FIRST_IMPORTED_AT,
        Math.min((Long) emitted.get(Reconcile.FIRST_IMPORTED_AT), (Long) content.get(Reconcile.FIRST_IMPORTED_AT)));
    var changes = new ArrayList<GenericRecord>();
    for (var field : MATERIAL) {
      compare(field.name(), field.schema(), emitted.get(field.pos()), content.get(field.pos()), changes);
    }
    if (changes.isEmpty()) return null;
    content.put(CHANGES, changes);
    content.put(VERSION, (Long) emitted.get(VERSION) + 1);
    return content;
  }

  private static List<GenericRecord> withGone(List<GenericRecord> now, List<GenericRecord> before) {
    var items = new ArrayList<>(now);
    for (var item : before) {
      var id = item.get(Items.ID);
      if (now.stream().noneMatch(other -> other.get(Items.ID).equals(id))) items.add(Items.removed(item));
    }
    return items;
  }

  private static void compare(String path, Schema schema, Object before, Object after, List<GenericRecord> changes) {
    if (before instanceof List<?> was && after instanceof List<?> is) {
      compareLists(path, schema, was, is, changes);
    } else if (before instanceof GenericRecord was && after instanceof GenericRecord is) {
      for (var field : was.getSchema().getFields()) {
        compare(path + "." + field.name(), field.schema(), was.get(field.pos()), is.get(field.pos()), changes);
      }
    } else if (!Objects.equals(before, after)) {
      changes.add(change(path, JsonText.of(schema, before), JsonText.of(schema, after)));
    }
  }

  @SuppressWarnings("unchecked")
  private static void compareLists(String path, Schema schema, List<?> before, List<?> after, List<GenericRecord> changes) {
    // Lists of items and parcels are told apart by id, the first field of both; others are compared whole.
    if (!path.equals("items") && !path.equals("parcels")) {
      if (!before.equals(after)) changes.add(change(path, JsonText.of(schema, before), JsonText.of(schema, after)));
      return;
    }
    var was = byId((List<GenericRecord>) before);
    var is = byId((List<GenericRecord>) after);
    var ids = new LinkedHashSet<>(was.keySet());
    ids.addAll(is.keySet());
    var element = schema.getElementType();
    for (var id : ids) {
      var elementPath = path + "[" + id + "]";
      GenericRecord old = was.get(id), now = is.get(id);
      if (old != null && now != null) compare(elementPath, element, old, now, changes);
      else changes.add(change(elementPath, old == null ? null : JsonText.of(element, old), now == null ? null : JsonText.of(element, now)));
    }
  }

  private static Map<String, GenericRecord> byId(List<GenericRecord> elements) {
    var byId = new LinkedHashMap<String, GenericRecord>();
    for (var element : elements) byId.put((String) element.get(0), element);
    return byId;
  }

  private static GenericRecord change(String path, String before, String after) {
    var change = new GenericData.Record(CHANGE);
    change.put(0, path);
    change.put(1, before);
    change.put(2, after);
    return change;
  }

  @SuppressWarnings("unchecked")
  private static List<GenericRecord> list(GenericRecord record, int field) {
    return (List<GenericRecord>) record.get(field);
  }

  private static int at(String field) {
    return Schemas.RETURN.getField(field).pos();
  }
}
