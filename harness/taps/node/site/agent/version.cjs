// The version of the package that a file belongs to.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

/** From the nearest package.json that has one; "unknown" where there is none. */
function versionOf(file) {
  for (let folder = path.dirname(file), up = 0; up < 4; folder = path.dirname(folder), up += 1) {
    try {
      const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
      if (version) return version;
    } catch {
      continue;
    }
  }
  return "unknown";
}

module.exports = { versionOf };
