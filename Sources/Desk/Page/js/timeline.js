// The messages of one conversation: a window of at most `rowsMax` rows over pages of `read`.
// What lies outside of it is fetched again when it is scrolled to, so a group of 100,000 messages
// costs no more than one of 300.

import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { messageRow } from './message.js';
import { ask, askAhead } from './rpc.js';
import { errorToast } from './say.js';
import { day, dayOf } from './times.js';

const pageRows = 60;
/** Hardly more than a screen, so that what is seen first is drawn soon; the next page follows. */
const firstRows = 16;
const rowsMax = 300;
const readMax = 1000;
/** How near an end of the window the next page is fetched, in pixels. */
const aheadPixels = 1600;
/** So many late messages may have come into a page since it went out of sight. */
const lateRows = 20;
/** Whoever is so near the end reads along, in pixels. */
const endPixels = 60;

/** What of a message can change, to compare two. */
function looks({ text, absence, state, reactions, member }) {
  return JSON.stringify([text, absence, state, reactions ?? [], member.name]);
}

/** Asks for what `load` of a group will show, if little of it is unread. */
export function readAhead(id) {
  return askAhead('read', { group: `id:${id}`, limit: firstRows });
}

export class Timeline {
  /** The messages that have a row, the oldest first. */
  #messages = [];
  #rows = new Map();
  /** Pages that were taken out below: how to read each again; the next one last. */
  #below = [];
  #hasAbove = false;
  #isLoading = false;
  #isAtEnd = true;
  #fresh = 0;
  #current;
  #place;
  #to;
  #resize;
  #newestOwn;
  /** What is told while pages are on their way, for their answers may be older: a list for each. */
  #meanwhile = new Set();

  /** `to()`: the TO of the conversation by now; `place`: what rows need (see message.js). */
  constructor(to, place) {
    this.#to = to;
    this.#place = {
      ...place,
      isNewestOwn: (message) => message.entry === this.#newestOwn,
      jump: (entry) => this.jump(entry),
      grown: () => this.#follow(),
    };
    this.list = h('ol', { class: 'messages', role: 'list' });
    this.above = h('p', { class: 'above' });
    this.scroller = h('div', { class: 'timeline', tabindex: '-1' }, this.above, this.list);
    this.jumpButton = h('button', {
      type: 'button', class: 'jump', hidden: true, onclick: () => this.toNewest(true),
    });
    this.element = h('div', { class: 'timeline-frame' }, this.scroller, this.jumpButton);
    this.scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.list.addEventListener('keydown', (event) => this.#key(event));
    this.list.addEventListener('focusin', (event) => this.#focused(event));
    // A window that becomes smaller, or a composer that grows, shall not hide the newest message.
    this.#resize = new ResizeObserver(() => this.#follow());
    this.#resize.observe(this.scroller);
  }

  end() {
    this.#resize.disconnect();
  }

  get isAtEnd() {
    return this.#isAtEnd && this.#below.length === 0;
  }

  get newest() {
    return this.#below.length === 0 ? this.#messages.at(-1) : undefined;
  }

  /** Shows the newest messages; `unread` of them stand below a line. */
  async load(unread = 0) {
    const rows = unread < firstRows / 2 ? firstRows : unread + 20;
    const answer = await this.#read(undefined, Math.min(rows, rowsMax));
    this.#below = [];
    this.#hasAbove = answer.more;
    const unsent = this.#messages.filter((message) => message.sending || message.failed);
    this.#messages = [...answer.messages, ...unsent];
    this.#newestOwn = this.#messages.findLast((message) => message.own)?.entry;
    this.#drawAll(unread);
    this.#catchUp(answer);
  }

  /** Takes in what came while no events did, and leaves alone what is as it was. */
  async refresh() {
    if (this.#below.length > 0) {
      this.#below[0].limit = Infinity;
      return this.#showJump();
    }
    const answer = await this.#read(undefined, pageRows);
    const newest = this.#messages.findLast((message) => message.entry);
    if (newest && !answer.messages.some((message) => message.entry === newest.entry)) {
      if (this.#isAtEnd) return this.load();
      // Whoever reads further up is left there, and gets the newest when they come down.
      this.#below.push({ limit: Infinity });
      return this.#showJump();
    }
    // What stands above the first one shown is older, and comes when somebody scrolls up.
    const oldest = this.#messages.find((message) => message.entry)?.entry;
    const from = answer.messages.findIndex((message) => message.entry === oldest);
    for (const message of answer.messages.slice(Math.max(from, 0))) {
      const known = this.#messages.find((one) => one.entry === message.entry);
      if (!known || looks(known) !== looks(message)) this.take(message);
    }
    return this.#catchUp(answer);
  }

  /** Takes in a message that is new, or that has a text now. */
  take(message) {
    this.#told(() => this.take(message));
    const at = this.#messages.findIndex((one) => one.entry === message.entry
      || (one.sending && one.entry === undefined && message.own
      && one.text === message.text && one.device?.id === message.device?.id));
    if (at >= 0) return this.#replace(at, { ...message, key: this.#messages[at].key });
    if (this.#below.length > 0) {
      // It belongs to a page that is not shown: that one is read again in its new length.
      this.#below[0].limit += 1;
      this.#count(message);
      return undefined;
    }
    let index = this.#messages.length;
    if (message.late) {
      while (index > 0 && this.#messages[index - 1].time.ms > message.time.ms) index -= 1;
      // It comes with the page it stands in.
      if (index === 0 && this.#hasAbove) return undefined;
    }
    const isFollowed = this.#isAtEnd || message.own;
    this.#messages.splice(index, 0, message);
    this.#noteOwn(message);
    this.#drawAround(index);
    if (isFollowed) this.#scrollToEnd();
    else this.#count(message);
    this.#trimAbove();
    return undefined;
  }

  /** Puts something else in the place of an own message that is not sent yet. */
  update(message, change) {
    const at = this.#messages.indexOf(message);
    if (at < 0) return message;
    const next = { ...message, ...change };
    const twin = next.entry === undefined ? -1
      : this.#messages.findIndex((one, index) => index !== at && one.entry === next.entry);
    if (twin >= 0) {
      // Its event came first.
      this.#remove(at);
      return this.#messages.find((one) => one.entry === next.entry);
    }
    this.#replace(at, next);
    return next;
  }

  discard(message) {
    const at = this.#messages.indexOf(message);
    if (at >= 0) this.#remove(at);
  }

  /** How far a message has come by now. */
  delivered(entry, state) {
    this.#changed(entry, { state });
  }

  reacted(entry, reactions) {
    this.#changed(entry, { reactions });
  }

  #changed(entry, change) {
    this.#told(() => this.#changed(entry, change));
    const at = this.#messages.findIndex((one) => one.entry === entry);
    if (at >= 0) this.#replace(at, { ...this.#messages[at], ...change });
  }

  /** A line among the messages that is no message: who came and went. */
  note(text) {
    this.#told(() => this.list.textContent.includes(text) || this.note(text));
    this.list.append(h('li', { class: 'note' }, h('span', {}, text)));
    this.#follow();
  }

  /** Draws every row anew, as after a change of names. */
  redraw() {
    const anchor = this.#anchor();
    this.#drawAll(0, false);
    this.#restore(anchor);
  }

  /** Goes to the newest message. */
  async toNewest(isAsked = false) {
    if (this.#below.length > 0) {
      try {
        await this.load();
      } catch (error) {
        errorToast(error);
        return;
      }
    }
    this.#scrollToEnd();
    if (isAsked) this.#rowOf(this.#messages.at(-1))?.focus({ preventScroll: true });
  }

  /** Goes to a message, through older pages if it must. */
  async jump(entry) {
    for (let pages = 0; pages < 20; pages += 1) {
      const found = this.#messages.find((one) => one.entry === entry);
      if (found) {
        const row = this.#rowOf(found);
        row.scrollIntoView({ block: 'center' });
        row.focus({ preventScroll: true });
        row.classList.add('flash');
        row.addEventListener('animationend', () => row.classList.remove('flash'), { once: true });
        return;
      }
      if (!this.#hasAbove) break;
      await this.#older();
    }
    errorToast({ name: 'far-above' });
  }

  async #read(before, limit) {
    const meanwhile = [];
    this.#meanwhile.add(meanwhile);
    try {
      const answer = await ask('read',
        { group: this.#to(), limit, ...(before ? { before } : {}) });
      return { ...answer, meanwhile };
    } finally {
      this.#meanwhile.delete(meanwhile);
    }
  }

  #told(again) {
    for (const meanwhile of this.#meanwhile) meanwhile.push(again);
  }

  /** Does again what was told while a page was on its way; it was counted then. */
  #catchUp({ meanwhile }) {
    const fresh = this.#fresh;
    for (const again of meanwhile) again();
    this.#fresh = fresh;
    this.#showJump();
  }

  async #older() {
    if (this.#isLoading || !this.#hasAbove) return;
    this.#isLoading = true;
    this.above.textContent = t('timeline.loading');
    try {
      const answer = await this.#read(this.#messages[0]?.cursor, pageRows);
      const anchor = this.#anchor();
      this.#hasAbove = answer.more;
      const known = new Set(this.#messages.map((message) => message.entry));
      const older = answer.messages.filter((message) => !known.has(message.entry));
      this.#messages.unshift(...older);
      const first = this.#messages[older.length];
      const rows = older.map((message, index) => this.#draw(message, older[index - 1]));
      this.list.prepend(...rows);
      if (first) this.#drawAgain(first, older.at(-1));
      this.#catchUp(answer);
      this.#trimBelow();
      this.#restore(anchor);
    } catch (error) {
      errorToast(error);
    } finally {
      this.#loaded();
      this.#sayAbove();
    }
  }

  async #newer() {
    if (this.#isLoading || this.#below.length === 0) return;
    this.#isLoading = true;
    const page = this.#below.at(-1);
    try {
      if (page.limit > readMax) {
        await this.load();
        return;
      }
      // More than went out of sight, for late messages may have come among them since.
      const answer = await this.#read(page.before, Math.min(page.limit + lateRows, readMax));
      const anchor = this.#anchor();
      this.#below.pop();
      const known = new Set(this.#messages.map((message) => message.entry));
      for (const message of answer.messages) {
        if (known.has(message.entry)) continue;
        const before = this.#messages.at(-1);
        this.#messages.push(message);
        this.#noteOwn(message);
        this.list.append(this.#draw(message, before));
      }
      if (this.#below.length === 0) this.#catchUp(answer);
      this.#trimAbove();
      this.#restore(anchor);
    } catch (error) {
      errorToast(error);
    } finally {
      this.#loaded();
    }
  }

  #loaded() {
    this.#isLoading = false;
    // Whoever scrolls on meanwhile may be near the end again.
    requestAnimationFrame(() => this.#scrolled());
  }

  #trimAbove() {
    if (this.#messages.length <= rowsMax) return;
    const anchor = this.#anchor();
    const gone = this.#messages.splice(0, this.#messages.length - rowsMax + pageRows);
    for (const message of gone) this.#forget(message);
    if (this.#messages[0]) this.#drawAgain(this.#messages[0], undefined);
    this.#hasAbove = true;
    this.#restore(anchor);
    this.#sayAbove();
  }

  #trimBelow() {
    while (this.#messages.length > rowsMax) {
      const kept = this.#messages.length - pageRows;
      // What is not sent yet is nowhere else.
      if (this.#messages.slice(kept).some((one) => one.sending || one.failed)) return;
      const gone = this.#messages.splice(kept);
      const next = this.#below.at(-1);
      if (next?.limit !== Infinity) {
        this.#below.push({ before: next?.first, limit: gone.length, first: gone[0].cursor });
      }
      for (const message of gone) this.#forget(message);
      for (const note of this.list.querySelectorAll('.note')) note.remove();
    }
  }

  #count(message) {
    if (!message.own) this.#fresh += 1;
    this.#showJump();
  }

  #showJump() {
    const isNeeded = !this.isAtEnd;
    this.jumpButton.hidden = !isNeeded;
    if (!isNeeded) this.#fresh = 0;
    const words = this.#fresh > 0 ? t('timeline.fresh', { n: this.#fresh }) : t('timeline.newest');
    if (this.jumpButton.dataset.words === words) return;
    this.jumpButton.dataset.words = words;
    this.jumpButton.replaceChildren(icon('down'), h('span', {}, words));
  }

  #sayAbove() {
    const isEmpty = this.#messages.length === 0 && this.list.childElementCount === 0;
    this.scroller.classList.toggle('blank', isEmpty);
    if (this.#hasAbove) this.above.textContent = '';
    else if (isEmpty) {
      this.above.replaceChildren(h('span', { class: 'blank-icon' }, icon('chat')),
        h('span', {}, t('timeline.empty')));
    } else this.above.textContent = t('timeline.beginning');
  }

  // Rows

  #keyOf(message) {
    return message.key ?? message.entry;
  }

  #rowOf(message) {
    return message && this.#rows.get(this.#keyOf(message))?.querySelector('article');
  }

  #forget(message) {
    this.#rows.get(this.#keyOf(message))?.remove();
    this.#rows.delete(this.#keyOf(message));
  }

  #draw(message, before) {
    const row = h('li', {});
    if (!before || dayOf(before.time.ms) !== dayOf(message.time.ms)) {
      row.append(h('h2', { class: 'day' }, h('span', {}, day(message.time.ms))));
      before = undefined;
    }
    const article = messageRow(message, before, this.#place);
    row.append(article);
    this.#rows.set(this.#keyOf(message), row);
    return row;
  }

  #drawAgain(message, before) {
    const old = this.#rows.get(this.#keyOf(message));
    const hadFocus = old?.contains(document.activeElement);
    const isCurrent = old?.querySelector('article') === this.#current;
    const row = this.#draw(message, before);
    const line = old?.querySelector('.unread-line');
    if (line) row.querySelector('article').before(line);
    old?.replaceWith(row);
    if (isCurrent) this.#makeCurrent(row.querySelector('article'));
    if (hadFocus) row.querySelector('article').focus({ preventScroll: true });
    return row;
  }

  #drawAll(unread, scrolls = true) {
    this.#rows.clear();
    this.#current = undefined;
    const rows = this.#messages.map((message, index) =>
      this.#draw(message, this.#messages[index - 1]));
    this.list.replaceChildren(...rows);
    this.#makeCurrent(this.#rowOf(this.#messages.at(-1)));
    this.#sayAbove();
    if (!scrolls) return;
    const line = this.#unreadLine(unread);
    this.#scrollToEnd();
    if (line && line.offsetTop < this.scroller.scrollTop) {
      this.scroller.scrollTop = line.offsetTop - 24;
      this.#scrolled();
    }
  }

  #drawAround(index) {
    const message = this.#messages[index];
    const row = this.#draw(message, this.#messages[index - 1]);
    const next = this.#messages[index + 1];
    if (next) this.#rows.get(this.#keyOf(next)).before(row);
    else this.list.append(row);
    if (next) this.#drawAgain(next, message);
    if (!this.#current) this.#makeCurrent(row.querySelector('article'));
    if (this.#messages.length === 1) this.#sayAbove();
  }

  #replace(at, message) {
    const old = this.#messages[at];
    const wasAtEnd = this.#isAtEnd;
    message.key = this.#keyOf(old);
    this.#messages[at] = message;
    if (!old.entry && message.entry) this.#noteOwn(message);
    this.#drawAgain(message, this.#messages[at - 1]);
    if (wasAtEnd) this.#scrollToEnd();
  }

  #remove(at) {
    const [gone] = this.#messages.splice(at, 1);
    this.#forget(gone);
    if (this.#messages[at]) this.#drawAgain(this.#messages[at], this.#messages[at - 1]);
  }

  /** The newest own message says more of its way than those before it. */
  #noteOwn(message) {
    if (!message.own || !message.entry || message.late) return;
    const before = this.#newestOwn;
    this.#newestOwn = message.entry;
    const at = this.#messages.findIndex((one) => one.entry === before);
    if (at >= 0 && before !== message.entry) this.#drawAgain(this.#messages[at],
      this.#messages[at - 1]);
  }

  #unreadLine(unread) {
    if (unread <= 0) return undefined;
    let left = unread;
    const first = this.#messages.findLast((message) => !message.own && (left -= 1) === 0);
    if (!first) return undefined;
    const line = h('p', { class: 'unread-line' },
      h('span', {}, t('timeline.unread', { n: unread })));
    this.#rowOf(first).before(line);
    return line;
  }

  // Scrolling

  #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const message of this.#messages) {
      const row = this.#rows.get(this.#keyOf(message));
      const at = row.getBoundingClientRect();
      if (at.bottom > top) return { key: this.#keyOf(message), top: at.top };
    }
    return undefined;
  }

  #restore(anchor) {
    const row = anchor && this.#rows.get(anchor.key);
    if (row) this.scroller.scrollTop += row.getBoundingClientRect().top - anchor.top;
    this.#scrolled();
  }

  #scrollToEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#isAtEnd = true;
    this.#showJump();
  }

  #follow() {
    if (this.#isAtEnd && this.#below.length === 0) this.#scrollToEnd();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Not yet laid out, or hidden: nothing was scrolled.
    if (clientHeight === 0) return;
    const below = scrollHeight - clientHeight - scrollTop;
    const wasAtEnd = this.isAtEnd;
    this.#isAtEnd = below < endPixels;
    this.#showJump();
    if (!wasAtEnd && this.isAtEnd) this.#place.reachedEnd();
    if (scrollTop < aheadPixels && this.#hasAbove) this.#older();
    else if (below < aheadPixels && this.#below.length > 0) this.#newer();
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

  #focused(event) {
    this.#makeCurrent(event.target.closest('article'));
  }

  #key(event) {
    const article = event.target.closest('article');
    if (!article || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = this.#messages.map((message) => this.#rowOf(message));
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
