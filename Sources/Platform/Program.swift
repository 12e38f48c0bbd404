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

  /// What the program is called: its file's name, as whoever started it wrote it.
  package static var name: String {
    guard let word = unsafe CommandLine.unsafeArgv[0] else { return "" }
    let path = unsafe String(cString: word)
    return path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// Ends the process.
  package static func end(_ code: Int32) -> Never { exit(code) }

  /// Whether there is a program at a path that this process may run.
  package static func isExecutable(_ path: String) -> Bool {
    if path.utf8.contains(0) { return false }
    return unsafe access(path, X_OK) == 0
  }

  /// Starts a program of the search path in a session of its own, its streams led nowhere.
  ///
  /// It outlives this process, which does not hear how it ends.
  package static func launch(_ name: String, arguments: [String]) throws(SystemError) {
    let copies = unsafe ([name] + arguments).map { unsafe strdup($0) }
    defer { for place in unsafe copies.indices { unsafe free(copies[place]) } }
    // posix_spawn wants an array of C strings that ends with a null.
    let list = unsafe copies + [nil]
    var attributes = posix_spawnattr_t()
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawnattr_init(&attributes)
    unsafe posix_spawn_file_actions_init(&actions)
    defer {
      unsafe posix_spawnattr_destroy(&attributes)
      unsafe posix_spawn_file_actions_destroy(&actions)
    }
    // POSIX_SPAWN_SETSID: a terminal that closes takes the browser along otherwise.
    unsafe posix_spawnattr_setflags(&attributes, 0x80)
    for stream: Int32 in 0...2 {
      unsafe posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
    }
    var process: pid_t = 0
    let result = unsafe posix_spawnp(&process, name, &actions, &attributes, list, environ)
    if result != 0 { throw SystemError(result) }
  }

  /// Runs a program of the search path to its end; what it says goes where this one's errors go.
  ///
  /// Gives its exit code, or 128 and the number of the signal that ended it.
  package static func run(_ name: String, arguments: [String]) throws(SystemError) -> Int32 {
    let copies = unsafe ([name] + arguments).map { unsafe strdup($0) }
    defer { for place in unsafe copies.indices { unsafe free(copies[place]) } }
    let list = unsafe copies + [nil]
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, 2, 1)
    var process: pid_t = 0
    let result = unsafe posix_spawnp(&process, name, &actions, nil, list, environ)
    if result != 0 { throw SystemError(result) }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      if errno != EINTR { throw SystemError(errno) }
    }
    // The low seven bits are the signal's number; the exit code lies in the byte above.
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
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
