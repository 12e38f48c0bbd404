"""The state of an office that does not exist, and answers as Protocol/A-control.md says.

A keeper of fake state for tests of the page: nothing is encrypted, stored or sent. What a
test wants to happen it calls: `incoming`, `peer`, `knock`, … Every method of the
contract is a function `m_METHOD` with dots as underscores.
"""

import copy
import hashlib
import threading
import time

DAY = 86_400_000


class Refused(Exception):
    """An error of A-control: its name, its code and a sentence."""

    CODES = {
        "invalid-parameters": -32602, "no-such-method": -32601, "refused": 1000,
        "door-closed": 1019, "no-knock": 1020, "answer-too-long": 1021,
        "ticket-malformed": 1002, "ticket-expired": 1003, "name-taken": 1011,
        "recovery-mismatch": 1012, "no-such-group": 4001, "no-such-member": 4002,
        "no-such-device": 4003, "no-such-entry": 4005, "ambiguous": 4006, "not-allowed": 5001,
        "no-office": 6001, "no-answer": 6002, "busy": 6005, "read-only": 1013,
    }

    def __init__(self, name, sentence, hint=None, reason=None):
        self.name, self.sentence, self.hint, self.reason = name, sentence, hint, reason
        super().__init__(sentence)

    def as_error(self):
        data = {"name": self.name, "candidates": []}
        if self.hint:
            data["hint"] = self.hint
        if self.reason:
            data["reason"] = self.reason
        return {"code": self.CODES.get(self.name, 1000), "message": self.sentence, "data": data}


def identifier(text, size=32):
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


def moment(ms):
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000))
    return {"ms": ms, "utc": f"{seconds}.{ms % 1000:03}Z"}


def now():
    return int(time.time() * 1000)


def ref(one):
    return {"id": one["id"], "name": one["name"]}


class LongPast:
    """Messages of a group that were never written: made when they are read, always the same."""

    WORDS = ["Die Presse läuft wieder.", "Lieferung für Halle 2 ist da.", "Wer hat den Schlüssel?",
             "Ich bin um zehn zurück.", "Bitte das Tor schließen, es zieht.", "Danke!",
             "Auftrag 4711 ist fertig und steht an der Rampe, bitte heute noch abholen lassen.",
             "Kaffee?", "Das Protokoll steht unter http://intranet.local/protokoll.",
             "Können wir das morgen um neun besprechen?"]

    def __init__(self, office, group, count):
        self.office, self.group, self.count = office, group, count

    def message(self, index):
        members = self.group["members"]
        member = members[(index // 3) % len(members)]
        text = f"{self.WORDS[(index * 7) % len(self.WORDS)]} ({index})"
        ms = now() - DAY - (self.count - index) * 120_000
        return self.office.written(self.group, member, text, ms, f"past {index}")


class FakeOffice:
    """One office, seen from Anna's computer; with `empty` the computer belongs to none yet."""

    def __init__(self, empty=False, past=0):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.events = []
        self.calls = []
        self.failures = {}
        self.held, self.late = {}, {}
        self.sent = {}
        self.counter = 0
        self.standing = "no-office"
        self.members, self.devices, self.groups = [], [], []
        self.messages, self.past = {}, {}
        #: What happened, by the group in which it is shown; each with its time.
        self.news = {}
        self.tickets, self.requests, self.degraded = [], [], []
        self.door_until, self.door_for, self.recovery = None, None, "none"
        self.doors, self.advice, self.reason = [], None, "none-open"
        self.knocking, self.joining, self.checks = None, False, None
        #: Whoever gets a yes at the door does not come in.
        self.is_link_gone = False
        #: So many members of a group have room in the list.
        self.named_max = None
        #: So many letters of messages have room in an answer.
        self.letters_max = None
        self.account = {"name": "Anna Weber", "device": "anna-pc"}
        if not empty:
            self.found("Müller GmbH", "Anna Weber", "anna-pc")
            self.populate(past)

    # What happens, for tests to call

    def tell(self, kind, **values):
        with self.lock:
            self.counter += 1
            self.events.append({"kind": kind, **values})
            self.changed.notify_all()

    def cursor(self):
        return f"{len(self.events):016x}"

    def incoming(self, group, name, text, late=False, ms=None, reply=None):
        """A message from somebody else; gives its entry."""
        with self.lock:
            room, member = self.group(group), self.member(name)
            message = self.written(room, member, text, ms or now(), f"in {self.counter} {text}")
            message["late"] = late
            if reply:
                message["reply"] = self.reply(reply)
            return self.arrived(room, message)

    def arrived(self, room, message):
        """Keeps and tells of what somebody else wrote; gives its entry."""
        self.messages[room["id"]].append(message)
        room["latest"] = message["time"]
        room["messages"] += 1
        room["unread"] += 1
        self.tell("message", message=message)
        return message["entry"]

    def across(self, name, text, is_listed=True):
        """A message of somebody from another group of the same two people; gives its entry."""
        with self.lock:
            room, member = self.group(f"@{name}"), self.member(name)
            message = self.written(room, member, text, now(), f"across {self.counter} {text}")
            other = identifier(f"other group with {name}")
            message["group"] = {**message["group"], "id": other}
            if is_listed:
                room["also"] = [other]
            return self.arrived(room, message)

    def happened(self, group, word, by, *names, ms=None, is_told=True, **values):
        """Somebody came, went or changed something; with `is_told` a moment ago."""
        with self.lock:
            room = self.group(group)
            news = {"word": word, "by": ref(self.member(by)), "own": self.own["name"] in names,
                    "members": [ref(self.member(name)) for name in names], **values}
            if room["kind"] == "listed":
                news["group"] = self.group_ref(room)
            news["time"] = moment(ms or now())
            self.news.setdefault(room["id"], []).append(news)
            if is_told:
                self.tell("news", news=news)

    def close_off(self, group, name, count, ms):
        """So many messages were written, a minute apart, before this computer came."""
        with self.lock:
            room, member = self.group(group), self.member(name)
            for number in range(count):
                message = self.written(room, member, None, ms + number * 60_000, f"before {ms} {number}")
                self.messages[room["id"]].append({**message, "absence": "before-joining"})

    def hide(self, group, name, count):
        """So many messages came of which nobody is shown anything, as after a removal."""
        with self.lock:
            room, member = self.group(group), self.member(name)
            for number in range(count):
                message = self.written(room, member, "", now(), f"hidden {self.counter} {number}")
                self.messages[room["id"]].append({**message, "isHidden": True})

    def delivered(self, entry, devices):
        """An own message is on so many devices now."""
        with self.lock:
            message = self.entry(entry)
            message["state"] = self.state(message, devices)
            self.tell("delivery", delivery={
                "entry": entry, "group": self.group_ref(message["group"]),
                "state": message["state"]})

    def peer(self, device, linked):
        with self.lock:
            one = self.device(device)
            one["state"], one["seen"] = ("linked" if linked else "away"), moment(now())
            self.tell("peer", peer={
                "device": ref(one), "member": one["member"], "keeper": one["keeper"],
                "linked": linked, "addresses": []})

    def degrade(self, word, detail, form=None, **values):
        """A state that is there from now on; `values` is what its sentence names."""
        with self.lock:
            self.degraded.append({
                "word": word, "detail": detail, "since": moment(now()),
                **({"form": form} if form else {}), **({"values": values} if values else {})})
            self.tell("degraded", degraded=self.degraded[-1])

    def knock(self, name, device, digits="482913"):
        """Somebody is at the open door; gives the request's id."""
        with self.lock:
            request = {"id": f"r{len(self.requests) + 1}", "name": name, "device": device,
                       "state": "comparing", "since": moment(now()), "digits": digits}
            self.requests.append(request)
            self.tell("admission", request=request)
            return request["id"]

    def let_door_close(self, seconds):
        """The door closes so soon; whoever knocks is gone then. Nothing is told of that."""
        with self.lock:
            self.door_until = now() + seconds * 1000
            self.tell("changed", list="door")

    def open_doors(self, *doors):
        with self.lock:
            self.doors = [{"id": f"d{index}", "office": office, "sponsor": sponsor,
                           "address": f"192.168.1.{20 + index}:47474"}
                          for index, (office, sponsor) in enumerate(doors)]
            self.tell("doors", doors=self.doors)

    def answer_knock(self, outcome, sentence="the other side said no"):
        """Ends the wait of a newcomer: `admitted`, or the name of an error."""
        with self.lock:
            self.knocking["outcome"] = (outcome, sentence)
            self.changed.notify_all()

    def fail(self, method, name, sentence="the disk said no", times=1, reason=None):
        self.failures[method] = [Refused(name, sentence, reason=reason)] * times

    def remove_own(self, by, word="removed"):
        """Somebody removes this computer from the office, or its person leaves."""
        with self.lock:
            self.standing = "removed"
            self.own["removed"] = True
            for group in self.groups:
                group["gone"] = {"word": word, "by": ref(self.member(by)), "lost": 0}
            self.tell("changed", list="office")
            self.tell("changed", list="groups")
            self.tell("changed", list="members")
            self.degrade("removed", "this computer was removed from its office",
                         "left" if word == "left" else None, by=by)

    def hold(self, method):
        """Calls of a method wait until the event that this gives is set."""
        self.held[method] = threading.Event()
        return self.held[method]

    def hold_answers(self, method):
        """Answers of a method are made at once, and given once the event that this gives is set."""
        self.late[method] = threading.Event()
        return self.late[method]

    def wait_for_call(self, method, seconds=20, count=1):
        """The parameters of the `count`-th call of a method, once it came."""
        with self.lock:
            def found():
                matching = [params for name, params in self.calls if name == method]
                return matching[count - 1] if len(matching) >= count else None
            self.changed.wait_for(lambda: found() is not None, seconds)
            assert found() is not None, f"{method} was not called {count} times"
            return found()

    def count(self, method):
        """How often it was called."""
        with self.lock:
            return sum(name == method for name, _ in self.calls)

    # State

    def found(self, office, name, device):
        self.standing, self.name, self.recovery = "ready", office, "not-put-away"
        self.own = self.add_member(name, "owner", [(device, "own", False)])
        self.own["own"] = True
        self.own_device = self.devices[0]
        self.everyone = self.add_group("everyone", "everyone", [])
        self.recovery_line = "zr1-recovery-" + "7hq2m4kdp3x9w" * 8 + "y5t"

    def add_member(self, name, rank, devices):
        member = {"id": identifier(f"member {name}", 16), "name": name, "rank": rank, "own": False,
                  "removed": False, "devices": len(devices), "seen": moment(now() - 60_000)}
        self.members.append(member)
        for device, state, keeper in devices:
            self.devices.append({
                "id": identifier(f"device {device}"), "name": device, "member": ref(member),
                "keeper": keeper, "state": state,
                "seen": moment(now() - (5 * 3_600_000 if state == "away" else 20_000))})
        for group in self.groups:
            if group["kind"] == "everyone":
                group["members"].append(ref(member))
        return member

    def add_group(self, kind, title, names, purpose=None):
        members = [ref(self.own)] + [ref(self.member(name)) for name in names]
        group = {"id": identifier(f"group {kind} {title} {names}"), "kind": kind,
                 "members": members, "readable": True, "messages": 0, "unread": 0}
        if title:
            group["title"] = title
        if purpose:
            group["purpose"] = purpose
        if kind == "direct":
            group["partner"] = members[1]
        self.groups.append(group)
        self.messages[group["id"]] = []
        return group

    def populate(self, past):
        self.add_member("Ben Vogel", "admin", [("ben-pc", "linked", False)])
        self.add_member("Carla Özdemir", "member", [
            ("empfang", "linked", False), ("carla-laptop", "away", False)])
        self.add_member("Dirk Hansen", "member", [("halle-2", "away", False)])
        self.add_member("Lager", "box", [("box-3", "linked", True)])
        werk = self.add_group("listed", "Werkstatt", ["Ben Vogel", "Dirk Hansen"],
                              "Schicht 1 und 2, Maschinen und Material")
        sales = self.add_group("listed", "Vertrieb", ["Carla Özdemir", "Ben Vogel"])
        ben = self.add_group("direct", "@Ben Vogel", ["Ben Vogel"])
        self.write_story(werk, sales, ben)
        if past:
            archive = self.add_group("listed", "Archiv", ["Ben Vogel", "Carla Özdemir"],
                                     "Alles, was je geschrieben wurde")
            self.past[archive["id"]] = LongPast(self, archive, past)
            archive["messages"], archive["latest"] = past, moment(now() - DAY)
        self.tickets.append({
            "id": identifier("ticket 1"), "kind": "member", "keeper": False,
            "name": "Emre Kaya", "groups": [self.group_ref(werk)], "issuer": ref(self.own),
            "created": moment(now() - 3_600_000), "expires": moment(now() + DAY), "uses": 1,
            "used": 0, "state": "open"})
        self.tickets.append({
            "id": identifier("ticket 0"), "kind": "box", "keeper": True, "name": "Lager",
            "groups": [], "issuer": ref(self.own), "created": moment(now() - 9 * DAY),
            "expires": moment(now() - 8 * DAY), "uses": 1, "used": 1, "state": "used-up"})

    def write_story(self, werk, sales, ben):
        """What was said in this office until now."""
        base = now() - 7_200_000
        anna, benv = self.own, self.member("Ben Vogel")
        dirk, carla = self.member("Dirk Hansen"), self.member("Carla Özdemir")
        say = self.say
        say(self.everyone, anna, "Guten Morgen zusammen ☕", base - DAY)
        say(self.everyone, carla, "Morgen! Um elf kommt der Elektriker, bitte die Halle "
            "freihalten. Seine Nummer steht unter https://intranet.local/kontakte",
            base - DAY + 60_000)
        say(self.everyone, benv, "Machen wir.", base - DAY + 600_000)
        say(werk, dirk, "Die Presse steht. Fehler E14, ich habe sie stromlos gemacht.", base - DAY)
        say(werk, benv, "E14 ist der Endschalter links. Ersatz liegt im Lager, Fach 3.",
            base - DAY + 240_000)
        first = say(werk, dirk, "Getauscht, läuft wieder 👍", base - DAY + 2_400_000)
        first["reactions"] = [
            {"text": "🎉", "members": [ref(benv), ref(anna)], "own": True},
            {"text": "👍", "members": [ref(benv)], "own": False}]
        say(werk, anna, "Super, danke euch beiden!", base - DAY + 2_460_000, 4)
        say(werk, benv, "@Anna Weber kannst du noch zwei Endschalter bestellen? "
            "Typ steht hier: https://teile.example/e14-s2", base + 300_000)
        reply = say(werk, anna, "Bestellt, kommen Donnerstag.", base + 900_000, 4)
        reply["reply"] = self.reply(self.messages[werk["id"]][-2]["entry"])
        late = say(werk, dirk, "Ich bin heute ab 14 Uhr in Halle 2 zu finden.", base + 960_000)
        late["late"] = True
        gone = say(werk, benv, None, base + 1_000_000)
        gone["absence"] = "waiting-for-a-key"
        say(werk, anna, "Wer macht am Freitag den Schlussdienst?\nIch bräuchte bis morgen eine "
            "Antwort.", now() - 240_000, 2)
        say(sales, carla, "Das Angebot für Brandt ist raus.", base + 400_000)
        say(sales, carla, "Sie wollen bis Mittwoch antworten. 🤞", base + 430_000)
        sales["unread"] = 2
        say(ben, anna, "Hast du kurz Zeit?", base + 700_000, 4, "on-recipient")
        say(ben, benv, "Klar, bin in fünf Minuten da.", base + 760_000)
        ben["unread"] = 1

    def say(self, group, member, text, ms, devices=None, word=None):
        message = self.written(group, member, text, ms, f"{group['id']} {ms} {text}")
        if devices:
            message["state"] = self.state(message, devices, word)
        self.messages[group["id"]].append(message)
        group["latest"] = message["time"]
        group["messages"] += 1
        return message

    def written(self, group, member, text, ms, seed):
        own = member["id"] == self.own["id"]
        device = next(d for d in self.devices if d["member"]["id"] == member["id"])
        message = {
            "entry": identifier(f"entry {seed}"), "group": self.group_ref(group),
            "member": ref(member), "device": ref(device), "time": moment(ms), "late": False,
            "own": own, "cursor": identifier(f"cursor {seed}"),
            "state": {"word": "here", "devices": 1, "of": 1}}
        if text is not None:
            message["text"] = text
        message["state"] = self.state(message, 4 if not own else 1)
        return message

    def readers(self, group):
        ids = {member["id"] for member in self.group(group["id"])["members"]}
        return [device for device in self.devices
                if device["member"]["id"] in ids or device["keeper"]]

    def state(self, message, devices, word=None):
        of = len(self.readers(message["group"]))
        devices = min(devices, of)
        state = {"word": word or ("here" if devices <= 1 else "on-devices"),
                 "devices": devices, "of": of}
        if devices == of > 1:
            state["everyone"] = True
        if 1 < devices < of:
            state["missing"] = [ref(self.member("Dirk Hansen"))]
        return state

    def reply(self, entry):
        cited = self.entry(entry)
        return {"entry": entry, "member": cited["member"], "text": cited.get("text", "")[:200]}

    # Finding

    def group_ref(self, group):
        group = self.group(group["id"])
        return {key: group[key] for key in ("id", "kind", "title") if key in group}

    def group(self, to):
        for group in self.groups:
            # A conversation of two is not found by its id, as with the node.
            named = (f"@id:{group['partner']['id']}" if group["kind"] == "direct"
                     else f"id:{group['id']}")
            if to in (group["id"], named, group.get("title")):
                return group
        raise Refused("no-such-group", f'no group is called "{to}"')

    def find(self, things, who, name):
        """As the node does: by a name, or by the first digits of an id behind `id:`."""
        who = who.removeprefix("@")
        for thing in things:
            if thing["name"] == who or who.startswith("id:") and len(who) > 6 and (
                    thing["id"].startswith(who[3:])):
                return thing
        raise Refused(name, f'nothing is called "{who}"')

    def member(self, who):
        return self.find(self.members, who, "no-such-member")

    def device(self, who):
        return self.find(self.devices, who, "no-such-device")

    def entry(self, entry):
        for messages in self.messages.values():
            for message in messages:
                if message["entry"] == entry:
                    return message
        raise Refused("no-such-entry", "this message is not here")

    # The contract: calls

    def call(self, method, params):
        held, late = self.held.get(method), self.late.get(method)
        with self.lock:
            self.calls.append((method, params))
            self.changed.notify_all()
        if held:
            held.wait(30)
        with self.lock:
            if self.failures.get(method):
                raise self.failures[method].pop(0)
            function = getattr(self, "m_" + method.replace(".", "_"), None)
            if function is None:
                raise Refused("no-such-method", f'no method is called "{method}"')
            answer = copy.deepcopy(function(**params)) if late else function(**params)
        if late:
            late.wait(30)
        return answer
