package backhaul.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The schema registry, over its Confluent-compatible REST. */
final class Registry {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  Registry(String url) {
    this.url = url;
  }

  /** The writer's schema of an id, as JSON; null when the registry does not know it. */
  String schemaOf(int id) {
    var answer = send(HttpRequest.newBuilder(URI.create(url + "/schemas/ids/" + id)).GET());
    return answer == null ? null : (String) answer.get("schema");
  }

  /** The id under which a topic's values are written; the deploy step has registered the schema. */
  int idOf(String topic, Path schema) {
    try {
      var body = JSON.writeValueAsString(
          Map.of("schemaType", "AVRO", "schema", JSON.readTree(Files.readString(schema)).toString()));
      var answer = send(HttpRequest.newBuilder(URI.create(url + "/subjects/" + topic + "-value"))
          .header("content-type", "application/json").POST(BodyPublishers.ofString(body)));
      if (answer == null) throw new IllegalStateException(schema + " is not registered for " + topic);
      return (Integer) answer.get("id");
    } catch (IOException cause) {
      throw new IllegalStateException("Cannot read " + schema, cause);
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> send(HttpRequest.Builder request) {
    try {
      var answer = http.send(request.build(), BodyHandlers.ofString());
      if (answer.statusCode() == 404) return null;
      if (answer.statusCode() != 200) {
        throw new IllegalStateException("The registry answered " + answer.statusCode() + ": " + answer.body());
      }
      return JSON.readValue(answer.body(), Map.class);
    } catch (IOException cause) {
      throw new IllegalStateException("The registry at " + url + " does not answer", cause);
    } catch (InterruptedException cause) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(cause);
    }
  }
}
