// Pages of a conversation as the node gives them, and what is told while one is on its way.

import { ask, askAhead } from './rpc.js';
import { errorToast } from './say.js';

/** Hardly more than a screen, so that what is seen first is drawn soon; the next page follows. */
export const firstRows = 16;
/** A page that did not come is not asked for again before, however much is scrolled. */
const againMs = 2000;

/** Asks for what is shown first of a group, if little of it is unread. */
export function readAhead(id) {
  return askAhead('read', { group: `id:${id}`, limit: firstRows, news: true });
}

/** When a message stands. */
export function momentOf({ stands, time }) {
  return (stands ?? time).ms;
}

/** Whether one row can stand for both: what is closed here lies on the same computers. */
export function isAlike(one, other) {
  const places = ({ elsewhere }) => String(elsewhere?.map(({ id }) => id));
  return places(one) === places(other);
}

/**
 * Messages as rows: of those one after another that were written before this computer came the last
 * one stands for all, with the entries of all as `closed`, and when each stands.
 */
export function gathered(messages) {
  const rows = [];
  for (const message of messages) {
    const last = rows.at(-1);
    if (message.absence === 'before-joining') {
      const closed = last?.closed && isAlike(last, message) ? rows.pop().closed : new Map();
      for (const [entry, ms] of message.closed ?? [[message.entry, momentOf(message)]]) {
        closed.set(entry, ms);
      }
      rows.push({ ...message, own: false, closed });
    } else rows.push(message);
  }
  return rows;
}

export class Reading {
  #to;
  /** What is told while pages are on their way, for their answers may be older: a list for each. */
  #meanwhile = new Set();
  #isOver = false;
  /** What is on its way, or did not come a moment ago. */
  #running;

  /** `to()`: the TO of the conversation by now. */
  constructor(to) {
    this.#to = to;
  }

  end() {
    this.#isOver = true;
  }

  /**
   * `limit` messages before a cursor, or the newest; more of them where none is shown, or none is
   * among the entries `known` which they shall join; and what happened meanwhile.
   */
  async page(from, limit, known = undefined) {
    const meanwhile = [];
    this.#meanwhile.add(meanwhile);
    try {
      const messages = [];
      const news = [];
      for (let before = from; ;) {
        const answer = await ask('read',
          { group: this.#to(), limit, news: true, ...(before ? { before } : {}) });
        messages.unshift(...answer.messages);
        news.unshift(...answer.news ?? []);
        before = answer.before ?? answer.messages[0]?.cursor;
        const isThere = messages.some((one) => !known || known.has(one.entry));
        if (isThere || !answer.more || !before || this.#isOver) {
          return { ...answer, before, messages: gathered(messages), news, meanwhile };
        }
      }
    } finally {
      this.#meanwhile.delete(meanwhile);
    }
  }

  /** Runs what needs a page, one at a time, whichever it was; gives whether it came. */
  once(run) {
    this.#running ??= run().then(() => {
      this.#running = undefined;
      return true;
    }, (error) => {
      errorToast(error);
      setTimeout(() => {
        this.#running = undefined;
      }, againMs);
      return false;
    });
    return this.#running;
  }

  /** `again(isOld)` does once more what was told, of a message `entry`, for pages on their way. */
  told(again, entry = undefined) {
    for (const meanwhile of this.#meanwhile) meanwhile.push({ again, entry });
  }
}
