#!/usr/bin/env bash
# pytest 9.2.0, allure-pytest 2.16.2, allure 3.18.0 (npm) on Node.js 22.23.3.
#
# One test, run by two jobs of a CI matrix (two browsers, two servers), whose results are merged into one report, as Allure's
# documentation advises for shards. allure-pytest makes the history id of the test's name and parameters alone, so both
# results have the same, and Allure takes the earlier for a try and the later for its retry: failed in the first job and
# passed in the second passes the gate, the other way round does not. A label or a parameter that names the job, or the
# environment, has to be part of the test.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pytest==9.2.0 allure-pytest==2.16.2
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact allure@3.18.0 node@22.23.3 >/dev/null 2>&1
cat > allurerc.mjs <<'JS'
export default { output: "./out", qualityGate: { rules: [{ maxFailures: 0 }] } };
JS
cat > test_one.py <<'PY'
import os

def test_the_stream():
    assert os.environ["BROWSER"] == "good"
PY
gate() {
  local status=0
  node_modules/node/bin/node node_modules/allure/cli.js quality-gate --config allurerc.mjs "$1" >/dev/null 2>&1 || status=$?
  echo "$status"
}
jobs() { # jobs FOLDER BROWSER…: one job a browser, in this order, into one folder
  local into=$1 browser; shift
  for browser in "$@"; do BROWSER=$browser venv/bin/python -m pytest -q --alluredir "$into" test_one.py >/dev/null 2>&1 || true; done
}
jobs worse-first bad good; jobs worse-last good bad
files=$(ls worse-first | grep -c result.json)
saw="results $files, failed first $(gate worse-first), failed last $(gate worse-last)"
echo "$saw"
[ "$saw" = "results 2, failed first 0, failed last 1" ] || { echo "this has changed"; exit 1; }
