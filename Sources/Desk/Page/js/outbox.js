// What was written and is not on the node's disk yet. It outlives the view in which it was written.

import { on, tell } from './bus.js';
import { giveBack } from './drafts.js';
import { t } from './i18n.js';
import { ask } from './rpc.js';
import { announce, errorWords, toast } from './say.js';

/** By conversation: messages by their own id, each with the TO that it goes to. */
const boxes = new Map();

/** What of a conversation is not sent, in the order in which it was written. */
export function unsentOf(conversation) {
  return [...boxes.get(conversation)?.values() ?? []];
}

export function discardUnsent(conversation, key) {
  boxes.get(conversation)?.delete(key);
}

/**
 * Has the node write a message, for the first time or once more: its id keeps it from doubling.
 * Tells `outbox` what of the message changes; whoever shows the conversation sets `isShown`.
 */
export async function write(conversation, to, written) {
  const { key, text, reply } = written;
  if (!boxes.has(conversation)) boxes.set(conversation, new Map());
  const box = boxes.get(conversation);
  const message = { ...written, to };
  box.set(key, message);
  const put = (change) => {
    Object.assign(message, change);
    const told = { conversation, key, change };
    tell('outbox', told);
    return told;
  };
  if (message.failed) put({ failed: undefined, sending: true });
  try {
    const { entry, time, state, group } = await ask('send', {
      to, text, id: key, ...(reply ? { reply: reply.entry } : {}),
    });
    box.delete(key);
    put({ entry, time, state, group, sending: undefined });
  } catch (error) {
    const words = errorWords(error);
    const { isShown } = put({ sending: undefined, failed: words, isPassing: error.isPassing });
    if (isShown) announce(t('message.not-sent'));
    else toast(`${t('message.not-sent')} ${words}`, 'bad');
  }
}

/** Asks once more for what could not be sent while the node was away. */
on('resync', () => {
  for (const [conversation, box] of boxes) {
    for (const message of box.values()) {
      if (message.failed && message.isPassing) write(conversation, message.to, message);
    }
  }
});

// Nothing is sent from here any more: whoever goes on finds it as a draft.
on('locked', () => {
  for (const [conversation, box] of boxes) {
    giveBack(conversation, [...box.values()].map((message) => message.text).join('\n'));
  }
  boxes.clear();
});
