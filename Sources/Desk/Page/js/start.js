// Before there is an office: found one, or join one.

import { Listening } from './bus.js';
import { choice, form, spinner, textField } from './controls.js';
import { fill, h, refill } from './dom.js';
import { chooseLanguage, currentLanguage, t } from './i18n.js';
import { icon } from './icons.js';
import { Doors, ownFields } from './doors.js';
import { proposed } from './names.js';
import { isFree, leftHere } from './remove.js';
import { ask } from './rpc.js';
import { errorPlace, stateWords } from './say.js';
import { isReturning, loadAll, state } from './state.js';
import { explainStored } from './stored.js';

export class Start {
  #listening = new Listening();
  #main = h('main', { class: 'first-steps' });
  /** What was typed about oneself, whichever way it was to lead. */
  #typed = {};

  constructor() {
    this.element = h('div', { class: 'start-frame' }, languageSwitch(), this.#main);
    this.#drawChoices();
  }

  close() {
    this.#listening.end();
  }

  #again() {
    this.#listening.end();
    this.#main.replaceChildren();
  }

  #drawChoices() {
    this.#again();
    const { account = {}, member, device } = state.office ?? {};
    const names = member ? { name: member.name, device: device.name } : account;
    const doors = new Doors(names, this.#typed, (view) => this.#show(view), () => {
      this.#drawChoices();
      this.#main.querySelector('[autofocus]')?.focus();
    });
    this.#listening.add(() => doors.close());
    fill(this.#main, [
      this.#hello(),
      this.#standing(),
      doors.element,
      h('section', { class: 'card found', 'aria-labelledby': 'found-title' },
        h('h2', { id: 'found-title' }, t('found.title')),
        h('p', {}, t('found.lead')),
        h('button', { class: 'button', onclick: () => this.#found(names) },
          icon('office'), t('found.begin'))),
      h('p', { class: 'small-print' },
        h('button', { class: 'link', onclick: explainStored }, t('stored.title'))),
    ]);
    doors.open();
  }

  /** Who comes back has what is here until there is a way in. */
  #hello() {
    const place = h('header', { class: 'hello' });
    const draw = () => refill(place, h('img', { src: '/icon.svg', alt: '', class: 'logo' }),
      isReturning() ? [h('h1', {}, t('anew.do')), h('p', { class: 'lead' }, t('anew.lead')),
        h('a', { href: '#/' }, t('action.back'))]
        : [h('h1', {}, t('start.title')), h('p', { class: 'lead' }, t('start.lead'))]);
    draw();
    this.#listening.on('office', draw);
    return place;
  }

  /** The node goes on with an attempt that nobody waits for any more, or has what is another's. */
  #standing() {
    const draw = () => {
      const isJoining = state.office?.standing === 'joining';
      const said = state.degraded.find((one) => one.word === 'joining') || leftHere()
        || isJoining && { word: 'joining' };
      place.hidden = !said;
      const words = said && stateWords(said);
      refill(place, isJoining ? spinner(words) : words,
        said && h('p', {}, stateWords(said, '-do')));
    };
    const place = h('section', { class: 'card', role: 'status' });
    draw();
    this.#listening.on('degraded', draw);
    return place;
  }

  #show(view) {
    this.#again();
    this.#main.append(view);
    (view.querySelector('[autofocus]') ?? view.querySelector('h1') ?? view).focus();
  }

  #found(account) {
    const place = errorPlace();
    const office = textField(t('found.office'), { maxlength: 60, autofocus: true, required: true });
    const { name, device } = ownFields({ ...account, name: proposed(account.name) }, this.#typed);
    const action = async () => {
      if (!office.input.value.trim()) return place.show(t('found.office-missing'), office.input);
      if (!name.input.value.trim()) return place.show(t('join.name-missing'), name.input);
      if (!await isFree()) return undefined;
      await ask('office.new', {
        office: office.input.value.trim(), name: name.input.value.trim(),
        device: device.input.value.trim() || t('join.device-default'),
      });
      await loadAll();
      return undefined;
    };
    this.#show(h('section', { class: 'card wide' },
      h('button', { class: 'link back-link', onclick: () => this.#drawChoices() },
        icon('back'), t('action.back')),
      h('h1', { tabindex: '-1' }, t('found.title')),
      h('p', { class: 'lead' }, t('found.explained')),
      form({ class: 'form' }, place, action,
        office.element, name.element,
        h('details', {}, h('summary', {}, t('join.device-summary')), device.element),
        place.element,
        h('button', { type: 'submit', class: 'button primary big' }, t('found.do')))));
  }
}

function languageSwitch() {
  return h('header', { class: 'corner' }, choice(t('settings.language'), [
    { value: 'de', text: 'Deutsch' }, { value: 'en', text: 'English' },
  ], currentLanguage(), chooseLanguage));
}
