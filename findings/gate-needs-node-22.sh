#!/usr/bin/env bash
# allure 3.18.0 (npm) on Node.js 20.20.2 and 22.23.3.
#
# The package names no Node.js that it needs, and under 20 it makes reports. Its quality gate ends there with "toArray is not
# a function" (an iterator's method, which came with 22) and status 1, for results that are all passed as for others: a gate
# that is red whatever the tests did. Under 22 it passes the same results.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact allure@3.18.0 node20@npm:node@20.20.2 node22@npm:node@22.23.3 >/dev/null 2>&1
cat > allurerc.mjs <<'JS'
export default { output: "./out", qualityGate: { rules: [{ maxFailures: 0 }] } };
JS
mkdir green
printf '{"uuid":"1","name":"a test","fullName":"a#test","historyId":"1","testCaseId":"1","status":"passed","start":1,"stop":2,"labels":[],"steps":[],"attachments":[],"parameters":[]}' > green/1-result.json
try() { # try NODE COMMAND: its exit status, and whether it says that of toArray
  local status=0
  "node_modules/$1/bin/node" node_modules/allure/cli.js "$2" --config allurerc.mjs green > said.txt 2>&1 || status=$?
  echo "$status$(grep -o 'toArray is not a function' said.txt | sed 's/^/ /')"
}
needs=$(node -p 'require("./node_modules/allure/package.json").engines ?? "nothing"')
saw="needs $needs; 20: gate $(try node20 quality-gate), report $(try node20 generate); 22: gate $(try node22 quality-gate), report $(try node22 generate)"
echo "$saw"
[ "$saw" = "needs nothing; 20: gate 1 toArray is not a function, report 0; 22: gate 0, report 0" ] || { echo "this has changed"; exit 1; }
