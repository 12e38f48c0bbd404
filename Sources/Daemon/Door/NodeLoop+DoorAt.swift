import Control
import Cryptography
import Format
import Platform
import Transport

/// Whose door is open at an address that somebody typed: asked before anything is given up for it (C-19).
extension NodeLoop {
  func askWhoseDoor(at place: String, _ answer: @escaping Answer) {
    do throws(ControlError) {
      guard doorsSeen.questions < Limits.knocksMax else {
        throw ControlError(
          .busy, "this computer looks at too many doors at this moment",
          hint: "try again in a moment")
      }
      let (addresses, name) = try places(of: place)
      let question = DoorsSeen.Question(place: place, addresses: addresses, answer: answer)
      guard let name else { return askNext(question, noAddress(place), clock.now()) }
      guard resolveSeed(name) else { throw tooManyNames }
      doorsSeen.unresolved[name, default: []].append(question)
    } catch {
      answer(.failure(error))
    }
  }

  /// The name of a computer was looked up, for whoever asks whose door is open there.
  func resolvedDoor(_ name: String, _ addresses: [SocketAddress], _ now: Moment) {
    for var question in doorsSeen.unresolved.removeValue(forKey: name) ?? [] {
      question.addresses = Array(addresses.prefix(Limits.doorAddressesMax))
      askNext(question, noAddress(question.place), now)
    }
  }

  /// Looks at the next address of a question; where there is none left the error answers it.
  func askNext(_ question: DoorsSeen.Question, _ error: ControlError, _ now: Moment) {
    var question = question
    guard !question.addresses.isEmpty else { return question.answer(.failure(error)) }
    let address = question.addresses.removeFirst()
    let link = links.knock(at: address, with: DoorKey(NoiseKey()), at: now)
    doorsSeen.looks[link] = .init(
      door: identifier(randomBytes(8)), address: address, question: question)
  }
}
