package backhaul.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;

/** The reconciler's join on Kafka Streams, exactly once, to be measured against. Runs until it is asked to stop. */
public final class Peer {
  private static final int COMMIT_INTERVAL_MS = 100;
  /** Kafka's default of 16 KiB holds a handful of our records: the sender would be woken for each of them. */
  private static final int BATCH_BYTES = 256 * 1024;

  /** A broker that is gone does not keep the process. */
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private Peer() {}

  public static void main(String[] arguments) throws Exception {
    var options = Options.read(arguments);
    var streams = new KafkaStreams(topology(options), properties(options));
    var ended = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
    });
    streams.setStateListener((now, before) -> {
      if (now == KafkaStreams.State.RUNNING) System.out.println("running");
      if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) ended.countDown();
    });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(CLOSE_WITHIN)));
    streams.start();
    ended.await();
    if (streams.state() == KafkaStreams.State.ERROR) System.exit(1);
  }

  private static Topology topology(Options options) throws Exception {
    var registry = new Registry(options.text("registry"));
    var returnsTopic = options.text("returns");
    var newest = Path.of(System.getProperty("schemas"), "ReturnOrder", options.text("return-schema"));
    var setup = new ReturnsProcessor.Setup(options.text("rows"), Integer.parseInt(options.text("partitions")),
        registry.idOf(returnsTopic, newest), registry, new Settings(options.path("settings")));
    var supplier = switch (options.text("store")) {
      case "memory" -> Stores.inMemoryKeyValueStore(ReturnsProcessor.STORE);
      case "rocksdb" -> Stores.persistentKeyValueStore(ReturnsProcessor.STORE);
      default -> throw new IllegalArgumentException("--store is memory or rocksdb");
    };
    var bytes = new ByteArrayDeserializer();
    var topology = new Topology();
    topology.addSource("inputs", bytes, bytes, options.text("rows"), options.text("orders"));
    topology.addProcessor("reconcile", () -> new ReturnsProcessor(setup), "inputs");
    var builder = Stores.keyValueStoreBuilder(supplier, Serdes.String(), new StateSerde()).withLoggingEnabled(Map.of());
    topology.addStateStore(options.text("cache").equals("on") ? builder.withCachingEnabled() : builder, "reconcile");
    topology.addSink(ReturnsProcessor.RETURNS, returnsTopic, new StringSerializer(), Outgoing.SERIALIZER,
        Outgoing.SAME_PARTITION, "reconcile");
    topology.addSink(ReturnsProcessor.DEAD_LETTERS, options.text("dead-letters"), new ByteArraySerializer(),
        new ByteArraySerializer(), "reconcile");
    return topology;
  }

  private static Properties properties(Options options) {
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, options.text("id"));
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.text("brokers"));
    properties.put(StreamsConfig.STATE_DIR_CONFIG, options.text("state"));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MS);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 0);
    properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    properties.put(StreamsConfig.producerPrefix("batch.size"), BATCH_BYTES);
    properties.put(StreamsConfig.producerPrefix("compression.type"), options.text("compression"));
    properties.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    return properties;
  }
}
