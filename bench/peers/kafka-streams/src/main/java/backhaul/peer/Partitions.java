package backhaul.peer;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** Where a sales order belongs: by the order reference of its key {@code reference|channelId}. */
final class Partitions {
  private Partitions() {}

  static String referenceOf(String key) {
    int bar = key.lastIndexOf('|');
    return key.substring(0, bar >= 0 ? bar : Math.max(0, key.length() - 1));
  }

  static int ofSalesOrder(String key, int partitions) {
    return Utils.toPositive(Utils.murmur2(referenceOf(key).getBytes(StandardCharsets.UTF_8))) % partitions;
  }
}
