// The way to what is needed now and then.

import { below } from './controls.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { Page } from './page.js';
import { state } from './state.js';

export class MoreView extends Page {
  constructor() {
    super(t('nav.more'));
    const link = (name, drawing, title, text) =>
      h('li', {}, h('a', { class: 'tile', href: `#/${name}` },
      h('span', { class: 'tile-icon' }, icon(drawing)),
      h('span', { class: 'grow' }, h('strong', {}, title), below(text)),
      icon('next')));
    this.body.append(h('ul', { class: 'tiles', role: 'list' },
      link('settings', 'gear', t('settings.title'), t('settings.text')),
      link('stored', 'shield', t('stored.title'), t('stored.text')),
      link('doctor', 'pulse', t('doctor.title'), t('doctor.text')),
      state.office?.recovery !== 'none'
        ? link('recovery', 'key', t('recovery.title'), t('recovery.text')) : ''));
  }
}
