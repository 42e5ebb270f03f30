package backhaul.peer;

import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Amazon's cells as values. What cannot be read without guessing is null. */
final class Cells {
  private static final Set<String> YES = Set.of("y", "yes", "true", "1");
  private static final Set<String> NO = Set.of("n", "no", "false", "0");
  private static final Set<String> BLANK_WORDS = Set.of("", "n/a", "none", "pending", "-");
  private static final long LARGEST_SAFE = (1L << 53) - 1;
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final Pattern AMAZON_DAY = Pattern.compile("(\\d{1,2})-([A-Za-z]{3})-(\\d{4})");
  private static final Pattern ISO_DAY = Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})");
  private static final Pattern ISO_INSTANT = Pattern.compile(
      "(\\d{4})-(\\d{2})-(\\d{2})T(\\d{2}):(\\d{2})(?::(\\d{2})(?:\\.\\d+)?)?(?:Z|([+-])(\\d{2}):?(\\d{2}))");

  private Cells() {}

  static Boolean flag(String text) {
    if (text == null) return null;
    var word = lower(trim(text));
    if (YES.contains(word)) return true;
    return NO.contains(word) ? false : null;
  }

  static Long units(String text) {
    var digits = text == null ? "" : trim(text);
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) return null;
    return safeLong(digits);
  }

  static String tracking(String text) {
    if (text == null) return null;
    var trimmed = trim(text);
    return BLANK_WORDS.contains(lower(trimmed)) ? null : trimmed;
  }

  /** Days since 1970, of {@code 14-Jul-2025}, {@code 2025-07-14} or an ISO instant (its day in UTC). */
  static Integer date(String text) {
    if (text == null) return null;
    var trimmed = trim(text);
    var amazon = AMAZON_DAY.matcher(trimmed);
    if (amazon.matches()) {
      var month = MONTHS.indexOf(lower(amazon.group(2))) + 1;
      return day(number(amazon.group(3)), month, number(amazon.group(1)));
    }
    var iso = ISO_DAY.matcher(trimmed);
    if (iso.matches()) return day(number(iso.group(1)), number(iso.group(2)), number(iso.group(3)));
    var instant = ISO_INSTANT.matcher(trimmed);
    return instant.matches() ? instantDay(instant) : null;
  }

  private static Integer instantDay(java.util.regex.Matcher told) {
    int month = number(told.group(2)), day = number(told.group(3));
    int hour = number(told.group(4)), minute = number(told.group(5));
    int second = told.group(6) == null ? 0 : number(told.group(6));
    boolean endOfDay = hour == 24 && minute == 0 && second == 0;
    if (month < 1 || month > 12 || day < 1 || day > 31 || minute > 59 || second > 59 || (hour > 23 && !endOfDay)) return null;
    int offsetMinutes = 0;
    if (told.group(7) != null) {
      int offsetHours = number(told.group(8)), rest = number(told.group(9));
      if (offsetHours > 23 || rest > 59) return null;
      offsetMinutes = (offsetHours * 60 + rest) * (told.group(7).equals("-") ? -1 : 1);
    }
    long minutes = (LocalDate.of(number(told.group(1)), month, 1).toEpochDay() + day - 1) * 1440
        + hour * 60L + minute - offsetMinutes;
    return (int) Math.floorDiv(minutes, 1440L);
  }

  private static Integer day(int year, int month, int day) {
    // Years of one or two digits are not told apart from 19xx by everyone, so they are no dates.
    if (year < 100 || month < 1 || month > 12 || day < 1) return null;
    if (day > LocalDate.of(year, month, 1).lengthOfMonth()) return null;
    return (int) LocalDate.of(year, month, day).toEpochDay();
  }

  /** Digits as a number that a double holds exactly; null beyond. */
  static Long safeLong(String digits) {
    var significant = digits.replaceFirst("^0+(?=\\d)", "");
    if (significant.length() > 16) return null;
    var value = Long.parseLong(significant);
    return value > LARGEST_SAFE ? null : value;
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** Trims what ECMAScript calls white space. */
  static String trim(String text) {
    int from = 0, to = text.length();
    while (from < to && isSpace(text.charAt(from))) from++;
    while (to > from && isSpace(text.charAt(to - 1))) to--;
    return text.substring(from, to);
  }

  static boolean isSpace(char c) {
    return c == ' ' || (c >= 9 && c <= 13) || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a)
        || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
  }

  private static int number(String digits) {
    return Integer.parseInt(digits);
  }
}
