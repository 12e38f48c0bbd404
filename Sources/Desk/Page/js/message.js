// One message as a row of the timeline.

import { deliveryIcon, deliveryWords, isComplete, showDelivery } from './delivery.js';
import { fill, h, refill } from './dom.js';
import { listed, t } from './i18n.js';
import { icon } from './icons.js';
import { avatar, name } from './names.js';
import { reactionBar } from './reactions.js';
import { beginning, folded, isFewEmoji, visible, written } from './text.js';
import { clock, full } from './times.js';

/** Messages of one person within this time stand under one name. */
const togetherMs = 5 * 60_000;
/** It is not worth a button to hide less of a text. */
const foldedMin = 200;

/** Whether a message goes on what the one before it began. */
export function isContinued(message, before) {
  return before && !before.closed && before.member.id === message.member.id && !message.late
    && !before.late && !message.reply && Math.abs(message.time.ms - before.time.ms) < togetherMs;
}

/** What of a message can change, to compare two. */
export function looks({ entry, text, absence, state, reactions, member, reply }) {
  return JSON.stringify([entry, text, absence, state, reactions ?? [], member.name,
    reply?.member?.name]);
}

/** A row. `place`: what the timeline offers (group, names, own, reply, react, jump). */
export function messageRow(message, before, place) {
  if (message.closed) {
    const words = closedWords(message);
    return h('article', { class: 'message closed-before', tabindex: '-1', 'aria-label': words },
      h('p', {}, words));
  }
  const isOne = isContinued(message, before);
  const kind = [
    'message', message.own ? 'own' : 'other', isOne ? 'continued' : 'first',
    place.group.kind === 'direct' ? 'direct' : '',
  ];
  const article = h('article', {
    class: kind.join(' '), tabindex: '-1',
    'aria-label': t('message.label', {
      name: message.own ? t('word.you') : visible(message.member.name), time: full(message.time.ms),
    }),
  });
  const footer = h('span', { class: 'foot' });
  fill(article, [
    !message.own && place.group.kind !== 'direct' && (isOne
      ? h('span', { class: 'avatar-gap' }) : avatar(message.member, 'small')),
    h('div', { class: 'stack' },
      h('div', { class: 'bubble' },
        !message.own && !isOne && place.group.kind !== 'direct'
          && h('span', { class: 'author' }, name(message.member.name)),
        message.late && h('span', { class: 'late' }, icon('clock'), t('message.late')),
        quote(message, place),
        body(message, place),
        footer),
      reactionBar(message, place)),
    actions(message, place),
  ]);
  fillFooter(footer, message, place);
  return article;
}

/** Shows in a row how far its message came by now, and, where `reactions`, how people reacted. */
export function redraw(article, message, place, reactions) {
  fillFooter(article.querySelector('.foot'), message, place);
  if (reactions) article.querySelector('.reactions').replaceWith(reactionBar(message, place));
}

function body(message, place) {
  if (message.text === undefined) {
    return h('p', { class: 'absent' },
      icon(message.absence === 'waiting-for-a-key' ? 'clock' : 'info'),
      absenceWords(message.absence));
  }
  const isLarge = isFewEmoji(message.text);
  const shown = (text) => written(text, place.names, place.ownName);
  const begun = folded(message.text);
  const rest = message.text.length - begun.length;
  // Line ends of other systems count twice.
  if (message.isWhole || rest < foldedMin) {
    return h('p', { class: isLarge ? 'text large' : 'text', dir: 'auto' }, shown(message.text));
  }
  const text = h('p', { class: 'text', dir: 'auto' }, shown(begun), ' …');
  const button = h('button', {
    class: 'link', tabindex: '-1', onclick: () => {
      message.isWhole = true;
      button.closest('article').focus({ preventScroll: true });
      button.remove();
      refill(text, shown(message.text));
      place.grown();
    },
  }, t('message.whole'));
  return [text, button];
}

/** What stands where the text would, in words. */
export function absenceWords(absence) {
  switch (absence) {
    case 'waiting-for-a-key': return t('absence.waiting');
    case 'erased': return t('absence.erased');
    default: return t('absence.newer');
  }
}

function closedWords({ closed, elsewhere }) {
  const words = t('absence.before', { n: closed.size });
  if (!elsewhere) return words;
  const names = listed(elsewhere.map((device) => visible(device.name)));
  return `${words} ${names ? t('absence.own', { names }) : t('absence.own-gone')}`;
}

function quote(message, place) {
  if (!message.reply) return null;
  const { entry, member, text } = message.reply;
  // Who wrote it and what is told only where it can be shown here.
  return h('button', {
    class: 'quote', tabindex: '-1', onclick: () => place.jump(entry),
    'aria-label': member && t('reply.to', { name: visible(member.name) }),
  },
  member && h('span', { class: 'author' }, name(member.name)),
  h('span', { class: 'quoted' }, text === undefined ? t('reply.unknown') : beginning(text)));
}

function fillFooter(footer, message, place) {
  const time = h('time', { datetime: message.time.utc, title: full(message.time.ms) },
    clock(message.time.ms));
  if (!message.own) return refill(footer, time);
  if (message.sending) {
    return refill(footer, h('span', { class: 'delivery' }, icon('clock'), t('message.writing')));
  }
  if (message.failed) return refill(footer, failure(message, place));
  const isNewest = place.isNewestOwn(message);
  const isPlain = isComplete(message.state) && !isNewest;
  const { state, carried } = message;
  const words = h('span', { class: isPlain ? 'unseen' : '' }, deliveryWords(state, place.group,
    isNewest && carried?.state === state ? carried.keeper : undefined));
  const button = h('button', {
    class: `delivery ${message.state.word}`, tabindex: '-1',
    onclick: () => showDelivery(message),
  }, deliveryIcon(message.state), words, h('span', { class: 'unseen' }, t('delivery.more')));
  return refill(footer, time, button);
}

function failure(message, place) {
  return h('span', { class: 'failed' }, icon('warning'), h('span', {}, message.failed),
    h('button', { class: 'link', onclick: () => place.retry(message) },
      t('action.retry')),
    h('button', { class: 'link', onclick: () => place.discard(message) },
      t('action.discard')));
}

function actions(message, place) {
  if (message.text === undefined || message.sending || message.failed || !place.mayWrite()) {
    return null;
  }
  const button = (drawing, words, action) => h('button', {
    class: 'icon-button', tabindex: '-1', title: words, 'aria-label': words,
    onclick: action,
  }, icon(drawing));
  return h('div', { class: 'actions', role: 'group', 'aria-label': t('message.actions') },
    button('smile', t('action.react'), (event) => place.react(message, event.currentTarget)),
    button('reply', t('action.reply'), () => place.reply(message)));
}
