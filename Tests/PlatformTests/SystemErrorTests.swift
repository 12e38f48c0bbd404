import Glibc
import Testing

@testable import Platform

struct SystemErrorTests {
  @Test(arguments: [
    (EACCES, "permission denied (EACCES)"), (ENOENT, "no such file or directory (ENOENT)"),
    (EIO, "input/output error (EIO)"), (EADDRINUSE, "address already in use (EADDRINUSE)"),
    (EMULTIHOP, "multihop attempted (EMULTIHOP)"),
    (12_345, "unknown error (12345)"),
  ])
  func `an error number prints in words and by its symbol`(number: Int32, text: String) {
    #expect(SystemError(number).description == text)
  }

  @Test func `a call that signals interrupt is made again`() throws {
    var calls = 0
    let result = try calling {
      calls += 1
      errno = EINTR
      return calls < 4 ? -1 : 7
    }
    #expect(result == 7)
    #expect(calls == 4)
    #expect(throws: SystemError.inputOutput) {
      try calling {
        errno = EIO
        return -1
      }
    }
  }

  @Test func `what moves in small pieces is moved on from where it stopped`() throws {
    var starts: [Int] = []
    let moved = try transferring(10) { done in
      starts.append(done)
      return min(4, 10 - done)
    }
    #expect(moved == 10)
    #expect(starts == [0, 4, 8])
    #expect(try transferring(10) { done in done < 3 ? 3 : 0 } == 3)
  }

  @Test func `quoting keeps a terminal safe from names`() {
    #expect(quoted("M\u{fc}ller's \"x\" \\") == "\"M\u{fc}ller's \\\"x\\\" \\\\\"")
    #expect(quoted("a\u{1b}[2J\n\u{202e}b") == "\"a\\u{1b}[2J\\n\\u{202e}b\"")
  }
}
