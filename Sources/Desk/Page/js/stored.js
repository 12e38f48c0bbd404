// "What is stored about you": what, on which devices, until when, and who can read it.

import { openDialog } from './dialog.js';
import { h, refill } from './dom.js';
import { listed, number, t } from './i18n.js';
import { groupTitle, name } from './names.js';
import { card, Page } from './page.js';
import { below, rowList, spinner } from './controls.js';
import { ask } from './rpc.js';
import { errorWords } from './say.js';
import { state } from './state.js';
import { day, full } from './times.js';
import { visible } from './text.js';

/** The same questions before there is an office: what will be stored. */
export function explainStored() {
  return openDialog(t('stored.title'), () => h('div', { class: 'prose' },
    h('p', { class: 'lead' }, t('stored.before')), explanation()));
}

/** What holds in every office. */
function explanation() {
  return h('dl', { class: 'answers' },
    ['what', 'where', 'until', 'who', 'outside'].map((key) => [
      h('dt', {}, t(`stored.${key}`)), h('dd', {}, t(`stored.${key}-text`))]));
}

export class StoredView extends Page {
  #facts = h('div', {}, spinner(t('said.asking')));

  constructor() {
    super(t('stored.title'), { back: '#/more', lead: t('stored.lead') });
    this.body.append(this.#facts, card(t('stored.rules'), explanation()));
  }

  open() {
    this.#load();
  }

  async #load() {
    try {
      this.#draw(await ask('stored'));
    } catch (error) {
      refill(this.#facts, h('p', { class: 'form-error' }, errorWords(error)));
    }
  }

  #draw(stored) {
    const fact = (value, label) => h('div', { class: 'fact' },
      h('dt', {}, label), h('dd', {}, value));
    const groups = stored.groups.filter((one) => one.messages > 0);
    const messages = groups.reduce((sum, one) => sum + one.messages, 0);
    const times = groups.filter((one) => one.oldest).map((one) => one.oldest.ms);
    refill(this.#facts,
      h('dl', { class: 'facts' },
        fact(number(messages), t('stored.messages')),
        fact(times.length > 0 ? day(Math.min(...times)) : '–', t('stored.oldest')),
        fact(t('stored.no-end'), t('stored.until-when'))),
      card(t('stored.readers'),
        rowList(groups.map(storedGroupRow))),
      keeperWords(stored.keepers, 'stored.kept-by'),
      keeperWords(stored.formerKeepers, 'stored.kept-before'));
  }
}

function storedGroupRow(one) {
  const places = { messages: t('stored.holds', { n: one.messages }),
    devices: t('stored.devices', { n: one.devices }) };
  return h('li', {},
    h('span', { class: 'grow' },
      h('strong', {}, name(groupTitle(one.group))),
      below(t('stored.where-now', places)),
      below(t('stored.read-by', {
        names: listed([
          ...(state.office?.standing === 'removed' ? [t('word.you')] : []),
          ...one.readers.map((member) => visible(member.name)),
        ], 6, one.further),
      })),
      one.former && below(t('stored.former', {
        names: listed(one.former.map(formerReaderWords), 6),
      }))));
}

/** Who has it still, on how many computers, and up to when it was written. */
function formerReaderWords(one) {
  const devices = t('stored.devices', { n: one.devices });
  const values = { name: visible(one.member.name), devices };
  return one.until ? t('stored.former-until', { ...values, when: full(one.until.ms) })
    : t('stored.former-one', values);
}

function keeperWords(devices, words) {
  return devices?.length > 0 && h('p', { class: 'hint' }, t(words, {
    names: listed(devices.map((device) => visible(device.name)), 6),
  }));
}
