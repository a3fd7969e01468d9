/** Puts the page together: which view is shown, the list of chats, keys. */
import { isRunning, stop } from "./answers.js";
import { forgetKey, hasKey } from "./api.js";
import { freshChat, showChat, showSettings, shownChat, startChat, stopShown } from "./chat.js";
import { focusComposer } from "./composer.js";
import { path, ROOT } from "./conversation.js";
import { ask } from "./dialogs.js";
import { byID, download, toast } from "./dom.js";
import { exportJSON, exportMarkdown, fileName, importJSON } from "./exchange.js";
import { refreshModels } from "./modellist.js";
import { startModels, watchModels } from "./models.js";
import { drawChats, openSidebar, startSidebar } from "./sidebar.js";
import { allChats, deleteChat, onChangeElsewhere, openStore, saveChat } from "./store.js";

let chats = [];

function drawList() {
  const shown = shownChat();
  if (shown && !chats.includes(shown) && shown.nodes[ROOT].children.length > 0) chats.push(shown);
  chats.sort((one, other) => other.updated - one.updated);
  drawChats(chats, byID("chat-view").hidden ? null : shown?.id);
}

/** Shows what the address names: `#/models`, `#/chat/ID`, or a new chat. */
function route() {
  const isModels = location.hash === "#/models";
  byID("chat-view").hidden = isModels;
  byID("models-view").hidden = !isModels;
  if (isModels) byID("models-link").setAttribute("aria-current", "page");
  else byID("models-link").removeAttribute("aria-current");
  if (!shownChat()) showChat(freshChat());
  watchModels(isModels);
  openSidebar(false, { isQuiet: true });
  if (!isModels) {
    const id = /^#\/chat\/(\w+)$/.exec(location.hash)?.[1];
    const chat = chats.find((other) => other.id === id);
    if (!chat && id) history.replaceState(null, "", "#/");
    if (chat !== shownChat() || !chat) showChat(chat ?? freshChat());
    focusComposer();
  }
  document.title = isModels ? "Models · Swiftlet" : shownChat()?.title ? `${shownChat().title} · Swiftlet` : "Swiftlet";
  drawList();
}

/** A chat's first message gives it an address. */
function listChanged() {
  const shown = shownChat();
  drawList();
  if (byID("chat-view").hidden || shown.nodes[ROOT].children.length === 0) return;
  // The person may be on the way to another view just now.
  if (!["", "#/", `#/chat/${shown.id}`].includes(location.hash)) return;
  history.replaceState(null, "", `#/chat/${shown.id}`);
  document.title = `${shown.title || "Chat"} · Swiftlet`;
  drawList();
}

function newChat() {
  if (location.hash !== "#/") history.pushState(null, "", "#/");
  byID("chat-view").hidden ? route() : (showChat(freshChat()), openSidebar(false, { isQuiet: true }), drawList());
  document.title = "Swiftlet";
  focusComposer();
}

function startTheme() {
  const button = byID("theme");
  const root = document.documentElement;
  const themes = ["system", "light", "dark"];
  const draw = () => { byID("theme-name").textContent = `Theme: ${root.dataset.theme ?? "system"}`; };
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme ?? "system") + 1) % themes.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try { localStorage.setItem("swiftlet.theme", next); } catch { /* Then it lasts as long as the page. */ }
    draw();
  });
  draw();
}

function startMenus() {
  const menu = byID("menu");
  const chosen = (body) => () => { menu.open = false; body(shownChat()); };
  byID("export-json").addEventListener("click", chosen((chat) => download(fileName(chat, "json"), "application/json", exportJSON([chat]))));
  byID("export-markdown").addEventListener("click", chosen((chat) => download(fileName(chat, "md"), "text/markdown", exportMarkdown(chat))));
  byID("delete-chat").addEventListener("click", chosen(removeChat));
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  byID("export-all").addEventListener("click", () => {
    if (chats.length === 0) toast("There are no chats yet");
    else download("swiftlet-chats.json", "application/json", exportJSON(chats));
  });
  byID("import").addEventListener("click", () => byID("import-file").click());
  byID("import-file").addEventListener("change", importChats);
}

async function removeChat(chat) {
  if (path(chat).length === 0) return newChat();
  if (!(await ask("Delete this chat?", `“${chat.title || "Untitled"}” is removed from this browser; there is no other copy.`, "Delete"))) return undefined;
  if (isRunning(chat)) stop(chat);
  chats = chats.filter((other) => other !== chat);
  await deleteChat(chat.id);
  return newChat();
}

async function importChats() {
  const [file] = byID("import-file").files;
  if (!file) return;
  try {
    const added = importJSON(await file.text());
    for (const chat of added) await saveChat(chat);
    chats.push(...added);
    toast(added.length === 1 ? "One chat was imported" : `${added.length} chats were imported`);
    if (added.length === 1) location.hash = `#/chat/${added[0].id}`;
    drawList();
  } catch (error) {
    toast(`${file.name} was not imported. ${error.message}`, { isProblem: true });
  }
  byID("import-file").value = "";
}

function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (byID("dialog").open) return;
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      newChat();
    } else if (event.key === "Escape") {
      if (byID("menu").open) {
        byID("menu").open = false;
        byID("menu").querySelector("summary").focus();
      } else if (openSidebar(false)) return;
      else if (isRunning(shownChat())) stopShown();
      else if (showSettings(false)) byID("settings-button").focus();
    }
  });
}

async function readModels() {
  try {
    await refreshModels();
  } catch (error) {
    toast(error.message, { isProblem: true });
  }
}

async function start() {
  startTheme();
  startSidebar();
  startMenus();
  startKeys();
  startChat(listChanged);
  startModels();
  byID("new-chat").addEventListener("click", newChat);
  document.querySelector(".skip").addEventListener("click", (event) => {
    // The address names a view, not a place on the page.
    event.preventDefault();
    byID("main").focus();
  });
  if (!(await openStore())) toast("This browser keeps nothing for this page: chats are gone when it is closed.", { isProblem: true });
  chats = await allChats().catch(() => {
    toast("The browser could not read the chats that it keeps.", { isProblem: true });
    return [];
  });
  for (const chat of chats) endOldRuns(chat);
  route();
  addEventListener("hashchange", route);
  addEventListener("pagehide", () => { for (const chat of chats) if (isRunning(chat)) saveChat(chat).catch(() => {}); });
  onChangeElsewhere(async () => {
    // Another tab changed a chat; the shown one stays as it is here.
    const shown = shownChat();
    const stored = await allChats();
    chats = stored.map((chat) => (chat.id === shown?.id || isRunning(chat) ? chats.find((own) => own.id === chat.id) ?? chat : chat));
    drawList();
  });
  byID("forget-key").addEventListener("click", () => {
    forgetKey();
    location.reload();
  });
  await readModels();
  byID("forget-key").hidden = !hasKey();
  document.body.dataset.ready = "true";
}

/** Answers that were being written when the page went stopped there. */
function endOldRuns(chat) {
  for (const node of Object.values(chat.nodes)) if (node.end === "running") node.end = "stopped";
}

start();
