// What was begun in each conversation and not sent: this tab's alone, until it is sent.

import { on, tell } from './bus.js';

const storageKey = 'zuruf-drafts';
const drafts = new Map(recalled());

/** A node that begins anew wants a fresh link, and the page is loaded once more by it. */
function recalled() {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]');
  } catch {
    return [];
  }
}

export function draftOf(conversation) {
  return drafts.get(conversation) ?? '';
}

/** Notes what is begun by now; an empty text ends it. */
export function keepDraft(conversation, text) {
  if (text) drafts.set(conversation, text);
  else if (!drafts.delete(conversation)) return;
  try {
    sessionStorage.setItem(storageKey, JSON.stringify([...drafts]));
  } catch {
    // It holds until the page is left.
  }
}

/** Puts a text that was not sent before what was begun since. */
export function giveBack(conversation, text) {
  keepDraft(conversation, [text, draftOf(conversation)].filter(Boolean).join('\n'));
}

/** What a tab leaves to the one that was opened in its place. */
export function handOverDrafts() {
  const all = [...drafts];
  for (const [conversation] of all) keepDraft(conversation, '');
  return all;
}

on('drafts', (all) => {
  for (const [conversation, text] of all) {
    if (drafts.has(conversation)) continue;
    keepDraft(conversation, text);
    tell('draft', conversation);
  }
});
