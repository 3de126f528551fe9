// Finds the libraries when the process loads them, and has them instrumented before they run.
//
// Modules of CommonJS: each Module gets its property `loaded` in its constructor. The setter that stands in the
// prototype for that moment sees the module's path, leaves the property as it would be, and gives the libraries' modules
// (and no others) a `_compile` of their own for once. So nothing of the agent is on the stack while modules load.
//
// ES modules: a hook of Node's own loader (`hooks.mjs`), in the process itself where Node can (22.15, 23.5). Before
// that it runs in a thread that takes a tenth of a second to start, which only programs that need it pay for: it starts
// with the first file of the program's own that has the words of an ES module in it.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { isMainThread } = require("node:worker_threads");
const { AGENT, instrument, known } = require("./rewrite.cjs");
const { versionOf } = require("./version.cjs");

/** Have the libraries tell `parts` what they do. */
function follow(parts) {
  Object.defineProperty(globalThis, Symbol.for(AGENT), { value: parts, configurable: true });
  followCommonJs(parts, followModules(parts));
}

/** `loads(file)` is asked of every file of the program's own until it says that it is done. */
function followCommonJs(parts, loads) {
  let isDone = loads === null;
  Object.defineProperty(Module.prototype, "loaded", {
    configurable: true,
    get: () => undefined,
    set(value) {
      Object.defineProperty(this, "loaded", { value, writable: true, enumerable: true, configurable: true });
      try {
        if (known(this.id) !== undefined) instrumentOnce(this, parts);
        else if (!isDone && isOwn(this.id)) isDone = loads(this.id);
      } catch (error) {
        parts.trouble("loading", error);
      }
    },
  });
}

function instrumentOnce(module, parts) {
  Object.defineProperty(module, "_compile", {
    configurable: true,
    writable: true,
    value(content, filename, ...more) {
      delete module._compile;
      let source = content;
      try {
        source = instrument(content, filename, versionOf(filename));
      } catch (error) {
        parts.trouble("loading", error);
      }
      return module._compile(source, filename, ...more);
    },
  });
}

/** Watch ES modules; or what to ask of the program's files of CommonJS, where that has to wait until one loads any. */
function followModules(parts) {
  try {
    if (typeof Module.registerHooks === "function") {
      Module.registerHooks({ load: (url, context, next) => instrumented(url, next(url, context)) });
    } else if (typeof Module.register === "function" && isMainThread) {
      const register = () => Module.register(pathToFileURL(path.join(__dirname, "hooks.mjs")));
      if (!loadsModules()) return (file) => mentionsModules(file) && (register(), true);
      register();
    }
  } catch (error) {
    parts.trouble("loading", error);
  }
  return null;
}

/** Whether a file belongs to the program, and not to a package that it has installed, or to this agent. */
function isOwn(file) {
  return path.isAbsolute(file) && !/[\\/]node_modules[\\/]/.test(file) && path.dirname(file) !== __dirname;
}

/** What a loader found, instrumented where it is a library's source. */
function instrumented(url, found) {
  if (known(url) === undefined || found.source === null || found.source === undefined) return found;
  const source = typeof found.source === "string" ? found.source : Buffer.from(found.source).toString("utf8");
  return { ...found, source: instrument(source, url, versionOf(new URL(url).pathname)) };
}

/** Whether the program loads ES modules from its beginning: it is one, or is told of one, or is compiled on the way. */
function loadsModules() {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  if (/--(?:import|loader|experimental-loader|eval|input-type)\b|-e\b/.test(options)) return true;
  const main = process.argv[1];
  if (main === undefined || /\.(?:mjs|mts|ts|tsx)$/.test(main)) return true;
  if (/\.cjs$/.test(main)) return false;
  return typeOf(main) === "module" || mentionsModules(main);
}

/** Whether a file imports or is imported: also one of no `type`, which Node takes for what its words say. */
function mentionsModules(file) {
  try {
    return /\bimport\s*\(|^\s*(?:import|export)\b/m.test(fs.readFileSync(fs.realpathSync(file), "utf8"));
  } catch {
    return true; // a folder, or a name without its extension: Node finds out
  }
}

/** The `type` of the package that a program belongs to. */
function typeOf(main) {
  let file;
  try {
    file = fs.realpathSync(main);
  } catch {
    return "module";
  }
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).type ?? "commonjs";
    } catch {
      if (folder === path.dirname(folder)) return "commonjs";
    }
  }
}

module.exports = { follow, instrumented };
