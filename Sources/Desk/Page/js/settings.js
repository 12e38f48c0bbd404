// How the page looks and speaks, what oneself is called, and notifications.

import { buttonRow, choice, doing } from './controls.js';
import { h, refill } from './dom.js';
import { chooseLanguage, currentLanguage, t } from './i18n.js';
import { icon } from './icons.js';
import { name, rankWord } from './names.js';
import { notifyState, switchNotify } from './notify.js';
import { card, Page } from './page.js';
import { rename } from './people.js';
import { state } from './state.js';
import { chooseTheme, currentTheme } from './theme.js';

export class SettingsView extends Page {
  constructor() {
    super(t('settings.title'), { back: '#/more' });
    this.#draw();
  }

  open() {
    let shown = names();
    this.listening.on('office', () => {
      if (names() === shown) return;
      shown = names();
      this.#draw();
    });
  }

  #draw() {
    const { member, device, rank, standing } = state.office ?? {};
    const notify = h('div', {});
    drawNotify(notify);
    refill(this.body,
      card(t('word.you'),
        h('dl', { class: 'pairs' },
          h('dt', {}, t('join.name')),
            h('dd', {}, name(member?.name ?? '')),
          rank && [h('dt', {}, t('people.rank')), h('dd', {}, rankWord(rank))],
          h('dt', {}, t('join.device-summary')), h('dd', {}, name(device?.name ?? ''))),
        standing === 'ready' && buttonRow(h('button', {
          class: 'button', onclick: rename,
        }, icon('pencil'), t('people.rename')))),
      card(t('settings.look'),
        choice(t('settings.theme'), [
          { value: 'auto', text: t('settings.theme-auto') },
          { value: 'light', text: t('settings.theme-light'), drawing: 'sun' },
          { value: 'dark', text: t('settings.theme-dark'), drawing: 'moon' },
        ], currentTheme(), chooseTheme),
        choice(t('settings.language'), [
          { value: 'de', text: 'Deutsch' }, { value: 'en', text: 'English' },
        ], currentLanguage(), chooseLanguage)),
      card(t('settings.notify'), notify));
  }
}

/** What of the office this page shows. */
function names() {
  const { member, device, rank, standing } = state.office ?? {};
  return JSON.stringify([member?.name, device?.name, rank, standing]);
}

function drawNotify(place) {
  const now = notifyState();
  refill(place, h('p', {}, t(`settings.notify-${now}`)),
    (now === 'on' || now === 'off') && buttonRow(
      doing({ class: now === 'on' ? 'button' : 'button primary' },
        [icon('bell'), t(now === 'on' ? 'settings.notify-stop' : 'settings.notify-start')],
        async () => {
          await switchNotify(now !== 'on');
          drawNotify(place);
          place.querySelector('button')?.focus();
        })));
}
