// Pages of a conversation as the node gives them, and what is told while one is on its way.

import { ask, askAhead } from './rpc.js';
import { errorToast } from './say.js';

/** Hardly more than a screen, so that what is seen first is drawn soon; the next page follows. */
export const firstRows = 16;
/** A page that did not come is not asked for again before, however much is scrolled. */
const againMs = 2000;

/** Asks for what is shown first of a group, if little of it is unread. */
export function readAhead(id) {
  return askAhead('read', { group: `id:${id}`, limit: firstRows });
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

  /** `limit` messages before a cursor, or the newest; further up where none of them is shown. */
  async page(from, limit) {
    const meanwhile = [];
    this.#meanwhile.add(meanwhile);
    try {
      for (let before = from; ;) {
        const answer = await ask('read',
          { group: this.#to(), limit, ...(before ? { before } : {}) });
        before = answer.before;
        if (answer.messages.length > 0 || !answer.more || !before || this.#isOver) {
          return { ...answer, meanwhile };
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

  /** `again` does once more what was told, for answers that do not know it: gives what it gives. */
  told(again) {
    for (const meanwhile of this.#meanwhile) meanwhile.push(again);
  }
}
