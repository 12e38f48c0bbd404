internal import Glibc

/// The terminal on standard input, told to hand over every key at once and to show none.
///
/// Ctrl-C and Ctrl-Z come as keys, too, so that no signal ends the process before the terminal is
/// as it was. It is given back when the value ends.
@safe package struct TerminalMode: ~Copyable {
  private let before: termios

  /// Takes the terminal; nil where there is none.
  package static func keyByKey() -> TerminalMode? {
    var mode = termios()
    // tcgetattr fills one termios.
    guard unsafe tcgetattr(STDIN_FILENO, &mode) == 0 else { return nil }
    let before = mode
    mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    guard unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == 0 else { return nil }
    return TerminalMode(before: before)
  }

  deinit {
    var mode = before
    // Where it fails the terminal is gone, and nobody is left to see its mode.
    _ = unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
  }
}
