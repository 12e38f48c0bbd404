"""The parts of a run: the sanitizer is shown to work, then tests, then programs are run with it."""

import os
import re
import subprocess
import sys

#: Longer than any part takes; a lock that nobody lets go of ends here.
TESTS_SECONDS = 3_600
PROOF_SECONDS = 120
#: How every command of ours closes.
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
#: What the real programs do, with every thread they have. `{}`: the folder with the programs.
PROGRAMS = {
    "siege": [
        "Tools/siege", "--binaries", "{}", "strangers", "frames", "states", "disk-error",
        "retry", "many-links"],
    "desk": ["Tools/desk", "--binaries", "{}", "origin", "link", "crowd", "events", "end"],
    "torture": ["Tools/torture", "--cycles", "40"],
}


def proof(sanitizer, reports, tally, _options):
    """What is planted must be reported, and what is right must not."""
    program = os.path.join(sanitizer.scratch, "proof")
    arguments = sanitizer.prepare()
    subprocess.run(
        ["swiftc", "-O", "-g", "-swift-version", "6", "-parse-as-library",
         f"-sanitize={sanitizer.name}",
         os.path.join(sanitizer.sources, "proof", f"{sanitizer.name}.swift"),
         *arguments, "-o", program],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    listed = subprocess.run([program], capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        subprocess.run(
            [program, name], env=reports.environment, timeout=PROOF_SECONDS,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = reports.take()
        if bool(found) == name.startswith("wrong"):
            tally.add(passed=1)
        else:
            print(f"failed: {name}: " + ("; ".join(found) or "nothing was reported"))
            tally.add(failed=1)


def tests(sanitizer, reports, tally, options):
    """The Swift tests, all or those of the filter."""
    command = [os.path.join(sanitizer.binaries, "zurufPackageTests.xctest"),
               "--testing-library", "swift-testing"]
    if options.filter is not None:
        command += ["--filter", options.filter]
    for suite, reason in sanitizer.left_out.items():
        command += ["--skip", suite]
        print(f"skipped: {suite}: {reason}")
        tally.add(skipped=1)
    try:
        run = subprocess.run(
            command, cwd=sanitizer.root, env=reports.environment, timeout=TESTS_SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        output, status = run.stdout, run.returncode
    except subprocess.TimeoutExpired as ended:
        output = (ended.stdout or b"").decode(errors="replace")
        status = f"no end within {TESTS_SECONDS} s"
    lines = output.splitlines()
    skipped = [line for line in lines if re.match(r"^\S+ Test (\".*\"|\S+) skipped(:|\.|$)", line)]
    for line in skipped:
        print("skipped: " + line.split(" Test ", 1)[1])
    wrong = [line for line in lines if re.match(r"^✘ Test [^r].* failed", line)]
    for line in lines:
        if "recorded an issue" in line or "Fatal error" in line:
            print(line)
    counts = re.findall(r"Test run with (\d+) tests?", output)
    is_reported = reports.show("tests", tally)
    if counts:
        count = int(counts[-1])
        tally.add(passed=count - len(skipped) - len(wrong), failed=len(wrong), skipped=len(skipped))
    if not counts or (status != 0 and not wrong and not is_reported):
        print(f"failed: the tests ended before their time, or with {status}")
        print("\n".join("    " + line for line in lines[-20:]))
        tally.add(failed=1)


def programs(sanitizer, reports, tally, _options):
    """The programs themselves, in attacks on them."""
    environment = dict(reports.environment, ZURUF_BUILD=sanitizer.binaries)
    for name, command in PROGRAMS.items():
        run = subprocess.run(
            [word.format(sanitizer.binaries) for word in command], cwd=sanitizer.root,
            env=environment, stdout=subprocess.PIPE, text=True)
        sys.stdout.write(run.stdout)
        counts = CLOSING.findall(run.stdout)
        is_reported = reports.show(name, tally)
        if counts:
            tally.add(*(int(count or 0) for count in counts[-1]))
        if not counts or (run.returncode and counts[-1][1] == "0" and not is_reported):
            print(f"failed: {name} ended with {run.returncode}")
            tally.add(failed=1)
