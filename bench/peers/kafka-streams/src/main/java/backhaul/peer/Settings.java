package backhaul.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Settings versions and the names of channels, read from a JSON file on start: what config-service answers. */
final class Settings {
  /** The part of a version that decides about returns. {@code labelTypes} null lets all in. */
  record Version(int number, boolean approvedOnly, Set<String> labelTypes, boolean skipReturnless, boolean expandKits,
      Map<String, String> reasons) {}

  private final Map<Integer, Version> versions = new HashMap<>();
  private final Map<String, String> channelNames = new HashMap<>();

  Settings(Path file) throws IOException {
    var given = new ObjectMapper().readTree(file.toFile());
    for (var node : given.get("versions")) {
      var version = read(node);
      versions.put(version.number(), version);
    }
    for (var channel : given.get("channels")) channelNames.put(channel.get("id").asText(), channel.get("name").asText());
  }

  /** The channel's name, or its id where nobody made such a channel. */
  String channelName(String id) {
    return channelNames.getOrDefault(id, id);
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
    return new Version(node.get("version").asInt(), rules.get("statuses").asText().equals("approved"), labelTypes,
        rules.get("returnlessRefunds").asText().equals("skip"), rules.get("expandKits").asBoolean(), reasons);
  }
}
