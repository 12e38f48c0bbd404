// People, boxes and their devices: who is there, ranks, and removing.

import { below, buttonRow, doing, form, remark, rowList, submit, textField } from './controls.js';
import { decision, openDialog } from './dialog.js';
import { h, refill } from './dom.js';
import { byName, t } from './i18n.js';
import { icon } from './icons.js';
import { avatar, name, rankWord } from './names.js';
import { card, Page } from './page.js';
import { presenceOf, presenceWords } from './presence.js';
import { leaveOffice, mayRemove, mayRemoveDevice, removeDevice, removeMember } from './remove.js';
import { ask } from './rpc.js';
import { errorPlace, toast } from './say.js';
import {
  devicesOf, directWith, loadAll, loadMembers, mayAdmit, state,
} from './state.js';
import { ago } from './times.js';
import { visible } from './text.js';

export class PeopleView extends Page {
  #opened = new Set();
  #drawn;

  constructor() {
    super(t('people.title'), { lead: t('people.lead') });
    this.#draw();
  }

  open() {
    for (const name of ['members', 'devices', 'groups', 'office']) {
      this.listening.on(name, () => this.#draw());
    }
  }

  #draw() {
    // What is as it was stays, and whoever reads or points there is not disturbed.
    const { members: all, devices, office: info } = state;
    const now = JSON.stringify([all, devices, info, Math.floor(Date.now() / 60_000)]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    const focused = document.activeElement?.dataset?.part;
    const members = state.members.filter((member) => !member.removed)
      .sort((one, other) => (other.own === true) - (one.own === true) || byName(one, other));
    const people = members.filter((member) => member.rank !== 'box');
    const boxes = members.filter((member) => member.rank === 'box');
    refill(this.body,
      card(t('group.members', { n: people.length }),
        h('ul', { class: 'folk', role: 'list' }, people.map((member) => this.#member(member))),
        mayAdmit() && buttonRow(
          h('a', { class: 'button', href: '#/admit' }, icon('door'), t('nav.admit')))),
      boxes.length > 0 && card(t('people.boxes', { n: boxes.length }),
        remark(t('people.boxes-hint')),
        h('ul', { class: 'folk', role: 'list' }, boxes.map((member) => this.#member(member)))));
    if (focused) this.body.querySelector(`[data-part="${focused}"]`)?.focus();
  }

  #member(member) {
    const devices = devicesOf(member.id);
    const details = h('details', { open: this.#opened.has(member.id) },
      h('summary', {
        'data-part': `open-${member.id}`, onclick: () => this.#turn(member.id),
      },
        h('span', { class: 'picture' }, avatar(member), presenceOf(member.id)),
        h('span', { class: 'grow' },
          h('strong', {}, name(member.name), member.own
            && h('span', { class: 'you' }, t('word.you'))),
          !member.own && below(presenceWords(member.id))),
        h('span', { class: `rank ${member.rank}` }, rankWord(member.rank)),
        h('span', { class: 'turn', 'aria-hidden': 'true' }, icon('next'))),
      h('div', { class: 'folk-body' },
        h('h3', {}, t('people.devices', { n: devices.length })),
        rowList(
          devices.map((device) => deviceRow(device, member))),
        member.own && state.office.rank === 'owner' && remark(t('reason.owner-stays')),
        buttonRow(this.#actions(member))));
    return h('li', {}, details);
  }

  /** Noted at once: the browser tells of it only later, when all may have been drawn anew. */
  #turn(id) {
    if (!this.#opened.delete(id)) this.#opened.add(id);
  }

  #actions(member) {
    const { rank } = state.office;
    const part = (name) => ({ 'data-part': `${name}-${member.id}` });
    if (state.office.standing !== 'ready') return [];
    if (member.own) {
      return [h('button', { class: 'button', ...part('rename'), onclick: rename },
        icon('pencil'), t('people.rename')),
      h('a', { class: 'button quiet', href: '#/stored' }, icon('shield'), t('stored.title')),
      rank === 'owner' ? state.office.owners > 1 && rankButton(member)
        : doing({ class: 'button danger-quiet', ...part('leave') },
          [icon('leave'), t('leave.do')], leaveOffice)];
    }
    const known = directWith(member.id);
    return [
      member.rank !== 'box' && h('a', {
        class: 'button', href: known ? `#/g/${known.id}` : `#/p/${member.id}`, ...part('write'),
      }, icon('chat'), t('people.write')),
      rank === 'owner' && member.rank !== 'box' && rankButton(member),
      mayRemove(member) && doing({ class: 'button danger-quiet', ...part('remove') },
        [icon('trash'), t('remove.member-do', { name: visible(member.name) })],
        async () => {
          if (!await removeMember(member)) return;
          // Or the next one's button would stand where this one was pressed.
          this.#opened.clear();
          this.#drawn = undefined;
          this.#draw();
          this.element.querySelector('h1').focus();
        }),
    ];
  }
}

function rankButton(member) {
  return h('button', {
    class: 'button quiet', 'data-part': `rank-${member.id}`, onclick: () => changeRank(member),
  }, icon('gear'), t('people.rank'));
}

function deviceWords(device) {
  switch (device.state) {
    case 'own': return t('device.own');
    case 'linked': return t('presence.here');
    case 'suspended': return t('device.suspended');
    case 'removed': return t('presence.removed');
    default: return device.seen ? t('presence.away-since', { when: ago(device.seen.ms) })
      : t('presence.away');
  }
}

function deviceRow(device, member) {
  const isHere = device.state === 'own' || device.state === 'linked';
  const words = t('device.remove-one', { name: visible(device.name) });
  return h('li', {},
    h('span', { class: `mark ${isHere ? 'good' : 'dim'}` },
      icon(device.keeper ? 'keeper' : 'device')),
    h('span', { class: 'grow' },
      h('strong', {}, name(device.name)),
      below(deviceWords(device), device.keeper
        && ` · ${t('device.keeper')}`)),
    mayRemoveDevice(device, member) && doing({
      class: 'button small quiet', 'aria-label': words, 'data-part': `remove-${device.id}`,
    }, t('device.remove'), () => removeDevice(device)));
}

/** What oneself and this computer are called. */
export function rename() {
  const { member, device } = state.office;
  return openDialog(t('people.rename'), (close) => {
    const place = errorPlace();
    const own = textField(t('join.name'), { value: member.name, maxlength: 60, autofocus: true });
    const computer = textField(t('join.device'), { value: device.name, maxlength: 60 });
    return form({ class: 'form' }, place, async () => {
      const change = {};
      if (own.input.value.trim() !== member.name) change.name = own.input.value.trim();
      if (computer.input.value.trim() !== device.name) change.device = computer.input.value.trim();
      if (change.name === '' || change.device === '') {
        place.show(t('join.name-missing'), change.name === '' ? own.input : computer.input);
        return;
      }
      if (Object.keys(change).length > 0) await ask('name.set', change);
      close();
      toast(t('people.renamed'));
      await loadAll();
    },
    own.element, computer.element, remark(t('people.rename-hint')), place.element,
    decision(close, submit(t('action.save'))));
  }, 'narrow');
}

function changeRank(member) {
  return openDialog(t('rank.title', { name: visible(member.name) }), (close) => {
    const options = ['member', 'admin', 'owner'].map((rank) => {
      const id = `rank-${rank}`;
      return h('div', { class: 'option' },
        h('input', { type: 'radio', name: 'rank', id, value: rank, checked: rank === member.rank }),
        h('label', { for: id }, h('strong', {}, rankWord(rank)),
          below(t(`rank.${rank}-may`))));
    });
    const group = h('fieldset', { class: 'options' }, h('legend', { class: 'unseen' },
      t('people.rank')), options);
    return h('div', {}, group, decision(close,
      doing({ class: 'button primary' }, t('action.save'), async () => {
        const rank = group.querySelector('input:checked').value;
        if (rank === member.rank) return close();
        const answer = await ask('member.rank', { member: `id:${member.id}`, rank });
        close();
        await loadMembers();
        if (answer.change?.line) return showLine(answer.change);
        return undefined;
      })));
  }, 'narrow');
}

/** More than half of the owners must agree: the line that the next one is given. */
function showLine(change) {
  return openDialog(t('owners.title'), () => h('div', {},
    h('p', {}, t('owners.text', { signed: change.signed, needed: change.needed })),
    h('p', { class: 'line-box' }, h('code', {}, change.line)),
    remark(t('owners.how')),
    h('p', {}, h('code', {}, 'zuruf office agree'))));
}
