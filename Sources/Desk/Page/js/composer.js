// Where a message is written. Enter sends, Shift and Enter begins a line.

import { freshId, h } from './dom.js';
import { draftOf, keepDraft } from './drafts.js';
import { pickEmoji } from './emoji.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { Mentions } from './mentions.js';
import { name } from './names.js';
import { beginning } from './text.js';

/** What one message holds, in bytes (10-limits, `textBytesMax`). */
const textBytesMax = 60_000;
const inputRowsMax = 10;

export class Composer {
  #input;
  #send;
  #tooLong = h('p', { class: 'form-error', role: 'alert' });
  #replyBar = h('div', { class: 'reply-bar', hidden: true });
  #reply;
  #mentions;
  #key;
  #sent;

  /** `key`: of the draft; `to`: whom the placeholder names; `sent(text, reply)` writes it. */
  constructor({ key, to, members, sent }) {
    this.#key = key;
    this.#sent = sent;
    const id = freshId('composer');
    this.#input = h('textarea', {
      id, rows: '1', placeholder: t('composer.placeholder'), dir: 'auto',
      'aria-describedby': `${id}-hint`,
      value: draftOf(key), enterkeyhint: 'send',
    });
    this.to = to;
    this.#mentions = new Mentions(this.#input, members);
    this.#send = h('button', {
      type: 'submit', class: 'send', 'aria-label': t('composer.send'), title: t('composer.send'),
    }, icon('send'));
    const emoji = h('button', {
      class: 'icon-button', 'aria-label': t('emoji.title'), title: t('emoji.title'),
      'aria-haspopup': 'dialog',
      onclick: () => pickEmoji(emoji, (one) => this.#insert(one)),
    }, icon('smile'));
    this.element = h('form', { class: 'composer', onsubmit: (event) => this.#submit(event) },
      this.#mentions.element, this.#replyBar, this.#tooLong,
      h('div', { class: 'composer-row' }, emoji, this.#input, this.#send),
      h('p', { class: 'unseen', id: `${id}-hint` }, t('composer.hint')));
    this.#input.addEventListener('input', () => this.#changed());
    this.#input.addEventListener('keydown', (event) => this.#keyDown(event));
    this.#changed();
  }

  /** Whom it writes to may be called otherwise by now. */
  set to(to) {
    this.#input.setAttribute('aria-label', t('composer.label', { to }));
  }

  /** Others can be meant in it by now. */
  membersChanged() {
    this.#mentions.membersChanged();
  }

  focus() {
    this.#input.focus({ preventScroll: true });
  }

  /** Grows with its text; to be called once it is in the page. */
  fit() {
    const input = this.#input;
    input.style.height = 'auto';
    // One line needs no measuring, which would make the browser lay out the whole page now.
    if (!input.value) return;
    const line = parseFloat(getComputedStyle(input).lineHeight) || 22;
    const frame = input.offsetHeight - input.clientHeight;
    const padding = 20;
    input.style.height = `${Math.min(input.scrollHeight + frame, line * inputRowsMax + padding)}px`;
  }

  /** Shows the draft as it is by now, after somebody else changed it. */
  recall() {
    this.#input.value = draftOf(this.#key);
    this.#changed();
  }

  /** The next message answers to this one. */
  reply(message) {
    this.#reply = message;
    this.#replyBar.hidden = !message;
    if (message) {
      this.#replyBar.replaceChildren(
        h('div', { class: 'quote' },
          h('span', { class: 'author' }, message.own ? t('word.you') : name(message.member.name)),
          h('span', { class: 'quoted' }, beginning(message.text ?? ''))),
        h('button', {
          class: 'icon-button', 'aria-label': t('reply.cancel'),
          onclick: () => {
            this.reply(undefined);
            this.focus();
          },
        }, icon('close')));
      this.focus();
    }
  }

  #insert(text) {
    const { selectionStart, selectionEnd } = this.#input;
    this.#input.setRangeText(text, selectionStart, selectionEnd, 'end');
    this.#input.focus();
    this.#changed();
  }

  #changed() {
    const text = this.#input.value;
    keepDraft(this.#key, text);
    const size = new TextEncoder().encode(text).length;
    this.#tooLong.textContent = size > textBytesMax ? t('composer.too-long') : '';
    this.#send.setAttribute('aria-disabled', String(!this.#isSendable(text)));
    if (this.#input.isConnected) this.fit();
  }

  #isSendable(text) {
    return text.trim() !== '' && new TextEncoder().encode(text).length <= textBytesMax;
  }

  #keyDown(event) {
    if (event.isComposing || this.#mentions.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.element.requestSubmit();
    } else if (event.key === 'Escape' && this.#reply) {
      event.stopPropagation();
      this.reply(undefined);
    }
  }

  #submit(event) {
    event.preventDefault();
    const text = this.#input.value.trim();
    if (!this.#isSendable(text)) return;
    const reply = this.#reply;
    this.#input.value = '';
    this.reply(undefined);
    this.#changed();
    this.#sent(text, reply);
    this.focus();
  }
}
