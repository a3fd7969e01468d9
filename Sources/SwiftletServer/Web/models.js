/** The page of models: what the server has, what of it is loaded, and how to get more. */
import { json, request } from "./api.js";
import { ask } from "./dialogs.js";
import { byID, bytes, h, icon, toast } from "./dom.js";
import { allModels, onModels, refreshModels, showModel } from "./modellist.js";
import { startPulls } from "./pulls.js";

let loaded = new Map();
let timer = null;
const opened = new Set();

export function startModels() {
  startPulls();
  onModels(draw);
}

/** Begins or ends looking at what is loaded. */
export function watchModels(isShown) {
  clearInterval(timer);
  if (!isShown) return;
  refresh();
  timer = setInterval(() => { if (!document.hidden) refreshLoaded(); }, 5000);
}

async function refresh() {
  try {
    await refreshModels();
    byID("models-problem").replaceChildren();
  } catch (error) {
    byID("models-problem").replaceChildren(h("div", { class: "problem", role: "alert" }, h("p", {}, error.message),
      h("button", { type: "button", class: "retry", onclick: refresh }, icon("again"), "Try again")));
    return;
  }
  await refreshLoaded();
}

async function refreshLoaded() {
  try {
    const models = (await json("api/ps")).models;
    const next = new Map(models.map((model) => [model.name, model]));
    const isSame = JSON.stringify([...next]) === JSON.stringify([...loaded]);
    loaded = next;
    if (!isSame) draw(allModels());
  } catch { /* The list stays as it was; the next look may succeed. */ }
}

function draw(models) {
  // A field that has the focus keeps it: buttons are found again by their name.
  const focus = document.activeElement?.closest("#models") ? document.activeElement.getAttribute("aria-label") : null;
  byID("models").replaceChildren(...models.map(card));
  const size = models.reduce((sum, model) => sum + model.size, 0);
  byID("models-note").textContent = models.length === 0 ? "There are no models yet: pull one above."
    : `${models.length} ${models.length === 1 ? "model" : "models"}, ${bytes(size)} on disk.`;
  if (focus) [...byID("models").querySelectorAll("[aria-label]")].find((element) => element.getAttribute("aria-label") === focus)?.focus();
}

function card(model) {
  const { details = {} } = model;
  const state = loaded.get(model.name);
  const facts = [
    details.parameter_size && details.parameter_size !== "0" ? `${details.parameter_size} parameters` : null,
    details.quantization_level, bytes(model.size),
  ].filter(Boolean).join(" · ");
  const item = h("li", { class: "card" },
    h("div", { class: "card-head" },
      h("div", {}, h("h2", {}, model.name), h("p", { class: "note" }, facts)),
      state ? h("span", { class: "badge" }, "loaded") : null),
    state ? h("p", { class: "note" }, loadedText(state)) : null,
    h("div", { class: "card-buttons" },
      state ? button("Unload", model, () => unload(model)) : null,
      button("Delete", model, () => remove(model), "quiet danger")));
  item.append(detailsOf(model));
  return item;
}

function button(text, model, onclick, style = "quiet") {
  return h("button", { type: "button", class: style, "aria-label": `${text} ${model.name}`, onclick }, text);
}

function loadedText({ size, context_length: context, expires_at: expiry }) {
  const minutes = (new Date(expiry) - Date.now()) / 60_000;
  const until = minutes > 60 * 24 * 365 ? "stays loaded" : minutes < 1 ? "goes within a minute" : `goes after ${Math.round(minutes)} idle min`;
  return `${bytes(size)} in memory · context of ${context.toLocaleString("en")} tokens · ${until}`;
}

/** Folded facts, asked for when they are opened. */
function detailsOf(model) {
  const body = h("div", { class: "details-body" });
  const element = h("details", { class: "details", ontoggle: async () => {
    if (!element.open) {
      opened.delete(model.name);
      return;
    }
    opened.add(model.name);
    if (body.firstChild) return;
    body.append(h("p", { class: "note" }, "Asking the server"));
    try {
      body.replaceChildren(...factsOf(model, await showModel(model)));
    } catch (error) {
      body.replaceChildren(h("p", { class: "problem-text", role: "alert" }, error.message));
    }
  } }, h("summary", { "aria-label": `Details of ${model.name}` }, "Details"), body);
  element.open = opened.has(model.name);
  return element;
}

function factsOf(model, shown) {
  const info = shown.model_info ?? {};
  const value = (ending) => Object.entries(info).find(([name]) => name.endsWith(ending))?.[1];
  const count = (number) => (Number.isFinite(number) ? number.toLocaleString("en") : null);
  const rows = [
    ["Architecture", info["general.architecture"]], ["Name in the file", info["general.name"]],
    ["Parameters", count(info["general.parameter_count"])], ["Trained context", count(value(".context_length"))],
    ["Layers", count(value(".block_count"))], ["Width", count(value(".embedding_length"))],
    ["Can do", shown.capabilities?.join(", ")], ["License", shown.license?.split("\n", 1)[0].slice(0, 120)],
    ["Added", new Date(shown.modified_at).toLocaleString()], ["SHA-256", model.digest?.replace(/^sha256:/, "")],
    ["System prompt", shown.system], ["Parameters of its own", shown.parameters],
  ].filter(([, text]) => text !== undefined && text !== null && text !== "");
  return [
    h("dl", {}, rows.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, String(text))])),
    shown.template ? h("details", {}, h("summary", {}, "Chat template"), h("pre", { tabindex: "0" }, shown.template)) : "",
  ];
}

async function unload(model) {
  await act(() => json("api/generate", { method: "POST", body: { model: model.name, keep_alive: 0, stream: false } }), `${model.name} is unloaded`);
}

async function remove(model) {
  const isMeant = await ask(`Delete ${model.name}?`, `Its files (${bytes(model.size)}) are removed from the server for everybody who uses it.`, "Delete");
  if (isMeant) await act(() => request("api/delete", { method: "DELETE", body: { model: model.name } }), `${model.name} is deleted`);
}

async function act(body, text) {
  try {
    await body();
    toast(text);
  } catch (error) {
    toast(error.message, { isProblem: true });
  }
  await refresh();
}
