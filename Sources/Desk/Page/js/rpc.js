// Asks the node on this computer: JSON-RPC over POST, as Protocol/A-control.md says.

import { tell } from './bus.js';
import { letGo } from './press.js';

/** A browser opens six connections to one host, and one of them carries the events. */
const callsMax = 5;
/** What a person waits for goes before lists. */
const urgent = new Set(['read', 'send']);
let running = 0;
/** Of either kind the first one that came is the first. */
const waiting = { urgent: [], other: [] };
let lastNumber = 0;

/** The node, or the way to it, said no. `name` is one of A-control's, or `away` or `locked`. */
export class Refused extends Error {
  constructor(name, message, data = {}) {
    super(message);
    this.name = name;
    this.hint = data.hint;
    this.reason = data.reason;
    this.candidates = data.candidates ?? [];
  }

  /** Whether asking once more may help, without anything else being done. */
  get isPassing() {
    return this.name === 'away' || this.name === 'busy';
  }
}

/** Answers on their way that were asked for ahead, by what was asked. */
const ahead = new Map();

/**
 * The result of one method, which comes under no press. Where a place is free the request is on its
 * way when this returns.
 */
export function ask(method, params = {}) {
  const key = JSON.stringify([method, params]);
  const asked = ahead.get(key);
  if (asked) {
    ahead.delete(key);
    return asked;
  }
  if (running < callsMax) {
    running += 1;
    return carried(method, params);
  }
  return new Promise((resolve) => {
    waiting[urgent.has(method) ? 'urgent' : 'other'].push(() => resolve(carried(method, params)));
  });
}

/** Asks now what will be asked in the same words soon; whoever does so first gets the answer. */
export function askAhead(method, params) {
  const answer = ask(method, params);
  ahead.set(JSON.stringify([method, params]), answer);
  return answer;
}

/** What nobody wanted after all would be old when somebody does. */
export function forgetAhead() {
  ahead.clear();
}

async function carried(method, params) {
  try {
    return await call(method, params);
  } finally {
    // The place goes over to who waits, so that nobody gets in between.
    const next = waiting.urgent.shift() ?? waiting.other.shift();
    if (next) next();
    else running -= 1;
    await letGo();
  }
}

async function call(method, params) {
  lastNumber += 1;
  const request = { jsonrpc: '2.0', id: lastNumber, method, params };
  let response;
  let answer;
  try {
    response = await fetch('/rpc', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(request),
    });
    if (response.status === 401) {
      tell('locked');
      throw new Refused('locked', 'this page is not open any more');
    }
    answer = await response.json();
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Refused('away', 'the node does not answer');
  }
  if (answer.error) {
    const data = answer.error.data ?? {};
    const name = data.name === 'no-node' ? 'away' : data.name ?? 'internal-error';
    throw new Refused(name, answer.error.message, data);
  }
  return answer.result;
}

/** 16 random bytes as a message's own id: a retry with it never doubles. */
export function freshMessageId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
