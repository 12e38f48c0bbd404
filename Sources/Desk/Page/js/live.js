// Keeps the lists as the events say, and tells of what the person shall notice.

import { on, tell } from './bus.js';
import { t } from './i18n.js';
import { notifyOf } from './notify.js';
import { ask } from './rpc.js';
import { toast } from './say.js';
import {
  groupById, isInOffice, loadAll, loadDegraded, loadDevices, loadDoor, loadGroups,
  loadMembers, loadOffice, state,
} from './state.js';
import { isNamed, visible } from './text.js';

const loads = {
  groups: groupsSoon, members: loadMembers, devices: loadDevices, door: loadDoor,
  office: officeChanged,
};

async function officeChanged() {
  const was = isInOffice();
  await loadOffice();
  if (isInOffice() && !was) await loadAll();
}

export function watchEvents() {
  on('connected', (isConnected) => {
    state.isConnected = isConnected;
    tell('banner');
  });
  on('groups', lookAgain);
  on('event', (event) => {
    takeIn(event).catch(() => undefined);
  });
}

async function takeIn(event) {
  switch (event.kind) {
    case 'message': return message(event.message);
    case 'peer': return linked(event.peer);
    case 'changed':
      if (event.list === 'tickets') tell('tickets');
      return loads[event.list]?.();
    case 'news': return Promise.all([loadMembers(), loadGroups()]);
    case 'degraded': case 'recovered': return loadDegraded();
    case 'doors': return tell('doors', event.doors);
    case 'knock': return tell('knock', event.knock);
    case 'admission': return admission(event.request);
    default: return undefined;
  }
}

/** So often at most the list is asked for while messages come in, or are seen. */
const listsMs = 250;
/** So many messages of a group are looked at, and so many own ones may stand among the unread. */
const namingMost = 100;
const ownRows = 20;
const lateMost = 99;
let resting;
let isDue = false;

function askGroups() {
  isDue = false;
  loadGroups().catch(() => undefined);
}

function groupsSoon(isNow = true) {
  isDue = true;
  if (resting) return;
  if (isNow) askGroups();
  resting = setTimeout(() => {
    resting = undefined;
    if (isDue) groupsSoon();
  }, listsMs);
}

/** The node counts what is unread; whoever reads along sees the message first, the list follows. */
function message(one) {
  notifyOf(one);
  if (namesMe(one)) state.naming.set(one.group.id, {});
  if (one.late && !one.own) state.late = [...state.late.slice(-lateMost), one];
  groupsSoon(false);
}

function namesMe({ group, own, text }) {
  if (own || group.kind === 'direct' || !text?.includes('@')) return false;
  const names = state.members.map((member) => member.name);
  return isNamed(text, names, state.office?.member?.name);
}

/** Looks at what came before this page was opened for messages that name oneself. */
export async function findNaming() {
  for (const group of state.groups) await lookAt(group);
}

/** Looks whether what is unread of a group names oneself. */
async function lookAt({ id, kind, unread, messages }) {
  if (!unread || kind === 'direct') return;
  const known = state.naming.get(id);
  const limit = Math.min(unread + ownRows, namingMost);
  const answer = await ask('read', { group: `id:${id}`, limit }).catch(() => undefined);
  // The next list that comes has it looked at again.
  if (!answer && known) known.seen = -1;
  // Where it is another one, a message came meanwhile that names oneself; or all was seen.
  if (!answer || state.naming.get(id) !== known) return;
  // The list may be older than this answer, or newer.
  const left = answer.unread?.[0].messages ?? 0;
  const others = answer.messages.filter((one) => !one.own && one.absence !== 'before-joining');
  const recent = others.slice(-left);
  if (left && others.some((one) => (one.late || recent.includes(one)) && namesMe(one))) {
    if (!known) state.naming.set(id, { seen: messages - unread });
  } else if (left <= others.length) state.naming.delete(id);
  tell('groups');
}

/** Looks again where some of what names oneself, or of what came after it, was seen. */
function lookAgain() {
  for (const [id, mark] of state.naming) {
    const group = groupById(id);
    // A list that is older than the message says nothing of it.
    if (mark.seen === undefined) continue;
    if (!group?.unread) state.naming.delete(id);
    else {
      const seen = group.messages - group.unread;
      if (seen > mark.seen) lookAt(group);
      mark.seen = seen;
    }
  }
}

function linked(peer) {
  const device = state.devices.find((one) => one.id === peer.device.id);
  if (!device) return loadDevices();
  if (device.state === 'linked' || device.state === 'away') {
    device.state = peer.linked ? 'linked' : 'away';
    device.seen = { ms: Date.now() };
  }
  tell('devices');
  return undefined;
}

async function admission(request) {
  await loadDoor();
  if (request?.state === 'comparing' && location.hash !== '#/admit') {
    toast(t('admit.knocks', { name: visible(request.name) }));
  }
  if (request?.state === 'admitted') await Promise.all([loadMembers(), loadDevices(),
    loadGroups()]);
}
