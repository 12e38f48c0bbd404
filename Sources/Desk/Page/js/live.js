// Keeps the lists as the events say, and tells of what the person shall notice.

import { on, tell } from './bus.js';
import { t } from './i18n.js';
import { notifyOf } from './notify.js';
import { toast } from './say.js';
import {
  isInOffice, loadAll, loadDegraded, loadDevices, loadDoor, loadGroups,
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
/** So many unread messages of a group are looked at. */
const namingMost = 100;
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
  noteNaming(one);
  groupsSoon(false);
}

function noteNaming({ group, own, text }) {
  if (own || group.kind === 'direct' || !text?.includes('@')) return;
  const names = state.members.map((member) => member.name);
  if (isNamed(text, names, state.office?.member?.name)) state.naming.add(group.id);
}

/** Looks at what came before this page was opened for messages that name oneself. */
export async function findNaming() {
  for (const { id, kind, unread } of state.groups) {
    if (!unread || kind === 'direct') continue;
    const asked = { group: `id:${id}`, limit: Math.min(unread, namingMost) };
    const { messages } = await ask('read', asked).catch(() => ({ messages: [] }));
    messages.forEach(noteNaming);
  }
  tell('groups');
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
