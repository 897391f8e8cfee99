// Work cut into pieces that a slow machine can do between two frames: much that is new comes on screen a little at a time.

import { useLayoutEffect, useRef, useSignal } from '../vendor/preact.js';

/** Milliseconds for drawing one piece: with less than half of it used the next may be larger, with more it is smaller. */
const BUDGET = 16;
/** Pieces grow to this and no further. */
const MOST = 3;

/**
 * Calls back in a task of its own, after the next frame.
 * @param {() => void} work
 * @param {(began: number) => void} [frame] called as the frame begins, with the time
 * @returns {() => void} forgets it
 */
export function afterFrame(work, frame) {
  /** @type {number | undefined} */
  let timer;
  const wait = requestAnimationFrame(() => {
    frame?.(performance.now());
    timer = setTimeout(work);
  });
  return () => {
    cancelAnimationFrame(wait);
    clearTimeout(timer);
  };
}

/**
 * How many of `all` to draw: a few at first, and with each frame as many more as the last one showed there is time for.
 * @param {number} all
 * @returns {import('../vendor/preact.js').Signal<number>} set it to 0 to begin again
 */
export function usePieces(all) {
  const drawn = useSignal(0);
  const size = useRef(2);
  /** When the piece that is being drawn was begun; 0 when there is none. */
  const begun = useRef(0);
  useLayoutEffect(() => {
    const took = begun.current && performance.now() - begun.current;
    begun.current = 0;
    if (drawn.value >= all) return;
    let frame = 0;
    return afterFrame(() => {
      const cost = took + performance.now() - frame;
      if (cost > BUDGET) size.current = Math.max(1, size.current >> 1);
      else if (took && cost < BUDGET / 2) size.current = Math.min(MOST, size.current + 1);
      begun.current = performance.now();
      drawn.value = Math.min(all, drawn.peek() + size.current);
    }, began => (frame = began));
  }, [drawn.value, all]);
  return drawn;
}
