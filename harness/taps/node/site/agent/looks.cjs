// The agent's own looks at what Node tells on its channels, which must not disturb the program.

"use strict";

const diagnostics = require("node:diagnostics_channel");

/** What makes a look safe, and what puts one on a channel; `name` says whose trouble it is when one fails. */
function makeLooks(parts, name) {
  function guarded(look) {
    return (...args) => {
      if (parts.wire.fd < 0) return;
      try {
        look(...args);
      } catch (error) {
        parts.trouble(name, error);
      }
    };
  }

  const on = (channel, look) => diagnostics.channel(channel).subscribe(guarded(look));
  return { guarded, on };
}

module.exports = { makeLooks };
