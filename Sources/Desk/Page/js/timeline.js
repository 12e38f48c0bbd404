// The messages of one conversation: a window of at most `rowsMax` rows over pages of `read`.
// What lies outside of it is fetched again when it is scrolled to, so a group of 100,000 messages
// costs no more than one of 300.

import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { looks } from './message.js';
import { ask, askAhead } from './rpc.js';
import { flash, Rows } from './rows.js';
import { errorToast } from './say.js';

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

/** Asks for what `load` of a group will show, if little of it is unread. */
export function readAhead(id) {
  return askAhead('read', { group: `id:${id}`, limit: firstRows });
}

export class Timeline {
  #rows;
  /** Pages that were taken out below: how to read each again; the next one last. */
  #below = [];
  #hasAbove = false;
  #isLoading = false;
  #isAtEnd = true;
  #fresh = 0;
  #line;
  #place;
  #to;
  #resize;
  /** What is told while pages are on their way, for their answers may be older: a list for each. */
  #meanwhile = new Set();

  /** `to()`: the TO of the conversation by now; `place`: what rows need (see message.js). */
  constructor(to, place) {
    this.#to = to;
    this.#place = Object.assign(place, {
      jump: (entry) => this.jump(entry),
      grown: () => this.#follow(),
    });
    this.#rows = new Rows(place);
    this.list = this.#rows.element;
    this.above = h('p', { class: 'above' });
    this.scroller = h('div', { class: 'timeline', tabindex: '-1' }, this.above, this.list);
    this.jumpButton = h('button', {
      type: 'button', class: 'jump', hidden: true, onclick: () => this.toNewest(true),
    });
    this.element = h('div', { class: 'timeline-frame' }, this.scroller, this.jumpButton);
    this.scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    // A window that becomes smaller, or a composer that grows, shall not hide the newest message.
    this.#resize = new ResizeObserver(() => this.#follow());
    this.#resize.observe(this.scroller);
  }

  end() {
    this.#resize.disconnect();
  }

  get isAtEnd() {
    return this.#isAtEnd && this.reachesEnd;
  }

  /** Whether the newest message has a row, in sight or not. */
  get reachesEnd() {
    return this.#below.length === 0;
  }

  get isEmpty() {
    return this.#messages.length === 0;
  }

  get #messages() {
    return this.#rows.messages;
  }

  /** Shows the newest messages; `unread` of them stand below a line. */
  async load(unread = 0) {
    const rows = unread < firstRows / 2 ? firstRows : unread + 20;
    const answer = await this.#read(undefined, Math.min(rows, rowsMax));
    this.#below = [];
    this.#hasAbove = answer.more;
    this.#rows.fill([...answer.messages, ...this.#place.unsent()]);
    this.#sayAbove();
    this.#line = unread > 0 ? this.#rows.unreadLine(unread) : undefined;
    this.#scrollToEnd();
    if (this.#line && this.#line.offsetTop < this.scroller.scrollTop) {
      this.scroller.scrollTop = this.#line.offsetTop - 24;
      this.#scrolled();
    }
    this.#catchUp(answer);
  }

  /** Takes in what came while no events did, and leaves alone what is as it was. */
  async refresh() {
    if (!this.reachesEnd) {
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
    const here = answer.messages.slice(this.#hasAbove ? Math.max(from, 0) : 0);
    this.take(...here.filter((message) => {
      const known = this.#messages.find((one) => one.entry === message.entry);
      return !known || looks(known) !== looks(message);
    }));
    return this.#catchUp(answer);
  }

  /** Takes in messages that are new, or that have a text now. */
  take(...messages) {
    const isFollowed = messages.map((message) => this.#take(message)).includes(true);
    // Once for all that came in: each time the browser lays the page out anew.
    this.#sayAbove();
    if (isFollowed) this.#scrollToEnd();
    this.#trimAbove();
  }

  /** Gives whether to go along to the end; `isAgain`: it was counted before. */
  #take(message, isAgain = false) {
    this.#told(() => this.#take(message, true));
    // One that is not on the disk yet is known by its own key alone.
    const at = message.entry === undefined ? -1
      : this.#messages.findIndex((one) => one.entry === message.entry
        || (one.sending && one.entry === undefined && message.own
        && one.text === message.text && one.device?.id === message.device?.id));
    const isFollowed = this.#isAtEnd || message.own;
    if (at >= 0) {
      this.#rows.replace(at, message);
      return this.#isAtEnd;
    }
    if (!this.reachesEnd) {
      // It belongs to a page that is not shown: that one is read again in its new length.
      if (isAgain) return false;
      this.#below[0].limit += 1;
      this.#count(message);
      return false;
    }
    let index = this.#messages.length;
    if (message.late) {
      while (index > 0 && this.#messages[index - 1].time.ms > message.time.ms) index -= 1;
      // It comes with the page it stands in.
      if (index === 0 && this.#hasAbove) return false;
    }
    // Whoever answers has read what was unread.
    if (message.own) this.#line?.remove();
    this.#rows.insert(index, message);
    if (!isFollowed && !isAgain) this.#count(message);
    return isFollowed;
  }

  /** What became of an own message that was not sent yet. */
  update(key, change) {
    const at = this.#rows.atKey(key);
    // Its event came first, and what is told since is newer.
    if (at < 0 || this.#messages[at].entry !== undefined) return;
    if (change.entry !== undefined && this.#rows.at(change.entry) >= 0) this.#rows.remove(at);
    else this.#replace(at, { ...this.#messages[at], ...change });
  }

  discard(message) {
    const at = this.#messages.indexOf(message);
    if (at >= 0) this.#rows.remove(at);
  }

  /** Something of a message is otherwise by now: how far it came, or how people reacted. */
  changed(entry, change) {
    this.#told(() => this.changed(entry, change));
    const at = this.#rows.at(entry);
    if (at >= 0) this.#replace(at, { ...this.#messages[at], ...change });
  }

  #replace(at, message) {
    const wasAtEnd = this.#isAtEnd;
    this.#rows.replace(at, message);
    if (wasAtEnd) this.#scrollToEnd();
  }

  /** A line among the messages that is no message: who came and went. */
  note(text) {
    this.#told(() => !this.list.textContent.includes(text) && this.note(text));
    this.list.append(h('li', { class: 'note' }, h('span', {}, text)));
    this.#follow();
  }

  /** Whoever is called otherwise by now is so in every row. */
  rename(nameOf) {
    this.#rows.rename(nameOf);
  }

  /** Goes to the newest message; false where it cannot be read. */
  async toNewest(isAsked = false) {
    if (!this.reachesEnd) {
      try {
        await this.load();
      } catch (error) {
        errorToast(error);
        return false;
      }
    }
    this.#scrollToEnd();
    if (isAsked) this.#rows.articleOf(this.#messages.at(-1))?.focus({ preventScroll: true });
    return true;
  }

  /** Goes to a message, through older pages if it must. */
  async jump(entry) {
    for (let pages = 0; pages < 20; pages += 1) {
      const row = this.#rows.articleOf(this.#messages[this.#rows.at(entry)]);
      if (row) {
        flash(row);
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

  /** Does again what was told while a page was on its way. */
  #catchUp({ meanwhile }) {
    if (meanwhile.map((again) => again()).includes(true)) this.#scrollToEnd();
    this.#sayAbove();
    this.#showJump();
  }

  async #older() {
    if (this.#isLoading || !this.#hasAbove) return;
    this.#isLoading = true;
    this.above.textContent = t('timeline.loading');
    const cursor = this.#messages[0]?.cursor;
    try {
      const answer = await this.#read(cursor, pageRows);
      // All was read anew meanwhile: it would stand above a gap.
      if (this.#messages[0]?.cursor !== cursor) return;
      const anchor = this.#rows.anchor(this.scroller);
      this.#hasAbove = answer.more;
      const known = new Set(this.#messages.map((message) => message.entry));
      const older = answer.messages.filter((message) => !known.has(message.entry));
      this.#rows.prepend(older);
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
    if (this.#isLoading || this.reachesEnd) return;
    this.#isLoading = true;
    const page = this.#below.at(-1);
    try {
      if (page.limit > readMax) {
        await this.load();
        return;
      }
      // More than went out of sight, for late messages may have come among them since.
      const answer = await this.#read(page.before, Math.min(page.limit + lateRows, readMax));
      if (this.#below.at(-1) !== page) return;
      const anchor = this.#rows.anchor(this.scroller);
      this.#below.pop();
      const known = new Set(this.#messages.map((message) => message.entry));
      for (const message of answer.messages) {
        if (!known.has(message.entry)) this.#rows.insert(this.#messages.length, message);
      }
      this.#catchUp(answer);
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
    const anchor = this.#rows.anchor(this.scroller);
    this.#rows.dropFirst(this.#messages.length - rowsMax + pageRows);
    this.#hasAbove = true;
    this.#restore(anchor);
    this.#sayAbove();
  }

  #trimBelow() {
    while (this.#messages.length > rowsMax) {
      const kept = this.#messages.length - pageRows;
      // What is not sent yet is nowhere else.
      if (this.#messages.slice(kept).some((one) => one.sending || one.failed)) return;
      const gone = this.#rows.dropFrom(kept);
      const next = this.#below.at(-1);
      if (next?.limit !== Infinity) {
        this.#below.push({ before: next?.first, limit: gone.length, first: gone[0].cursor });
      }
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

  // Scrolling

  #restore(anchor) {
    this.scroller.scrollTop += this.#rows.moved(anchor);
    this.#scrolled();
  }

  #scrollToEnd() {
    const wasAtEnd = this.isAtEnd;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#isAtEnd = true;
    this.#showJump();
    if (!wasAtEnd && this.isAtEnd) this.#place.reachedEnd();
  }

  #follow() {
    if (this.isAtEnd) this.#scrollToEnd();
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
    else if (below < aheadPixels && !this.reachesEnd) this.#newer();
  }
}
