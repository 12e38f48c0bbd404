// The recovery key: shown, put away, and read back.

import { copyButton, doing, form, textField } from './controls.js';
import { h, refill } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { card, Page } from './page.js';
import { ask } from './rpc.js';
import { errorPlace } from './say.js';
import { loadOffice, state } from './state.js';
import { visible } from './text.js';

export class RecoveryView extends Page {
  #shown = h('div', {});

  constructor() {
    super(t('recovery.title'), { back: '#/more', lead: t('recovery.lead') });
    this.#draw();
  }

  open() {
    let shown = state.office?.recovery;
    this.listening.on('office', () => {
      // Whoever is typing the line keeps what is typed.
      if (state.office.recovery === shown) return;
      shown = state.office.recovery;
      this.#draw();
    });
  }

  #draw() {
    if (state.office?.recovery === 'put-away') {
      refill(this.body, card(undefined, h('p', { class: 'verdict ok' }, icon('check'),
        t('recovery.away')), h('p', {}, t('recovery.away-text')), this.#shown, this.#showButton()));
      return;
    }
    const place = errorPlace();
    const line = textField(t('recovery.read-back'), { class: 'code' },
      t('recovery.read-back-hint'));
    refill(this.body,
      card(t('recovery.step-1'), h('p', {}, t('recovery.step-1-text')), this.#shown,
        this.#showButton()),
      card(t('recovery.step-2'), h('p', {}, t('recovery.step-2-text')),
        form({ class: 'form' }, place, async () => {
          if (!line.input.value.trim()) {
            place.show(t('recovery.line-missing'));
            line.input.focus();
            return;
          }
          await ask('recovery.confirm', { line: line.input.value.trim() });
          await loadOffice();
        }, line.element, place.element,
        h('button', { type: 'submit', class: 'button primary' }, t('recovery.confirm')))));
  }

  #showButton() {
    if (this.#shown.childElementCount > 0) return null;
    const button = doing({ class: 'button' }, [icon('key'), t('recovery.show')], async () => {
      const { line, file } = await ask('recovery.show');
      refill(this.#shown,
        h('p', { class: 'line-box print' }, h('code', {}, line)),
        h('p', { class: 'hint' }, t('recovery.file', { file: visible(file) })),
        h('div', { class: 'buttons start' }, copyButton(line),
          h('button', { type: 'button', class: 'button', onclick: () => print() },
            icon('print'), t('action.print'))));
      button.remove();
    });
    return button;
  }
}
