// What was written and is not on the node's disk yet. It outlives the view in which it was written,
// and the page where it is loaded anew.

import { on, tell } from './bus.js';
import { t } from './i18n.js';
import { ask } from './rpc.js';
import { announce, errorWords, toast } from './say.js';
import { keep, recalled } from './session.js';

const outboxKey = 'zuruf-outbox';
/** By conversation: messages by their own id, each with the TO that it goes to. */
const boxes = new Map();
/** The conversations of which a message is with the node. */
const busy = new Set();
hold(recalled(outboxKey));

function boxOf(conversation) {
  if (!boxes.has(conversation)) boxes.set(conversation, new Map());
  return boxes.get(conversation);
}

/** What was with the node may be on its disk or not: with its id it never doubles. */
function hold(unsent) {
  for (const [conversation, message] of unsent) {
    const isPassing = message.sending || message.isPassing;
    boxOf(conversation).set(message.key, { ...message, isPassing });
  }
}

/** Everything that is not sent, each with its conversation. */
export function allUnsent() {
  return [...boxes].flatMap(([conversation, box]) =>
    [...box.values()].map((message) => [conversation, message]));
}

/** What of a conversation is not sent, in the order in which it was written. */
export function unsentOf(conversation) {
  return [...boxOf(conversation).values()].map((message) => ({ ...message }));
}

export function discardUnsent(conversation, key) {
  boxOf(conversation).delete(key);
  keep(outboxKey, allUnsent());
}

/** Takes what another tab leaves, and sends it. */
export function takeUnsent(unsent) {
  hold(unsent);
  goOn();
}

/** Another tab has it by now. */
export function forgetUnsent() {
  boxes.clear();
  keep(outboxKey, []);
}

/**
 * Has the node write a message, for the first time or once more: its id keeps it from doubling.
 * Tells `outbox` what of the message changes; whoever shows the conversation sets `isShown`.
 */
export function write(conversation, to, written) {
  const message = { ...written, to, sending: true, failed: undefined };
  boxOf(conversation).set(message.key, message);
  // It is on its way before it is drawn.
  sendAll(conversation);
  change(conversation, message, { sending: true, failed: undefined });
}

function change(conversation, message, values) {
  Object.assign(message, values);
  keep(outboxKey, allUnsent());
  const told = { conversation, message, change: values };
  tell('outbox', told);
  return told.isShown;
}

/** One after another, as they were written: the node gives each its time and its place. */
async function sendAll(conversation) {
  const box = boxOf(conversation);
  for (const message of box.values()) {
    // What could not be sent goes before what was written since.
    if (message.isPassing) {
      change(conversation, message, { sending: true, failed: undefined, isPassing: undefined });
    }
  }
  if (busy.has(conversation)) return;
  busy.add(conversation);
  for (;;) {
    const message = [...box.values()].find((one) => one.sending);
    if (!message) break;
    const { key, to, text, reply } = message;
    try {
      const { entry, time, state, group } = await ask('send', {
        to, text, id: key, ...(reply ? { reply: reply.entry } : {}),
      });
      box.delete(key);
      change(conversation, message, { entry, time, state, group, sending: undefined });
    } catch (error) {
      // It waits for the page that is opened next.
      if (error.name === 'locked') break;
      // Nothing overtakes what may be sent once more by itself.
      notSent(conversation, error, error.isPassing ? [...box.values()] : [message]);
    }
  }
  busy.delete(conversation);
}

function notSent(conversation, error, messages) {
  const failed = errorWords(error);
  const { isPassing } = error;
  let isShown = true;
  for (const message of messages) {
    if (message.sending) {
      isShown = change(conversation, message, { sending: undefined, failed, isPassing });
    }
  }
  if (isShown) announce(t('message.not-sent'));
  else toast(`${t('message.not-sent')} ${failed}`, 'bad');
}

/** Asks once more for what could not be sent while the node was away. */
function goOn() {
  for (const conversation of boxes.keys()) sendAll(conversation);
}
on('resync', goOn);
