// fuzz: feeds one target with what libFuzzer makes up. Tools/fuzz builds and calls it.
//
// usage: fuzz --list                           a line for each target: name, kind, longest input, what it reaches, what it looks for
//        fuzz --seeds TARGET DIRECTORY         writes what TARGET begins with, a file each
//        ZURUF_FUZZ_TARGET=TARGET ZURUF_FUZZ_PLACES="0-512 ..." fuzz ...
//                                              libFuzzer with these options, steered by these counters

internal import CFuzzer
internal import FuzzTargets
internal import Glibc
import Platform

func print(line: String) { _ = StandardStream.output.write(line + "\n") }

func refuse(_ text: String) -> Never {
  _ = StandardStream.error.write("fuzz: error: \(text)\n")
  exit(2)
}

func target(_ name: String) -> FuzzTarget {
  guard let target = FuzzTarget.named(name) else { refuse("no target is called \"\(name)\"") }
  return target
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "--list"?:
  for one in FuzzTarget.all {
    let reaches = one.reaches.joined(separator: " ")
    print(line: "\(one.name)\t\(one.kind.rawValue)\t\(one.sizeMax)\t\(reaches)\t\(one.abstract)")
  }
  exit(0)
case "--seeds"? where words.count == 3:
  let seeds = try target(words[1]).seeds().filter { $0.count <= target(words[1]).sizeMax }
  let disk = try LinuxDisk.creating(root: words[2])
  for (number, seed) in seeds.enumerated() {
    try disk.replace(.root.appending(.number(UInt64(number), digits: 6)), with: seed.span)
  }
  print(line: "\(seeds.count)")
  exit(0)
default: break
}

// The callback of libFuzzer carries nothing with it.
let chosen = target(Environment.current()["ZURUF_FUZZ_TARGET"] ?? "")
if !tellOfPlaces(Environment.current()["ZURUF_FUZZ_PLACES"] ?? "") {
  refuse("ZURUF_FUZZ_PLACES is no list of ranges")
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
let code = unsafe LLVMFuzzerRunDriver(&count, &arguments) { data, size in
  do {
    // libFuzzer lends so many bytes for this call.
    try chosen.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
  } catch {
    // The end of the process is what libFuzzer understands.
    fatalError("\(chosen.name): \(error)")
  }
  return 0
}
exit(code)
