import Testing

@testable import Discovery

struct InstanceNameTests {
  @Test func `a fresh name has sixteen digits and is read back`() {
    let entropy = CountingEntropy()
    let fresh = InstanceName(from: entropy)
    #expect(fresh.description == "0100000000000000")
    #expect(InstanceName(bytes: Array(fresh.description.utf8)) == fresh)
    #expect(InstanceName(from: entropy) != fresh)
  }

  @Test(
    arguments: [
      "", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg",
      "0123456789abcd\u{0}f", "<b>3456789abcde>", "0123.56789abcdef", "\u{202e}3456789abcdef",
      "0123456789abcdef-2", "0123456789abcde\n", "０123456789abcd",
    ])
  func `a name of another form is no node's`(text: String) {
    #expect(InstanceName(bytes: Array(text.utf8)) == nil)
  }

  @Test func `names are ordered as their digits are`() {
    #expect(name(0x0f) < name(0x10))
    #expect(name(0xffff_ffff_ffff_fffe) < name(.max))
    #expect(name(.max).description == "ffffffffffffffff")
  }
}
