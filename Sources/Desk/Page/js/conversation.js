// One conversation: its head, its timeline and the composer.

import { Listening, on, tell } from './bus.js';
import { Composer } from './composer.js';
import { below } from './controls.js';
import { h, perFrame, refill } from './dom.js';
import { draftOf, giveBack } from './drafts.js';
import { pickEmoji } from './emoji.js';
import { openGroup } from './group.js';
import { listed, t } from './i18n.js';
import { icon } from './icons.js';
import { avatar, groupAvatar, groupTitle, name } from './names.js';
import { goneWords, newsWords } from './news.js';
import { discardUnsent, unsentOf, write } from './outbox.js';
import { presenceOf, presenceWords } from './presence.js';
import { ask, freshMessageId } from './rpc.js';
import { announce, errorToast, errorWords } from './say.js';
import {
  directWith, groupById, isPast, memberById, membersOf, partner, state, whole,
} from './state.js';
import { beginning, mentionable, visible } from './text.js';
import { Timeline } from './timeline.js';

/** So many of those that come at once are read out. */
const heardMost = 3;
const nobody = [];
/** So often at most the node is told of what was shown. */
const seenMs = 250;

/** A view of a group, or of the conversation with a member to whom nobody has written yet. */
export class Conversation {
  #listening = new Listening();
  #groupId;
  #member;
  #timeline;
  #composer;
  #head = h('header', { class: 'head' });
  #foot = h('div', { class: 'foot-frame' });
  #drawn;
  /** The group with all its members, and as which it was listed then. */
  #whole;
  #known;
  /** Whom a mention can mean, and who was in the group then. */
  #named = {};
  /** Whether something came that the node was not told of as seen. */
  #isFresh = false;
  #isAbove = false;
  #isTelling = false;
  #left = 0;
  /** Messages that came within this frame, and what changed of others, by entry. */
  #came = [];
  #changes = new Map();
  #isTaking = false;
  #takeSoon = perFrame(() => {
    this.#isTaking = this.#takeIn();
    if (this.#isTaking) this.#takeSoon();
  });

  /** `target`: {group: id} or {member: id}. */
  constructor(target) {
    this.#groupId = target.group ?? directWith(target.member)?.id;
    const group = groupById(this.#groupId);
    this.#member = target.member ?? (group && partner(group)?.id);
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

  /** A conversation of two is known by whom it is with, for it has no group before a message. */
  get key() {
    return this.#member ?? this.#groupId;
  }

  /** By ids: whoever has that name by the time a message is written may be somebody else. */
  get #to() {
    return this.#member ? `@id:${this.#member}` : `id:${this.#groupId}`;
  }

  get #isGone() {
    return Boolean(this.group.gone) || state.office?.standing === 'removed'
      || isPast(partner(this.group)?.id);
  }

  async open(focuses = true) {
    const { group } = this;
    this.#timeline = new Timeline(() => this.#to, this.#place());
    this.element.append(this.#timeline.element, this.#foot);
    this.#drawHead();
    this.#drawFoot();
    this.#learn();
    this.#listening.on('event', (event) => this.#event(event));
    this.#listening.on('resync', () => this.#resync());
    this.#listening.on('happened', () => this.#resync());
    this.#listening.on('groups', () => this.#groupsChanged());
    this.#listening.on('devices', () => this.#drawHead());
    this.#listening.on('members', () => {
      this.#drawHead();
      this.#drawFoot();
      this.#timeline.rename((id) => memberById(id)?.name);
    });
    this.#listening.on('office', () => this.#drawFoot());
    this.#listening.on('outbox', (told) => this.#outbox(told));
    this.#listening.on('draft', (key) => {
      if (key === this.key) this.#composer?.recall();
    });
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
    this.#came = [];
    this.#changes.clear();
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
        return conversation.#names();
      },
      get ownName() {
        return state.office?.member?.name;
      },
      mayWrite: () => !this.#isGone,
      reply: (message) => this.#composer?.reply(message),
      react: (message, button) => pickEmoji(button, (emoji) => this.#react(message, emoji,
        message.reactions?.some((one) => one.text === emoji && one.own)), true),
      toggleReaction: (message, text, isOwn) => this.#react(message, text, isOwn),
      unsent: () => unsentOf(this.key),
      retry: (message) => write(this.key, this.#to, message),
      discard: (message) => {
        discardUnsent(this.key, message.key);
        this.#timeline.discard(message);
      },
      reachedEnd: () => this.#see(),
      sawAbove: () => this.#see(true, true),
    };
  }

  // Head and foot

  #drawHead() {
    const { group } = this;
    const isFocused = this.#head.contains(document.activeElement)
      && document.activeElement.dataset.part;
    const other = group.kind === 'direct' ? partner(group) ?? group.members?.[0] : undefined;
    const drawn = JSON.stringify([group.id, groupTitle(group), group.purpose, group.members,
      group.further, other && presenceWords(other.id)]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const sub = other
      ? below(presenceOf(other.id), presenceWords(other.id))
      : below(this.#whoWords(group));
    refill(this.#head,
      h('a', { class: 'icon-button back', href: '#/', 'aria-label': t('action.back'),
        'data-part': 'back' },
        icon('back')),
      other ? avatar(other) : groupAvatar(group),
      h('div', { class: 'grow' }, h('h1', {}, name(groupTitle(group))), sub),
      group.id && h('button', {
        class: 'icon-button', 'data-part': 'info', title: t('group.about'),
        'aria-label': t('group.about'), onclick: () => openGroup(group.id),
      }, icon('info')));
    if (isFocused) this.#head.querySelector(`[data-part="${isFocused}"]`)?.focus();
  }

  #whoWords(group) {
    if (group.purpose) return visible(group.purpose);
    if (group.kind === 'everyone') return t('group.all-members', { n: membersOf(group) });
    return listed((group.members ?? []).map((one) => visible(one.name)), 4, group.further);
  }

  #drawFoot() {
    const { group } = this;
    if (this.#isGone) {
      this.#composer = undefined;
      // What was begun stays where it can be read and copied.
      const draft = draftOf(this.key);
      refill(this.#foot, h('p', { class: 'closed' }, icon('info'), goneWords(group)),
        draft && h('p', { class: 'text' }, visible(draft)));
      return;
    }
    if (group.readable === false) {
      this.#composer = undefined;
      refill(this.#foot, h('p', { class: 'closed' }, icon('clock'), t('group.no-key')));
      return;
    }
    if (this.#composer) {
      this.#composer.to = this.title;
      return;
    }
    const own = state.office?.member?.id;
    this.#composer = new Composer({
      key: this.key,
      to: this.title,
      members: () => this.#members.filter((member) => member.id !== own),
      sent: (text, reply) => this.#send(text, reply),
    });
    refill(this.#foot, this.#composer.element);
    this.#composer.fit();
  }

  // Writing

  async #send(text, reply) {
    // From far above it goes on at the end; where that cannot be read nothing was sent.
    const isShown = this.#timeline.reachesEnd || await this.#timeline.toNewest();
    const { office: info } = state;
    if (!isShown || this.#isGone || !info?.member) {
      giveBack(this.key, text);
      this.#drawFoot();
      this.#composer?.recall();
      this.#composer?.reply(reply);
      return;
    }
    const now = Date.now();
    write(this.key, this.#to, {
      key: freshMessageId(), text, own: true, late: false,
      member: info.member, device: info.device,
      time: { ms: now, utc: new Date(now).toISOString() },
      reply: reply && { entry: reply.entry, member: reply.member, text: reply.text },
    });
  }

  #outbox(told) {
    if (told.conversation !== this.key) return;
    told.isShown = true;
    this.#timeline.update(told.message, told.change);
    if (told.change.group) this.#opened(told.change.group.id);
  }

  /** Whoever wrote first: what was told before the group was known is fetched. */
  #opened(id) {
    if (this.#groupId) return;
    this.#groupId = id;
    this.#timeline.load().then(() => this.#see(true), errorToast);
  }

  async #react(message, text, isOwn) {
    // What is told meanwhile is newer than the answer.
    let isOld = false;
    const end = on('event', ({ reaction }) => {
      isOld ||= reaction?.entry === message.entry;
    });
    try {
      const { entry, reactions } = await ask('react', {
        entry: message.entry, text, ...(isOwn ? { remove: true } : {}),
      });
      if (!isOld) this.#change(entry, { reactions });
    } catch (error) {
      errorToast(error);
    } finally {
      end();
    }
  }

  // Events

  #isHere(group) {
    return group?.id !== undefined
      && (groupById(group.id) ?? group).id === (this.group.id ?? this.#groupId);
  }

  #event({ kind, message, delivery, reaction, news }) {
    // A new group of the same two is in the list only a moment later.
    if (kind === 'message' && (this.#isHere(message.group)
      || (message.group.kind === 'direct' && message.member.id === this.#member))) {
      this.#came.push(message);
      this.#soon();
    } else if (kind === 'delivery') this.#changed(delivery, 'state');
    else if (kind === 'reaction') this.#changed(reaction, 'reactions');
    else if (kind === 'news') {
      this.#takeIn();
      if (this.#isHere(news.group) || (!news.group && this.group.kind === 'everyone')) {
        this.#timeline.happened(news);
        announce(newsWords(news));
      }
    }
  }

  #changed(told, name) {
    if (this.#isHere(told.group)) this.#change(told.entry, { [name]: told[name] });
  }

  #change(entry, change) {
    const came = this.#came.findLast((one) => one.entry === entry);
    if (came) Object.assign(came, change);
    else this.#changes.set(entry, { ...this.#changes.get(entry), ...change });
    this.#soon();
  }

  /** The first one is shown at once, and once a frame what comes behind it. */
  #soon() {
    if (!this.#isTaking) this.#takeIn();
    this.#isTaking = true;
    this.#takeSoon();
  }

  /** Gives whether there was anything. */
  #takeIn() {
    const came = this.#came.splice(0);
    const changes = this.#changes;
    if (came.length + changes.size === 0) return false;
    this.#changes = new Map();
    this.#timeline.apply(came, changes);
    const fresh = came.filter((one) => !one.own);
    const heard = fresh.filter((one) => one.text !== undefined).slice(-heardMost);
    for (const { member, text } of heard) {
      announce(t('message.incoming', { name: visible(member.name), text: beginning(text, 300) }));
    }
    this.#see(fresh.length > 0);
    return true;
  }

  /** What came while no events did. */
  #resync() {
    this.#takeIn();
    return this.#timeline.refresh().catch(errorToast);
  }

  #names() {
    const members = this.#members;
    if (members !== this.#named.members) {
      this.#named = { members, names: mentionable(members.map((member) => member.name)) };
    }
    return this.#named.names;
  }

  get #members() {
    return this.#whole?.members ?? this.group.members ?? nobody;
  }

  /** Learns all members of a group where the list names some of them. */
  async #learn() {
    const { group } = this;
    const known = JSON.stringify([group.members, group.further]);
    if (known === this.#known) return;
    this.#known = known;
    this.#whole = await whole(group);
    this.#composer?.membersChanged();
  }

  #groupsChanged() {
    const direct = this.#member && directWith(this.#member);
    if (direct) this.#opened(direct.id);
    this.#learn();
    this.#drawHead();
    this.#drawFoot();
    this.#see();
  }

  /** Tells the node what was shown, once it really was. */
  async #see(isFresh = false, isAbove = false) {
    this.#isFresh ||= isFresh;
    this.#isAbove ||= isAbove;
    const { group } = this;
    const isUnread = this.#isFresh || (group.unread ?? 0) > this.#left;
    const shown = this.#timeline.shown;
    if (!isUnread || !group.id || this.#isTelling || document.hidden || !shown.cursor
      || !(this.#timeline.isAtEnd || this.#isAbove)) return;
    this.#isTelling = true;
    this.#isFresh = false;
    this.#isAbove = false;
    try {
      const { unread } = await ask('group.seen', { group: this.#to, ...shown });
      this.#left = unread;
      const listedGroup = groupById(group.id);
      if (listedGroup && listedGroup.unread !== unread) {
        listedGroup.unread = unread;
        tell('groups');
      }
    } catch {
      // It counts as unread until it is shown the next time.
    }
    setTimeout(() => {
      this.#isTelling = false;
      if (this.element.isConnected) this.#see();
    }, seenMs);
  }
}
