"""What was found, in the repository: TABLE.md has a line for each bug, and one more for the simulation."""

import os

from levels import SEEDS

TABLE = "Tools/Sources/plant/TABLE.md"
HEADS = {
    "found": "| planted | what is broken | found by | which | seconds | commit |",
    "simulated": "| planted | what is broken | seed | what the audit says | commit |",
}
WORDS = {
    "found": """# Planted bugs and what found them
Written by `Tools/plant`; a line tells of the commit beside it, with a + where something was not committed yet.
A level found it within a tenth of its time in `Tools/test`, the cheapest first, and finds nothing in the tree
as it is.
""",
    "simulated": f"""
## What the simulation finds alone
Written by `Tools/plant --level simulate`: the first of the seeds 1-{SEEDS} that fails, a tenth of those in
`Tools/test`, and the first thing that it says; it passes in the tree as it is. **none**: all of them pass.
"-": no run can show it, for what stands beside.
""",
}


def note(root, stand, plant, outcomes, only):
    """Writes the line of one bug, in its place: of the tree as it stood when it was copied. Of other levels
    alone nothing is written: whether a cheaper one finds it nobody asked."""
    if only not in (None, "simulate"):
        return
    rows = read(root)
    simulated = next((one for one in outcomes if one.level == "simulate"), None)
    if only is None:
        by = next((one for one in outcomes if one.is_found), None)
        tried = ", ".join(f"{one.level}: {one.says}" for one in outcomes)
        rows["found"][plant.name] = [
            plant.sentence, by.level if by else "**none**", by.by if by else tried,
            str(by.seconds) if by else "", stand]  # fmt: skip
    if simulated is not None:
        rows["simulated"][plant.name] = [
            plant.sentence, str(simulated.seed) if simulated.is_found else "**none**",
            simulated.by if simulated.is_found else simulated.says, stand]  # fmt: skip
    elif plant.beyond:
        rows["simulated"][plant.name] = [plant.sentence, "-", plant.beyond, stand]
    write(root, rows)


def read(root):
    """The lines of each of the two tables, by the names of the bugs."""
    rows = {name: {} for name in HEADS}
    path = os.path.join(root, TABLE)
    now = None
    if os.path.exists(path):
        with open(path) as file:
            for line in map(str.strip, file):
                heads = [name for name, head in HEADS.items() if head == line]
                if heads or not line.startswith("| "):
                    now = heads[0] if heads else now
                    continue
                name, *cells = [cell.strip() for cell in line.strip("|").split("|")]
                rows[now][name] = cells
    return rows


def write(root, rows):
    with open(os.path.join(root, TABLE), "w") as file:
        for table, head in HEADS.items():
            if not rows[table]:
                continue
            file.write(f"{WORDS[table]}\n{head}\n" + "|---" * (head.count("|") - 1) + "|\n")
            for name in sorted(rows[table]):
                cells = [name, *(cell.replace("|", "/") for cell in rows[table][name])]
                file.write("| " + " | ".join(cells) + " |\n")
