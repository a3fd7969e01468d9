/** The messages stay at their end while an answer grows, unless the person looks at something above. */
import { byID } from "./dom.js";

let isAtEnd = true;

export function followEnd() {
  const scroller = byID("scroller");
  scroller.addEventListener("scroll", () => {
    isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
    byID("latest").hidden = isAtEnd;
  }, { passive: true });
  byID("latest").addEventListener("click", () => keepAtEnd(true));
  new ResizeObserver(() => keepAtEnd()).observe(scroller);
}

/** Scrolls to the end if that was in sight, or in any case if `always`. */
export function keepAtEnd(always = false) {
  if (!isAtEnd && !always) return;
  const scroller = byID("scroller");
  scroller.scrollTop = scroller.scrollHeight;
  isAtEnd = true;
  byID("latest").hidden = true;
}
