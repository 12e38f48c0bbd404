"""Stories about the lab itself: if one of these fails, believe no other."""

from story import expect, story


@story("lab-hosts", "hosts reach each other, are told apart, and one goes off and comes back")
def lab_hosts(lab):
    a, b = lab.hosts("a", "b")
    a.run(["python3", "-c", connect_to(b.address, 7)], check=False)
    server = b.start(["python3", "-uc", answer_on(7)])
    server.wait_for("ready")
    expect(a.run(["python3", "-c", connect_to(b.address, 7)]).out == "hello\n", "no answer from b")
    for path in ("/etc/machine-id", "/proc/sys/kernel/random/boot_id"):
        expect(a.run(["cat", path]).out != b.run(["cat", path]).out, f"a and b share {path}")
    boot = b.run(["cat", "/proc/sys/kernel/random/boot_id"]).out
    machine = b.run(["cat", "/etc/machine-id"]).out
    b.power_off()
    expect(server.status == -9, "the server outlived its host")
    unheard = a.run(["python3", "-c", connect_to(b.address, 7)], check=False).status
    expect(unheard != 0, "b answered without power")
    b.power_on()
    expect(b.run(["cat", "/proc/sys/kernel/random/boot_id"]).out != boot, "no new boot_id")
    expect(b.run(["cat", "/etc/machine-id"]).out == machine, "the machine-id changed")


@story("lab-route", "a routed segment carries TCP but no multicast, and a port can be blocked")
def lab_route(lab):
    a = lab.add_host("a")
    x, y = lab.add_host("x", "annex"), lab.add_host("y", "annex")
    lab.route("office", "annex")
    server = x.start(["python3", "-uc", answer_on(7)])
    server.wait_for("ready")
    expect(a.run(["python3", "-c", connect_to(x.address, 7)]).out == "hello\n", "no answer from x")
    near, far = (host.start(["python3", "-uc", HEAR]) for host in (y, a))
    near.wait_for("ready"), far.wait_for("ready")
    x.run(["python3", "-c", SPEAK])
    near.wait_for("heard")
    expect("heard" not in far.text(), "multicast passed the router")
    x.block(7)
    expect(a.run(["python3", "-c", connect_to(x.address, 7)], check=False).status != 0, "not blocked")
    x.unblock()
    a.run(["python3", "-c", connect_to(x.address, 7)])


@story("lab-silent-segment", "a segment made without multicast loses mDNS and nothing else")
def lab_silent_segment(lab):
    lab.segment("quiet", multicast=False)
    x, y = lab.add_host("x", "quiet"), lab.add_host("y", "quiet")
    hearing = y.start(["python3", "-uc", HEAR])
    hearing.wait_for("ready")
    server = y.start(["python3", "-uc", answer_on(7)])
    server.wait_for("ready")
    x.run(["python3", "-c", SPEAK])
    expect(x.run(["python3", "-c", connect_to(y.address, 7)]).out == "hello\n", "no answer from y")
    expect("heard" not in hearing.text(), "mDNS passed")


@story("lab-users", "a second OS user on one host has a home and a runtime folder of their own")
def lab_users(lab):
    a = lab.add_host("a")
    for user in ("anna", "ben"):
        told = a.run(["sh", "-c", "id -un; touch $HOME/mine $XDG_RUNTIME_DIR/mine && pwd"], user=user)
        expect(told.out.startswith(user + "\n"), f"the account is {told.out}")
    folder = a.run(["sh", "-c", "echo $HOME"], user="anna").out.strip()
    expect(a.run(["ls", folder], user="ben", check=False).status != 0, "ben reads anna's home")


def connect_to(address, port):
    return (
        f"import socket; s = socket.create_connection(('{address}', {port}), 1);"
        "print(s.recv(99).decode())"
    )


def answer_on(port):
    return (
        f"import socket; s = socket.create_server(('', {port})); print('ready')\n"
        "while True: c, _ = s.accept(); c.send(b'hello'); c.close()"
    )


HEAR = (
    "import socket, struct; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
    "s.bind(('', 5353)); s.setsockopt(0, socket.IP_ADD_MEMBERSHIP,"
    "socket.inet_aton('224.0.0.251') + struct.pack('=4xi', socket.if_nametoindex('eth0')));"
    "print('ready'); s.recv(99); print('heard')"
)
SPEAK = (
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
    "s.setsockopt(0, socket.IP_MULTICAST_TTL, 255);"
    "s.setsockopt(0, socket.IP_MULTICAST_IF, bytes(8) + "
    "socket.if_nametoindex('eth0').to_bytes(4, 'little'));"
    "s.sendto(b'x', ('224.0.0.251', 5353))"
)
