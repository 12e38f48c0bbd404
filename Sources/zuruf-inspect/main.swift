import Platform
import Terminal

ProcessLimits.ignoreBrokenPipes()
Program.end(InspectProgram.run(.system()).rawValue)
