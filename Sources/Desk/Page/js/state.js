// What the page knows of the office: lists as the node gave them, asked again when they changed.

import { tell } from './bus.js';
import { ask } from './rpc.js';

export const state = {
  /** Whether the stream of events is up. */
  isConnected: false,
  /** The result of `office.status`; null before the first answer. */
  office: null,
  groups: [],
  members: [],
  devices: [],
  degraded: [],
  /**
   * Of groups in which something unread names oneself, as far as this page knows: how much was
   * `unread` in the newest list. Nothing where no list was asked for since; 0 before it is counted.
   */
  naming: new Map(),
  /** What came from others later than what stands below it, and was not in sight since. */
  late: [],
  /** The result of `admit.status`; null where the door was never asked for. */
  door: null,
};

const asking = new Map();
const loaded = new Set();

/**
 * Asks for something once more. Whoever asks while an answer is awaited gets the one after it, for
 * the awaited one may be older than the change.
 */
export function again(name, run) {
  const now = asking.get(name);
  if (now) {
    now.next ??= now.done.then(() => again(name, run), () => again(name, run));
    return now.next;
  }
  const entry = { done: undefined, next: undefined };
  entry.done = run().finally(() => asking.delete(name));
  asking.set(name, entry);
  return entry.done;
}

/** Asks for a list and tells of it. */
function load(name, run) {
  return again(name, async () => {
    await run();
    loaded.add(name);
    tell(name);
  });
}

/** Whether a list was ever answered: before that nothing can be said to be missing from it. */
export function isLoaded(name) {
  return loaded.has(name);
}

export function loadOffice() {
  return load('office', async () => {
    state.office = await ask('office.status');
    // What was here of an office before the next one is not shown in it.
    if (!isInOffice()) Object.assign(state, { groups: [], members: [], devices: [], door: null });
  });
}

export function loadGroups() {
  return load('groups', async () => {
    const marks = [...state.naming.values()];
    state.groups = (await ask('group.list')).groups;
    for (const mark of marks) mark.seen ??= -1;
  });
}

export function loadMembers() {
  return load('members', async () => {
    state.members = (await ask('member.list')).members;
  });
}

export function loadDevices() {
  return load('devices', async () => {
    state.devices = (await ask('device.list')).devices;
  });
}

export function loadDegraded() {
  return load('degraded', async () => {
    state.degraded = (await ask('status')).degraded ?? [];
  });
}

export function loadDoor() {
  return load('door', async () => {
    state.door = mayAdmit() ? await ask('admit.status') : null;
  });
}

/** Everything that a member's page shows beside messages. */
export async function loadAll() {
  await loadOffice();
  if (!isInOffice()) return loadDegraded();
  return Promise.all([loadGroups(), loadMembers(), loadDevices(), loadDegraded(), loadDoor()]);
}

/** Whether there are groups to show: also after a removal, for what is here stays readable. */
export function isInOffice() {
  return state.office?.standing === 'ready' || state.office?.standing === 'removed';
}

/** Whether a state is one from which being let in anew leads back. */
export function leadsBack(one) {
  return /removed$/.test(one?.word) || /^(here|both-wrote|carried)$/.test(one?.form);
}

/** Whether somebody whom the office removed, or of whom others say so, looks for a way into one. */
export function isReturning() {
  return location.hash === '#/join' && (state.office?.standing === 'removed'
    || (isInOffice() && state.degraded.some(leadsBack)));
}

export function mayAdmit() {
  return state.office?.standing === 'ready' && ['owner', 'admin'].includes(state.office.rank);
}

/** The line of the list in which a group stands: two people may have several groups. */
export function groupById(id) {
  return state.groups.find((group) => group.id === id || group.also?.includes(id));
}

/** How many members a group has, or a sign: not all are named where a line has no room for them. */
export function membersOf({ members, further }) {
  return (members?.length ?? 0) + (further ?? 0);
}

/** A group with all of its members. */
export async function whole(group) {
  if (!group?.further) return group;
  try {
    return (await ask('group.list', { group: `id:${group.id}` })).groups[0];
  } catch {
    return group;
  }
}

export function memberById(id) {
  return state.members.find((member) => member.id === id);
}

/** The conversation of two with a member, if anybody has written in it. */
export function directWith(member) {
  return state.groups.find((group) => group.kind === 'direct' && partner(group)?.id === member);
}

/** Whether somebody is in the office no more, as far as the list of members was told. */
export function isPast(member) {
  return state.members.length > 0 && member !== undefined && (memberById(member)?.removed ?? true);
}

/** The other one of a conversation of two, also after a removal; nobody in another group. */
export function partner(group) {
  if (group.kind !== 'direct') return undefined;
  if (group.partner) return group.partner;
  const own = state.office?.member?.id;
  return group.members?.find((member) => member.id !== own);
}

export function devicesOf(member) {
  return state.devices.filter((device) => device.member.id === member);
}

/** The members of whom a device is linked to this one. */
export function membersInReach() {
  return new Set(state.devices
    .filter((device) => device.state === 'linked' || device.state === 'own')
    .map((device) => device.member.id));
}

export function isInReach(member) {
  return membersInReach().has(member);
}

/** When a member's devices were last heard of. */
export function lastSeen(member) {
  const times = devicesOf(member).map((device) => device.seen?.ms ?? 0);
  return Math.max(0, ...times) || undefined;
}

export function unreadTotal() {
  return state.groups.reduce((sum, group) => sum + (group.unread ?? 0), 0);
}
