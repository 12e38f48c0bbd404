import Launch
import Platform

ProcessLimits.ignoreBrokenPipes()
let program = NodeProgram(
  "zurufd", "the node of this device, in the foreground", saying: [], page: nil)
Program.end(program.run(Program.arguments))
