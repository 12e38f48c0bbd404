import Platform
import Testing

struct FileNameTests {
  @Test func `numbers and hexadecimal come back out of a name`() {
    let name = "feed-" + FileName.hex([0x00, 0xfe]) + ".idx"
    #expect(name.text == "feed-00fe.idx")
    #expect(name.hexBytes(after: "feed-", before: ".idx") == [0x00, 0xfe])
    #expect(FileName.number(42, digits: 3).text == "042")
    #expect(FileName.number(4242, digits: 3).text == "4242")
  }

  @Test(
    arguments: ["segment-1", "segment-.log", "segment-1x.log", "segment-+1.log", "1.log"]
      as [FileName])
  func `a name of another form has no number`(name: FileName) {
    #expect(name.number(after: "segment-", before: ".log") == nil)
  }

  @Test func `a number that does not fit is no number`() {
    #expect(
      ("18446744073709551616" as FileName).number(after: "", before: "") == nil)
    #expect(("18446744073709551615" as FileName).number(after: "", before: "") == .max)
  }

  @Test(arguments: ["abc", "AB", "0g"] as [FileName])
  func `odd, upper-case and foreign digits are no hexadecimal`(name: FileName) {
    #expect(name.hexBytes(after: "", before: "") == nil)
  }

  @Test func `prefix and suffix may not overlap`() {
    #expect(("aba" as FileName).middle(after: "ab", before: "ba") == nil)
  }

  @Test func `paths print from the root and know where they are`() {
    let path = DiskPath.root.appending("groups").appending(.hex([1]))
    #expect(path.description == "groups/01")
    #expect(path.parent.description == "groups")
    #expect(DiskPath.root.description == ".")
  }
}
