// Puts the agent's calls into the source of a library, at the points where it is told to (`points.cjs`).
"use strict";

const { FILES } = require("./points.cjs");

const AGENT = "event-stream-harness.agent";
const NAME = "$harness";

/** What is known of a file by its path; undefined when it is not of a library. */
function known(path) {
  return FILES.find((file) => file.path.test(path));
}

/**
 * The source of a library's file with the calls in it. `version` is the library's.
 * The file itself tells the agent, when it runs, which hooks found their place.
 */
function instrument(source, path, version) {
  const file = FILES.find((each) => each.path.test(path) && source.includes(each.has ?? ""));
  if (file === undefined || source.includes(NAME)) return source;
  const agent = `globalThis[Symbol.for(${JSON.stringify(AGENT)})]`;
  if (file.unread) return `${source}\n${agent}?.unread(${JSON.stringify(file.unread)},${JSON.stringify(version)});`;
  const hooks = {};
  const insertions = [];
  for (const point of file.points) {
    const found = place(source, point);
    if (found.length > 0) {
      insertions.push(...found);
      hooks[point.hook] = hooks[point.hook] ?? true;
    } else if (!point.optional) {
      hooks[point.hook] = false;
    }
  }
  const told = [file.part, file.names ? version : null, hooks].map((each) => JSON.stringify(each)).join(",");
  const end = source.indexOf("\n");
  insertions.push([end < 0 ? source.length : end, `const ${NAME}=${agent}?.load(${told});`]);
  insertions.sort((a, b) => a[0] - b[0]);
  let text = "";
  let from = 0;
  for (const [at, code] of insertions) {
    text += source.slice(from, at) + code;
    from = at;
  }
  return text + source.slice(from);
}

/** Where a point's call goes, as [offset, code]; several for a line that is there several times. */
function place(source, point) {
  const within = range(source, point);
  if (within === null) return [];
  const [from, to, parameters] = within;
  const call = point.call.replace(/\$(\d)/g, (_, n) => parameters[n - 1] ?? "undefined");
  const code = point.test ? `if(${NAME}?.${call})return;` : `${NAME}?.${call};`;
  if (point.at === "enter") return [[from, code]];
  if (point.at === "leave") return [[to, code]];
  return [...lines(source, from, to)].filter(([line]) => point.line.test(line)).map(([, end]) => [end, code]);
}

/** Begin and end of a method's body and the names of its parameters; of the whole file where there is no method. */
function range(source, { of, method }) {
  if (method === null) return [0, source.length, []];
  const opening = new RegExp(`^(?:export )?class ${of}\\b.*$`, "m").exec(source);
  if (opening === null) return null;
  const begin = opening.index + opening[0].length;
  const close = source.indexOf("\n}", begin);
  const body = source.slice(0, close < 0 ? source.length : close);
  const head = new RegExp(`^( {2,8})(?:async )?${method}\\(([^\\n]*)\\) \\{$`, "mg");
  head.lastIndex = begin;
  const found = head.exec(body);
  if (found === null) return null;
  const from = found.index + found[0].length;
  const to = body.indexOf(`\n${found[1]}}`, from);
  const parameters = found[2].split(",").map((each) => each.replace(/=.*/, "").replace("...", "").trim());
  return to < 0 ? null : [from, to, parameters];
}

function* lines(source, from, to) {
  for (let at = from; at <= to;) {
    const end = source.indexOf("\n", at);
    const stop = end < 0 || end > to ? to : end;
    yield [source.slice(at, stop), stop];
    at = stop + 1;
  }
}

module.exports = { AGENT, instrument, known };
