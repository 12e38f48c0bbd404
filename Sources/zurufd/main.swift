import Platform

ProcessLimits.ignoreBrokenPipes()
let program = DaemonProgram(environment: .current(), user: Account.current().user)
Program.end(program.run(Program.arguments))
