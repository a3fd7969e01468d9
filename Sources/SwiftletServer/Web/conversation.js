/**
 * A conversation is a tree of messages: editing and regenerating add a version beside the old one. Each message knows which
 * of its children is shown. Plain objects, so that the browser's storage and JSON keep them as they are.
 */

export const ROOT = "root";

const newID = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function makeConversation({ model = "", settings = {} } = {}) {
  const now = Date.now();
  return {
    id: newID(), title: "", created: now, updated: now, model, settings: { ...settings },
    nodes: { [ROOT]: { id: ROOT, parent: null, role: ROOT, children: [], chosen: 0 } },
  };
}

/** Adds a message below `parent` and shows it. */
export function addNode(conversation, parent, role, content, more = {}) {
  const node = { id: newID(), parent, role, content, created: Date.now(), children: [], chosen: 0, ...more };
  const above = conversation.nodes[parent];
  conversation.nodes[node.id] = node;
  above.children.push(node.id);
  above.chosen = above.children.length - 1;
  touch(conversation);
  return node;
}

/** Marks a change; the first message names a conversation without a title. */
export function touch(conversation) {
  conversation.updated = Date.now();
  if (conversation.title !== "") return;
  const first = path(conversation).find((node) => node.role === "user");
  if (first) conversation.title = titleOf(first);
}

function titleOf(node) {
  const line = node.content.trim().split("\n", 1)[0].trim() || node.attachments?.[0]?.name || "";
  return line.length > 60 ? `${line.slice(0, 59).trimEnd()}…` : line;
}

/** The messages that are shown, from the first to the last, or to `last`. */
export function path(conversation, last = null) {
  const { nodes } = conversation;
  const list = [];
  if (last !== null) {
    for (let node = nodes[last]; node && node.id !== ROOT; node = nodes[node.parent]) list.unshift(node);
    return list;
  }
  let node = nodes[ROOT];
  while (node && node.children.length > 0) {
    node = nodes[node.children[Math.min(node.chosen, node.children.length - 1)]];
    list.push(node);
  }
  return list;
}

/** Which version of how many a message is. */
export function version(conversation, node) {
  const { children } = conversation.nodes[node.parent];
  return { index: children.indexOf(node.id), count: children.length };
}

/** Shows the version before or after a message. */
export function chooseVersion(conversation, node, step) {
  const parent = conversation.nodes[node.parent];
  const index = parent.children.indexOf(node.id) + step;
  if (index < 0 || index >= parent.children.length) return;
  parent.chosen = index;
  conversation.updated = Date.now();
}

/** A message's text as the model gets it: its files follow it, each in a fence that none of its lines closes. */
export function textForModel(node) {
  const parts = [node.content];
  for (const file of node.attachments ?? []) {
    const longest = Math.max(0, ...Array.from(file.text.matchAll(/`{3,}/g), (match) => match[0].length));
    const fence = "`".repeat(Math.max(3, longest + 1));
    parts.push(`File ${file.name}:\n${fence}\n${file.text.replace(/\n$/, "")}\n${fence}`);
  }
  return parts.filter((part) => part !== "").join("\n\n");
}

/** The shown messages as the API wants them, up to `last`: many templates want questions and answers by turns. */
export function messagesForModel(conversation, last) {
  const messages = [];
  for (const node of path(conversation, last)) {
    const content = textForModel(node);
    // An answer that never began is none; the questions around it are one.
    if (node.role === "assistant" && content === "") continue;
    if (messages.at(-1)?.role === node.role) messages.at(-1).content += `\n\n${content}`;
    else messages.push({ role: node.role, content });
  }
  const system = (conversation.settings.system ?? "").trim();
  return system === "" ? messages : [{ role: "system", content: system }, ...messages];
}
