// The hook of Node's loader for ES modules, in the thread that runs it before Node 22.15.

import { createRequire } from "node:module";

const { instrumented } = createRequire(import.meta.url)("./loading.cjs");

export async function load(url, context, next) {
  const found = await next(url, context);
  try {
    return instrumented(url, found);
  } catch {
    return found; // as without the agent: the process is not observed
  }
}
