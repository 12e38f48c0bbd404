"""Trials of one computer: what is on it after installing, and that nothing runs."""

import re

from prove import trial
from root import Layer
from world import expect

PROGRAMS = ["zurufd", "zuruf", "zuruf-inspect", "zuruf-desk"]
# The worst that "systemd-analyze security" may say of the service, in tenths; see its table.
EXPOSURE_MAX = 20


@trial("install", "apt installs both with what they need, on a computer without a compiler")
def install(world):
    layer = world.installed("zurufd", "zuruf")
    tools = layer.inside(["sh", "-c", "command -v cc gcc clang swift swiftc"]).stdout.split()
    expect(not tools, f"there is a compiler: {tools}")
    for program in PROGRAMS:
        expect(re.fullmatch(rf"{program} [\d.]+\n", layer.must([program, "--version"])),
               f"{program} does not tell its version")  # fmt: skip
    modes = "etc/zuruf 1770 root zuruf,etc/zuruf/zurufd.conf 644 root root,usr/bin/zurufd 755 root root"
    for line in modes.split(","):
        path, *wanted = line.split()
        told = layer.must(["stat", "--format=%a %U %G", "/" + path]).split()
        expect(told == wanted, f"/{path} is {' '.join(told)}")
    expect(layer.must(["zurufd", "--print-config"]) == layer.must(["cat", "/etc/zuruf/zurufd.conf"]),
           "the settings are not what the program prints")  # fmt: skip
    expect(layer.must(["dpkg", "--verify", "zurufd", "zuruf"]) == "", "a file is not as packed")
    needed = layer.must(["dpkg-query", "--show", "--showformat=${Depends}\n", "zuruf", "zurufd"])
    for name in ("libsodium23", "libavahi-client3", "libmicrohttpd12"):
        expect(name in needed, f"{name} is not asked for")
    return f"{len(layer.said.split('Setting up ')) - 1} packages set up"


@trial("manuals", "man pages say what --help says, and three shells complete")
def manuals(world):
    layer = world.installed("zurufd", "zuruf")
    for program in PROGRAMS:
        done = layer.inside(["man", "--warnings", "--local-file",
                             f"/usr/share/man/man1/{program}.1.gz"])  # fmt: skip
        expect(done.returncode == 0 and not done.stderr, f"{program}(1): {done.stderr[:300]}")
        page = " ".join(done.stdout.split())
        abstract = layer.must([program, "--help"]).split("\n")[0]
        expect(abstract.split(" - ")[1] in page, f"{program}(1) does not say what it is")
        expect(f"{program} [OPTIONS]" in page, f"{program}(1) has no synopsis")
    for word in ("zuruf ticket new [OPTIONS]", "--keeper", "Whoever has the line can join once"):
        expect(word in " ".join(layer.must(["man", "zuruf"]).split()), f'zuruf(1) lacks "{word}"')
    offered = {
        "bash": layer.must(["bash", "-c", BASH]),
        "zsh": layer.must(["zsh", "-f", "-c", ZSH]),
        "fish": layer.must(["fish", "-c", "complete --do-complete 'zuruf ticket '"]),
    }
    for shell, said in offered.items():
        words = {line.split("\t")[0].split(":")[0] for line in said.splitlines()}
        expect({"new", "list", "revoke"} <= words, f"{shell} offers {sorted(words)[:8]}")
        expect("send" not in words, f"{shell} offers a command as a verb")
    return None


BASH = """
. /usr/share/bash-completion/bash_completion
_completion_loader zuruf
COMP_WORDS=(zuruf ticket '') COMP_CWORD=2
_zuruf
printf '%s\\n' "${COMPREPLY[@]}"
"""
# The loader finds it by its file; what it would show is printed instead.
ZSH = """
fpath=(/usr/share/zsh/vendor-completions $fpath)
autoload -Uz compinit && compinit -u -D
_describe() { print -l -- ${(P)@[-1]} }
_files() { print -- files }
[[ $_comps[zuruf] == _zuruf ]] || exit 1
words=(zuruf ticket '') CURRENT=3 PREFIX=''
_zuruf
"""


# Who reads what the packages bring for others, each with the package that has it.
READERS = ["ufw", "firewalld", "desktop-file-utils", "librsvg2-bin"]


@trial("others", "firewalls, the menu and its icon can read what is brought along for them")
def others(world):
    layer = Layer("with-readers", world.installed("zurufd", "zuruf").below, world.folder)
    layer.install(more=READERS)
    told = layer.must(["ufw", "app", "info", "Zuruf"])
    expect("47474/tcp" in told, f"ufw says {told!r}")
    layer.must(["firewall-offline-cmd", "--check-config"], 120)
    told = layer.must(["firewall-offline-cmd", "--info-service=zuruf"], 120)
    expect("47474/tcp" in told, f"firewalld says {told!r}")
    told = layer.must(["firewall-offline-cmd", "--info-policy=zuruf"], 120)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"):
        expect(network in told, f"the policy lacks {network}: {told!r}")
    expect("source address" in told.lower() or "family" in told, f"the policy is open: {told!r}")
    told = layer.inside(["desktop-file-validate", "/usr/share/applications/zuruf.desktop"])
    expect(told.returncode == 0 and not told.stdout, f"the entry of the menu: {told.stdout}")
    layer.must(["sh", "-c", "rsvg-convert /usr/share/icons/hicolor/scalable/apps/zuruf.svg"
                " --output /root/icon.png"])  # fmt: skip
    entry = layer.must(["cat", "/usr/share/applications/zuruf.desktop"])
    layer.must(["test", "-x", re.search(r"^Exec=(\S+)", entry, re.M)[1]])


@trial("menu", "what goes wrong behind the entry of the menu is shown to who clicked on it")
def menu(world):
    layer = world.installed("zurufd", "zuruf")
    # There is no service manager here, so that no node can be started.
    done = layer.inside(["sh", "-c", MENU])
    expect(done.returncode == 1, f"it ended with {done.returncode}: {done.stderr}")
    for words in ("<h1>Zuruf ließ sich nicht öffnen</h1>", "Starte den Rechner neu", "zuruf: error: "):
        expect(words in done.stdout, f"it does not say {words}: {done.stdout} {done.stderr}")
    done = layer.inside(["sh", "-c", MENU.replace("de_DE", "en_GB").replace("xdg-open", "notify-send")])
    expect("Zuruf could not be opened" in done.stdout, f"no note: {done.stdout} {done.stderr}")


# A person's browser, or the notes of the desktop, as a program that shows what it gets.
MENU = """
mkdir -p /tmp/bin
printf '#!/bin/sh\nfor one; do if [ -f "$one" ]; then cat "$one"; else echo "$one"; fi; done >&3\n' \
  >/tmp/bin/xdg-open
chmod +x /tmp/bin/xdg-open
exec 3>&1
LANG=de_DE.UTF-8 PATH=/tmp/bin:$PATH /usr/lib/zuruf/open-from-menu
status=$?
rm -r /tmp/bin
exit $status
"""


@trial("quiet", "installing starts nothing that talks, and the service is as closed as it can be")
def quiet(world):
    anna = world.anna
    expect(not anna.listening(), f"it listens: {anna.listening()}")
    running = anna.run(["pgrep", "--list-name", "zuruf"], check=False).out
    expect(not running, f"it runs: {running}")
    for words in (["is-enabled", "zurufd"], ["--global", "is-enabled", "zuruf"]):
        state = anna.run(["systemctl", *words], check=False).out.strip()
        expect(state == "disabled", f"{' '.join(words)}: {state}")
    # A computer that sets everything to what it prefers starts nothing either.
    anna.run(["systemctl", "preset", "zurufd"])
    anna.run(["systemctl", "--global", "preset", "zuruf"])
    state = anna.run(["systemctl", "is-enabled", "zurufd"], check=False).out.strip()
    expect(state == "disabled", f"preset made it {state}")
    told = anna.run(["systemd-analyze", "verify", "zurufd.service"], check=False)
    expect(told.status == 0 and "zuruf" not in told.err, f"verify: {told.err[:300]}")
    told = anna.run(["systemd-analyze", "--user", "verify", "/usr/lib/systemd/user/zuruf.service"],
                    check=False)  # fmt: skip
    expect("zuruf" not in told.err, f"verify: {told.err[:300]}")
    told = anna.run(["systemd-analyze", "security", f"--threshold={EXPOSURE_MAX}", "--no-pager",
                     "zurufd.service"], check=False)  # fmt: skip
    line = re.search(r"exposure level for zurufd.service: ([\d.]+)", told.out)
    expect(line and told.status == 0, f"security: {told.out[-200:]} {told.err[-200:]}")
    return f"exposure {line[1]} of 10"
