// The rows of a timeline: which messages have one, how they are drawn, and the way through them by
// keys.

import { carrier, isComplete } from './delivery.js';
import { h } from './dom.js';
import { t } from './i18n.js';
import { looks, messageRow, redraw } from './message.js';
import { isAlike, momentOf } from './reading.js';
import { newsKey, newsWords } from './news.js';
import { day, dayOf, full } from './times.js';

/** By these one comes into a group and goes. */
const turns = ['added', 'removed', 'left'];
/** So often at most it is asked who carries the newest own message. */
const carrierMs = 250;
/** So many lines of what happened stay: anybody may make any number of them. */
const notesMost = 256;

function keyOf(message) {
  return message.key ?? message.entry;
}

/** Whether somebody may carry it of whom was not asked yet. */
function isCarried(message) {
  const state = message?.state;
  return state?.word === 'on-devices' && !isComplete(state) && message.carried?.state !== state;
}

export class Rows {
  #messages = [];
  #rows = new Map();
  #current;
  #newestOwn;
  #isAsking = false;
  #place;

  /** `place`: what rows need (see message.js); gets to know which own message is the newest. */
  constructor(place) {
    this.#place = place;
    place.isNewestOwn = (message) => message.entry === this.#newestOwn;
    this.element = h('ol', {
      class: 'messages', role: 'list', onkeydown: (event) => this.#key(event),
      onfocusin: (event) => this.#makeCurrent(event.target.closest('article')),
    });
  }

  /** The messages that have a row, the oldest first. */
  get messages() {
    return this.#messages;
  }

  /** Where a message stands; -1 where it has no row. */
  at(entry) {
    return this.#messages.findIndex((one) => one.entry === entry || one.closed?.has(entry));
  }

  atKey(key) {
    return this.#messages.findIndex((one) => one.key === key);
  }

  articleOf(message) {
    return message && this.#rows.get(keyOf(message))?.querySelector('article');
  }

  /** Puts these, and what happened between them, in the place of all. */
  fill(messages, news) {
    this.#messages = messages;
    this.#rows.clear();
    this.#current = undefined;
    this.element.replaceChildren(...messages.map((message, index) =>
      this.#draw(message, messages[index - 1])));
    this.#makeCurrent(this.articleOf(messages.at(-1)));
    this.settle();
    this.tell(news);
  }

  /** The entries of all that have a row. */
  get entries() {
    return new Set(this.#messages.map((message) => message.entry));
  }

  /** Puts those that have no row below all. */
  append(newer, news) {
    const known = this.entries;
    for (const one of newer) if (!known.has(one.entry)) this.insert(this.#messages.length, one);
    this.tell(news);
  }

  /** `settle` ends what is done by this one and by those below. */
  insert(index, message) {
    const near = message.closed ? [index - 1, index].find((at) =>
      this.#messages[at]?.closed && isAlike(this.#messages[at], message)) : undefined;
    if (near !== undefined) return this.replace(near, message);
    this.#messages.splice(index, 0, message);
    const row = this.#draw(message, this.#messages[index - 1]);
    const next = this.#messages[index + 1];
    if (next) this.#rows.get(keyOf(next)).before(row);
    else this.element.append(row);
    if (next) this.#drawAgain(index + 1);
    if (!this.#current) this.#makeCurrent(row.querySelector('article'));
    return undefined;
  }

  /** Puts those that have no row above all. */
  prepend(messages, news) {
    const known = this.entries;
    const older = messages.filter((message) => !known.has(message.entry));
    const first = this.#messages[0];
    const last = older.at(-1);
    if (first?.closed && last?.closed && isAlike(first, last)) {
      for (const one of older.pop().closed) first.closed.set(...one);
    }
    this.#messages.unshift(...older);
    this.element.prepend(...older.map((message, index) => this.#draw(message, older[index - 1])));
    if (this.#messages[older.length]) this.#drawAgain(older.length);
    this.tell(news);
  }

  replace(at, message) {
    const old = this.#messages[at];
    const { carried, isWhole } = old;
    if (old.closed) {
      for (const one of message.closed ?? []) old.closed.set(...one);
      return this.#drawAgain(at);
    }
    Object.assign(message, { key: keyOf(old), carried, isWhole });
    // The row that is there stays where it can, and what its buttons are about with it.
    if (old.entry && looks(old) === looks(message)) {
      Object.assign(old, message, { state: old.state });
    } else {
      this.#messages[at] = message;
      this.#drawAgain(at);
    }
    return undefined;
  }

  /** Changes only what tells how far a message came, or how people reacted: the row stays. */
  change(at, change) {
    if (this.#messages[at].closed) return;
    const message = Object.assign(this.#messages[at], change);
    const article = this.articleOf(message);
    const hadFocus = article.contains(document.activeElement);
    redraw(article, message, this.#place, change.reactions);
    if (article === this.#current) this.#tabbable(article, '0');
    if (hadFocus && !article.contains(document.activeElement)) {
      article.focus({ preventScroll: true });
    }
  }

  /** The newest own message says more of its way than those before it. */
  settle() {
    const before = this.#messages[this.at(this.#newestOwn)];
    const newest = this.#messages.findLast((one) => one.own && one.entry && !one.late);
    this.#newestOwn = newest?.entry;
    if (before !== newest) {
      for (const one of [before, newest]) if (one) this.change(this.#messages.indexOf(one), {});
    }
    if (isCarried(newest) && !this.#isAsking) this.#askCarrier(newest);
  }

  /** Says of the newest own message who carries it for those who are off. */
  async #askCarrier(message) {
    const { state } = message;
    message.carried = { state };
    this.#isAsking = true;
    try {
      message.carried.keeper = await carrier(message.entry);
      const at = this.#messages.indexOf(message);
      if (at >= 0) this.change(at, {});
      this.#place.grown();
    } catch {
      // The words without it are as true.
    }
    setTimeout(() => {
      this.#isAsking = false;
      this.settle();
    }, carrierMs);
  }

  discard(message) {
    const at = this.#messages.indexOf(message);
    if (at >= 0) this.remove(at);
  }

  remove(at) {
    this.#forget(this.#messages.splice(at, 1));
    if (this.#messages[at]) this.#drawAgain(at);
  }

  /** Takes out the first ones. */
  dropFirst(count) {
    this.#forget(this.#messages.splice(0, count));
    if (this.#messages[0]) this.#drawAgain(0);
    this.#dropNotes('firstElementChild', 0);
  }

  /** Takes out what stands beyond a row, at the top or the end. */
  #dropNotes(side, at) {
    const row = this.#rows.get(keyOf(this.#messages.at(at)));
    while (this.element[side] !== row) this.element[side].remove();
  }

  /** Takes out those from a place on, and what happened then; gives them. */
  dropFrom(at) {
    const gone = this.#messages.splice(at);
    this.#forget(gone);
    this.#dropNotes('lastElementChild', -1);
    return gone;
  }

  /** Whoever is called otherwise by now is so in every row. */
  rename(nameOf) {
    const named = (one) => one && { ...one, name: nameOf(one.id) ?? one.name };
    this.#messages.forEach((message, at) => {
      const { reply } = message;
      const member = named(message.member);
      const cited = named(reply?.member);
      if (member.name === message.member.name && cited?.name === reply?.member?.name) return;
      this.replace(at, { ...message, member, reply: reply && { ...reply, member: cited } });
    });
  }

  /**
   * Puts what happened between the messages of then, once each, and nothing of what was before this
   * computer came, or while its person was out; gives whether there was any. With `hasAbove` more
   * comes, and what is older than all with it.
   */
  tell(news, hasAbove = false) {
    let isNew = false;
    const [first] = this.#messages;
    for (const one of news) {
      const ms = one.time.ms;
      const words = newsWords(one);
      const key = newsKey(one);
      const known = [...this.element.querySelectorAll('.note')]
        .find((note) => note.dataset.news === key);
      // People and groups may be called otherwise by now.
      if (known && known.textContent !== words) known.firstChild.textContent = words;
      if (known || this.#wasOut(one, news)
        || hasAbove && first && ms < momentOf(first)) continue;
      isNew = true;
      const note = h('p', { class: 'note', 'data-news': key, title: full(ms) },
        h('span', {}, words));
      this.#put(note, ms);
    }
    const notes = [...this.element.querySelectorAll('.note')];
    for (const note of notes.slice(0, -notesMost)) note.remove();
    return isNew;
  }

  /** Whether something is the others' past: the next turn of one's own is that one was let in. */
  #wasOut({ own, time: { ms } }, news) {
    const turn = news.find((one) => one.own && one.time.ms >= ms && turns.includes(one.word));
    if (own || turn) return !own && turn.word === 'added';
    const [first] = this.#messages;
    return this.#messages.some((message) => message.closed && ms <= momentOf(message)
      && (message === first || ms > Math.min(...message.closed.values())));
  }

  #put(note, ms) {
    const next = this.#messages.find((message) => momentOf(message) > ms);
    if (!next) this.element.append(h('li', {}, note));
    else {
      const row = this.#rows.get(keyOf(next));
      const isBefore = dayOf(ms) !== dayOf(next.time.ms) && row.querySelector('.day');
      (isBefore || this.articleOf(next)).before(note);
    }
  }

  /**
   * A line above the last `unread` messages of others, or above all where there are more; gives it
   * and how many of them have no row.
   */
  unreadLine(unread, hasAbove) {
    let left = unread;
    const first = this.#messages.findLast((message) =>
      !message.own && !message.closed && (left -= 1) === 0)
      ?? (hasAbove ? this.#messages[0] : undefined);
    if (!first) return {};
    const line = h('p', { class: 'unread-line' }, h('span', {},
      left > 0 ? t('timeline.unread-above', { n: left }) : t('timeline.unread', { n: unread })));
    this.articleOf(first).before(line);
    return { line, left };
  }

  /** What is in sight first, to put it there again after a change. */
  anchor(scroller) {
    const { top } = scroller.getBoundingClientRect();
    for (const [at, message] of this.#messages.entries()) {
      // The day above it may go with what comes above: it is no part of what stays in its place.
      const place = this.articleOf(message).getBoundingClientRect();
      if (place.bottom > top) return { at, message, top: place.top };
    }
    return undefined;
  }

  /** How far an anchor has moved. */
  moved(anchor) {
    const article = this.articleOf(anchor?.message);
    return article ? article.getBoundingClientRect().top - anchor.top : 0;
  }

  #forget(messages) {
    for (const message of messages) {
      this.#rows.get(keyOf(message))?.remove();
      this.#rows.delete(keyOf(message));
    }
  }

  #draw(message, before) {
    const row = h('li', {});
    const isNewDay = !before || dayOf(before.time.ms) !== dayOf(message.time.ms);
    if (isNewDay) row.append(h('h2', { class: 'day' }, h('span', {}, day(message.time.ms))));
    row.append(messageRow(message, isNewDay ? undefined : before, this.#place));
    this.#rows.set(keyOf(message), row);
    return row;
  }

  #drawAgain(at) {
    const message = this.#messages[at];
    const old = this.#rows.get(keyOf(message));
    const hadFocus = old?.contains(document.activeElement);
    const isCurrent = old?.querySelector('article') === this.#current;
    const row = this.#draw(message, this.#messages[at - 1]);
    const article = row.querySelector('article');
    for (const one of old?.querySelectorAll('.unread-line, .note') ?? []) article.before(one);
    old?.replaceWith(row);
    if (isCurrent) this.#makeCurrent(article);
    if (hadFocus) article.focus({ preventScroll: true });
  }

  // Keys: one message is reached by Tab, the others by the arrow keys

  #makeCurrent(article) {
    if (!article || article === this.#current) return;
    this.#tabbable(this.#current, '-1');
    this.#current = article;
    this.#tabbable(article, '0');
  }

  #tabbable(article, index) {
    if (!article) return;
    for (const one of [article, ...article.querySelectorAll('[tabindex]')]) {
      one.setAttribute('tabindex', index);
    }
  }

  #key(event) {
    const article = event.target.closest('article');
    if (!article || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = this.#messages.map((message) => this.articleOf(message));
    const now = all.indexOf(article);
    let next;
    if (event.key === 'ArrowUp') next = all[now - 1];
    else if (event.key === 'ArrowDown') next = all[now + 1];
    else if (event.key === 'Home') next = all[0];
    else if (event.key === 'End') next = all.at(-1);
    else return;
    event.preventDefault();
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }
}

/** Brings a row into sight and marks it for a moment. */
export function flash(row) {
  row.scrollIntoView({ block: 'center' });
  row.focus({ preventScroll: true });
  row.classList.add('flash');
  row.addEventListener('animationend', () => row.classList.remove('flash'), { once: true });
}
