import Control
import Format
import Testing

@testable import Daemon

/// Control knows no limits but its own; the node holds both to one number.
@Suite struct ControlLimitsTests {
  @Test func `the limits of the local API are those of the limits chapter`() {
    #expect(EventQueue.capacity == Limits.controlEventsMax)
    #expect(LineGuard.bytesMax == Limits.controlLineBytesMax)
    #expect(SendCall.textBytesMax == Limits.textBytesMax)
  }
}
