import Platform
import Terminal

ProcessLimits.ignoreBrokenPipes()
Program.end(CommandLineProgram.run(.system()).rawValue)
