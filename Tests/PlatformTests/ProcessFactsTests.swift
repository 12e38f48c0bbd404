import Testing

@testable import Platform

/// What a process knows about its clock, account and streams.
struct ProcessFactsTests {
  @Test(arguments: [0, 1_000, 1_795_443_611_000, 951_782_400_000] as [Int64])
  func `a time taken apart is put together again`(milliseconds: Int64) throws {
    let wall = try #require(WallTime(milliseconds: milliseconds))
    #expect(wall.milliseconds == milliseconds)
  }

  @Test func `a time just before 1970 belongs to the second before`() throws {
    let wall = try #require(WallTime(milliseconds: -1))
    #expect(wall.second == 59)
    #expect(wall.milliseconds == -1000)
  }

  @Test func `parts that no clock shows are no time`() {
    func wall(_ month: Int, _ day: Int, _ hour: Int) -> Int64? {
      WallTime(year: 2026, month: month, day: day, hour: hour, minute: 0, second: 0).milliseconds
    }
    #expect(wall(13, 1, 0) == nil)
    #expect(wall(1, 0, 0) == nil)
    #expect(wall(1, 1, 24) == nil)
    #expect(wall(1, 1, 0) != nil)
  }

  @Test func `the words after the program's name are there`() {
    #expect(Program.arguments.count == CommandLine.arguments.count - 1)
  }

  @Test func `a program that is not there cannot be become`() {
    #expect(Program.become("/nonexistent/zuruf", arguments: ["a"]) == .notFound)
  }
}
