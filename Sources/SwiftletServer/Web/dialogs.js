import { byID, h } from "./dom.js";

/** Shows the page's one dialog with what `build(close)` makes; resolves with what `close` was given, or null. */
export function showDialog(title, build) {
  const dialog = byID("dialog");
  return new Promise((resolve) => {
    let result = null;
    const close = (value = null) => { result = value; dialog.close(); };
    dialog.replaceChildren(h("h2", { id: "dialog-title" }, title), build(close));
    dialog.addEventListener("close", () => { dialog.replaceChildren(); resolve(result); }, { once: true });
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[autofocus]")?.focus();
  });
}

/** Asks before something that cannot be taken back. */
export async function ask(title, text, action) {
  return await showDialog(title, (close) => h("div", {},
    h("p", {}, text),
    h("div", { class: "dialog-buttons" },
      h("button", { type: "button", autofocus: true, onclick: () => close(false) }, "Cancel"),
      h("button", { type: "button", class: "danger-fill", onclick: () => close(true) }, action)))) === true;
}

/** Asks for a key of this server; null if there is none. */
export function askForKey(wasWrong) {
  return showDialog("This server asks for a key", (close) => {
    const field = h("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", autofocus: true,
      "aria-describedby": "key-help" });
    const form = h("form", {},
      wasWrong ? h("p", { class: "problem-text", role: "alert" }, "The server did not accept that key.") : null,
      h("label", { for: "key" }, "Key"), field,
      h("p", { id: "key-help", class: "note" }, "It is kept until this tab is closed, and sent to this server only. Keys are made with swiftlet key add."),
      h("div", { class: "dialog-buttons" },
        h("button", { type: "button", onclick: () => close() }, "Cancel"),
        h("button", { type: "submit", class: "primary" }, "Use this key")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim() !== "") close(field.value.trim());
    });
    return form;
  });
}
