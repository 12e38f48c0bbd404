// swift-tools-version: 6.2

import PackageDescription

/// Settings that hold for every target, tests and tools included.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
]

/// Whether this is for Tools/fuzz, which alone builds what libFuzzer feeds.
let isFuzzing = Context.environment["ZURUF_FUZZ"] != nil

/// What of it libFuzzer does not steer by: it is no part of the product. All else counts how often each
/// of its branches is taken.
let uncounted = ["FuzzTargets", "fuzz", "Page", "Simulation", "TestSupport"]

/// The linker gives the ranges of these counters to the program, which tells libFuzzer of those that a
/// target reaches, instead of to libFuzzer itself (Tools/Sources/fuzz/program/Places.swift).
let fuzzLinking = [
  "-sanitize=fuzzer,address", "-Xlinker", "--wrap=__sanitizer_cov_8bit_counters_init", "-Xlinker",
  "--wrap=__sanitizer_cov_pcs_init",
]

/// Targets that are wanted alone with all they need, where a tool builds a part of the tree; else all.
let wanted = Context.environment["ZURUF_TARGETS"].map { $0.split(separator: " ").map(String.init) }

/// Tests that compute much themselves. What other tests alone run need not be fast, and is compiled in less
/// than half of the time.
let optimised = ["AuthorityTests", "ConformanceTests", "SimulationTests", "StorageTests"]

/// A program in Sources/; for fuzzing all of it but its beginning, as part of another one.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  isFuzzing
    ? .target(name: name, dependencies: dependencies, exclude: ["main.swift"])
    : .executableTarget(name: name, dependencies: dependencies)
}

/// What fuzzing feeds: tried again by ordinary tests, and made up anew by libFuzzer in Tools/fuzz.
let fuzzed: [Target.Dependency] = [
  "Format", "Cryptography", "Replication", "Platform", "Storage", "Transport", "Discovery",
  "Daemon", "Control", "Desk", "Launch", "Terminal", "Simulation", "TestSupport", "zuruf",
  "zuruf-inspect",
]
let fuzzing: [Target] =
  isFuzzing
  ? [
    .target(name: "FuzzTargets", dependencies: fuzzed, path: "Tests/FuzzTests/Targets"),
    .systemLibrary(name: "CFuzzer", path: "Tools/Sources/fuzz/CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", "FuzzTargets", "Platform"],
      path: "Tools/Sources/fuzz/program", linkerSettings: [.unsafeFlags(fuzzLinking)]),
  ] : [.testTarget(name: "FuzzTests", dependencies: fuzzed)]

/// A library target in Sources/ and, beside it, its tests, which may need more than it.
func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = []
) -> [Target] {
  [
    .target(
      name: name, dependencies: dependencies, exclude: name == "Desk" ? ["Page"] : []),
    .testTarget(
      name: "\(name)Tests",
      dependencies: [.byName(name: name), "TestSupport"] + dependencies + tests),
  ]
}

/// The page's modules, in Sources/Desk/Page/js.
let scripts = [
  "admit", "banner", "bus", "composer", "controls", "conversation", "delivery", "dialog", "doctor",
  "dom", "doors", "drafts", "early", "edges", "emoji", "events", "group", "i18n", "icons", "list",
  "live", "main", "members", "mentions", "message", "more", "names", "newgroup", "news", "notify",
  "outbox", "page", "people", "presence", "press", "reactions", "reading", "recovery", "remove",
  "rows", "rpc", "say", "scroller", "session", "settings", "shell", "start", "state", "stored",
  "text", "theme", "tickets", "timeline", "times",
]

/// Every file of the page.
let pageFiles =
  ["index.html", "style.css", "icon.svg", "texts/de.json", "texts/en.json"]
  + scripts.map { "js/\($0).js" }

let targets: [Target] =
  [
    .systemLibrary(name: "CSodium"),
    .systemLibrary(name: "CAvahi"),
    .systemLibrary(name: "CMicrohttpd"),
    // Linux calls that Swift's Glibc module leaves out; imported by Platform alone.
    .systemLibrary(name: "CLinux"),
    // The processor's CRC-32C, for which Swift has no word; imported by Storage alone.
    .systemLibrary(name: "CProcessor"),
    // Every vector of Protocol/ through every door that can judge it.
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Format", "Cryptography", "Authority", "Replication", "Platform", "Storage", "Transport",
        "Discovery", "Daemon", "TestSupport",
      ]),
    // What several test targets share; never linked into a product.
    .target(
      name: "TestSupport", dependencies: ["Platform", "CSodium"], path: "Tests/TestSupport"),
    // The seeded world that whole nodes run in; for tests and Tools/simulate, no product.
    .target(
      name: "Simulation",
      dependencies: [
        "Control", "Cryptography", "Daemon", "Discovery", "Format", "Platform", "Replication",
        "Storage", "TestSupport", "Transport", "CSodium",
      ]),
    .testTarget(
      name: "SimulationTests", dependencies: ["Simulation", "Daemon", "Format", "Replication"]),
    .executableTarget(
      name: "simulate", dependencies: ["Platform", "Simulation", "CSodium"],
      path: "Tools/Sources/simulate", exclude: ["README.md", "LEDGER"]),
    // Shows what discovery sees; for Tools/lan, no product.
    .executableTarget(
      name: "sightings", dependencies: ["Discovery", "Platform"], path: "Tools/Sources/sightings"),
    // Durable own messages at the daemon's append call; for Tools/bench, no product.
    .executableTarget(
      name: "appends", dependencies: ["Control", "Daemon", "Platform"],
      path: "Tools/Sources/appends"),
    .executableTarget(
      name: "zurufd", dependencies: ["Launch", "Platform"], exclude: ["zurufd.conf"]),
    .testTarget(
      name: "zurufdTests",
      dependencies: [
        "zurufd", "Control", "Daemon", "Platform", "Terminal", "TestSupport", "CLinux",
      ]),
    .executableTarget(
      name: "zuruf-desk", dependencies: ["Daemon", "Desk", "Launch", "Platform"]),
    // The page is a target of its own: the compiler takes half a minute over its bytes.
    .target(
      name: "Page", path: isFuzzing ? "Tools/Sources/fuzz/page" : "Sources/Desk/Page",
      resources: isFuzzing ? [] : pageFiles.map { .embedInCode($0) }),
    program("zuruf", ["Control", "Platform", "Terminal"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["zuruf", "Control", "Platform", "Terminal", "TestSupport"]),
    program(
      "zuruf-inspect",
      [
        "Format", "Cryptography", "Authority", "Replication", "Platform", "Storage", "Terminal",
      ]),
    .testTarget(
      name: "InspectTests",
      dependencies: [
        "zuruf-inspect", "Format", "Cryptography", "Authority", "Replication", "Platform",
        "Storage", "Terminal", "TestSupport",
      ]),
  ]
  + fuzzing
  + library("Format")
  + library("Cryptography", ["CSodium"])
  + library("Authority", ["Format"], tests: ["Platform"])
  + library("Platform", ["CLinux"])
  // A replica is shown with what it stored read back, so its tests have a store; and in runs that
  // grow from a number, so they tell libsodium what to draw.
  + library(
    "Replication", ["Format", "Cryptography", "Authority"],
    tests: ["Storage", "Platform", "CSodium"])
  + library("Storage", ["Format", "Cryptography", "Platform", "CProcessor"])
  + library("Transport", ["Format", "Cryptography", "Platform"])
  + library("Discovery", ["Format", "Platform", "CAvahi"])
  + library("Control", ["Platform"])
  + library("Terminal")
  + library("Launch", ["Control", "Daemon", "Format", "Platform", "Terminal"])
  + library("Desk", ["Control", "Cryptography", "Format", "Page", "Platform", "CMicrohttpd"])
  + library(
    "Daemon",
    [
      "Format", "Cryptography", "Authority", "Replication", "Platform", "Storage", "Transport",
      "Discovery", "Control",
    ])

for target in targets where target.type != .system {
  target.swiftSettings = (target.swiftSettings ?? []) + settings
  if isFuzzing {
    let isCounted = !uncounted.contains(target.name)
    target.swiftSettings? += [.unsafeFlags(["-sanitize=\(isCounted ? "fuzzer," : "")address"])]
  }
  // Format alone hands out spans from its own types (`Array.raw`).
  if target.name == "Format" {
    target.swiftSettings? += [.enableExperimentalFeature("Lifetimes")]
  }
  if target.type == .test, !optimised.contains(target.name) {
    target.swiftSettings? += [.unsafeFlags(["-Onone"])]
  }
}

/// The targets of these names and all that they need; SwiftPM itself refuses a name that is none.
func closure(of names: [String], in targets: [Target]) -> [Target] {
  var found: [String: Target] = [:]
  var open = names
  while let name = open.popLast() {
    guard found[name] == nil else { continue }
    let target = targets.first { $0.name == name } ?? .target(name: name)
    found[name] = target
    for dependency in target.dependencies {
      if case .byNameItem(let needed, _) = dependency { open.append(needed) }
    }
  }
  return found.values.sorted { $0.name < $1.name }
}

let products: [Product] =
  isFuzzing
  ? [.executable(name: "fuzz", targets: ["fuzz"])]
  : ["zurufd", "zuruf-desk", "zuruf", "zuruf-inspect"].map {
    .executable(name: $0, targets: [$0])
  }

let package = Package(
  name: "zuruf",
  products: wanted == nil ? products : [],
  targets: wanted.map { closure(of: $0, in: targets) } ?? targets
)
