/**
 * The insides of Markdown's paragraphs as a tree: strings, and `{ type, children | text, url }`. CommonMark's rules for
 * emphasis (delimiter stack), code spans, links and escapes; of GitHub's additions struck text and bare addresses.
 * Images become links, since the page asks nobody but its server for anything.
 */

const SCHEMES = ["http:", "https:", "mailto:"];
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const BARE = /https?:\/\/[^\s<>"`]+/y;
const ANGLED = /<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+)>/iy;
const ENTITY = /&(?:(\w{2,6})|#(\d{1,7}));/y;

/** The address if it is one that may be opened, else null. */
export function safeURL(text) {
  try {
    const url = new URL(text);
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function parseInline(text) {
  const parser = { text, at: 0, tokens: [], plain: "", brackets: [], noCloser: new Set() };
  while (parser.at < text.length) {
    const step = STEPS[text[parser.at]];
    if (!step?.(parser)) parser.plain += text[parser.at++];
  }
  flush(parser);
  return emphasize(parser.tokens);
}

const STEPS = {
  "\\": escape, "`": codeSpan, "$": dollarMath, "*": delimiter, "_": delimiter, "~": delimiter, "[": openBracket, "!": image,
  "]": closeBracket, "<": angled, "h": bare, "&": entity, "\n": lineBreak,
};

function flush(parser) {
  if (parser.plain !== "") parser.tokens.push(parser.plain);
  parser.plain = "";
}

function push(parser, token) {
  flush(parser);
  parser.tokens.push(token);
  return true;
}

function match(parser, expression) {
  expression.lastIndex = parser.at;
  return expression.exec(parser.text);
}

/** Takes everything up to `end` as one piece. */
function span(parser, type, skipped, end) {
  const close = parser.noCloser.has(end) ? -1 : parser.text.indexOf(end, parser.at + skipped);
  if (close < 0) {
    parser.noCloser.add(end);
    return false;
  }
  const text = parser.text.slice(parser.at + skipped, close);
  parser.at = close + end.length;
  return push(parser, { type, text });
}

function escape(parser) {
  const next = parser.text[parser.at + 1];
  if (next === "(" && span(parser, "math", 2, "\\)")) return true;
  if (next === "[" && span(parser, "math", 2, "\\]")) return true;
  if (next === "\n") {
    parser.at += 2;
    return push(parser, { type: "break" });
  }
  if (!next || !/[!-/:-@[-`{-~]/.test(next)) return false;
  parser.plain += next;
  parser.at += 2;
  return true;
}

function dollarMath(parser) {
  return parser.text.startsWith("$$", parser.at) && span(parser, "math", 2, "$$");
}

function codeSpan(parser) {
  const { text, at } = parser;
  let end = at;
  while (text[end] === "`") end += 1;
  const run = text.slice(at, end);
  let close = parser.noCloser.has(run) ? -1 : end;
  while (close >= 0) {
    close = text.indexOf(run, close);
    if (close < 0 || text[close + run.length] !== "`") break;
    while (text[close] === "`") close += 1;
  }
  if (close < 0) {
    parser.noCloser.add(run);
    parser.plain += run;
    parser.at = end;
    return true;
  }
  let code = text.slice(end, close).replaceAll("\n", " ");
  if (code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "") code = code.slice(1, -1);
  parser.at = close + run.length;
  return push(parser, { type: "code", text: code });
}

function lineBreak(parser) {
  const isHard = parser.plain.endsWith("  ");
  parser.plain = parser.plain.trimEnd();
  parser.at += 1;
  return isHard ? push(parser, { type: "break" }) : push(parser, "\n");
}

function entity(parser) {
  const found = match(parser, ENTITY);
  if (!found) return false;
  const code = Number(found[2]);
  const text = found[1] ? (Object.hasOwn(ENTITIES, found[1]) ? ENTITIES[found[1]] : undefined)
    : code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : undefined;
  if (text === undefined) return false;
  parser.plain += text;
  parser.at += found[0].length;
  return true;
}

function angled(parser) {
  const found = match(parser, ANGLED);
  const url = found && safeURL(found[1].includes(":") ? found[1] : `mailto:${found[1]}`);
  if (!url) return false;
  parser.at += found[0].length;
  return push(parser, { type: "link", url, children: [found[1]] });
}

function bare(parser) {
  if (/[\p{L}\p{N}]/u.test(parser.text[parser.at - 1] ?? "")) return false;
  const found = match(parser, BARE);
  if (!found) return false;
  let address = found[0];
  // What ends a sentence, or closes a bracket before the address, is not of it.
  for (;;) {
    const last = address.at(-1);
    if (")]".includes(last) ? !address.includes(last === ")" ? "(" : "[") : ".,;:!?*_~'".includes(last)) address = address.slice(0, -1);
    else break;
  }
  const url = safeURL(address);
  if (!url) return false;
  parser.at += address.length;
  return push(parser, { type: "link", url, children: [address] });
}

function openBracket(parser) {
  parser.at += 1;
  push(parser, "[");
  parser.brackets.push({ index: parser.tokens.length - 1, isImage: false });
  return true;
}

function image(parser) {
  if (parser.text[parser.at + 1] !== "[") return false;
  parser.at += 2;
  push(parser, "![");
  parser.brackets.push({ index: parser.tokens.length - 1, isImage: true });
  return true;
}

function closeBracket(parser) {
  const opener = parser.brackets.pop();
  if (!opener) return false;
  const target = destination(parser.text, parser.at + 1);
  if (!target) return false;
  flush(parser);
  const children = emphasize(parser.tokens.splice(opener.index).slice(1));
  parser.at = target.end;
  const url = safeURL(target.address);
  if (opener.isImage) children.unshift("Image: ");
  else parser.brackets = parser.brackets.filter((bracket) => bracket.isImage);
  return push(parser, url ? { type: "link", url, children } : { type: "group", children });
}

/** Reads `(address "title")`. */
function destination(text, start) {
  if (text[start] !== "(") return null;
  let at = start + 1;
  const limit = Math.min(text.length, start + 4000);
  while (at < limit && /\s/.test(text[at])) at += 1;
  let address = "";
  if (text[at] === "<") {
    const close = text.indexOf(">", at);
    if (close < 0 || close > limit) return null;
    address = text.slice(at + 1, close);
    at = close + 1;
  } else {
    const first = at;
    for (let depth = 0; at < limit && !/\s/.test(text[at]); at += 1) {
      // No address needs more; a text of brackets alone would cost the square of its length.
      if (depth > 32) return null;
      if (text[at] === "(") depth += 1;
      else if (text[at] === ")" && depth-- === 0) break;
    }
    address = text.slice(first, at);
  }
  while (at < limit && /\s/.test(text[at])) at += 1;
  const quote = text[at];
  if (quote === '"' || quote === "'") {
    at = text.indexOf(quote, at + 1) + 1;
    if (at === 0 || at > limit) return null;
    while (at < limit && /\s/.test(text[at])) at += 1;
  }
  return text[at] === ")" ? { address, end: at + 1 } : null;
}

function delimiter(parser) {
  const { text, at } = parser;
  const mark = text[at];
  let end = at;
  while (text[end] === mark) end += 1;
  const [before, after] = [text[at - 1] ?? " ", text[end] ?? " "];
  const isSpace = (character) => /\s/.test(character);
  const isPunctuation = (character) => /[\p{P}\p{S}]/u.test(character);
  const left = !isSpace(after) && (!isPunctuation(after) || isSpace(before) || isPunctuation(before));
  const right = !isSpace(before) && (!isPunctuation(before) || isSpace(after) || isPunctuation(after));
  const isWordly = mark === "_";
  parser.at = end;
  return push(parser, {
    mark, count: end - at, length: end - at,
    opens: left && (!isWordly || !right || isPunctuation(before)), closes: right && (!isWordly || !left || isPunctuation(after)),
  });
}

/** Pairs delimiters, as CommonMark's appendix does; what has no partner is text again. */
function emphasize(tokens) {
  const list = [...tokens];
  const floors = {};
  for (let index = 0; index < list.length; index += 1) {
    const closer = list[index];
    if (!closer.mark || !closer.closes) continue;
    while (closer.count > 0) {
      const floor = `${closer.mark}${closer.opens}${closer.length % 3}`;
      let place = index - 1;
      const last = floors[floor] ?? -1;
      while (place > last && !pairs(list[place], closer)) place -= 1;
      if (place <= last) {
        floors[floor] = index - 1;
        break;
      }
      const opener = list[place];
      const used = closer.mark === "~" ? closer.count : Math.min(opener.count, closer.count, 2);
      const type = closer.mark === "~" ? "struck" : used === 2 ? "strong" : "emphasis";
      const children = list.slice(place + 1, index).flatMap(plainOrNode);
      list.splice(place + 1, index - place - 1, { type, children });
      index = place + 2;
      opener.count -= used;
      closer.count -= used;
      for (const key of Object.keys(floors)) floors[key] = Math.min(floors[key], place);
    }
  }
  return list.flatMap(plainOrNode);
}

function pairs(opener, closer) {
  if (opener.mark !== closer.mark || !opener.opens || opener.count === 0) return false;
  if (opener.mark === "~") return opener.count === closer.count && opener.count <= 2;
  const both = opener.closes || closer.opens;
  return !both || (opener.length + closer.length) % 3 !== 0 || (opener.length % 3 === 0 && closer.length % 3 === 0);
}

function plainOrNode(token) {
  if (!token.mark) return [token];
  return token.count > 0 ? [token.mark.repeat(token.count)] : [];
}
