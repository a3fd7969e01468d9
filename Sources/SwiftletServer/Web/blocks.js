/**
 * Markdown's blocks as a tree: fenced code, headings, lists, quotes, tables, rules and paragraphs. HTML is text, and so are
 * lines that are only indented. `raw` of each block tells whether it has changed since it was drawn.
 */

const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const RULE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const QUOTE = /^ {0,3}> ?/;
const MARKER = /^( *)([-*+]|\d{1,9}[.)])( +|$)/;
const TABLE_RULE = /^ *\|? *:?-+:? *(?:\| *:?-+:? *)*(?:\| *)?$/;
const DEEPEST = 10;

export function parseBlocks(text) {
  return blocks(text.replaceAll("\r\n", "\n").split("\n").map((line) => line.replace(/^[ \t]+/, (space) => space.replaceAll("\t", "    "))), 0);
}

function blocks(lines, depth) {
  const list = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at].trim() === "") {
      at += 1;
      continue;
    }
    const readers = depth < DEEPEST ? [fence, heading, rule, quote, listBlock, table, paragraph] : [fence, paragraph];
    for (const reader of readers) {
      const block = reader(lines, at, depth);
      if (!block) continue;
      block.raw = lines.slice(at, block.end).join("\n");
      list.push(block);
      at = block.end;
      break;
    }
  }
  return list;
}

function fence(lines, start) {
  const open = FENCE.exec(lines[start]);
  if (!open) return null;
  const [, indent, mark, info] = open;
  let end = start + 1;
  const isClose = (line) => {
    const text = line.trim();
    return text.length >= mark.length && text === mark[0].repeat(text.length);
  };
  while (end < lines.length && !isClose(lines[end])) end += 1;
  const code = lines.slice(start + 1, end).map((line) => line.slice(Math.min(indent.length, line.length - line.trimStart().length)));
  return { type: "code", language: info.trim().split(/\s/, 1)[0], text: code.join("\n"), end: Math.min(end + 1, lines.length) };
}

function heading(lines, start) {
  const found = HEADING.exec(lines[start]);
  if (!found) return null;
  let text = lines[start].slice(found[0].length).trim();
  const bare = text.replace(/#+$/, "");
  if (bare === "" || bare.endsWith(" ")) text = bare.trim();
  return { type: "heading", level: found[1].length, text, end: start + 1 };
}

function rule(lines, start) {
  return RULE.test(lines[start]) ? { type: "rule", end: start + 1 } : null;
}

function quote(lines, start, depth) {
  let end = start;
  const inner = [];
  while (end < lines.length && QUOTE.test(lines[end])) inner.push(lines[end++].replace(QUOTE, ""));
  return end === start ? null : { type: "quote", children: blocks(inner, depth + 1), end };
}

function listBlock(lines, start, depth) {
  const first = MARKER.exec(lines[start]);
  if (!first || RULE.test(lines[start])) return null;
  const kind = first[2].at(-1);
  const isOrdered = /\d/.test(first[2]);
  const items = [];
  let end = start;
  while (end < lines.length) {
    const marker = MARKER.exec(lines[end]);
    if (!marker || marker[2].at(-1) !== kind || marker[1].length > first[1].length + 1) break;
    if (RULE.test(lines[end])) break;
    const item = listItem(lines, end, marker);
    items.push({ task: item.task, children: blocks(item.lines, depth + 1) });
    end = item.end;
  }
  return { type: "list", isOrdered, number: isOrdered ? Number.parseInt(first[2], 10) : 1, items, end };
}

function listItem(lines, start, marker) {
  const space = marker[3].length > 4 || marker[3] === "" ? 1 : marker[3].length;
  const inset = marker[1].length + marker[2].length + space;
  let text = lines[start].slice(inset);
  const box = /^\[([ xX])\] /.exec(text);
  if (box) text = text.slice(box[0].length);
  const inner = [text];
  let isFenced = FENCE.test(text);
  let mayGoOn = !isFenced;
  let end = start + 1;
  while (end < lines.length) {
    const line = lines[end];
    if (line.trim() === "") {
      // Blank lines are of the item only if more of it follows.
      let next = end;
      while (next < lines.length && lines[next].trim() === "") next += 1;
      if (next === lines.length || !isInside(lines[next], marker, inset)) break;
      for (; end < next; end += 1) inner.push("");
      mayGoOn = false;
      continue;
    }
    if (!isInside(line, marker, inset) && !(mayGoOn && !startsBlock(line))) break;
    const own = line.slice(Math.min(inset, line.length - line.trimStart().length));
    inner.push(own);
    const isFence = FENCE.test(own);
    if (isFence) isFenced = !isFenced;
    // A paragraph's next line need not be indented.
    mayGoOn = !isFenced && !isFence;
    end += 1;
  }
  return { lines: inner, end, task: box ? box[1] !== " " : null };
}

/** Models often indent inner lists less than CommonMark asks for. */
function isInside(line, marker, inset) {
  const indent = line.length - line.trimStart().length;
  return indent >= inset || (indent >= marker[1].length + 2 && MARKER.test(line));
}

function startsBlock(line) {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || MARKER.test(line);
}

function table(lines, start) {
  if (start + 1 >= lines.length || !lines[start].includes("|") || !TABLE_RULE.test(lines[start + 1])) return null;
  const head = cells(lines[start]);
  const rules = cells(lines[start + 1]);
  if (head.length !== rules.length) return null;
  const alignments = rules.map((text) => (text.endsWith(":") ? (text.startsWith(":") ? "center" : "right") : "left"));
  const rows = [];
  let end = start + 2;
  while (end < lines.length && lines[end].includes("|") && lines[end].trim() !== "") {
    const row = cells(lines[end++]);
    rows.push(head.map((_, column) => row[column] ?? ""));
  }
  return { type: "table", head, rows, alignments, end };
}

function cells(line) {
  const text = line.trim();
  const list = [];
  let cell = "";
  let isCode = false;
  for (let at = text.startsWith("|") ? 1 : 0; at < text.length; at += 1) {
    if (text[at] === "\\" && text[at + 1] === "|") {
      cell += "|";
      at += 1;
    } else if (text[at] === "|" && !isCode) {
      list.push(cell.trim());
      cell = "";
    } else {
      if (text[at] === "`") isCode = !isCode;
      cell += text[at];
    }
  }
  if (cell.trim() !== "" || !text.endsWith("|")) list.push(cell.trim());
  return list;
}

function paragraph(lines, start) {
  let end = start + 1;
  while (end < lines.length && lines[end].trim() !== "" && !interrupts(lines, end)) end += 1;
  return { type: "paragraph", text: lines.slice(start, end).map((line) => line.trimStart()).join("\n").trimEnd(), end };
}

function interrupts(lines, at) {
  const line = lines[at];
  if (FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line)) return true;
  const marker = MARKER.exec(line);
  // A number at the beginning of a line may be a part of the sentence, unless it begins a list.
  if (marker && marker[3] !== "") return !/\d/.test(marker[2]) || Number.parseInt(marker[2], 10) === 1;
  return table(lines, at) !== null;
}
