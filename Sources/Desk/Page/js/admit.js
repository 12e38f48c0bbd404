// Letting somebody in: the door with its six digits, and tickets.

import { below, checkbox, doing, remark, sixDigits, spinner, textField } from './controls.js';
import { h, refill } from './dom.js';
import { byName, listed, t } from './i18n.js';
import { icon } from './icons.js';
import { groupTitle, name, rankWord } from './names.js';
import { card, Page } from './page.js';
import { ask } from './rpc.js';
import { announce, toast } from './say.js';
import {
  devicesOf, isLoaded, loadDevices, loadDoor, loadGroups, loadMembers, memberById, state,
} from './state.js';
import { clock } from './times.js';
import { TicketCard } from './tickets.js';
import { visible } from './text.js';

/** Requests that were put out of the way. */
const dismissed = new Set();

/** Without these nobody can say who it is that knocks, and what they are to be. */
const needed = ['members', 'devices', 'groups'];

export class AdmitView extends Page {
  #state = h('div', { class: 'door-state' });
  #waiting = spinner(t('admit.waiting'));
  #list = h('ul', { class: 'requests', role: 'list', hidden: true });
  #door = h('div', { class: 'door-card' }, this.#state, this.#waiting, this.#list);
  #tickets = new TicketCard();
  #requests = new Map();
  #timer;
  #drawn;

  constructor() {
    super(t('admit.title'), { lead: t('admit.lead') });
    this.body.append(card(t('admit.door'), this.#door), this.#tickets.element);
    this.#draw();
  }

  open() {
    for (const name of ['door', ...needed]) this.listening.on(name, () => this.#draw());
    this.listening.on('tickets', () => this.#tickets.load());
    this.listening.add(() => clearTimeout(this.#timer));
    loadDoor().catch(() => undefined);
    this.#tickets.load();
  }

  #draw() {
    const door = state.door ?? { open: false, requests: [] };
    const left = (door.until?.ms ?? 0) - Date.now();
    const isOpen = door.open && left > 0;
    // What is as it was stays, and whoever reads or points there is not disturbed.
    const isReady = needed.every(isLoaded);
    const now = JSON.stringify([door, isOpen, isReady]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    clearTimeout(this.#timer);
    // It closes by itself at that moment, whether or not anybody tells.
    if (isOpen) this.#timer = setTimeout(() => loadDoor().catch(() => undefined),
      left + 300);
    this.#door.classList.toggle('open', isOpen);
    const hadFocus = this.#state.contains(document.activeElement);
    refill(this.#state,
      h('span', { class: 'door-icon' }, icon('door')),
      h('div', { class: 'grow' },
        h('p', {}, h('strong', {}, isOpen
          ? t('admit.open', { time: clock(door.until.ms) }) : t('admit.closed'))),
        h('p', { class: 'sub' }, t(isOpen ? 'admit.open-text' : 'admit.closed-text')),
        !isOpen && door.reason && remark(t('admit.closed-tries'))),
      isOpen
        ? doing({ class: 'button', 'data-part': 'door' }, t('admit.close'), async () => {
          await ask('admit.close');
          await loadDoor();
        })
        : doing({ class: 'button primary', 'data-part': 'door' }, t('admit.hold'), async () => {
          await ask('admit.open', { seconds: 600 });
          await loadDoor();
        }));
    if (hadFocus) this.#state.querySelector('[data-part=door]').focus();
    if (isReady) this.#drawRequests(door.requests ?? []);
    this.#waiting.hidden = !isOpen || !this.#list.hidden;
  }

  /** Cards stay where they are while others come and go: somebody may be choosing in one. */
  #drawRequests(requests) {
    const shown = requests.filter(({ id, name: who, state: word }, at) => word === 'comparing'
      || ((word !== 'admitted' || this.#requests.has(id)) && !dismissed.has(id)
      // What became of somebody before is of no use once they knock again.
      && !requests.slice(at + 1).some((later) => later.name === who)));
    for (const [id, { element }] of this.#requests) {
      if (shown.some((request) => request.id === id)) continue;
      this.#requests.delete(id);
      element.remove();
    }
    for (const request of shown) this.#request(request);
    this.#list.hidden = shown.length === 0;
  }

  #request(request) {
    const key = `${request.state} ${request.digits ?? ''} ${request.name}`;
    const known = this.#requests.get(request.id);
    if (known?.key === key) return;
    const element = h('li', { class: `request ${request.state.replace('closed', 'gone')}` },
      requestBody(request, () => {
        dismissed.add(request.id);
        this.#drawRequests(state.door?.requests ?? []);
      }));
    if (known) known.element.replaceWith(element);
    else {
      // Never above one that somebody is about to answer.
      const asking = [...this.#list.querySelectorAll('.comparing')].at(-1);
      if (asking) asking.after(element);
      else this.#list.prepend(element);
    }
    this.#requests.set(request.id, { key, element });
    if (request.state === 'comparing' && request.digits) {
      announce(t('admit.knocks-digits', {
        name: visible(request.name), digits: [...request.digits].join(' '),
      }));
    }
  }
}

function requestBody(request, dismiss) {
  const who = visible(request.name);
  const head = h('p', { class: 'request-who' }, h('strong', {}, name(request.name)),
    below(t('admit.on-device', { device: visible(request.device) })));
  if (request.state !== 'comparing') {
    const words = {
      admitted: 'admit.admitted', refused: 'admit.refused', gone: 'admit.gone',
      closed: 'admit.was-closed',
    };
    return [head, h('p', { class: 'request-end' },
      icon(request.state === 'admitted' ? 'check' : 'info'),
        h('span', { class: 'grow' }, t(words[request.state], { name: who })),
        h('button', { class: 'icon-button', 'aria-label': t('action.close'), onclick: dismiss },
          icon('close')))];
  }
  if (!request.digits) return [head, spinner(t('digits.making'))];
  const yes = h('span', {});
  const choices = new Choices(request, yes);
  return [
    head,
    h('p', { class: 'digits' }, sixDigits(request.digits)),
    h('p', {}, t('admit.compare', { name: who })),
    choices.element,
    h('div', { class: 'buttons' },
      doing({ class: 'button danger-quiet', 'data-part': `refuse-${request.id}` },
        t('admit.refuse'),
        async () => {
          await ask('admit.answer', { request: request.id, yes: false });
          await loadDoor();
        }),
      doing({ class: 'button primary big', 'data-part': `admit-${request.id}` },
        [icon('check'), yes], async () => {
          if (!choices.isMade) return choices.ask();
          const { device } = await ask('admit.answer',
            { request: request.id, yes: true, ...choices.value() });
          // The yes alone is not yet a way in.
          toast(t(device ? 'admit.done' : 'admit.on-its-way', { name: visible(choices.name) }));
          return Promise.all([loadDoor(), loadMembers(), loadDevices(), loadGroups()]);
        })),
  ];
}

/** What the newcomer becomes: somebody new with rank and groups, or one more device of somebody. */
class Choices {
  #kind;
  #rank;
  #member;
  #remove;
  #groups;
  #name;
  #asked;
  /** Whoever knocks writes the name: it decides nothing where it is that of somebody else here. */
  #same;

  /** `yes`: where it is said what the big button does. */
  constructor(request, yes) {
    const { rank } = state.office;
    this.#asked = request.name;
    this.#name = textField(t('admit.name'), { value: request.name, maxlength: 60 });
    const members = state.members.filter((one) => !one.removed && one.rank !== 'box')
      .sort(byName);
    const same = members.find((one) => one.name === request.name);
    // A door that is open for one person's devices alone says so to who knocks.
    const door = state.door?.member;
    this.#groups = state.groups
      .filter((group) => group.kind === 'listed' && !group.gone && group.readable !== false)
      .map((group) => ({ group, ...checkbox(name(groupTitle(group))) }));
    const select = (label, options, change) => {
      const id = `choice-${request.id}-${label}`.replace(/[^\w-]/g, '');
      const element = h('select', { id, onchange: change }, options.map(({ value, text }) =>
        h('option', { value }, text)));
      return { element,
        field: h('div', { class: 'field' }, h('label', { for: id }, label), element) };
    };
    const fresh = h('div', { class: 'choice-part' });
    const known = h('div', { class: 'choice-part', hidden: true });
    const isUnsure = same && !door;
    const kind = select(t('admit.as'), [
      ...(isUnsure ? [{ value: '', text: t('admit.choose') }] : []),
      { value: 'new', text: t('admit.as-new') }, { value: 'known', text: t('admit.as-device') },
    ], () => {
      if (isUnsure) this.#same.classList.remove('form-error');
      fresh.hidden = kind.element.value !== 'new';
      known.hidden = kind.element.value !== 'known';
      draw();
    });
    const rankChoice = select(t('people.rank'), [
      { value: 'member', text: rankWord('member') },
      ...(rank === 'owner' ? [{ value: 'admin', text: rankWord('admin') }] : []),
    ], () => draw());
    const may = remark('');
    rankChoice.field.append(may);
    fresh.append(this.#name.element, rankChoice.field);
    if (this.#groups.length > 0) {
      fresh.append(h('fieldset', { class: 'picker' }, h('legend', {}, t('list.groups')),
        remark(t('admit.groups-hint')),
        h('div', { class: 'picker-list' }, this.#groups.map((one) => one.element))));
    }
    const member = select(t('admit.whose'), members.map((one) =>
      ({ value: one.id, text: visible(one.name) })), () => devices());
    if (same || door) member.element.value = (door ?? same).id;
    const remove = select(t('admit.replaces'), [], () => draw());
    const devices = () => {
      refill(remove.element, h('option', { value: '' }, t('admit.replaces-none')),
        devicesOf(member.element.value).filter((device) => device.state !== 'own')
          .map((device) => h('option', { value: device.id }, visible(device.name))));
      draw();
    };
    known.append(member.field, remove.field, remark(t('admit.replaces-hint')));
    const summary = h('summary', {});
    const means = h('p', { class: 'hint' });
    this.#same = isUnsure && h('p', { role: 'alert' },
      t('admit.same-name', { name: visible(same.name) }));
    const draw = () => {
      const isKnown = kind.element.value === 'known';
      const whose = { name: visible(memberById(member.element.value)?.name ?? '') };
      summary.textContent = this.#words();
      may.textContent = t(`rank.${rankChoice.element.value}-may`);
      yes.textContent = isKnown ? t('admit.yes-device', whose) : t('admit.yes');
      means.textContent = isKnown ? t('admit.device-means', whose) : '';
      means.hidden = !isKnown;
    };
    [this.#kind, this.#rank] = [kind.element, rankChoice.element];
    [this.#member, this.#remove] = [member.element, remove.element];
    this.element = h('div', {}, this.#same,
      h('details', { class: 'choices', open: isUnsure }, summary, kind.field, fresh, known), means);
    for (const one of this.#groups) one.input.addEventListener('change', draw);
    devices();
    if (door) kind.element.value = 'known';
    kind.element.dispatchEvent(new Event('change'));
  }

  get isMade() {
    return this.#kind.value !== '';
  }

  /** Asks for what only the one who lets in can know. */
  ask() {
    this.#same.classList.add('form-error');
    this.#kind.closest('details').open = true;
    this.#kind.focus();
  }

  /** What somebody new is to be called. */
  get name() {
    return this.#name.input.value.trim() || this.#asked;
  }

  #words() {
    if (!this.isMade) return t('admit.choose');
    if (this.#kind.value === 'known') {
      const who = visible(memberById(this.#member.value)?.name ?? '');
      return t('admit.becomes-device', { name: who });
    }
    const titles = this.#groups.filter((one) => one.input.checked)
      .map((one) => groupTitle(one.group));
    return t('admit.becomes', {
      rank: rankWord(this.#rank.value), groups: listed([t('group.everyone'), ...titles], 4),
    });
  }

  value() {
    if (this.#kind.value === 'known') {
      return {
        member: `id:${this.#member.value}`,
        ...(this.#remove.value ? { remove: `id:${this.#remove.value}` } : {}),
      };
    }
    return {
      ...(this.name !== this.#asked ? { name: this.name } : {}),
      rank: this.#rank.value,
      groups: this.#groups.filter((one) => one.input.checked).map((one) => `id:${one.group.id}`),
    };
  }
}
