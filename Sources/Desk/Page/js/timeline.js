// The messages of one conversation: a window of at most `rowsMax` rows over pages of `read`.
// What lies outside of it is fetched again when it is scrolled to, so a group of 100,000 messages
// costs no more than one of 300.

import { h } from './dom.js';
import { JumpButton, sayAbove } from './edges.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { firstRows, gathered, momentOf, Reading } from './reading.js';
import { flash, Rows } from './rows.js';
import { errorToast } from './say.js';
import { Scroller } from './scroller.js';
import { state } from './state.js';

const pageRows = 60;
const rowsMax = 300;
const readMax = 1000;
/** How near an end of the window the next page is fetched, in pixels. */
const aheadPixels = 1600;
/** So many late messages may have come into a page since it went out of sight. */
const lateRows = 20;

export class Timeline {
  #rows;
  /** Pages that were taken out below: how to read each again; the next one last. */
  #below = [];
  #hasAbove = false;
  /** Where reading goes on above; undefined for the first message that has a row. */
  #above;
  /** The newest that was in sight, and the oldest where something unread stands above it. */
  #shownTo;
  #from;
  #line;
  #place;
  #scroller;
  #reading;
  #jump = new JumpButton(() => this.toNewest(true));
  #up = h('button', {
    class: 'jump up', hidden: true, onclick: () => this.jump(this.#lateAbove()?.entry),
  }, icon('down'), h('span', {}, t('message.late')));

  /** `to()`: the TO of the conversation by now; `place`: what rows need (see message.js). */
  constructor(to, place) {
    this.#reading = new Reading(to);
    this.#place = Object.assign(place, {
      jump: (entry) => this.jump(entry),
      grown: () => this.#follow(),
    });
    this.#rows = new Rows(place);
    this.list = this.#rows.element;
    this.above = h('p', { class: 'above' });
    this.#scroller = new Scroller(() => this.#scrolled(), () => this.#follow(),
      this.above, this.list);
    this.scroller = this.#scroller.element;
    this.element = h('div', { class: 'timeline-frame' }, this.scroller,
      this.#jump.element, this.#up);
  }

  end() {
    this.#scroller.end();
    this.#reading.end();
  }

  get isAtEnd() {
    return this.#scroller.isAtEnd && this.reachesEnd;
  }

  /** Whether the newest message has a row, in sight or not. */
  get reachesEnd() {
    return this.#below.length === 0;
  }

  get #messages() {
    return this.#rows.messages;
  }

  get #newest() {
    return this.#messages.findLast((message) => message.cursor);
  }

  /** Up to which message all was in sight; from which on, where something unread stands above. */
  get shown() {
    if (this.isAtEnd) this.#shownTo = this.#newest;
    return { cursor: this.#shownTo?.cursor, from: this.#from?.cursor };
  }

  /**
   * Shows the newest messages; `unread` of them stand below a line. `skips`: whoever passes over
   * what is above them has seen it.
   */
  async load(unread = 0, skips = false) {
    const rows = unread < firstRows / 2 ? firstRows : unread + 20;
    const answer = await this.#reading.page(undefined, Math.min(rows, rowsMax));
    const newest = this.#newest;
    const hasGap = newest && !skips && !answer.messages.some((one) => one.entry === newest.entry);
    this.#below = [];
    this.#readTo(answer);
    this.#rows.fill([...answer.messages, ...this.#place.unsent()], answer.news);
    this.#sayAbove();
    const { line, left } = unread > 0 ? this.#rows.unreadLine(unread, answer.more) : {};
    this.#line = line;
    if (left > 0 || hasGap) this.#from = this.#messages[0];
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
    const newest = this.#newest;
    // Nothing was shown yet, or what was to be could not be read.
    if (!newest) return this.load();
    const rows = Math.min(Math.max(this.#messages.length, pageRows), rowsMax);
    const answer = await this.#reading.page(undefined, rows);
    if (!answer.messages.some((message) => message.entry === newest.entry)) {
      if (this.#scroller.isAtEnd) return this.load();
      // Whoever reads further up is left there, and gets the newest when they come down.
      this.#below.push({ limit: Infinity });
      return this.#showJump();
    }
    // What stands above the first one shown is older, and comes when somebody scrolls up.
    const oldest = this.#messages.find((message) => message.entry)?.entry;
    const from = answer.messages.findIndex((message) => message.entry === oldest);
    this.apply(answer.messages.slice(this.#hasAbove ? Math.max(from, 0) : 0));
    if (this.#rows.tell(answer.news, this.#hasAbove)) this.#follow();
    return this.#catchUp(answer);
  }

  /**
   * Takes in messages that are new, or that have a text now, and what changed of others: by entry
   * how far one came or how people reacted. Once for all: each time the page is laid out anew.
   */
  apply(messages, changes = new Map()) {
    let isFollowed = false;
    for (const [entry, change] of changes) isFollowed = this.#change(entry, change) || isFollowed;
    if (this.reachesEnd && messages.length >= rowsMax
      && messages.filter((one) => this.#rows.at(one.entry) < 0).length >= rowsMax) {
      // Most of them would be drawn to be taken out.
      this.#below.push({ limit: Infinity });
      if (this.#scroller.isAtEnd) this.#newer();
    }
    for (const one of gathered(messages)) isFollowed = this.#take(one) || isFollowed;
    this.#rows.settle();
    this.#sayAbove();
    if (isFollowed) this.#scrollToEnd();
    else this.#showJump();
    this.#trim();
  }

  #change(entry, change) {
    this.#reading.told(() => this.#change(entry, change));
    const at = this.#rows.at(entry);
    if (at >= 0) this.#rows.change(at, change);
    return at >= 0 && this.#scroller.isAtEnd;
  }

  /** Gives whether to go along to the end; `isAgain`: it was counted, `isOld`: it stands above. */
  #take(message, isAgain = false, isOld = false) {
    // One that is not on the disk yet is known by its own key alone, and in no answer.
    const { entry } = message;
    if (entry) this.#reading.told((isOld) => this.#take(message, true, isOld), entry);
    const at = entry === undefined ? -1
      : this.#messages.findIndex((one) => one.entry === entry || one.closed?.has(entry)
        || (one.sending && one.entry === undefined && message.own
        && one.text === message.text && one.device?.id === message.device?.id));
    const isFollowed = this.#scroller.isAtEnd || message.own;
    if (at >= 0) {
      this.#rows.replace(at, message);
      return this.#scroller.isAtEnd;
    }
    if (isOld && !message.late) return false;
    if (!this.reachesEnd) {
      // It belongs to a page that is not shown: that one is read again in its new length.
      if (isAgain) return false;
      this.#below[0].limit += 1;
      this.#jump.count(message);
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
    if (!isFollowed && !isAgain) this.#jump.count(message);
    return isFollowed;
  }

  /** What became of an own message that was not sent yet. */
  update(message, change) {
    const at = this.#rows.atKey(message.key);
    if (at < 0) {
      // Just written, or left by another tab.
      if (message.sending && this.reachesEnd) this.apply([{ ...message }]);
      return;
    }
    // Its event came first, and what is told since is newer.
    if (this.#messages[at].entry !== undefined) return;
    if (change.entry !== undefined && this.#rows.at(change.entry) >= 0) this.#rows.remove(at);
    else this.#rows.replace(at, { ...this.#messages[at], ...change });
    this.#rows.settle();
    this.#follow();
  }

  discard = (message) => this.#rows.discard(message);

  /** A line among the messages that is no message. */
  note = (text) => this.list.append(h('li', { class: 'note' }, text));

  /** Who came and went just now; an answer on its way may tell of it too. */
  happened(news) {
    const put = () => {
      if (this.reachesEnd) this.#rows.tell([news], this.#hasAbove);
    };
    this.#reading.told(put);
    put();
    this.#sayAbove();
    this.#follow();
  }

  /** Whoever is called otherwise by now is so in every row. */
  rename = (nameOf) => this.#rows.rename(nameOf);

  /** Goes to the newest message; false where it cannot be read. */
  async toNewest(isAsked = false) {
    if (isAsked) this.#from = undefined;
    if (!this.reachesEnd) {
      try {
        await this.load(0, isAsked);
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
      if (!await this.#older()) return;
    }
    errorToast({ name: 'far-above' });
  }

  /** Does again what was told while a page was on its way. */
  #catchUp({ messages, meanwhile }) {
    // What was told before the newest of the answer stands in it, or above it.
    const newest = messages.at(-1)?.entry;
    const last = meanwhile.findLastIndex(({ entry }) => entry && entry === newest);
    const isFollowed = meanwhile.map(({ again }, index) => again(index < last)).includes(true);
    this.#rows.settle();
    if (isFollowed) this.#scrollToEnd();
    this.#sayAbove();
    this.#showJump();
    // Whoever scrolls on meanwhile may be near an end again, or so little is there that nobody can.
    requestAnimationFrame(() => this.#scrolled(true));
  }

  /** How far up it was read. */
  #readTo({ more, before }) {
    this.#hasAbove = more;
    this.#above = before;
  }

  get #top() {
    return this.#above ?? this.#messages[0]?.cursor;
  }

  #older() {
    return this.#reading.once(async () => {
      this.above.textContent = t('timeline.loading');
      const top = this.#top;
      // Of what is closed there may be much, and it takes one row.
      const answer = await this.#reading.page(top, this.#messages[0]?.closed ? readMax : pageRows);
      // All was read anew meanwhile: it would stand above a gap.
      if (this.#top !== top) return;
      const anchor = this.#rows.anchor(this.scroller);
      this.#readTo(answer);
      this.#rows.prepend(answer.messages, answer.news);
      this.#catchUp(answer);
      this.#trimBelow();
      this.#restore(anchor);
    }).finally(() => this.#sayAbove());
  }

  #newer() {
    return this.#reading.once(async () => {
      const page = this.#below.at(-1);
      if (!page) return;
      if (page.limit > readMax) {
        await this.load();
        return;
      }
      // More than went out of sight, for late messages may have come among them since.
      const limit = Math.min(page.limit + lateRows, readMax);
      const answer = await this.#reading.page(page.before, limit, this.#rows.entries);
      if (this.#below.at(-1) !== page) return;
      const anchor = this.#rows.anchor(this.scroller);
      this.#below.pop();
      this.#rows.append(answer.messages, answer.news);
      this.#catchUp(answer);
      this.#trimAbove();
      this.#restore(anchor);
    });
  }

  /** Takes out what is further away, where there are too many rows. */
  #trim() {
    if (this.#messages.length <= rowsMax) return;
    const place = this.#rows.anchor(this.scroller)?.at ?? 0;
    if (this.#scroller.isAtEnd || place > this.#messages.length / 2) this.#trimAbove();
    else this.#trimBelow();
  }

  #trimAbove() {
    if (this.#messages.length <= rowsMax) return;
    const anchor = this.#rows.anchor(this.scroller);
    this.#rows.dropFirst(this.#messages.length - rowsMax + pageRows);
    this.#hasAbove = true;
    this.#above = undefined;
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

  #showJump() {
    this.#jump.show(!this.isAtEnd);
    this.#up.hidden = !this.#lateAbove();
  }

  /** What came late and stands above all that is in sight; what is in sight is led to no more. */
  #lateAbove() {
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const [first] = this.#messages;
    let above;
    state.late = state.late.filter((one) => {
      const place = this.#rows.articleOf(this.#messages[this.#rows.at(one.entry)])
        ?.getBoundingClientRect();
      const isAbove = place ? place.bottom < top
        : one.group.id === this.#place.group.id && first && momentOf(one) < momentOf(first);
      if (isAbove) above = one;
      return isAbove || !place || place.top > bottom;
    });
    return above;
  }

  #sayAbove() {
    const isBlank = this.#messages.length === 0 && this.list.childElementCount === 0;
    this.scroller.classList.toggle('blank', isBlank);
    sayAbove(this.above, this.#hasAbove, isBlank);
  }

  // Scrolling

  #restore(anchor) {
    this.scroller.scrollTop += this.#rows.moved(anchor);
    this.#scrolled();
  }

  #scrollToEnd() {
    const wasAtEnd = this.isAtEnd;
    this.#scroller.toEnd();
    this.#showJump();
    if (!wasAtEnd && this.isAtEnd) this.#place.reachedEnd();
  }

  #follow() {
    if (this.isAtEnd) this.#scrollToEnd();
  }

  /** Notes how far up what is unread was in sight. */
  #lookUp() {
    const at = this.#rows.anchor(this.scroller)?.at;
    if (at < this.#rows.at(this.#from.entry)) {
      this.#from = this.#messages[at];
      this.#place.sawAbove();
    }
  }

  /** `isOwn`: nobody scrolled. Of much that is closed here only the last is read by itself. */
  #scrolled(isOwn) {
    const wasAtEnd = this.isAtEnd;
    const ends = this.#scroller.look();
    if (!ends) return;
    this.#showJump();
    if (!wasAtEnd && this.isAtEnd) this.#place.reachedEnd();
    if (this.#from) this.#lookUp();
    const isEnough = isOwn && this.#messages[0]?.closed?.size > readMax;
    if (ends.above < aheadPixels && this.#hasAbove && !isEnough) this.#older();
    else if (ends.below < aheadPixels && !this.reachesEnd) this.#newer();
  }
}
