/** Small helpers that build the page out of nodes: text never becomes markup. */

export const byID = (id) => document.getElementById(id);

/** An element with attributes (`onclick` and the like add listeners) and children (nodes or texts; null is left out). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/** One of the page's symbols. */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button that is only a symbol; `label` is its name for all. */
export function iconButton(name, label, onclick, attributes = {}) {
  return h("button", { type: "button", class: "quiet icon small", "aria-label": label, title: label, onclick, ...attributes },
    icon(name));
}

/** Says something to screen readers. */
export function announce(text) { byID("status").textContent = text; }

/** Shows a short notice for some seconds. */
export function toast(text, { isProblem = false } = {}) {
  const element = h("div", { class: isProblem ? "toast problem" : "toast" }, text);
  byID("toasts").append(element);
  setTimeout(() => element.remove(), isProblem ? 8000 : 3000);
}

/** Puts text on the clipboard; pages that came without TLS from elsewhere have no clipboard of their own. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "hidden-text", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}

/** Gives a file to the person. */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** "1.5 GB", in powers of ten as the library writes sizes. */
export function bytes(count) {
  if (!Number.isFinite(count)) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}
