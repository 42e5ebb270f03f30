import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Prints all that a read_committed reader sees of topics, each partition in the order of its log: topic, partition,
 * offset, key, value and headers, with tabs between. Bytes are in base64, `-` is null.
 *
 * Arguments: the brokers, then topics.
 */
public final class ReadTopics {
  public static void main(String[] arguments) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", arguments[0]);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("auto.offset.reset", "none");
    StringBuilder lines = new StringBuilder();
    var bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int at = 1; at < arguments.length; at++) {
        consumer.partitionsFor(arguments[at])
            .forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition())))
            append(record, lines);
        }
        System.out.print(lines);
        lines.setLength(0);
      }
    }
    System.out.println("end");
  }

  private static void append(ConsumerRecord<byte[], byte[]> record, StringBuilder lines) {
    List<String> headers = new ArrayList<>();
    for (Header header : record.headers()) headers.add(header.key() + "=" + base64(header.value()));
    lines.append(record.topic()).append('\t').append(record.partition()).append('\t')
        .append(record.offset()).append('\t').append(base64(record.key())).append('\t')
        .append(base64(record.value())).append('\t')
        .append(headers.stream().collect(Collectors.joining(","))).append('\n');
  }

  private static String base64(byte[] bytes) {
    return bytes == null ? "-" : Base64.getEncoder().encodeToString(bytes);
  }
}
