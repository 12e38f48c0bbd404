// Removing a member or a device, after saying what will happen.

import { confirmed } from './dialog.js';
import { h } from './dom.js';
import { listed, t } from './i18n.js';
import { icon } from './icons.js';
import { name } from './names.js';
import { ask } from './rpc.js';
import { stateWords, toast } from './say.js';
import { devicesOf, isInOffice, loadAll, loadOffice, mayAdmit, state } from './state.js';
import { visible } from './text.js';

/** Whether the office would take it: who only refuses is no button. */
export function mayRemove(member) {
  return mayAdmit() && member !== undefined && member.rank !== 'owner'
    && (state.office.rank === 'owner' || member.rank !== 'admin');
}

/** Likewise for a device; the last one of an owner stays. */
export function mayRemoveDevice(device, member) {
  if (state.office?.standing !== 'ready') return false;
  if (!member?.own) return mayRemove(member);
  return member.rank !== 'owner' || devicesOf(member.id).length > 1;
}

/**
 * Whether something of an office is here that has to be set aside for another one: this computer
 * is or was in it, or was let in and is not in it yet, or a disk lost what it knew of it.
 */
export function hasOffice() {
  return isInOffice() || leftHere()
    || state.degraded.some(({ word, form }) => word === 'joining' && form);
}

/** What the node says where a disk lost the office's log, or what is here is another computer's. */
export function leftHere() {
  return !isInOffice()
    && state.degraded.find(({ word }) => ['data-damaged', 'copied'].includes(word));
}

/**
 * Whether this computer belongs to no office: what one has that is not in its office, or no more,
 * is set aside for that, where it is wanted. To be asked for only once there is a way in.
 */
export async function isFree() {
  if (!hasOffice()) return true;
  const lost = leftHere();
  const isWanted = await confirmed({
    title: t('anew.title'), yes: t('anew.do'),
    body: [lost && h('p', {}, stateWords(lost, '-do')), h('p', {}, t('anew.text'))],
  });
  if (isWanted) {
    await ask('office.aside');
    await loadOffice();
  }
  return isWanted;
}

/** Gives whether the person is removed. */
export async function removeMember(member) {
  const found = await ask('member.remove', { member: `id:${member.id}`, look: true });
  const who = visible(found.member.name);
  const isWanted = await confirmed({
    title: t('remove.member-title', { name: who }),
    body: [
      h('p', {}, t('remove.member-devices', { n: found.devices.length })),
      h('ul', { class: 'rows tight', role: 'list' }, found.devices.map((device) => h('li', {},
        h('span', { class: 'mark dim' }, icon('device')), name(device.name)))),
      consequences(who),
    ],
    yes: t('remove.member-do', { name: who }), danger: true,
  });
  if (!isWanted) return false;
  await ask('member.remove', { member: `id:${found.member.id}` });
  toast(t('remove.done', { name: who }));
  await loadAll();
  return true;
}

/** Takes oneself out of the office, after saying what that means. Owners stay. */
export async function leaveOffice() {
  const { member, office } = state.office;
  const own = { member: `id:${member.id}` };
  const { devices } = await ask('member.remove', { ...own, look: true });
  const isWanted = await confirmed({
    title: t('group.leave-title', { group: visible(office.name) }),
    body: [
      h('p', {}, t('leave.devices', {
        names: listed(devices.map((device) => visible(device.name)), 5),
      })),
      h('p', {}, t('leave.text')),
    ],
    yes: t('leave.do'), danger: true,
  });
  if (!isWanted) return;
  await ask('member.remove', own);
  await loadAll();
}

export async function removeDevice(device) {
  const look = await ask('device.remove', { device: `id:${device.id}`, look: true });
  const what = visible(look.device.name);
  const who = visible(look.device.member.name);
  const isOwn = look.device.state === 'own';
  const isWanted = await confirmed({
    title: t(isOwn ? 'remove.this-title' : 'remove.device-title', { device: what, name: who }),
    body: [
      look.only && h('p', {}, h('strong', {}, t('remove.only', { name: who }))),
      isOwn && h('p', {}, h('strong', {}, t('remove.this-text'))),
      consequences(what),
    ],
    yes: t('remove.device-do', { device: what }), danger: true,
  });
  if (!isWanted) return;
  await ask('device.remove', { device: `id:${look.device.id}` });
  toast(t('remove.done', { name: what }));
  await loadAll();
}

/** What follows, as short sentences. */
function consequences(who) {
  return h('ul', { class: 'points' },
    h('li', {}, t('remove.gets-nothing', { name: who })),
    h('li', {}, t('remove.keeps', { name: who })),
    h('li', {}, t('remove.offline')),
    h('li', {}, t('remove.way-back')));
}
