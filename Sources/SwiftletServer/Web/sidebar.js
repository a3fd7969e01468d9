/** The list of conversations. */
import { isRunning } from "./answers.js";
import { byID, h } from "./dom.js";

const narrow = matchMedia("(max-width: 760px)");

export function startSidebar() {
  for (const button of document.querySelectorAll(".open-sidebar")) button.addEventListener("click", () => openSidebar(true));
  byID("close-sidebar").addEventListener("click", () => openSidebar(false));
  byID("backdrop").addEventListener("click", () => openSidebar(false));
  narrow.addEventListener("change", () => openSidebar(false, { isQuiet: true }));
  openSidebar(false, { isQuiet: true });
}

/** On a narrow page the list lies over the rest; false if it was as it should be. */
export function openSidebar(isOpen, { isQuiet = false } = {}) {
  const [sidebar, main] = [byID("sidebar"), byID("main")];
  const wasOpen = document.body.classList.contains("has-sidebar");
  document.body.classList.toggle("has-sidebar", isOpen && narrow.matches);
  byID("backdrop").hidden = !(isOpen && narrow.matches);
  sidebar.inert = narrow.matches && !isOpen;
  main.inert = narrow.matches && isOpen;
  const buttons = [...document.querySelectorAll(".open-sidebar")];
  for (const button of buttons) button.setAttribute("aria-expanded", String(isOpen));
  if (isQuiet || wasOpen === isOpen) return wasOpen !== isOpen;
  if (isOpen) byID("close-sidebar").focus();
  else buttons.find((button) => button.offsetParent !== null)?.focus();
  return true;
}

/** Draws the conversations, by the day of their last change. */
export function drawChats(chats, shownID) {
  const groups = new Map();
  for (const chat of chats) {
    const name = day(chat.updated);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(chat);
  }
  byID("chats").replaceChildren(...[...groups].map(([name, list]) => h("section", {}, h("h2", {}, name), h("ul", {},
    list.map((chat) => h("li", {}, h("a", { href: `#/chat/${chat.id}`, class: "row", "aria-current": chat.id === shownID ? "page" : null },
      h("span", { class: "chat-name" }, chat.title || "Untitled"),
      isRunning(chat) ? h("span", { class: "pulse", role: "img", "aria-label": "is being answered" }) : null)))))));
}

function day(time) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  return days < 7 ? "This week" : "Earlier";
}
