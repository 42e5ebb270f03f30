package backhaul.peer;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the bench says on the command line, as {@code --name value} pairs. */
record Options(Map<String, String> given) {
  static Options read(String[] arguments) {
    var given = new HashMap<String, String>();
    for (int at = 0; at + 1 < arguments.length; at += 2) {
      given.put(arguments[at].replaceFirst("^--", ""), arguments[at + 1]);
    }
    return new Options(given);
  }

  String text(String name) {
    var value = given.get(name);
    if (value == null) throw new IllegalArgumentException("--" + name + " is missing");
    return value;
  }

  Path path(String name) {
    return Path.of(text(name));
  }
}
