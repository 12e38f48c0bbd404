import Testing

@testable import Control

/// What the server of the page takes out of lines without reading them.
struct EventLineTests {
  @Test func `the parameters of an event are the bytes that stand in its line`() throws {
    for event: ControlEvent in [
      .message(ValueTests.message("a \"text\"\n}", cursor: 1)), .changed(.groups),
      .lagged(cursor: ValueTests.id(1, 8)),
    ] {
      let line = Array(EventLine(event: event).encoded().dropLast())
      let bytes = try #require(EventLine.parameters(of: line))
      #expect(try LineCoding.value(ControlEvent.self, from: Array(bytes)) == event)
    }
  }

  @Test(arguments: [
    "", "{}", #"{"id":1,"jsonrpc":"2.0","result":{}}"#,
    #"{"jsonrpc":"2.0","method":"event","params":"#,
    #"{"jsonrpc":"2.0","method":"event","params":}"#,
  ])
  func `any other line has none`(line: String) {
    #expect(EventLine.parameters(of: Array(line.utf8)) == nil)
  }

  @Test func `a link is read as it was written`() throws {
    let link = PageLink(link: "http://127.0.0.1:47480/enter?link=00", burnt: [47479])
    #expect(try LineCoding.value(PageLink.self, from: Array(link.encoded().dropLast())) == link)
  }
}
