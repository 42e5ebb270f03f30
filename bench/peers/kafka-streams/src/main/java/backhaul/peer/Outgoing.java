package backhaul.peer;

import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StreamPartitioner;

import java.util.Optional;
import java.util.Set;

/** An encoded event, and the partition number of the input it follows from: the output goes to the same. */
record Outgoing(byte[] bytes, int partition) {
  static final Serializer<Outgoing> SERIALIZER = (topic, outgoing) -> outgoing.bytes();
  static final StreamPartitioner<String, Outgoing> SAME_PARTITION =
      (topic, key, outgoing, partitions) -> Optional.of(Set.of(outgoing.partition()));
}
