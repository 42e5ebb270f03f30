package backhaul.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Immutable settings versions, read from a JSON file on start: a list of what config-service answers. */
final class Settings {
  /** The part of a version that decides about returns. {@code labelTypes} null lets all in. */
  record Version(int number, boolean approvedOnly, Set<String> labelTypes, boolean skipReturnless, boolean expandKits,
      Map<String, String> reasons, Map<String, String> channelNames) {}

  private final Map<Integer, Version> versions = new HashMap<>();

  Settings(Path file) throws IOException {
    for (var node : new ObjectMapper().readTree(file.toFile())) {
      var version = read(node);
      versions.put(version.number(), version);
    }
  }

  Version get(String integrationId, int number) throws Rejected {
    var version = versions.get(number);
    if (version != null) return version;
    throw new Rejected("CONFIG_VERSION_UNKNOWN", "Integration " + integrationId + " has no settings version " + number);
  }

  private static Version read(JsonNode node) {
    var rules = node.get("importSettings");
    Set<String> labelTypes = null;
    if (rules.get("labelTypes").isArray()) {
      labelTypes = new HashSet<>();
      for (var type : rules.get("labelTypes")) labelTypes.add(type.asText());
    }
    var reasons = new HashMap<String, String>();
    for (var reason : node.get("reasons")) {
      reasons.putIfAbsent(reason.get("amazonReason").asText(), reason.get("returnReasonId").asText());
    }
    var channels = new HashMap<String, String>();
    for (var channel : node.get("channels")) channels.putIfAbsent(channel.get("id").asText(), channel.get("name").asText());
    return new Version(node.get("version").asInt(), rules.get("statuses").asText().equals("approved"), labelTypes,
        rules.get("returnlessRefunds").asText().equals("skip"), rules.get("expandKits").asBoolean(), reasons, channels);
  }
}
