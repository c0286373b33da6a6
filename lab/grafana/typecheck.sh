#!/usr/bin/env bash
# typecheck.sh DIRECTORY: checks the dashboards against the types of Grafana's own schema package, installed into DIRECTORY.
# Exit code 1: they do not agree; 3: the package cannot be had here. The types do not describe the contents of targets and options; those are checked by asking a real Prometheus (tests/Lab).
set -euo pipefail
dashboards=$(cd "$(dirname "$0")/dashboards" && pwd)
mkdir -p "$1"
cd "$1"
[[ -d node_modules/@grafana/schema && -d node_modules/typescript ]] \
    || timeout 90 npm install --fetch-retries=0 --fetch-timeout=20000 --no-audit --no-fund --ignore-scripts --no-save --silent @grafana/schema@13.2.3 typescript@5.9.3 >&2 \
    || { echo "the schema package cannot be installed" >&2; exit 3; }
rm -f ./*.check.ts
# The values of an enumeration, as JSON has them.
cat >plain.ts <<'END'
export type Plain<T> = T extends (infer U)[] ? Plain<U>[] : T extends string ? `${T}` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
END
for file in "$dashboards"/*.json; do
    { printf "import type { Dashboard } from '@grafana/schema';\nimport type { Plain } from './plain';\nexport const dashboard: Plain<Dashboard> = "; cat "$file"; echo ';'; } \
        >"$(basename "$file" .json).check.ts"
done
node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler ./*.check.ts
echo "$(ls "$dashboards" | wc -l) dashboards agree with @grafana/schema"
