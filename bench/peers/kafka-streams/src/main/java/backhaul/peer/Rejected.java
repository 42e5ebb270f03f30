package backhaul.peer;

/** Known bad data: it goes to the dead letters under this code. */
final class Rejected extends Exception {
  final String code;

  Rejected(String code, String message) {
    // Without a stack trace: it is an outcome, not a bug.
    super(message, null, false, false);
    this.code = code;
  }
}
