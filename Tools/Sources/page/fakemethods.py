"""The methods of A-control, answered from the state of a FakeOffice."""

from fakeoffice import DAY, FakeOffice, Refused, identifier, moment, now, ref

#: So many messages that are shown to nobody are gone through for one answer.
HIDDEN_MAX = 3000
TICKET_LINE = "zr1-ticket-" + "k7m2p9qd-" * 14 + "w4"


class Methods(FakeOffice):
    """A FakeOffice that can be asked."""

    def m_office_status(self):
        if self.standing == "no-office":
            standing = "joining" if self.joining or self.is_let_in() else "no-office"
            return {"standing": standing, "recovery": "none", "owners": 0, "members": 0,
                    "devices": 0, "groups": 0, "account": self.account}
        return {
            "standing": self.standing, "office": {"id": identifier("office"), "name": self.name},
            "member": ref(self.own), "device": ref(self.own_device),
            **({"rank": self.own["rank"]} if self.standing == "ready" else {}),
            "recovery": self.recovery if self.standing == "ready" else "none",
            "owners": len(self.owners()), "members": len(self.members),
            "devices": len(self.devices), "groups": len(self.groups), "account": self.account}

    def is_let_in(self):
        """Whether an office let this computer in that is not in it, or a disk lost the log of it."""
        return self.standing == "no-office" and any(
            one["word"] == "data-damaged" or one["word"] == "joining" and "form" in one
            for one in self.degraded)

    def is_said_removed(self):
        return any(one["word"] == "said-removed" for one in self.degraded)

    def is_copied(self):
        """Whether a copy of this computer keeps it from writing, or what is here is another's."""
        return any(one["word"] == "copied" and one.get("form") not in ("said", "overruled")
                   for one in self.degraded)

    def m_office_aside(self):
        if not (self.standing == "removed" or self.is_let_in() or self.is_said_removed()
                or self.is_copied()):
            raise Refused("refused", "this computer is in its office")
        self.standing, self.degraded = "no-office", []
        self.members, self.devices, self.groups = [], [], []
        self.tell("recovered", word="removed")
        self.tell("changed", list="office")
        return {"folder": "/home/anna/.local/share/zuruf/removed-2026-11-28"}

    def m_office_new(self, office, name, device):
        self.belongs_to_none()
        if self.standing != "no-office":
            raise Refused("office-exists", "this computer belongs to an office")
        self.found(office, name, device)
        self.tell("changed", list="office")
        return {"office": {"id": identifier("office"), "name": office}, "member": ref(self.own),
                "device": ref(self.own_device), "everyone": self.group_ref(self.everyone),
                "recoveryFile": "/home/anna/.local/share/zuruf/recovery"}

    def m_status(self, seen=False):
        return {**self.m_office_status(), "version": "0.3.0", "api": 1, "degraded": self.degraded,
                "home": "/home/anna/.local/share/zuruf", "listening": [], "peers": [],
                "waiting": [], "started": moment(now())}

    def m_doctor(self):
        return {"checks": self.checks if self.checks is not None else [
            {"name": "avahi", "verdict": "ok", "finding": "running, 4 computers found",
             "word": "avahi-running", "values": {"count": "4", "host": "anna-pc"}},
            {"name": "interfaces", "verdict": "ok", "finding": "enp3s0", "word": "network-up",
             "values": {"names": "enp3s0"}},
            {"name": "port", "verdict": "warning", "word": "port-untried",
             "values": {"port": "47474"},
             "finding": "listening on TCP port 47474; no other computer has come in by it",
             "advice": "if a firewall runs here, it must let it in: sudo ufw allow from "
                       "192.168.1.0/24 to any port 47474 proto tcp"},
            {"name": "clock", "verdict": "ok", "finding": "agrees with the linked computers",
             "word": "clock-right"},
            {"name": "owners", "verdict": "warning", "word": "key-not-put-away",
             "values": {"count": "1"}, "finding": "the office has one owner, and …",
             "advice": "if this computer is lost, …: zuruf office recovery"},
            {"name": "disk", "verdict": "ok", "finding": "187000 MiB free at /home",
             "word": "disk-free", "values": {"mebibytes": "187000"}},
            {"name": "link to halle-2 of Dirk Hansen", "verdict": "warning", "word": "away",
             "finding": "not linked at the moment", "advice": "is it on?",
             "values": {"device": "halle-2", "member": "Dirk Hansen"}}]}

    # Groups and people

    def m_group_list(self, group=None):
        if group:
            return {"groups": [self.lined(self.group(group))]}
        return {"groups": [self.fitting(self.lined(one)) for one in self.groups]}

    def lined(self, group):
        """A group with the beginning of its newest message, where that can be read."""
        newest = max(self.messages[group["id"]], key=lambda one: one["time"]["ms"], default={})
        if not newest.get("text"):
            return group
        return {**group, "last": {
            "member": newest["member"], "own": newest["own"], "text": newest["text"][:60]}}

    def fitting(self, group):
        """A group as the list has room for it."""
        further = len(group["members"]) - (self.named_max or len(group["members"]))
        if further <= 0:
            return group
        return {**group, "members": group["members"][:self.named_max], "further": further}

    def m_group_new(self, title, members, purpose=None):
        if any(group.get("title") == title for group in self.groups):
            raise Refused("name-taken", f'a group is called "{title}"', reason="title-taken")
        group = self.add_group("listed", title, members, purpose)
        self.tell("changed", list="groups")
        return {"group": group}

    def m_group_rename(self, group, title=None, purpose=None):
        room = self.group(group)
        if title and any(other.get("title") == title and other is not room
                         for other in self.groups):
            raise Refused("name-taken", f'a group is called "{title}"', reason="title-taken")
        was, room["title"] = room["title"], title or room["title"]
        if room["title"] != was:
            self.happened(f"id:{room['id']}", "group-renamed", *[self.own["name"]] * 2, was=was)
        if purpose is not None:
            room["purpose"] = purpose
        self.tell("changed", list="groups")
        return {"group": room}

    def m_group_add(self, group, members):
        room = self.group(group)
        fresh = [self.member(who) for who in members]
        room["members"] += [ref(one) for one in fresh]
        self.happened(group, "added", self.own["name"], *(one["name"] for one in fresh),
                      is_told=False)
        self.tell("changed", list="groups")
        return {"group": room}

    def m_group_remove(self, group, members, look=False):
        room = self.group(group)
        gone = {self.member(who)["id"] for who in members}
        stay = [member for member in room["members"] if member["id"] not in gone]
        if look:
            return {"group": {**room, "members": stay}}
        room["members"] = stay
        self.tell("changed", list="groups")
        return {"group": room}

    def m_group_leave(self, group, look=False):
        room = self.group(group)
        stay = [member for member in room["members"] if member["id"] != self.own["id"]]
        may_add = [member for member in stay if self.member(f"id:{member['id']}")["rank"] != "box"]
        answer = {"group": {**room, "members": stay}, "mayAdd": may_add, "owners": []}
        if not look:
            room["members"], room["gone"] = stay, {"word": "left", "lost": 0}
            self.groups.remove(room)
            self.groups.append(room)
            self.tell("changed", list="groups")
        return answer

    def m_group_seen(self, group, cursor=None, **rest):
        """All from `from` to `cursor`, as they stand, was shown; they lie here as they came."""
        room = self.group(group)
        came = self.messages[room["id"]]
        shown = sorted(came, key=lambda one: one["time"]["ms"])
        ends = {one["cursor"]: at for at, one in enumerate(shown)}
        if cursor:
            # What was before all of these has no place here.
            shown = shown[ends.get(rest.get("from"), 0):ends.get(cursor, -1) + 1]
        seen = {one["entry"] for one in shown}
        unread = [one for one in came if not one["own"]]
        unread = unread[max(0, len(unread) - room["unread"]):]
        first = next((at for at, one in enumerate(unread) if one["entry"] not in seen), len(unread))
        room["unread"] = len(unread) - first
        return {"unread": room["unread"]}

    def m_member_list(self, removed=False):
        return {"members": [one for one in self.members if removed or not one["removed"]]}

    def m_member_rank(self, member, rank):
        one, owners = self.member(member), self.owners()
        if "owner" not in (rank, one["rank"]) or rank == one["rank"]:
            one["rank"] = rank
            self.tell("changed", list="members")
            return {"member": one}
        if owners == [one]:
            raise Refused("last-owner", f'"{one["name"]}" is the only owner of the office')
        # More than half of the owners must agree.
        needed = len(owners) // 2 + 1
        change = {"owners": [ref(self.own)], "added": [ref(one)], "removed": [], "signed": 1,
                  "needed": needed}
        if needed > 1:
            change["line"] = "zr1-owners-" + "d83jf0q2-" * 9 + "m1"
        else:
            one["rank"] = rank
            self.tell("changed", list="members")
            self.tell("changed", list="office")
        return {"member": one, "change": change}

    def owners(self):
        return [one for one in self.members if one["rank"] == "owner" and not one["removed"]]

    def m_member_remove(self, member, look=False):
        one = self.member(member)
        if one["rank"] == "owner":
            raise Refused("not-allowed", "an owner cannot leave the office",
                          reason="owner-stays" if one["own"] else "co-owner")
        devices = [device for device in self.devices if device["member"]["id"] == one["id"]]
        if not look and one["own"]:
            self.remove_own(one["name"], "left")
        elif not look:
            one["removed"] = True
            self.devices = [device for device in self.devices if device not in devices]
            for group in self.groups:
                group["members"] = [m for m in group["members"] if m["id"] != one["id"]]
            self.tell("changed", list="members")
        return {"member": one, "devices": devices}

    def m_device_list(self, member=None, removed=False):
        return {"devices": self.devices}

    def m_device_remove(self, device, look=False):
        one = self.device(device)
        same = [other for other in self.devices if other["member"] == one["member"]]
        if not look:
            self.devices.remove(one)
            self.tell("changed", list="devices")
            return {"device": {**one, "state": "removed"}}
        return {"device": one, "only": len(same) == 1}

    def m_name_set(self, name=None, device=None):
        if name:
            if any(one["name"] == name and not one["own"] for one in self.members):
                raise Refused("name-taken", f'somebody is called "{name}"')
            self.own["name"] = name
        if device:
            self.own_device["name"] = device
        self.tell("changed", list="members")
        return {"member": ref(self.own), "device": ref(self.own_device)}

    # Messages

    def m_read(self, group=None, limit=50, before=None, sinceMs=None, untilMs=None, news=False):
        if group and group.startswith("@"):
            one = self.member(group)
            rooms = [room for room in self.groups
                     if room.get("partner", {}).get("id") == one["id"]]
            if not rooms:
                return {"messages": [], "more": False, "cursor": self.cursor()}
            room = rooms[0]
        else:
            room = self.group(group)
        written = sorted(self.messages[room["id"]], key=lambda one: one["time"]["ms"])
        past = self.past.get(room["id"])
        count = (past.count if past else 0) + len(written)
        end = count
        if before:
            end = self.index(room, past, written, before)
        start, messages, hidden, letters = end, [], 0, 0
        while (start > 0 and len(messages) < min(limit, 1000) and hidden < HIDDEN_MAX
               and letters < (self.letters_max or letters + 1)):
            start -= 1
            one = (self.past_message(past, start) if past and start < past.count
                   else written[start - (past.count if past else 0)])
            if one.get("isHidden"):
                hidden += 1
            else:
                messages.insert(0, one)
                letters += len(one.get("text") or "")
        answer = {"messages": messages, "more": start > 0, "cursor": self.cursor(),
                  "group": self.group_ref(room)}
        if room["unread"] and not before:
            answer["unread"] = [{"group": self.group_ref(room), "messages": room["unread"]}]
        if news:
            since = messages[0]["time"]["ms"] if messages and start > 0 else 0
            until = self.moment_of(room, past, before) if before else now() + DAY
            answer["news"] = [one for one in self.news.get(room["id"], [])
                              if since <= one["time"]["ms"] < until][-64:]
        return {**answer, "before": one["cursor"]} if hidden == HIDDEN_MAX else answer

    def moment_of(self, room, past, cursor):
        """When the message of a cursor stands."""
        for message in self.messages[room["id"]]:
            if message["cursor"] == cursor:
                return message["time"]["ms"]
        return past.message(int(cursor, 16))["time"]["ms"]

    def past_message(self, past, index):
        message = past.message(index)
        message["cursor"] = f"{index:064x}"
        return message

    def index(self, room, past, written, cursor):
        offset = past.count if past else 0
        for index, message in enumerate(written):
            if message["cursor"] == cursor:
                return offset + index
        if past and cursor.startswith("0" * 40):
            return int(cursor, 16)
        raise Refused("cursor-unknown", "the cursor is not from here")

    def m_send(self, to, text, id=None, reply=None, wait=False):
        if id and id in self.sent:
            return {**self.sent[id], "repeated": True}
        one = self.member(to) if to.startswith("@") else None
        if one and not any(room.get("partner", {}).get("id") == one["id"] for room in self.groups):
            group = self.add_group("direct", f"@{one['name']}", [one["name"]])
            self.tell("changed", list="groups")
        elif one:
            group = self.group(f"@id:{one['id']}")
        else:
            group = self.group(to)
        message = self.written(group, self.own, text, now(), f"out {id} {text}")
        if reply:
            message["reply"] = self.reply(reply)
        self.messages[group["id"]].append(message)
        group["latest"] = message["time"]
        group["messages"] += 1
        self.tell("message", message=message)
        answer = {"entry": message["entry"], "group": self.group_ref(group),
                  "time": message["time"], "durable": True, "repeated": False,
                  "state": message["state"]}
        if id:
            self.sent[id] = answer
        return answer

    def m_delivery(self, entry):
        message = self.entry(entry)
        readers = self.readers(message["group"])
        # Those that have it first: this computer, who is linked, then the others.
        order = {"own": 0, "linked": 1}
        ranked = sorted(readers, key=lambda one: order.get(one["state"], 2))
        devices = [{
            "device": ref(one), "member": one["member"], "keeper": one["keeper"],
            "holds": place < message["state"]["devices"] or (
                one["keeper"] and message["state"]["devices"] > 1),
            "seen": one["seen"], **({"reads": False} if one["keeper"] else {})}
            for place, one in enumerate(ranked)]
        return {"entry": entry, "group": self.group_ref(message["group"]),
                "state": message["state"], "devices": devices}

    def m_react(self, entry, text, remove=False):
        message = self.entry(entry)
        reactions = message.setdefault("reactions", [])
        found = next((one for one in reactions if one["text"] == text), None)
        if found is None:
            found = {"text": text, "members": [], "own": False}
            reactions.append(found)
        found["members"] = [one for one in found["members"] if one["id"] != self.own["id"]]
        found["own"] = not remove
        if not remove:
            found["members"].append(ref(self.own))
        message["reactions"] = [one for one in reactions if one["members"]]
        self.tell("reaction", reaction={
            "entry": entry, "group": message["group"], "reactions": message["reactions"]})
        return {"entry": entry, "reactions": message["reactions"]}

    def m_stored(self):
        ben = next(one for one in self.members if not one["own"])
        return {
            "groups": [{
                "group": self.group_ref(group), "messages": 214 if at == 0 else 2,
                "oldest": moment(now() - 41 * 86_400_000), "devices": len(self.devices),
                "readers": group["members"],
                **({"former": [{"member": ref(ben), "devices": 1, "until": moment(now())}]}
                   if at == 1 else {})}
                for at, group in enumerate(self.groups)],
            "keepers": [ref(device) for device in self.devices if device["keeper"]],
            "devices": len(self.devices)}

    # The door, tickets, recovery

    def m_admit_status(self):
        is_open = self.door_until is not None and self.door_until > now()
        for request in self.requests:
            if not is_open and request["state"] == "comparing":
                request.update(state="closed")
        answer = {"open": is_open, "requests": self.requests,
                  **({"member": self.door_for} if self.door_for else {})}
        return {**answer, "until": moment(self.door_until)} if is_open else answer

    def m_admit_open(self, seconds=600, member=None):
        self.door_until = now() + seconds * 1000
        self.tell("changed", list="door")
        return {"until": moment(self.door_until)}

    def m_admit_close(self):
        self.door_until = None
        self.tell("changed", list="door")
        return {}

    def m_admit_answer(self, request, yes, rank="member", groups=(), member=None, remove=None,
                       name=None):
        one = next(r for r in self.requests if r["id"] == request)
        if yes and self.is_link_gone:
            # It has the yes, and is not in yet.
            return {"request": one}
        one["name"] = name or one["name"]
        one["state"] = "admitted" if yes else "refused"
        if yes and member:
            whose = self.member(member)
            self.devices.append({
                "id": identifier(f"device {one['device']}"), "name": one["device"],
                "member": ref(whose), "keeper": False, "state": "linked", "seen": moment(now())})
            if remove:
                self.devices.remove(self.device(remove))
        elif yes:
            fresh = self.add_member(one["name"], rank, [(one["device"], "linked", False)])
            for group in groups:
                self.group(group)["members"].append(ref(fresh))
        self.tell("admission", request=one)
        if yes:
            self.tell("news", news={"word": "joined", "by": ref(self.own), "own": False,
                                    "time": moment(now()),
                                    "members": [{"id": "00" * 16, "name": one["name"]}]})
            return {"request": one, "device": ref(self.devices[-1])}
        return {"request": one}

    def m_doors(self, address=None):
        if address and not self.doors:
            raise Refused("no-answer", f"nobody answers at {address}")
        answer = {"doors": self.doors}
        if not self.doors:
            answer["advice"] = self.advice or "nobody holds a door open on this network"
            if self.reason:
                answer["reason"] = self.reason
        return answer

    def belongs_to_none(self):
        if self.standing == "removed" or self.is_said_removed():
            raise Refused("removed", "this computer was removed from its office, and keeps what it had")
        if self.is_let_in():
            raise Refused("joining", "an office let this computer in already")
        if self.is_copied():
            raise Refused("stopped", "this computer was copied")

    def m_knock(self, door=None, address=None, name=None, account=None, device=None):
        self.belongs_to_none()
        if address and not self.doors:
            raise Refused("no-answer", f"nobody answers at {address}")
        found = next((one for one in self.doors if one["id"] == door), None) or self.doors[0]
        self.knocking = {"door": found, "name": name or account, "device": device, "outcome": None}
        answer = {"digits": "482913", "office": found["office"], "sponsor": found["sponsor"]}
        return {**answer, "member": found["member"]} if "member" in found else answer

    def m_knock_wait(self):
        self.changed.wait_for(lambda: self.knocking is None or self.knocking["outcome"], 30)
        if self.knocking is None:
            raise Refused("no-knock", "the knock was cancelled")
        outcome, sentence = self.knocking["outcome"]
        if outcome != "admitted":
            raise Refused(outcome, sentence)
        return self.come_in(self.knocking["door"]["office"], self.knocking["name"],
                            self.knocking["device"])

    def come_in(self, office, name, device):
        """The newcomer's computer belongs to the office of the story now."""
        self.found(office, name or "Anna Weber", device or "anna-pc")
        self.own["rank"] = "member"
        self.recovery = "none"
        self.populate(0)
        self.tell("changed", list="office")
        return {"office": {"id": identifier("office"), "name": office}, "member": ref(self.own),
                "device": ref(self.own_device), "groups": [], "through": ref(self.devices[1])}

    def m_knock_cancel(self):
        self.knocking = None
        self.changed.notify_all()
        return {}

    def m_join(self, ticket, name=None, account=None, device=None):
        if not ticket.startswith("zr1-ticket-"):
            raise Refused("ticket-malformed", "that is no ticket")
        self.belongs_to_none()
        return self.come_in("Müller GmbH", name or account, device)

    def m_ticket_list(self):
        return {"tickets": self.tickets}

    def m_ticket_new(self, kind, groups, keeper=False, name=None, member=None, uses=1,
                     validSeconds=86_400):
        ticket = {
            "id": identifier(f"ticket {len(self.tickets) + 1}"), "kind": kind, "keeper": keeper,
            "groups": [self.group_ref(self.group(group)) for group in groups],
            "issuer": ref(self.own), "created": moment(now()),
            "expires": moment(now() + validSeconds * 1000), "uses": uses, "used": 0,
            "state": "open", **({"name": name} if name else {}),
            **({"member": ref(self.member(member))} if member else {})}
        self.tickets.append(ticket)
        return {"ticket": ticket, "text": TICKET_LINE}

    def m_ticket_revoke(self, ticket):
        one = next(t for t in self.tickets if t["id"].startswith(ticket))
        one["state"] = "revoked"
        return {"ticket": one}

    def m_recovery_show(self):
        return {"line": self.recovery_line, "file": "/home/anna/.local/share/zuruf/recovery"}

    def m_recovery_confirm(self, line):
        if line.replace(" ", "") != self.recovery_line:
            raise Refused("recovery-mismatch", "it is not the recovery key of this office")
        self.recovery = "put-away"
        return {}
