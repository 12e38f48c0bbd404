import Control
import Testing

@testable import zuruf

/// What is stored about a person, in words.
struct StoredScriptTests {
  @Test func `what removed computers have of somebody is told, with up to when`() throws {
    let lines = [
      StoredLine(
        group: Samples.werkstatt, messages: 2, oldest: Samples.ago(600), devices: 1,
        readers: [Samples.anna],
        former: [FormerReader(member: Samples.ben, devices: 2, until: Samples.ago(60))]),
      StoredLine(
        group: Samples.everyone, messages: 0, oldest: nil, devices: 1, readers: [Samples.anna]),
    ]
    let run = try CommandRun(["stored"]).answering(
      .result(
        .stored(
          StoredCall.Answer(
            groups: lines, keepers: [], formerKeepers: [Samples.pcBen], devices: 1)))
    ).run()
    #expect(run.exit == 0)
    #expect(
      run.output == """
        your name, your computers' names and the groups you are in: on every computer of the office
        your messages, until somebody removes the data of Zuruf there: nothing deletes them yet
          Werkstatt  2 messages  since 14:10  read by Anna Weber  on 1 device
        what was in Werkstatt before stays, as they had it, also on computers that were removed: \
        Ben (2 devices, up to 14:19)
        kept unread, as they had it, also on boxes that were removed: pc-ben
        on every computer of the office too, for good: who let you and your computers in, your ranks, \
        your earlier names, and when each of that was; newcomers get it as well
        with your messages: what you answered and which signs you showed
        on the computers of colleagues: at which addresses in the network your computers were, when they \
        were last linked, and which messages they have
        Zuruf stores nothing of you outside the computers of the office

        """)
  }
}
