package backhaul.peer;

import java.util.Map;

/** Amazon's words as ours. */
final class Words {
  private static final Map<String, String> STATUSES = Map.ofEntries(Map.entry("approved", "approved"),
      Map.entry("pending", "open"), Map.entry("pendingapproval", "open"), Map.entry("completed", "closed"),
      Map.entry("closed", "closed"), Map.entry("rejected", "rejected"), Map.entry("denied", "rejected"),
      Map.entry("declined", "rejected"), Map.entry("cancelled", "cancelled"), Map.entry("canceled", "cancelled"));

  private Words() {}

  static String status(String amazonStatus, boolean refunded, boolean delivered, boolean tracked) {
    var told = STATUSES.getOrDefault(fold(amazonStatus), "open");
    if (told.equals("rejected") || told.equals("cancelled")) return told;
    if (refunded) return "refunded";
    if (told.equals("closed")) return told;
    if (delivered) return "received";
    return tracked ? "in_transit" : told;
  }

  static String resolution(String amazonResolution) {
    var word = fold(amazonResolution);
    if (word.contains("refund")) return "refund";
    return word.contains("replacement") ? "replacement" : "none";
  }

  /** One spelling for every way a reason is written; null when blank. */
  static String reason(String raw) {
    if (raw == null) return null;
    var upper = Cells.upper(Cells.trim(raw));
    var folded = new StringBuilder(upper.length());
    boolean gap = false;
    for (int at = 0; at < upper.length(); at++) {
      char c = upper.charAt(at);
      boolean separates = c == '_' || c == '-' || Cells.isSpace(c);
      if (!separates) folded.append(c);
      else if (!gap) folded.append('_');
      gap = separates;
    }
    var code = folded.indexOf("CR_") == 0 ? folded.substring(3) : folded.toString();
    return code.isEmpty() ? null : code;
  }

  private static String fold(String word) {
    if (word == null) return "";
    var lower = Cells.lower(word);
    var folded = new StringBuilder(lower.length());
    for (int at = 0; at < lower.length(); at++) {
      char c = lower.charAt(at);
      if (c >= 'a' && c <= 'z') folded.append(c);
    }
    return folded.toString();
  }
}
