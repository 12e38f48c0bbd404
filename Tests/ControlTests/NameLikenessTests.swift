import TestSupport
import Testing

@testable import Control

/// Which names a person takes for the same one (C-18).
struct NameLikenessTests {
  @Test(arguments: [
    ("Ben Vogel", "BEN VOGEL"), ("Ben Vogel", "B\u{435}n Vogel"), ("Ben Vogel", "ben  vogel"),
    ("Ben Vogel", "\u{412}en Vogel"), ("Ben Vogel", "\u{ff22}en Vogel"), ("Ben", "B\u{200b}en"),
    ("Ida", "lda"), ("Ida", "ida"), ("Bill", "BiII"), ("Нина", "НИНА"), ("Ωμέγα", "ωμέγα"),
    ("M\u{fc}ller", "Mu\u{308}ller"), ("Oona", "\u{39f}ona"), ("Ben", "𝐁𝐞𝐧"), ("T 1", "T l"),
  ])
  func `names that look the same are alike`(one: String, other: String) {
    #expect(likeness(one) == likeness(other))
  }

  @Test(arguments: [
    ("Ben", "Benno"), ("Müller", "Muller"), ("Anna Weber", "Annaweber"), ("pc-1", "pc-2"),
    ("Нина", "Инна"), ("Weiß", "Weiss"), ("日本", "日木"),
  ])
  func `names that look different are not`(one: String, other: String) {
    #expect(likeness(one) != likeness(other))
  }

  @Test(
    .enabled(if: SharedVectors.has("unicode_confusables"), Comment(rawValue: SharedVectors.absence))
  )
  func `Greek and Cyrillic letters are like the Latin ones of their shape`() {
    // Those that Unicode's list maps to one ASCII letter or digit, of the scripts names are written in.
    let letters = LookAlike.all.filter { one in
      let scalars = Array(one.char.unicodeScalars)
      guard scalars.count == 1, let value = scalars.first?.value, value != 0x37A else {
        return false
      }
      return (0x391...0x52F).contains(value) && one.original.utf8.count == 1
    }
    #expect(letters.count >= 25)
    for one in letters {
      #expect(likeness(one.char) == likeness(one.original), "\(one.id)")
    }
  }
}
