package backhaul.peer;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Ids that depend on a name alone. Source: RFC 9562, section 5.5 (version 5, SHA-1). */
final class Ids {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] NAMESPACE = HEX.parseHex("6f1c1f0e5d0b5a6f9d6b1c1a7e0b6c11");
  private static final MessageDigest SHA1 = sha1();

  private Ids() {}

  /** Called by the one stream thread only. */
  static String uuidOf(String name) {
    SHA1.update(NAMESPACE);
    var bytes = SHA1.digest(name.getBytes(StandardCharsets.UTF_8));
    bytes[6] = (byte) ((bytes[6] & 0x0f) | 0x50);
    bytes[8] = (byte) ((bytes[8] & 0x3f) | 0x80);
    var hex = HEX.formatHex(bytes, 0, 16);
    return hex.substring(0, 8) + '-' + hex.substring(8, 12) + '-' + hex.substring(12, 16) + '-' + hex.substring(16, 20)
        + '-' + hex.substring(20);
  }

  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException cause) {
      throw new IllegalStateException(cause);
    }
  }
}
