/** Models on their way from elsewhere to the server. */
import { records } from "./api.js";
import { announce, byID, bytes, h, icon } from "./dom.js";
import { refreshModels } from "./modellist.js";

export function startPulls() {
  byID("pull").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = byID("pull-name").value.trim();
    if (name === "") return;
    byID("pull-name").value = "";
    pull(name);
  });
}

async function pull(name) {
  const abort = new AbortController();
  const state = h("p", { class: "note" }, "Asking the server");
  const bars = h("div", { class: "bars" });
  const buttons = h("div", { class: "pull-buttons" }, h("button", { type: "button", class: "quiet", onclick: () => abort.abort() }, "Stop"));
  const item = h("li", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, name), buttons), state, bars);
  byID("pulls").prepend(item);
  const drop = h("button", { type: "button", class: "quiet", onclick: () => item.remove() }, "Dismiss");
  try {
    let isDone = false;
    for await (const record of records("api/pull", { method: "POST", body: { model: name }, signal: abort.signal })) {
      if (record.digest) progress(bars, record);
      else state.textContent = record.status;
      isDone ||= record.status === "success";
    }
    if (!isDone) throw new Error("The connection ended before the model was here.");
    state.textContent = "It is here.";
    bars.remove();
    buttons.replaceChildren(drop);
    announce(`${name} is here.`);
    await refreshModels();
  } catch (error) {
    const isStopped = error.name === "AbortError";
    state.className = isStopped ? "note" : "problem-text";
    state.textContent = isStopped ? "Stopped; the next try goes on from there." : error.message;
    state.setAttribute("role", "alert");
    buttons.replaceChildren(h("button", { type: "button", onclick: () => { item.remove(); pull(name); } }, icon("again"), "Try again"), drop);
  }
}

function progress(bars, { digest, completed = 0, total }) {
  let row = [...bars.children].find((other) => other.dataset.digest === digest);
  if (!row) {
    row = h("div", { class: "bar-row", "data-digest": digest }, h("progress", { "aria-label": digest }), h("span", { class: "note" }));
    bars.append(row);
  }
  const [bar, text] = row.children;
  if (total) {
    bar.max = total;
    bar.value = completed;
  }
  const share = total ? ` (${Math.floor((100 * completed) / total)}%)` : "";
  text.textContent = `${digest}: ${bytes(completed)}${total ? ` of ${bytes(total)}` : ""}${share}`;
}
