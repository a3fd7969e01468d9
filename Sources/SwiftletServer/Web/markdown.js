/** Draws Markdown with nodes of its own: no text of a model becomes markup, and no address is opened or loaded by itself. */
import { parseBlocks } from "./blocks.js";
import { copyText, h, icon } from "./dom.js";
import { parseInline } from "./inline.js";

const drawn = new WeakMap();

/** Draws `text` into `target`; blocks that are there already stay as they are, so that a stream costs what is new. */
export function drawMarkdown(target, text) {
  const old = drawn.get(target) ?? [];
  const blocks = parseBlocks(text);
  let same = 0;
  while (same < old.length && same < blocks.length && old[same].raw === blocks[same].raw) same += 1;
  for (const { node } of old.slice(same)) node.remove();
  const added = blocks.slice(same).map((block) => ({ raw: block.raw, node: blockNode(block) }));
  for (const { node } of added) target.append(node);
  drawn.set(target, [...old.slice(0, same), ...added]);
}

function blockNode(block) {
  switch (block.type) {
    case "code": return codeBlock(block);
    // The page has its own first headings.
    case "heading": return h(`h${Math.min(6, block.level + 2)}`, {}, inline(block.text));
    case "rule": return h("hr");
    case "quote": return h("blockquote", {}, block.children.map(blockNode));
    case "list":
      return h(block.isOrdered ? "ol" : "ul", block.isOrdered && block.number !== 1 ? { start: block.number } : {},
        block.items.map(listItem));
    case "table": return tableNode(block);
    default: return h("p", {}, inline(block.text));
  }
}

function listItem({ children, task }) {
  const nodes = children.flatMap((block, index) =>
    (block.type === "paragraph" && index === 0 ? inline(block.text) : [blockNode(block)]));
  const box = task === null ? null : h("input", { type: "checkbox", disabled: true, checked: task, "aria-label": task ? "Done" : "Not done" });
  return h("li", task === null ? {} : { class: "task" }, box, nodes);
}

function codeBlock({ language, text }) {
  const label = h("span", {}, "Copy");
  const button = h("button", { type: "button", class: "quiet small", "aria-label": "Copy this code", onclick: async () => {
    label.textContent = (await copyText(text)) ? "Copied" : "Not copied";
    setTimeout(() => { label.textContent = "Copy"; }, 2000);
  } }, icon("copy"), label);
  return h("figure", { class: "code" },
    h("figcaption", {}, h("span", {}, language || "text"), button),
    h("pre", { tabindex: "0", role: "region", "aria-label": language ? `Code in ${language}` : "Code" }, h("code", {}, text)));
}

function tableNode({ head, rows, alignments }) {
  const cell = (tag, attributes) => (text, column) => h(tag, { class: `to-${alignments[column]}`, ...attributes }, inline(text));
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map(cell("th", { scope: "col" })))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell("td", {})))))));
}

const inline = (text) => parseInline(text).map(inlineNode);

function inlineNode(node) {
  if (typeof node === "string") return node;
  const children = () => node.children.map(inlineNode);
  switch (node.type) {
    case "strong": return h("strong", {}, children());
    case "emphasis": return h("em", {}, children());
    case "struck": return h("s", {}, children());
    case "code": return h("code", {}, node.text);
    case "math": return h("code", { class: "math" }, node.text.trim());
    case "break": return h("br");
    case "link": return h("a", { href: node.url, target: "_blank", rel: "noopener noreferrer" }, children());
    default: return h("span", {}, children());
  }
}
