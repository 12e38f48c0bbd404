// What was begun in each conversation and not sent: this tab's alone, until it is sent.

import { tell } from './bus.js';
import { keep, recalled } from './session.js';

const draftsKey = 'zuruf-drafts';
// A node that begins anew wants a fresh link, and the page is loaded once more by it.
const drafts = new Map(recalled(draftsKey));

export function draftOf(conversation) {
  return drafts.get(conversation) ?? '';
}

/** All of them, each with its conversation. */
export function allDrafts() {
  return [...drafts];
}

/** Notes what is begun by now; an empty text ends it. */
export function keepDraft(conversation, text) {
  if (text) drafts.set(conversation, text);
  else if (!drafts.delete(conversation)) return;
  keep(draftsKey, allDrafts());
}

/** Puts a text that was not sent before what was begun since. */
export function giveBack(conversation, text) {
  keepDraft(conversation, [text, draftOf(conversation)].filter(Boolean).join('\n'));
}

/** Takes what another tab leaves, beside what was begun here. */
export function takeDrafts(left) {
  for (const [conversation, text] of left) {
    if (draftOf(conversation).includes(text)) continue;
    giveBack(conversation, text);
    tell('draft', conversation);
  }
}

/** Another tab has them by now. */
export function forgetDrafts() {
  for (const [conversation] of allDrafts()) keepDraft(conversation, '');
}
