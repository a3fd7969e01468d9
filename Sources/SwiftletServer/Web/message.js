/** One message on the page. */
import { isRunning, runOf } from "./answers.js";
import { version } from "./conversation.js";
import { bytes, copyText, h, icon, iconButton, toast } from "./dom.js";
import { drawMarkdown } from "./markdown.js";

/** Makes the view of a message; `actions` are what its buttons do. `update()` shows what has changed. */
export function messageView(conversation, node, actions) {
  const isUser = node.role === "user";
  const content = h("div", { class: isUser ? "content plain" : "content markdown" });
  const reasoning = h("details", { class: "reasoning", hidden: true },
    h("summary", {}, h("span", { class: "reasoning-name" }, "Reasoning")), h("div", { class: "plain" }));
  const waiting = h("p", { class: "waiting", hidden: true }, h("span", { class: "pulse", "aria-hidden": "true" }), h("span", {}));
  const problem = h("div", { class: "problem", role: "alert", hidden: true });
  const stats = h("p", { class: "stats" });
  const tools = h("div", { class: "tools", role: "group", "aria-label": isUser ? "Your message" : "This answer" });
  const body = h("div", { class: "body" }, files(node), reasoning, content, waiting, problem);
  const element = h("article", { class: `message ${node.role}`, "data-id": node.id, "aria-label": isUser ? "You" : `Answer of ${node.model || "the model"}` },
    isUser ? null : h("p", { class: "who" }, node.model || "Assistant"), body, stats, tools);

  function update() {
    const runs = isRunning(conversation) && runOf(conversation).node === node;
    element.setAttribute("aria-busy", String(runs));
    if (isUser) content.textContent = node.content;
    else drawMarkdown(content, node.content);
    drawReasoning(runs);
    waiting.hidden = !runs || node.content !== "" || Boolean(node.reasoning);
    if (!waiting.hidden) {
      const seconds = Math.floor((performance.now() - runOf(conversation).start) / 1000);
      waiting.lastChild.textContent = seconds < 2 ? "Reading" : `Reading, ${seconds} s`;
    }
    drawProblem();
    stats.textContent = statsText(runs);
    stats.hidden = stats.textContent === "";
    // There is nothing to copy before the first word.
    tools.hidden = runs && node.content === "";
    if (tools.dataset.runs !== String(runs)) drawTools(runs);
  }

  function drawReasoning(runs) {
    const text = node.reasoning ?? "";
    reasoning.hidden = text === "";
    if (text === "") return;
    reasoning.querySelector(".reasoning-name").textContent = runs && node.content === "" ? "Reasoning…" : "Reasoning";
    reasoning.lastChild.textContent = text.trim();
  }

  function drawProblem() {
    problem.hidden = !node.error;
    if (!node.error) {
      problem.replaceChildren();
    } else if (problem.dataset.text !== node.error || !problem.firstChild) {
      problem.dataset.text = node.error;
      problem.replaceChildren(h("p", {}, node.error),
        h("button", { type: "button", class: "retry", onclick: () => actions.retry(node) }, icon("again"), "Try again"));
    }
  }

  function statsText(runs) {
    const parts = [];
    const { stats: counts } = node;
    if (runs) return runOf(conversation).pieces > 0 ? `${runOf(conversation).pieces} tokens` : "";
    if (node.edited) parts.push("edited by you");
    if (node.end === "stopped") parts.push("stopped");
    if (node.end === "length") parts.push("ended at its limit of tokens");
    if (!counts) return parts.join(" · ");
    const about = counts.isAbout ? "about " : "";
    if (counts.rate) parts.push(`${about}${counts.rate.toFixed(counts.rate < 10 ? 1 : 0)} tokens/s`);
    if (counts.first !== undefined) parts.push(`first token after ${counts.first.toFixed(2)} s`);
    if (counts.tokens) parts.push(`${about}${counts.tokens} tokens`);
    if (counts.prompt) parts.push(`prompt of ${counts.prompt}, ${counts.cached} from cache`);
    return parts.join(" · ");
  }

  function drawTools(runs) {
    tools.dataset.runs = String(runs);
    const copy = iconButton("copy", isUser ? "Copy your message" : "Copy the answer", async () => {
      toast((await copyText(node.content)) ? "Copied" : "The browser did not let it be copied");
    });
    // Nothing else can be done to the end of a conversation while it grows.
    const more = runs ? [] : [
      iconButton("edit", isUser ? "Edit and send again" : "Edit the answer", edit),
      isUser ? null : iconButton("again", "Answer again", () => actions.again(node)),
      !isUser && ["stopped", "length"].includes(node.end) && node.content !== ""
        ? iconButton("on", "Go on with the answer", () => actions.goOn(node)) : null,
      versions(),
    ];
    tools.replaceChildren(...[copy, ...more].filter(Boolean));
  }

  function versions() {
    const { index, count } = version(conversation, node);
    if (count < 2) return null;
    return h("div", { class: "versions", role: "group", "aria-label": "Versions" },
      iconButton("left", "Version before", () => actions.choose(node, -1), { disabled: index === 0, class: "quiet icon small before" }),
      h("span", {}, `${index + 1} of ${count}`),
      iconButton("right", "Next version", () => actions.choose(node, 1), { disabled: index === count - 1, class: "quiet icon small next" }));
  }

  function edit() {
    const field = h("textarea", { class: "edit-field", "aria-label": isUser ? "Edit your message" : "Edit the answer", rows: 1 });
    field.value = node.content;
    const end = () => { form.replaceWith(body); tools.hidden = false; element.querySelector(".tools button")?.focus(); };
    const form = h("form", { class: "edit" }, field, h("div", { class: "dialog-buttons" },
      h("button", { type: "button", onclick: end }, "Cancel"),
      h("button", { type: "submit", class: "primary" }, isUser ? "Send" : "Save")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = field.value.trim();
      if (text === "" && !node.attachments?.length) return;
      end();
      if (text !== node.content || isUser) actions.edit(node, text);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        end();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && isUser) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    body.replaceWith(form);
    tools.hidden = true;
    fitHeight(field);
    field.addEventListener("input", () => fitHeight(field));
    field.focus();
  }

  update();
  return { element, node, update };
}

/** A text field as high as its text, up to what its style allows. */
export function fitHeight(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

function files(node) {
  if (!node.attachments?.length) return null;
  return h("ul", { class: "attachments", "aria-label": "Attached files" }, node.attachments.map((file) =>
    h("li", {}, h("details", {}, h("summary", {}, icon("file"), `${file.name} `, h("span", { class: "note" }, bytes(file.text.length))),
      h("pre", { tabindex: "0" }, file.text)))));
}
