// One conversation: its head, its timeline and the composer.

import { Listening, tell } from './bus.js';
import { Composer } from './composer.js';
import { h, refill } from './dom.js';
import { pickEmoji } from './emoji.js';
import { openGroup } from './group.js';
import { listed, t } from './i18n.js';
import { icon } from './icons.js';
import { avatar, groupAvatar, groupTitle, name } from './names.js';
import { goneWords, newsWords } from './news.js';
import { presenceOf, presenceWords } from './presence.js';
import { ask, freshMessageId } from './rpc.js';
import { announce, errorToast, errorWords } from './say.js';
import { directWith, groupById, memberById, partner, state } from './state.js';
import { beginning, visible } from './text.js';
import { Timeline } from './timeline.js';

/** A view of a group, or of the conversation with a member to whom nobody has written yet. */
export class Conversation {
  #listening = new Listening();
  #groupId;
  #member;
  #timeline;
  #composer;
  #head = h('header', { class: 'head' });
  #foot = h('div', { class: 'foot-frame' });
  #seenCursor;
  #drawn;
  #unsent = new Map();

  /** `target`: {group: id} or {member: id}. */
  constructor(target) {
    this.#member = target.member;
    this.#groupId = target.group ?? directWith(target.member)?.id;
    this.element = h('div', { class: 'conversation' }, this.#head);
  }

  get group() {
    const group = groupById(this.#groupId)
      ?? (this.#member && directWith(this.#member));
    if (group) return group;
    const member = memberById(this.#member);
    return { kind: 'direct', title: member && `@${member.name}`, members: member ? [member] : [] };
  }

  get title() {
    return groupTitle(this.group);
  }

  get key() {
    return this.#groupId ?? this.#member;
  }

  get #to() {
    const { group } = this;
    // A conversation of two is reached by whom it is with, not by an id.
    if (group.kind === 'direct') return group.title ?? `@${partner(group)?.name}`;
    return `id:${group.id ?? this.#groupId}`;
  }

  get #isGone() {
    return Boolean(this.group.gone) || state.office?.standing === 'removed';
  }

  async open(focuses = true) {
    const { group } = this;
    this.#timeline = new Timeline(() => this.#to, this.#place());
    this.element.append(this.#timeline.element, this.#foot);
    this.#drawHead();
    this.#drawFoot();
    this.#listening.on('event', (event) => this.#event(event));
    this.#listening.on('resync', () => this.#resync());
    this.#listening.on('groups', () => this.#groupsChanged());
    this.#listening.on('devices', () => this.#drawHead());
    this.#listening.on('members', () => this.#drawHead());
    this.#listening.on('visible', () => this.#see());
    this.#listening.add(() => this.#timeline.end());
    const loaded = this.#timeline.load(group.unread ?? 0);
    if (focuses) this.#composer?.focus();
    try {
      await loaded;
      this.#see();
    } catch (error) {
      this.#timeline.note(errorWords(error));
    }
    // For whoever measures: from the link to the first messages on the screen.
    requestAnimationFrame(() => performance.mark('zuruf-shown'));
  }

  close() {
    this.#listening.end();
  }

  /** What rows of the timeline need to know and to do. */
  #place() {
    const conversation = this;
    return {
      get group() {
        return conversation.group;
      },
      get names() {
        return conversation.group.members?.map((member) => member.name) ?? [];
      },
      get ownName() {
        return state.office?.member?.name;
      },
      mayWrite: () => !this.#isGone,
      reply: (message) => this.#composer?.reply(message),
      react: (message, button) => pickEmoji(button, (emoji) => {
        const isOwn = message.reactions?.some((one) => one.text === emoji && one.own);
        this.#react(message, emoji, isOwn);
      }, true),
      toggleReaction: (message, text, isOwn) => this.#react(message, text, isOwn),
      retry: (message) => this.#write(this.#timeline.update(message, {
        failed: undefined, sending: true,
      })),
      discard: (message) => {
        this.#unsent.delete(message.key);
        this.#timeline.discard(message);
      },
      reachedEnd: () => this.#see(),
    };
  }

  // Head and foot

  #drawHead() {
    const { group } = this;
    const isFocused = this.#head.contains(document.activeElement)
      && document.activeElement.dataset.part;
    const other = group.kind === 'direct' ? partner(group) ?? group.members?.[0] : undefined;
    const drawn = JSON.stringify([group.id, group.title, group.purpose, group.members,
      other && presenceWords(other.id)]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const sub = other
      ? h('span', { class: 'sub' }, presenceOf(other.id), presenceWords(other.id))
      : h('span', { class: 'sub' }, this.#whoWords(group));
    refill(this.#head,
      h('a', { class: 'icon-button back', href: '#/', 'aria-label': t('action.back'),
        'data-part': 'back' },
        icon('back')),
      other ? avatar(other) : groupAvatar(group),
      h('div', { class: 'grow' }, h('h1', {}, name(groupTitle(group))), sub),
      group.id && h('button', {
        type: 'button', class: 'icon-button', 'data-part': 'info', title: t('group.about'),
        'aria-label': t('group.about'), onclick: () => openGroup(group.id),
      }, icon('info')));
    if (isFocused) this.#head.querySelector(`[data-part="${isFocused}"]`)?.focus();
  }

  #whoWords(group) {
    if (group.purpose) return visible(group.purpose);
    if (group.kind === 'everyone') return t('group.all-members', { n: group.members?.length ?? 0 });
    return listed((group.members ?? []).map((member) => visible(member.name)), 4);
  }

  #drawFoot() {
    const { group } = this;
    if (this.#isGone) {
      this.#composer = undefined;
      refill(this.#foot, h('p', { class: 'closed' }, icon('info'), goneWords(group)));
      return;
    }
    if (group.readable === false) {
      this.#composer = undefined;
      refill(this.#foot, h('p', { class: 'closed' }, icon('clock'), t('group.no-key')));
      return;
    }
    if (this.#composer) return;
    const own = state.office?.member?.id;
    this.#composer = new Composer({
      key: this.key,
      to: this.title,
      members: () => (this.group.members ?? []).filter((member) => member.id !== own),
      sent: (text, reply) => this.#send(text, reply),
    });
    refill(this.#foot, this.#composer.element);
    this.#composer.fit();
  }

  // Writing

  #send(text, reply) {
    const { office: info } = state;
    const now = Date.now();
    const key = freshMessageId();
    const message = {
      key, text, own: true, sending: true, late: false,
      member: info.member, device: info.device,
      time: { ms: now, utc: new Date(now).toISOString() },
      reply: reply && { entry: reply.entry, member: reply.member, text: reply.text },
    };
    // It is on its way before it is drawn.
    this.#write(message);
    if (this.#timeline.isAtEnd) this.#timeline.take(message);
    else this.#timeline.toNewest().then(() => this.#timeline.take(message));
  }

  async #write(message) {
    const { key, text, reply } = message;
    const current = () => this.#unsent.get(key) ?? message;
    this.#unsent.set(key, message);
    try {
      const answer = await ask('send', {
        to: this.#to, text, id: key, ...(reply ? { reply: reply.entry } : {}),
      });
      this.#unsent.delete(key);
      if (!this.#groupId) this.#groupId = answer.group.id;
      this.#timeline.update(current(), {
        entry: answer.entry, time: answer.time, state: answer.state, group: answer.group,
        sending: undefined, failed: undefined,
      });
    } catch (error) {
      const failed = this.#timeline.update(current(), {
        sending: undefined, failed: errorWords(error), isPassing: error.isPassing,
      });
      this.#unsent.set(key, failed);
      announce(t('message.not-sent'));
    }
  }

  async #react(message, text, isOwn) {
    try {
      const answer = await ask('react', {
        entry: message.entry, text, ...(isOwn ? { remove: true } : {}),
      });
      this.#timeline.reacted(answer.entry, answer.reactions);
    } catch (error) {
      errorToast(error);
    }
  }

  // Events

  #isHere(group) {
    return group?.id !== undefined
      && group.id === (this.#groupId ?? directWith(this.#member)?.id);
  }

  #event(event) {
    switch (event.kind) {
      case 'message':
        if (!this.#isHere(event.message.group)) return;
        this.#timeline.take(event.message);
        if (!event.message.own && event.message.text !== undefined) {
          announce(t('message.incoming', {
            name: visible(event.message.member.name), text: beginning(event.message.text, 300),
          }));
        }
        this.#see();
        break;
      case 'delivery':
        if (this.#isHere(event.delivery.group)) {
          this.#timeline.delivered(event.delivery.entry, event.delivery.state);
        }
        break;
      case 'reaction':
        if (this.#isHere(event.reaction.group)) {
          this.#timeline.reacted(event.reaction.entry, event.reaction.reactions);
        }
        break;
      case 'news': {
        const words = newsWords(event.news);
        if (this.#isHere(event.news.group)
          || (!event.news.group && this.group.kind === 'everyone')) {
          this.#timeline.note(words);
          announce(words);
        }
        break;
      }
      default: break;
    }
  }

  /** After a time without events: what came meanwhile, and what could not be sent. */
  async #resync() {
    try {
      await this.#timeline.refresh();
    } catch (error) {
      errorToast(error);
    }
    for (const message of [...this.#unsent.values()]) {
      if (message.failed && message.isPassing) {
        this.#write(this.#timeline.update(message, { failed: undefined, sending: true }));
      }
    }
  }

  #groupsChanged() {
    if (!this.#groupId && directWith(this.#member)) {
      // The other one wrote first: what was told before the group was known is fetched.
      this.#groupId = directWith(this.#member).id;
      this.#timeline.refresh().then(() => this.#see(), errorToast);
    }
    this.#drawHead();
    this.#drawFoot();
  }

  /** Tells the node what was shown, once it really was. */
  async #see() {
    const newest = this.#timeline?.newest;
    if (!newest?.cursor || document.hidden || !this.#timeline.isAtEnd) return;
    const { group } = this;
    if (!group.id || (newest.cursor === this.#seenCursor && !group.unread)) return;
    this.#seenCursor = newest.cursor;
    try {
      const { unread } = await ask('group.seen',
        { group: this.#to, cursor: newest.cursor });
      const listedGroup = groupById(group.id);
      if (listedGroup && listedGroup.unread !== unread) {
        listedGroup.unread = unread;
        tell('groups');
      }
    } catch {
      // It counts as unread until it is shown the next time.
      this.#seenCursor = undefined;
    }
  }
}
