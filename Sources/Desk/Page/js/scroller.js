// What of a timeline is scrolled, and whether whoever reads stands at its end.

import { h } from './dom.js';

/** Whoever is so near the end reads along, in pixels. */
const endPixels = 60;

export class Scroller {
  isAtEnd = true;
  #resize;

  /** `moved()`: it was scrolled; `grown()`: it has another height. */
  constructor(moved, grown, ...children) {
    this.element = h('div', { class: 'timeline', tabindex: '-1' }, children);
    this.element.addEventListener('scroll', moved, { passive: true });
    // A window that becomes smaller, or a composer that grows, shall not hide the newest message.
    this.#resize = new ResizeObserver(grown);
    this.#resize.observe(this.element);
  }

  end() {
    this.#resize.disconnect();
  }

  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
    this.isAtEnd = true;
  }

  /** How far it is to its two ends, in pixels; undefined where it has no place on the screen. */
  look() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (clientHeight === 0) return undefined;
    const below = scrollHeight - clientHeight - scrollTop;
    this.isAtEnd = below < endPixels;
    return { above: scrollTop, below };
  }
}
