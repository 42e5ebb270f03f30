package backhaul.peer;

import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Decimal text in a currency as integer minor units; never guessed. Source of the exponents: ISO 4217, table A.1. */
final class Monies {
  static final Schema SCHEMA = Schemas.of(Schemas.of(Schemas.RETURN, "items").getElementType(), "refunded");
  private static final Map<String, Integer> EXPONENTS = Map.ofEntries(Map.entry("BHD", 3), Map.entry("BIF", 0),
      Map.entry("CLP", 0), Map.entry("DJF", 0), Map.entry("GNF", 0), Map.entry("IQD", 3), Map.entry("ISK", 0),
      Map.entry("JOD", 3), Map.entry("JPY", 0), Map.entry("KMF", 0), Map.entry("KRW", 0), Map.entry("KWD", 3),
      Map.entry("LYD", 3), Map.entry("OMR", 3), Map.entry("PYG", 0), Map.entry("RWF", 0), Map.entry("TND", 3),
      Map.entry("UGX", 0), Map.entry("VND", 0), Map.entry("VUV", 0), Map.entry("XAF", 0), Map.entry("XOF", 0),
      Map.entry("XPF", 0));
  private static final Pattern DECIMAL = Pattern.compile("([+-]?)(\\d+)(?:[.,](\\d+))?");
  private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");

  private Monies() {}

  static GenericRecord read(String text, String currency) {
    if (text == null || currency == null) return null;
    var match = DECIMAL.matcher(Cells.trim(text));
    var code = Cells.upper(Cells.trim(currency));
    if (!match.matches() || !CURRENCY.matcher(code).matches()) return null;
    var whole = match.group(2);
    var fraction = match.group(3) == null ? "" : match.group(3);
    int exponent = EXPONENTS.getOrDefault(code, 2);
    if (fraction.length() == 3 && exponent != 3 && !whole.equals("0")) return null;
    var digits = fraction.replaceFirst("0+$", "");
    if (digits.length() > exponent) return null;
    var amount = Cells.safeLong(whole + digits + "0".repeat(exponent - digits.length()));
    if (amount == null) return null;
    var money = new GenericData.Record(SCHEMA);
    money.put(0, match.group(1).equals("-") ? -amount : amount);
    money.put(1, code);
    return money;
  }
}
