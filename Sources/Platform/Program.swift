internal import Glibc

/// The program that this process runs.
package enum Program {
  /// The words after the program's name as bytes; whoever wants text looks whether they are any.
  package static var arguments: [[UInt8]] {
    // The kernel's list of C strings, which lives and stays the same as long as the process.
    (1..<max(1, Int(CommandLine.argc))).compactMap { place in
      guard let word = unsafe CommandLine.unsafeArgv[place] else { return nil }
      return unsafe Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
    }
  }

  /// Ends the process.
  package static func end(_ code: Int32) -> Never { exit(code) }

  /// Whether there is a program at a path that this process may run.
  package static func isExecutable(_ path: String) -> Bool {
    if path.utf8.contains(0) { return false }
    return unsafe access(path, X_OK) == 0
  }

  /// Goes on as another program; returns only where that was not possible.
  package static func become(_ path: String, arguments: [String]) -> SystemError {
    let copies = unsafe ([path] + arguments).map { unsafe strdup($0) }
    defer { for place in unsafe copies.indices { unsafe free(copies[place]) } }
    // execv wants an array of C strings that ends with a null.
    var list = unsafe copies + [nil]
    _ = unsafe execv(path, &list)
    return SystemError(errno)
  }
}
