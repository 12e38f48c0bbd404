// About a group: what it is for, who is in it, adding, removing and leaving.

import { below, buttonRow, doing, remark, rowList } from './controls.js';
import { confirmed, decision, openDialog } from './dialog.js';
import { h, refill } from './dom.js';
import { byName, listed, t } from './i18n.js';
import { icon } from './icons.js';
import { on, tell } from './bus.js';
import { memberPicker } from './members.js';
import { avatar, groupTitle, name } from './names.js';
import { renameGroup } from './newgroup.js';
import { goneWords } from './news.js';
import { presenceOf, presenceWords } from './presence.js';
import { ask } from './rpc.js';
import { toast } from './say.js';
import { groupById, loadGroups, state, whole } from './state.js';
import { visible } from './text.js';

/** A dialog about one group; it follows what changes. */
export async function openGroup(id) {
  const body = h('div', {});
  let drawn;
  const draw = async () => {
    let group = groupById(id);
    if (group?.further) group = await whole(group);
    // What is as it was stays, and whoever reads or points there is not disturbed.
    const now = JSON.stringify([{ ...group, unread: 0, latest: 0, last: 0, messages: 0 },
      state.devices.map((device) => [device.id, device.state])]);
    if (now === drawn) return;
    drawn = now;
    const focused = document.activeElement?.dataset?.part;
    refill(body, about(group, dialog.close));
    body.closest('dialog')?.querySelector('h2').replaceChildren(groupTitle(group));
    if (focused) body.querySelector(`[data-part="${focused}"]`)?.focus();
  };
  const dialog = { close: undefined };
  const ends = ['groups', 'devices', 'members'].map((name) => on(name, draw));
  await openDialog(groupTitle(groupById(id)), (close) => {
    dialog.close = close;
    draw();
    return body;
  });
  for (const end of ends) end();
}

function about(group, close) {
  if (!group) return h('p', {}, t('group.not-there'));
  const inside = group.partner && state.office.member ? [state.office.member, group.partner]
    : group.members ?? [];
  const members = [...inside].sort(byName);
  const isOpen = group.kind === 'listed' && !group.gone && state.office.standing === 'ready';
  return [
    group.purpose && h('p', { class: 'lead' }, visible(group.purpose)),
    group.gone && h('p', { class: 'lead' }, goneWords(group)),
    remark(t(`group.about-${group.kind}`)),
    h('div', { class: 'row-head' },
      h('h3', {}, t('group.members', { n: members.length + (group.further ?? 0) })),
      isOpen && h('button', {
        class: 'button small', 'data-part': 'add', onclick: () => add(group),
      }, icon('plus'), t('group.add'))),
    rowList(members.map((member) => row(group, member, isOpen))),
    isOpen && buttonRow(
      h('button', {
        class: 'button', 'data-part': 'rename', onclick: () => renameGroup(group, close),
      }, icon('pencil'), t('group.rename')),
      doing({ class: 'button danger-quiet', 'data-part': 'leave' },
        [icon('leave'), t('group.leave')],
        () => leave(group, close))),
  ];
}

function row(group, member, isOpen) {
  const own = member.id === state.office.member?.id;
  const words = t('group.remove-one', { name: visible(member.name) });
  return h('li', {}, avatar(member, 'small'),
    h('span', { class: 'grow' },
      h('strong', {}, name(member.name)),
      below(presenceOf(member.id), presenceWords(member.id))),
    isOpen && !own && doing({
      class: 'button small quiet', 'aria-label': words, 'data-part': `remove-${member.id}`,
    }, t('action.remove'), () => remove(group, member)));
}

async function add(group) {
  const inside = new Set(group.members.map((member) => member.id));
  const others = state.members.filter((one) => !one.removed && !inside.has(one.id));
  await openDialog(t('group.add-title', { group: groupTitle(group) }), (close) => {
    const people = memberPicker(others, t('group.add'));
    return h('div', {}, people.element,
      remark(t('group.add-hint')),
      decision(close, others.length > 0
        && doing({ class: 'button primary' }, t('group.add'), async () => {
          const members = people.chosen().map((id) => `id:${id}`);
          if (members.length > 0) await ask('group.add', { group: `id:${group.id}`, members });
          close();
          await loadGroups();
          tell('happened');
        })));
  });
}

async function remove(group, member) {
  const target = { group: `id:${group.id}`, members: [`id:${member.id}`] };
  const then = (await ask('group.remove', { ...target, look: true })).group;
  const body = [h('p', {}, t('group.remove-text', { name: visible(member.name) }))];
  if (then.members.length === 0) body.push(h('p', {}, t('group.remove-last')));
  const isWanted = await confirmed({
    title: t('group.remove-title', { name: visible(member.name), group: groupTitle(group) }),
    body, yes: t('action.remove'), danger: true,
  });
  if (!isWanted) return;
  await ask('group.remove', target);
  await loadGroups();
  tell('happened');
}

async function leave(group, close) {
  const then = await ask('group.leave', { group: `id:${group.id}`, look: true });
  const names = (members) => listed(members.map((member) => visible(member.name)), 5);
  const back = then.mayAdd.length > 0 ? t('group.leave-back', { names: names(then.mayAdd) })
    : then.group.members.length === 0 ? t('group.leave-last') : t('group.leave-owners', {
      names: names(then.owners),
    });
  const isWanted = await confirmed({
    title: t('group.leave-title', { group: groupTitle(group) }),
    body: [h('p', {}, t('group.leave-text')), h('p', {}, back)],
    yes: t('group.leave'), danger: true,
  });
  if (!isWanted) return;
  await ask('group.leave', { group: `id:${group.id}` });
  toast(t('group.left', { group: groupTitle(group) }));
  close();
  await loadGroups();
}
