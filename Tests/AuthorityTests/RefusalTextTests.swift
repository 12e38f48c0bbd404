import Authority
import Testing

@Suite struct RefusalTextTests {
  @Test func `every refusal says in words of its own what is wrong, and by which rule`() {
    let all = Refusal.allCases
    #expect(Set(all.map(\.description)).count == all.count)
    for refusal in all {
      #expect(refusal.description.first?.isLowercase ?? false && refusal.description.last != ".")
      #expect(refusal.rule.wholeMatch(of: /A-[1-9]/) != nil)
    }
  }
}
