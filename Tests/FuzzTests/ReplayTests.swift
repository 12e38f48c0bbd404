import Control
import Foundation
import Testing

/// What fuzzing has found, tried again in a moment: every input of the corpus and every seed.
@Suite struct ReplayTests {
  static let names = FuzzTarget.all.map(\.name)

  @Test(arguments: names)
  func `every input that was kept finds nothing any more`(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let inputs = try Corpus.inputs(of: name) + target.seeds()
    #expect(inputs.count > 1)
    for input in inputs {
      do {
        try target.run(input)
      } catch {
        Issue.record(
          "\(name): \(error): Tools/fuzz \(name) --input \(Data(input).base64EncodedString())")
      }
    }
  }

  @Test(arguments: AnswerLines.samples)
  func `fuzzing begins with an answer to every method`(method: ControlMethod, line: String) throws {
    #expect(try AnswerLines.run(Array(line.utf8), as: method))
  }

  @Test func `no input is kept that no target tries`() throws {
    let known = Self.names.flatMap { [$0, Corpus.found(by: $0)] }
    #expect(try Corpus.files().subtracting(known).isEmpty)
  }

  @Test func `names of targets are words that differ`() {
    #expect(Set(Self.names).count == Self.names.count)
    #expect(Self.names.allSatisfy { $0.allSatisfy { ("a"..."z").contains($0) } })
  }
}
