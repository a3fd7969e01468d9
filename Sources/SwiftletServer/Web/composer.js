/** Where messages are written: text, and files that are text. */
import { bytes, byID, h, icon, iconButton, toast } from "./dom.js";
import { fitHeight } from "./message.js";

const LARGEST = 1_000_000;
let files = [];

/** `onsend(text, files)` tells whether it took them. */
export function startComposer(onsend) {
  const [form, input, picker] = [byID("composer"), byID("input"), byID("files")];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if ((text === "" && files.length === 0) || !onsend(text, files)) return;
    input.value = "";
    setFiles([]);
    fitHeight(input);
  });
  input.addEventListener("keydown", (event) => {
    // Enter also ends a word in an input method: that one sends nothing.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  input.addEventListener("input", () => fitHeight(input));
  byID("attach").addEventListener("click", () => picker.click());
  picker.addEventListener("change", async () => {
    await add(picker.files);
    picker.value = "";
  });
  input.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  const view = byID("chat-view");
  view.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  view.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
}

/** Puts the cursor there; on a phone that would bring up the keyboard unasked. */
export function focusComposer() {
  if (matchMedia("(pointer: fine)").matches) byID("input").focus();
}

/** Shows whether an answer is being written. */
export function showRunning(isRunning) {
  byID("send").hidden = isRunning;
  byID("stop").hidden = !isRunning;
}

async function add(list) {
  const added = [];
  for (const file of list) {
    try {
      added.push(await readText(file));
    } catch (error) {
      toast(`${file.name} ${error.message}`, { isProblem: true });
    }
  }
  setFiles([...files, ...added]);
  focusComposer();
}

/** Reads a file in the browser; only text goes into a message. */
async function readText(file) {
  if (file.size > LARGEST) throw new Error(`is too large: ${bytes(file.size)}, and ${bytes(LARGEST)} is the most.`);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error("is no text in UTF-8.");
  }
  if (text.includes("\0")) throw new Error("is no text.");
  return { name: file.name, text: text.replaceAll("\r\n", "\n") };
}

function setFiles(list) {
  files = list;
  byID("attachments").replaceChildren(...files.map((file) => h("li", {}, icon("file"), `${file.name} `,
    h("span", { class: "note" }, bytes(file.text.length)),
    iconButton("close", `Remove ${file.name}`, () => { setFiles(files.filter((other) => other !== file)); focusComposer(); }))));
}
