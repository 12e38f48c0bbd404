// Pages of a conversation as the node gives them, and what is told while one is on its way.

import { ask, askAhead } from './rpc.js';

/** Hardly more than a screen, so that what is seen first is drawn soon; the next page follows. */
export const firstRows = 16;

/** Asks for what is shown first of a group, if little of it is unread. */
export function readAhead(id) {
  return askAhead('read', { group: `id:${id}`, limit: firstRows });
}

export class Reading {
  #to;
  /** What is told while pages are on their way, for their answers may be older: a list for each. */
  #meanwhile = new Set();
  #isOver = false;

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

  /** `again` does once more what was told, for answers that do not know it: gives what it gives. */
  told(again) {
    for (const meanwhile of this.#meanwhile) meanwhile.push(again);
  }
}
