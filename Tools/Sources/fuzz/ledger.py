"""The ledger: how much each target was run at which commit, a line for each time."""

import os

#: How many executions are asked for before a release, by the kind of target; in the last half of them
#: nothing may be found.
GOALS = {"decoder": 10_000_000, "sequence": 1_000_000}
#: Stands for executions where a target tries more from there on: what was run before counts no more.
ANEW = "anew"


class Ledger:
    def __init__(self, root):
        self.path = os.path.join(root, "Tools", "Sources", "fuzz", "LEDGER")

    def add(self, commit, outcomes):
        """Notes what came of runs of the tree as it stood at a commit."""
        lines = [f"{commit} {one.target.name} {one.executions} {1 if one.crash else 0}\n"
                 for one in outcomes]
        with open(self.path, "a", encoding="ascii") as file:
            file.writelines(lines)

    def table(self, targets):
        """A line for each target: what is asked for, what was run, how much of it since the last find, and
        how much is still to be run; and how many have what is asked for."""
        total, since, finds = {}, {}, {}
        with open(self.path, encoding="ascii") as file:
            for line in file:
                if line.startswith("#"):
                    continue
                _, name, executions, crashes = line.split()
                if executions == ANEW:
                    total[name] = since[name] = 0
                    continue
                total[name] = total.get(name, 0) + int(executions)
                finds[name] = finds.get(name, 0) + int(crashes)
                since[name] = 0 if int(crashes) else since.get(name, 0) + int(executions)
        lines = [f"{'target':14} {'asked':>10} {'executions':>12} {'finds':>6} {'since then':>12} "
                 f"{'still to run':>12}"]
        done = 0
        for target in targets:
            asked, run = GOALS[target.kind], total.get(target.name, 0)
            after = since.get(target.name, 0)
            # As many in all, and nothing found in the last half of them.
            left = max(asked - run, asked // 2 - after, 0)
            done += left == 0
            lines.append(f"{target.name:14} {asked:10} {run:12} {finds.get(target.name, 0):6} "
                         f"{after:12} {left or 'none':>12}")
        return lines + [f"{done} of {len(targets)} targets have what is asked for"]
