#!/usr/bin/env bash
# allure 3.18.0 (npm) on Node.js 22.23.3.
#
# A quality gate that allows no failure counts only what it could read and what calls itself failed or broken. A result file
# that was cut while it was written (a worker killed, a disk full), a result of status "unknown", and a folder without any
# result all pass with exit 0; a folder that is missing does not. A gate needs a rule for the number of tests besides.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact allure@3.18.0 node@22.23.3 >/dev/null 2>&1
cat > allurerc.mjs <<'JS'
export default { output: "./out", qualityGate: { rules: [{ maxFailures: 0 }] } };
JS
gate() { # gate FOLDER: its exit status
  local status=0
  node_modules/node/bin/node node_modules/allure/cli.js quality-gate --config allurerc.mjs "$1" >/dev/null 2>&1 || status=$?
  echo "$status"
}
result() { # result FOLDER STATUS
  mkdir -p "$1"
  printf '{"uuid":"1","name":"a test","fullName":"a#test","historyId":"1","testCaseId":"1","status":"%s","start":1,"stop":2,"labels":[],"steps":[],"attachments":[],"parameters":[]}' "$2" > "$1/1-result.json"
}
result failed failed; result unknown unknown; mkdir empty
result cut failed; truncate -s 60 cut/1-result.json
saw="failed $(gate failed), unknown $(gate unknown), cut $(gate cut), empty $(gate empty), missing $(gate missing)"
echo "exit status: $saw"
[ "$saw" = "failed 1, unknown 0, cut 0, empty 0, missing 1" ] || { echo "this has changed"; exit 1; }
