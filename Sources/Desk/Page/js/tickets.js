// Tickets: one line that lets somebody in who is not here right now.

import {
  below, buttonRow, checkbox, copyButton, doing, form, remark, rowList, submit, textField,
} from './controls.js';
import { confirmed, decision, openDialog } from './dialog.js';
import { h, refill } from './dom.js';
import { byName, hasText, listed, t } from './i18n.js';
import { icon } from './icons.js';
import { groupTitle } from './names.js';
import { card } from './page.js';
import { ask } from './rpc.js';
import { errorPlace, errorWords } from './say.js';
import { again, state } from './state.js';
import { full } from './times.js';
import { visible } from './text.js';

/** A little more than `doorTicketSeconds` (10-limits): two clocks say when it began and ends. */
const doorMs = 660_000;
const validities = [[3600, 'tickets.hour'], [86_400, 'tickets.day'], [604_800, 'tickets.week']];

export class TicketCard {
  #list = h('div', {});

  constructor() {
    this.element = card(t('tickets.title'),
      h('p', {}, t('tickets.lead')),
      buttonRow(h('button', {
        class: 'button', onclick: () => this.#new(),
      }, icon('ticket'), t('tickets.new'))),
      this.#list);
  }

  load() {
    return again(this, async () => {
      try {
        const { tickets } = await ask('ticket.list');
        this.#draw(tickets);
      } catch (error) {
        refill(this.#list, h('p', { class: 'form-error' }, errorWords(error)));
      }
    });
  }

  #draw(tickets) {
    const held = tickets.filter((ticket) => !isOfDoor(ticket)).reverse();
    const open = held.filter((ticket) => isAlive(ticket));
    const over = held.filter((ticket) => !isAlive(ticket));
    refill(this.#list,
      open.length === 0 && remark(t('tickets.none')),
      open.length > 0
        && rowList(open.map((one) => this.#row(one))),
      over.length > 0 && h('details', {}, h('summary', {}, t('tickets.over', { n: over.length })),
        rowList(over.map((one) => this.#row(one)))));
  }

  #row(ticket) {
    const groups = ticket.groups.map((group) => groupTitle(group));
    const uses = ticket.uses > 1
      ? ` · ${t('tickets.used', { used: ticket.used, uses: ticket.uses })}` : '';
    const when = ticket.state === 'open' ? t('tickets.until', { time: full(ticket.expires.ms) })
      : hasText(`tickets.${ticket.state}`) ? t(`tickets.${ticket.state}`) : ticket.state;
    return h('li', {},
      h('span', { class: `mark ${ticket.state === 'open' ? 'good' : 'dim'}` },
        icon(ticket.kind === 'box' ? 'box' : 'ticket')),
      h('span', { class: 'grow' },
        h('strong', {}, ticketFor(ticket)),
        below(when + uses),
        below(t('tickets.by', { name: visible(ticket.issuer.name) }),
          groups.length > 0 && ` · ${listed(groups, 4)}`)),
      isAlive(ticket) && doing({ class: 'button small danger-quiet' }, t('tickets.revoke'),
        () => this.#revoke(ticket)));
  }

  async #revoke(ticket) {
    const isWanted = await confirmed({
      title: t('tickets.revoke-title'), body: h('p', {}, t('tickets.revoke-text')),
      yes: t('tickets.revoke'), danger: true,
    });
    if (!isWanted) return;
    await ask('ticket.revoke', { ticket: ticket.id });
    await this.load();
  }

  async #new() {
    const made = await openDialog(t('tickets.new'), (close) => newTicketForm(close));
    if (!made) return;
    await showTicket(made);
    await this.load();
  }
}

/** Whether somebody may join with it, or may again once its maker may let people in. */
function isAlive(ticket) {
  return ticket.state === 'open' || ticket.state === 'on-hold';
}

/** With what somebody came in at a door: good for minutes, and nobody ever held it. */
function isOfDoor(ticket) {
  return ticket.state === 'used-up' && ticket.expires.ms - ticket.created.ms <= doorMs;
}

function ticketFor(ticket) {
  if (ticket.member) return t('admit.becomes-device', { name: visible(ticket.member.name) });
  if (ticket.name) return visible(ticket.name);
  if (ticket.kind === 'box') return t('tickets.for-box');
  return t(ticket.uses > 1 ? 'tickets.for-anybody' : 'tickets.for-one');
}

function newTicketForm(close) {
  const place = errorPlace();
  const select = (label, id, options) => {
    const element = h('select', { id },
      options.map(([value, text]) => h('option', { value }, text)));
    return { element,
      field: h('div', { class: 'field' }, h('label', { for: id }, label), element) };
  };
  const kind = select(t('tickets.kind'), 'ticket-kind', [
    ['member', t('admit.as-new')], ['device', t('admit.as-device')],
    ['box', t('tickets.kind-box')],
  ]);
  const whose = select(t('admit.whose'), 'ticket-whose', state.members
    .filter((member) => !member.removed).sort(byName)
    .map((member) => [member.id, visible(member.name)]));
  const name = textField(t('tickets.name'), { maxlength: 60 }, t('tickets.name-hint'));
  const keeper = checkbox(t('tickets.keeper'), { checked: true });
  const valid = select(t('tickets.valid'), 'ticket-valid', validities.map(([seconds, text]) =>
    [seconds, t(text)]));
  valid.element.value = '86400';
  const uses = textField(t('tickets.uses'), { type: 'number', min: 1, max: 1000, value: '1' });
  const groups = state.groups.filter((group) => group.kind === 'listed' && !group.gone)
    .map((group) => ({ group, ...checkbox(groupTitle(group)) }));
  const groupField = groups.length > 0 && h('fieldset', { class: 'picker' },
    h('legend', {}, t('list.groups')), remark(t('admit.groups-hint')),
    h('div', { class: 'picker-list' }, groups.map((one) => one.element)));
  const keeperField = h('div', {}, keeper.element, remark(t('tickets.keeper-hint')));
  const fit = () => {
    const now = kind.element.value;
    whose.field.hidden = now !== 'device';
    name.element.hidden = now === 'device';
    keeperField.hidden = now !== 'box';
    if (groupField) groupField.hidden = now === 'device';
    uses.element.hidden = now === 'box';
  };
  kind.element.addEventListener('change', fit);
  fit();
  return form({ class: 'form' }, place, async () => {
    const now = kind.element.value;
    const number = Number(uses.input.value);
    if (now !== 'box' && !(Number.isInteger(number) && number >= 1 && number <= 1000)) {
      place.show(t('tickets.uses-wrong'));
      return;
    }
    close(await ask('ticket.new', {
      kind: now === 'box' ? 'box' : 'member',
      validSeconds: Number(valid.element.value),
      groups: now === 'device' ? []
        : groups.filter((one) => one.input.checked).map((one) => `id:${one.group.id}`),
      ...(now === 'box' ? { keeper: keeper.input.checked } : { uses: number }),
      ...(now === 'device' ? { member: `id:${whose.element.value}` } : {}),
      ...(now !== 'device' && name.input.value.trim() ? { name: name.input.value.trim() } : {}),
    }));
  },
  kind.field, whose.field, name.element, keeperField, groupField, valid.field, uses.element,
  place.element,
  decision(close, submit(t('tickets.make'))));
}

/** The line is told once: no key and no press beside it takes it away. */
function showTicket({ ticket, text }) {
  return openDialog(t('join.ticket'), (close) => h('div', {},
    h('p', {}, t('tickets.made-text', { time: full(ticket.expires.ms) })),
    h('p', { class: 'line-box' }, h('code', {}, text)),
    remark(t('tickets.made-hint')),
    h('div', { class: 'buttons' },
      h('button', { class: 'button quiet', onclick: () => close() },
        t('action.done')),
      copyButton(text, 'button primary'))), 'kept');
}
