#!/usr/bin/env bash
# Node.js 20.20, nothing else.
#
# A process that ends by an unhandled rejection prints the program's line with a mark under it, and then the stack. When
# anything has read `error.stack` before that (a logger, an error reporter, a debugger's hook), the line is gone, and a line
# of Node's own stands in its place: the stack is as before. A log is searched in vain for the line that it showed yesterday.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > crash.js <<'JS'
const error = new Error("out of paper");
if (process.argv[2] === "read") error.stack.toString();
Promise.reject(error);
JS
first() { { node crash.js "$@" 2>&1 || true; } | head -n 1; }
echo "unread: $(first unread | sed "s|$PWD/||"); read: $(first read)"
[[ "$(first unread)" == */crash.js:1 && "$(first read)" == node:internal/process/promises:* ]] || { echo "this has changed"; exit 1; }
