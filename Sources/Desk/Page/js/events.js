// Follows what happens: one stream of events, begun again whenever it ends.

import { on, tell } from './bus.js';
import { allDrafts, forgetDrafts, takeDrafts } from './drafts.js';
import { allUnsent, forgetUnsent, takeUnsent } from './outbox.js';
import { letGo } from './press.js';
import { freshMessageId } from './rpc.js';

/** The server sends a comment every 15 s: whoever is silent so long is gone. */
const silenceMs = 40_000;
const pauseMinMs = 300;
const pauseMaxMs = 10_000;
/** A tab that was left something and does not say within this time that it has it is gone. */
const heirMs = 5000;

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('zuruf-events') : undefined;
let leads = false;
let cursor;
let isUp = false;
/** A tab that is locked stays so: it neither leads nor hears, and the next one leads at once. */
let isOver = false;
on('locked', () => {
  isOver = true;
});
/** What this tab is called among the others. */
const ownTab = freshMessageId();
/** To whom this tab left what was begun in it. */
let heir;

/**
 * Follows for as long as the page is open. Tells `event`, `connected` and `resync`.
 *
 * A browser opens six connections to a host for all of its tabs: so one of them, which holds the
 * lock, follows and passes on what it hears; when it is closed the next one goes on where it was.
 */
export async function followEvents() {
  channel?.addEventListener('message', async ({ data }) => {
    await letGo();
    heard(data);
  });
  if (!navigator.locks || !channel) return lead();
  channel.postMessage({ word: 'new', value: ownTab });
  return navigator.locks.request('zuruf-events', lead);
}

/** Whether this tab is the one that follows: what shall happen once is done by it. */
export function isLeading() {
  return leads;
}

function heard({ word, value, place, isNew }) {
  if (isOver) {
    if (word === 'new' && !heir) leaveBehind(value);
    if (word === 'taken' && value === ownTab) {
      forgetDrafts();
      forgetUnsent();
    }
    return;
  }
  if (place) cursor = place;
  if (word === 'new') {
    if (leads) channel.postMessage({ word: 'connected', value: isUp, place: cursor });
  } else if (word === 'connected') connected(value, isNew);
  else if (word === 'left') inherit(value);
  else tell(word, value);
}

/** Somebody opened the page again: what was begun here goes on there, in that tab alone. */
function leaveBehind(to) {
  heir = to;
  setTimeout(() => {
    heir = undefined;
  }, heirMs);
  channel.postMessage({
    word: 'left', value: { from: ownTab, to, drafts: allDrafts(), unsent: allUnsent() },
  });
}

function inherit({ from, to, drafts, unsent }) {
  if (to !== ownTab) return;
  takeDrafts(drafts);
  takeUnsent(unsent);
  channel.postMessage({ word: 'taken', value: from });
}

/** Tells this tab and the others. */
function pass(word, value = undefined) {
  channel?.postMessage({ word, value, place: cursor });
  tell(word, value);
}

async function lead() {
  leads = !isOver;
  let pause = pauseMinMs;
  while (!isOver) {
    let outcome = 'ended';
    try {
      outcome = await followOnce(() => {
        pause = pauseMinMs;
      });
    } catch {
      // The connection broke: it is made again below.
    }
    if (outcome === 'locked') pass('locked');
    if (outcome === 'lagged' || isOver) continue;
    share(false);
    await wake(pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, pauseMaxMs);
  }
  leads = false;
}

/** Waits, but no longer than until the network or the window is back. */
function wake(milliseconds) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      end();
      removeEventListener('online', done);
      removeEventListener('focus', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    const end = on('locked', done);
    addEventListener('online', done);
    addEventListener('focus', done);
  });
}

async function followOnce(begun) {
  const abort = new AbortController();
  const end = on('locked', () => abort.abort());
  let silence = setTimeout(() => abort.abort(), silenceMs);
  try {
    const response = await fetch('/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(cursor ? { after: cursor } : {}),
      signal: abort.signal,
    });
    if (response.status === 401) return 'locked';
    if (!response.ok) {
      // The node may have been restarted: its places are counted anew.
      cursor = undefined;
      return 'ended';
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 'ended';
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), silenceMs);
      await letGo();
      const parts = (rest + value).split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        const event = parsed(part);
        if (!event) continue;
        if (event.kind === 'subscribed') begun();
        if (take(event) === 'lagged') return 'lagged';
      }
    }
  } finally {
    clearTimeout(silence);
    end();
    abort.abort();
  }
}

function parsed(part) {
  const line = part.split('\n').find((text) => text.startsWith('data: '));
  if (!line) return undefined;
  try {
    return JSON.parse(line.slice(6));
  } catch {
    return undefined;
  }
}

function take(event) {
  const place = event.cursor ?? event.message?.cursor;
  if (place) cursor = place;
  // What changed between two subscriptions was told to nobody.
  if (event.kind === 'subscribed') share(true, true);
  else if (event.kind !== 'lagged') pass('event', event);
  return event.kind;
}

/** Tells all tabs whether the stream is up; `isNew`: it began a moment ago. */
function share(now, isNew = false) {
  channel?.postMessage({ word: 'connected', value: now, place: cursor, isNew });
  connected(now, isNew);
}

function connected(now, isNew) {
  const isOther = now !== isUp;
  isUp = now;
  if (isOther) tell('connected', now);
  if (now && (isOther || isNew)) tell('resync');
}
