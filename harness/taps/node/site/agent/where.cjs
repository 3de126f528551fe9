// Where in the program's own code something happened: `file:line function`, through source maps.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { performance } = require("node:perf_hooks");
const { fileURLToPath } = require("node:url");

const HERE = path.dirname(__filename);
const FOREIGN = /^node:|[\\/]node_modules[\\/]|^internal\/|^evalmachine/;
const FRAMES = [4, 12, 60]; // how deep it is looked for at first, and then: what costs is each frame
const MAPPING = /[#@] sourceMappingURL=(\S+)\s*$/;
const KEPT = 2000; // places that a burst may ask for
const PER_MS = 0.1; // and how many more a millisecond, for each costs some microseconds
const shown = new Map();
const maps = new Map();

let left = KEPT;
let filledAt = performance.now();

/** The same unless there were very many of late: a server under full load has no time for it. */
function ofCallerAtLeisure() {
  if (left < 1) {
    const now = performance.now();
    left = Math.min(KEPT, left + (now - filledAt) * PER_MS);
    filledAt = now;
    if (left < 1) return null;
  }
  left -= 1;
  return ofCaller();
}

/** The innermost frame of the program's own code that led here. null when only libraries did. */
function ofCaller() {
  for (const depth of FRAMES) {
    const sites = sitesOf({}, ofCaller, depth);
    for (const site of sites) {
      const place = ofSite(site);
      if (place !== null) return place;
    }
    if (sites.length < depth) return null;
  }
  return null;
}

const asSites = (_, sites) => sites;

/** The stack below `hidden` as call sites, with the process's own way of writing stacks left as it was. */
function sitesOf(holder, hidden, depth = FRAMES[0]) {
  const { stackTraceLimit, prepareStackTrace } = Error;
  try {
    Error.stackTraceLimit = depth;
    Error.prepareStackTrace = asSites;
    Error.captureStackTrace(holder, hidden);
    const sites = holder.stack;
    return Array.isArray(sites) ? sites : [];
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

function ofSite(site) {
  const file = site.getFileName();
  if (!file || FOREIGN.test(file) || file.startsWith(HERE)) return null;
  const line = site.getLineNumber();
  const key = `${file}:${line}:${site.getColumnNumber()}`;
  let place = shown.get(key);
  if (place === undefined) {
    place = show(original(file, line, site.getColumnNumber(), site), site.getFunctionName());
    shown.set(key, place);
  }
  return place;
}

const FRAME = /^\s+at (?:(.*?) \()?((?:file:\/\/|[A-Za-z]:\\|\/).*?):(\d+):(\d+)\)?$/;

/** The innermost frame of the program's own code in an error's stack; null when there is none. */
function ofError(error) {
  const stack = error && typeof error.stack === "string" ? error.stack : "";
  for (const written of stack.split("\n")) {
    const found = FRAME.exec(written);
    if (found === null || FOREIGN.test(found[2]) || found[2].startsWith(HERE)) continue;
    const line = Number(found[3]);
    const place = process.sourceMapsEnabled || Error.prepareStackTrace ? [found[2], line] : null;
    return show(place || original(found[2], line, Number(found[4]), null), found[1]);
  }
  return null;
}

/** Relative to where the process is now, if it is below that. */
function show([file, line], name) {
  const plain = file.startsWith("file:") ? fileURLToPath(file) : file;
  const below = path.relative(process.cwd(), plain);
  const told = below.startsWith("..") || path.isAbsolute(below) ? plain : below;
  return name ? `${told}:${line} ${name.replace(/^async /, "")}` : `${told}:${line}`;
}

/** File and line in the source that a compiler made this from. */
function original(file, line, column, site) {
  try {
    const map = mapOf(file);
    if (map !== null) {
      const entry = map.findEntry(line - 1, column - 1);
      if (entry && entry.originalSource) return [resolved(entry.originalSource, file), entry.originalLine + 1];
    } else if (site !== null && typeof Error.prepareStackTrace === "function") {
      const written = String(Error.prepareStackTrace(new Error("where"), [site]))
        .split("\n")
        .pop(); // ts-node's map
      const found = FRAME.exec(written);
      if (found !== null) return [found[2], Number(found[3])];
    }
  } catch {
    return [file, line];
  }
  return [file, line];
}

function mapOf(file) {
  if (!maps.has(file)) maps.set(file, findMap(file));
  return maps.get(file);
}

/** The map that Node knows, or the one that the file names itself. */
function findMap(file) {
  const known = Module.findSourceMap && Module.findSourceMap(file);
  if (known) return known;
  const plain = file.startsWith("file:") ? fileURLToPath(file) : file;
  const named = MAPPING.exec(fs.readFileSync(plain, "utf8").slice(-100_000));
  if (named === null || !Module.SourceMap) return null;
  const inline = /^data:application\/json[^,]*;base64,/.exec(named[1]);
  const json = inline
    ? Buffer.from(named[1].slice(inline[0].length), "base64").toString("utf8")
    : fs.readFileSync(path.resolve(path.dirname(plain), decodeURIComponent(named[1])), "utf8");
  return new Module.SourceMap(JSON.parse(json));
}

function resolved(source, file) {
  if (source.startsWith("file:") || path.isAbsolute(source)) return source;
  return path.resolve(path.dirname(file.startsWith("file:") ? fileURLToPath(file) : file), source);
}

module.exports = { ofCaller, ofCallerAtLeisure, ofError, sitesOf };
