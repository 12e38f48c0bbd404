// "What is stored about you": what, on which devices, until when, and who can read it.

import { openDialog } from './dialog.js';
import { h, refill } from './dom.js';
import { bytes, listed, number, t } from './i18n.js';
import { icon } from './icons.js';
import { groupTitle, name } from './names.js';
import { card, Page } from './page.js';
import { spinner } from './controls.js';
import { ask } from './rpc.js';
import { errorWords } from './say.js';
import { ago, day } from './times.js';
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
    refill(this.#facts,
      h('dl', { class: 'facts' },
        fact(number(stored.messages), t('stored.messages')),
        fact(bytes(stored.bytes), t('stored.size')),
        fact(stored.oldest ? day(stored.oldest.ms) : '–', t('stored.oldest')),
        fact(stored.until ? day(stored.until.ms) : t('stored.no-end'), t('stored.until-when'))),
      card(t('stored.devices'),
        h('p', { class: 'hint' }, t('stored.devices-hint')),
        h('ul', { class: 'rows', role: 'list' }, stored.devices.map(storedDeviceRow))),
      card(t('stored.readers'),
        h('ul', { class: 'rows', role: 'list' }, stored.groups.map((one) => h('li', {},
          h('span', { class: 'grow' },
            h('strong', {}, name(groupTitle(one.group))),
            h('span', { class: 'sub' }, t('stored.read-by', {
              names: listed(one.readers.map((member) => visible(member.name)), 6),
            })),
            one.keepers.length > 0 && h('span', { class: 'sub' }, t('stored.kept-by', {
              names: listed(one.keepers.map((device) => visible(device.name)), 4),
            }))))))));
  }
}

function storedDeviceRow(device) {
  const isHere = device.state === 'own' || device.state === 'linked';
  return h('li', {},
    h('span', { class: `mark ${isHere ? 'good' : 'dim'}` },
      icon(device.keeper ? 'keeper' : 'device')),
    h('span', { class: 'grow' },
      h('strong', {}, name(device.name)),
      h('span', { class: 'sub' }, name(device.member.name),
        device.state === 'own' ? ` · ${t('device.own')}`
          : device.seen && !isHere ? ` · ${t('presence.seen', { when: ago(device.seen.ms) })}`
            : '')),
    h('span', { class: 'side' }, t('stored.holds', { n: device.holds ?? 0 }),
      h('span', { class: 'sub' },
        t(device.reads === false ? 'stored.sealed' : 'stored.readable'))));
}
