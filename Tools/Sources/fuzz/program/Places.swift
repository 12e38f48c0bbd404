internal import CFuzzer

/// The counters of all places in the program that an input can reach, a byte each, and beside each of
/// them where it is, in two words.
///
/// libFuzzer clears and reads every counter that it knows of at each input, which takes longer than most
/// decoders do. So it hears of those alone that a target may reach.
nonisolated(unsafe) private var counters: UnsafeMutablePointer<UInt8>?
nonisolated(unsafe) private var counterCount = 0
nonisolated(unsafe) private var places: UnsafePointer<UInt>?

/// What the linker calls instead of libFuzzer's own, once for each file and with the same range.
@_cdecl("__wrap___sanitizer_cov_8bit_counters_init")
func noteCounters(_ start: UnsafeMutablePointer<UInt8>, _ stop: UnsafeMutablePointer<UInt8>) {
  unsafe (counters, counterCount) = (start, stop - start)
}

@_cdecl("__wrap___sanitizer_cov_pcs_init")
func notePlaces(_ start: UnsafePointer<UInt>, _ stop: UnsafePointer<UInt>) {
  unsafe places = start
}

/// Tells libFuzzer of the counters in these ranges.
///
/// `text`: the ranges as "0-512 900-1200", the end not included.
/// - Returns: Whether it says ranges, and all of them lie within what was linked.
func tellOfPlaces(_ text: String) -> Bool {
  for range in text.split(separator: " ") {
    let ends = range.split(separator: "-").compactMap { Int($0) }
    guard ends.count == 2, 0 <= ends[0], ends[0] < ends[1], unsafe ends[1] <= counterCount,
      let counters = unsafe counters, let places = unsafe places
    else { return false }
    unsafe __real___sanitizer_cov_8bit_counters_init(counters + ends[0], counters + ends[1])
    unsafe __real___sanitizer_cov_pcs_init(places + 2 * ends[0], places + 2 * ends[1])
  }
  return true
}
