#!/usr/bin/env bash
# pytest 9.2.0, pytest-xdist 3.8.0, allure-pytest 2.16.2.
#
# A test whose worker process ends under it is a failure for pytest, which says so and exits 1. Allure's results hold nothing
# of it: no result file, and no broken one either. A gate or a person that looks at the report alone sees a run in which all
# tests passed; only the count of tests tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pytest==9.2.0 pytest-xdist==3.8.0 allure-pytest==2.16.2
cat > test_two.py <<'PY'
import os

def test_that_passes():
    pass

def test_whose_process_ends():
    os._exit(3)
PY
status=0
venv/bin/python -m pytest -q -n 2 --max-worker-restart 0 --alluredir results test_two.py > pytest.txt 2>&1 || status=$?
pytest="exit $status, $(tail -1 pytest.txt | sed 's/ in .*//')"
allure=$(venv/bin/python - <<'PY'
import json, pathlib
results = [json.loads(path.read_text()) for path in sorted(pathlib.Path("results").glob("*-result.json"))]
print(*(f"{result['name']} {result['status']}" for result in results), sep=", ")
PY
)
echo "pytest: $pytest"; echo "Allure's results: $allure"
[ "$pytest" = "exit 1, 1 failed, 1 passed" ] || { echo "pytest has changed"; exit 1; }
[ "$allure" = "test_that_passes passed" ] || { echo "allure-pytest has changed"; exit 1; }
