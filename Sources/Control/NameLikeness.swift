/// What a name looks like: equal for two names that a person takes for the same one.
///
/// Capitals and small letters are alike, so are letters of the Latin, Greek and Cyrillic scripts and of
/// other sizes that have one shape, and white space of any width; what has no looks counts for nothing.
/// It is no name and is shown to nobody.
package func likeness(_ name: String) -> String {
  var folded = ""
  var isSpaced = false
  for scalar in name.unicodeScalars {
    if scalar.properties.isWhitespace {
      isSpaced = !folded.isEmpty
      continue
    }
    if scalar.properties.isDefaultIgnorableCodePoint { continue }
    if isSpaced { folded.append(" ") }
    isSpaced = false
    let plain = plainLetter(scalar)
    folded.unicodeScalars.append(shapes[plain] ?? plain)
  }
  var like = String.UnicodeScalarView()
  for scalar in folded.lowercased().unicodeScalars {
    like.append(smallShapes[scalar] ?? shapes[scalar] ?? scalar)
  }
  return String(like)
}

/// A letter or digit of another size or style as the plain one.
private func plainLetter(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  let value = scalar.value
  let plain: UInt32 =
    switch value {
    // Fullwidth forms stand in the order of ASCII.
    case 0xFF01...0xFF5E: value - 0xFF01 + 0x21
    // Mathematical alphabets: capitals, then small letters, one alphabet behind the other.
    case 0x1D400...0x1D6A3: asciiLetter((value - 0x1D400) % 52)
    case 0x1D7CE...0x1D7FF: 0x30 + (value - 0x1D7CE) % 10
    default: value
    }
  return Unicode.Scalar(plain) ?? scalar
}

private func asciiLetter(_ index: UInt32) -> UInt32 {
  index < 26 ? 0x41 + index : 0x61 + index - 26
}

/// Letters of the Greek and Cyrillic scripts, and ASCII ones, with the letter that has their shape.
private let shapes: [Unicode.Scalar: Unicode.Scalar] = {
  let pairs = [
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϜϒϹ", "ABEZHlKMNOPTYXFYC"), ("ανορυικϲϳ", "avopuikcj"),
    ("АВЕКМНОРСТУХЅІЈӀԌԚԜҮЗ", "ABEKMHOPCTYXSlJlGQWY3"),
    ("асеорухѕіјѵԁԛԝһүгз", "aceopyxsijvdqwhyr3"),
    ("1|0", "llO"),
  ]
  var shapes: [Unicode.Scalar: Unicode.Scalar] = [:]
  for (letters, latin) in pairs {
    for (letter, like) in zip(letters.unicodeScalars, latin.unicodeScalars) {
      shapes[letter] = like
    }
  }
  return shapes
}()

/// Small letters with the letter that the shape of their capital has, so that a name and the same in
/// capitals stay alike; and of the upright strokes, which no font tells apart, one for all.
private let smallShapes: [Unicode.Scalar: Unicode.Scalar] = {
  var small: [Unicode.Scalar: Unicode.Scalar] = ["i": "l"]
  for (letter, like) in shapes {
    let lower = Array(String(letter).lowercased().unicodeScalars)
    guard lower.count == 1, let first = lower.first, first != letter, shapes[first] == nil else {
      continue
    }
    small[first] = String(like).lowercased().unicodeScalars.first
  }
  return small
}()
