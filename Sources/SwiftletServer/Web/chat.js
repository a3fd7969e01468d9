/** The chat: the shown conversation, its messages, and what can be done with them. */
import { answer, isRunning, onAnswer, runOf, stop } from "./answers.js";
import { showRunning, startComposer } from "./composer.js";
import { addNode, chooseVersion, makeConversation, path, ROOT } from "./conversation.js";
import { announce, byID, h, toast } from "./dom.js";
import { messageView } from "./message.js";
import { allModels, canChat, onModels, showModel } from "./modellist.js";
import { followEnd, keepAtEnd } from "./scrolling.js";
import { drawSettings } from "./settings.js";
import { choice, keepChoice, saveChat } from "./store.js";

let shown = null;
let views = [];
let onListChange = () => {};

export const shownChat = () => shown;

/** `onlist` is called when the list of conversations has something new to show. */
export function startChat(onlist) {
  onListChange = onlist;
  onAnswer(answerChanged);
  onModels(drawModels);
  startComposer(send);
  followEnd();
  byID("stop").addEventListener("click", stopShown);
  byID("model").addEventListener("change", (event) => {
    shown.model = event.target.value;
    keepChoice("model", shown.model);
    save();
    redrawSettings();
    drawEmpty();
  });
  byID("title").addEventListener("input", (event) => {
    shown.title = event.target.value;
    save();
  });
  byID("settings-button").addEventListener("click", () => showSettings(byID("settings").hidden));
  // How long the first token takes is shown while it does.
  setInterval(() => {
    const run = shown && runOf(shown);
    if (run && run.first === null) views.at(-1)?.update();
  }, 500);
}

/** A conversation with the parameters of the last one; kept once it has a message. */
export function freshChat() {
  return makeConversation({ model: choice("model", ""), settings: choice("settings", {}) });
}

export function showChat(conversation) {
  shown = conversation;
  byID("title").value = conversation.title;
  drawModels();
  redrawSettings();
  drawMessages();
  keepAtEnd(true);
}

export function stopShown() {
  if (shown && isRunning(shown)) stop(shown);
}

/** Keeps the shown conversation, once it has messages. */
function save() {
  onListChange();
  if (shown.nodes[ROOT].children.length > 0) saveChat(shown).catch(() => {});
}

function send(text, files) {
  if (isRunning(shown)) return false;
  if (shown.model === "") {
    toast("There is no model yet: get one on the page of models", { isProblem: true });
    return false;
  }
  const parent = path(shown).at(-1)?.id ?? ROOT;
  ask(addNode(shown, parent, "user", text, files.length > 0 ? { attachments: files } : {}));
  return true;
}

/** Lets the model answer a message of the person. */
function ask(question) {
  const conversation = shown;
  const node = addNode(conversation, question.id, "assistant", "");
  byID("title").value = conversation.title;
  save();
  run(conversation, node);
}

async function run(conversation, node, options) {
  announce("The model is reading your message.");
  const writing = answer(conversation, node, options);
  if (conversation === shown) {
    drawMessages();
    keepAtEnd(true);
  }
  onListChange();
  await writing;
}

const actions = {
  again: (node) => ask(shown.nodes[node.parent]),
  // What failed leaves nothing behind; what had begun stays as a version of its own.
  retry: (node) => {
    if (node.content !== "") return ask(shown.nodes[node.parent]);
    delete node.reasoning;
    run(shown, node);
  },
  goOn: (node) => run(shown, node, { isMore: true }),
  edit: (node, text) => {
    const attachments = node.attachments ? { attachments: node.attachments } : {};
    if (node.role === "user") {
      ask(addNode(shown, node.parent, "user", text, attachments));
    } else {
      addNode(shown, node.parent, "assistant", text, { model: node.model, edited: true });
      save();
      drawMessages();
    }
  },
  choose: (node, step) => {
    chooseVersion(shown, node, step);
    save();
    drawMessages();
    // The buttons were drawn anew: the focus goes to the same one of the other version.
    const place = path(shown).find((other) => other.parent === node.parent);
    const tools = views.find((view) => view.node === place)?.element.querySelector(".versions");
    (tools?.querySelector(step < 0 ? ".before:enabled" : ".next:enabled") ?? tools?.querySelector("button:enabled"))?.focus();
  },
};

function guarded(list) {
  return Object.fromEntries(Object.entries(list).map(([name, action]) => [name, (...values) => {
    if (isRunning(shown)) toast("An answer is being written: stop it first");
    else action(...values);
  }]));
}

/** Draws the shown path; messages that are on the page already stay. */
function drawMessages() {
  const nodes = path(shown);
  const old = new Map(views.map((view) => [view.node, view]));
  let same = 0;
  while (same < nodes.length && views[same]?.node === nodes[same] && same < nodes.length - 1) same += 1;
  views = nodes.map((node, index) => (index < same ? old.get(node) : messageView(shown, node, guarded(actions))));
  byID("messages").replaceChildren(...views.map((view) => view.element));
  byID("empty").hidden = nodes.length > 0;
  showRunning(isRunning(shown));
  drawEmpty();
}

function answerChanged(conversation, node, isEnd) {
  if (isEnd) onListChange();
  if (conversation !== shown) return;
  const view = views.find((other) => other.node === node);
  if (isEnd) {
    view?.update();
    showRunning(false);
    announce(node.error ? `No answer: ${node.error}` : `Answer: ${node.content.slice(0, 2000)}`);
    // An answer's end changes what its question's buttons may do.
    for (const other of views) other.update();
    keepAtEnd();
  } else if (view && !view.isDue) {
    // Once a frame is enough for eyes.
    view.isDue = true;
    requestAnimationFrame(() => {
      view.isDue = false;
      view.update();
      keepAtEnd();
    });
  }
}

function drawModels() {
  if (!shown) return;
  const models = allModels();
  const select = byID("model");
  const names = models.map((model) => model.name);
  if (!names.includes(shown.model) && path(shown).length === 0) shown.model = names.includes(choice("model", "")) ? choice("model", "") : names[0] ?? "";
  const isGone = shown.model !== "" && !names.includes(shown.model);
  select.replaceChildren(
    ...(isGone ? [h("option", { value: shown.model }, `${shown.model} (not there)`)] : []),
    ...models.map((model) => h("option", { value: model.name }, model.name)),
    ...(models.length === 0 && !isGone ? [h("option", { value: "" }, "No models yet")] : []));
  select.value = shown.model;
  drawEmpty();
  leaveOutEmbedders(models);
}

async function leaveOutEmbedders(models) {
  const conversation = shown;
  for (const model of models) {
    if (await canChat(model)) continue;
    const option = [...byID("model").options].find((other) => other.value === model.name);
    if (!option) continue;
    option.disabled = true;
    option.textContent = `${model.name} (for embeddings)`;
    if (conversation === shown && shown.model === model.name && path(shown).length === 0) {
      shown.model = [...byID("model").options].find((other) => !other.disabled)?.value ?? "";
      byID("model").value = shown.model;
    }
  }
  drawEmpty();
}

function drawEmpty() {
  const isThere = allModels().length > 0;
  byID("empty-title").textContent = isThere ? "What would you like to know?" : "No models yet";
  byID("empty-text").replaceChildren(...(isThere
    ? [h("strong", {}, shown.model), " runs on this server, and nowhere else."]
    : ["Get one on the page of ", h("a", { href: "#/models" }, "models"), " to begin."]));
}

async function redrawSettings() {
  const conversation = shown;
  const draw = (hasThinking) => drawSettings(conversation, { hasThinking, onchange: save, onclose: () => {
    showSettings(false);
    byID("settings-button").focus();
  } });
  draw(false);
  const model = allModels().find((other) => other.name === conversation.model);
  const facts = model && await showModel(model).catch(() => null);
  if (facts?.capabilities?.includes("thinking") && conversation === shown) draw(true);
}

/** Shows or hides the parameters; false if they were as they should be. */
export function showSettings(isShown) {
  const panel = byID("settings");
  if (panel.hidden !== isShown) return false;
  panel.hidden = !isShown;
  byID("settings-button").setAttribute("aria-expanded", String(isShown));
  if (isShown) panel.querySelector("textarea").focus();
  return true;
}
