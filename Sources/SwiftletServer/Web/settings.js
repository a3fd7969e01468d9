/** The parameters of a conversation; an empty field leaves the choice to the model. */
import { byID, h, iconButton } from "./dom.js";
import { keepChoice } from "./store.js";

const NUMBERS = [
  { name: "temperature", label: "Temperature", help: "Low is steady, high is varied; 0 always takes the likeliest word.", least: 0, most: 5, step: 0.1 },
  { name: "top_p", label: "Top p", help: "How much of the likely words there is to choose from.", least: 0, most: 1, step: 0.05 },
  { name: "num_predict", label: "Max tokens", help: "The longest answer.", least: 1, most: 1_000_000, step: 1 },
  { name: "seed", label: "Seed", help: "The same seed gives the same answer again.", least: 0, most: 2 ** 31 - 1, step: 1 },
  { name: "num_ctx", label: "Context", help: "Tokens that the chat and its answer may have together.", least: 1, most: 2 ** 24, step: 1 },
];

/** Draws the fields of a conversation; `onchange` is called after each change. */
export function drawSettings(conversation, { hasThinking, onchange, onclose }) {
  const { settings } = conversation;
  const changed = () => {
    // The next chat begins with these.
    keepChoice("settings", settings);
    onchange();
  };
  const system = h("textarea", { id: "setting-system", rows: 5, placeholder: "How the model should answer", oninput: (event) => {
    set(settings, "system", event.target.value === "" ? undefined : event.target.value);
    changed();
  } });
  system.value = settings.system ?? "";
  const thinking = h("select", { id: "setting-thinking", onchange: (event) => {
    set(settings, "thinking", event.target.value || undefined);
    changed();
  } }, [["", "As the model does"], ["on", "On"], ["off", "Off"]].map(([value, text]) => h("option", { value }, text)));
  thinking.value = settings.thinking ?? "";
  byID("settings").replaceChildren(
    h("div", { class: "settings-head" }, h("h2", {}, "Parameters"), iconButton("close", "Close the parameters", onclose)),
    h("div", { class: "field" }, h("label", { for: "setting-system" }, "System prompt"), system),
    ...NUMBERS.map((number) => numberField(settings, number, changed)),
    hasThinking ? h("div", { class: "field" }, h("label", { for: "setting-thinking" }, "Reasoning"), thinking) : "",
    h("p", { class: "note" }, "Empty fields leave the choice to the model."));
}

function set(settings, name, value) {
  if (value === undefined) delete settings[name];
  else settings[name] = value;
}

function numberField(settings, { name, label, help, least, most, step }, changed) {
  const id = `setting-${name}`;
  const problem = h("p", { class: "problem-text", id: `${id}-problem`, role: "alert", hidden: true });
  const field = h("input", { id, type: "number", inputmode: "decimal", min: least, max: most, step: step === 1 ? 1 : "any", placeholder: "default",
    "aria-describedby": `${id}-help ${id}-problem`, value: settings[name], oninput: () => {
      const text = field.value.trim();
      const value = Number(text);
      const isEmpty = text === "" && !field.validity.badInput;
      const isGood = isEmpty || (text !== "" && value >= least && value <= most && (step !== 1 || Number.isInteger(value)));
      problem.hidden = isGood;
      field.setAttribute("aria-invalid", String(!isGood));
      if (!isGood) {
        problem.textContent = `${step === 1 ? "A whole number" : "A number"} from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}`;
        return;
      }
      set(settings, name, isEmpty ? undefined : value);
      changed();
    } });
  return h("div", { class: "field" }, h("div", { class: "field-line" }, h("label", { for: id }, label), field),
    h("p", { class: "note", id: `${id}-help` }, help), problem);
}
