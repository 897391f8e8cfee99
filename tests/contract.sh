#!/usr/bin/env bash
# Holds the running server against its own OpenAPI file: schemathesis tries every route with what the file allows and
# with what it forbids, all its checks on. `EXAMPLES=200 tests/contract.sh` tries longer.
set -euo pipefail
cd "$(dirname "$0")/.."

server="${WEBCHAT_SERVER:-${CARGO_TARGET_DIR:-$PWD/target}/debug/server}"
tools="${CONTRACT_TOOLS:-$PWD/target/contract}"
if [ ! -x "$tools/bin/schemathesis" ]; then
  "${PYTHON:-python3}" -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check 'schemathesis==4.*'
fi

folder=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; rm -rf "$folder"' EXIT
"$server" --demo --listen 127.0.0.1:0 --data "$folder/data" --log warn >"$folder/out" 2>"$folder/log" &
pid=$!
for _ in $(seq 600); do
  grep -q '^Stop with' "$folder/out" && break
  kill -0 "$pid" || { cat "$folder/log" >&2; exit 1; }
  sleep 0.1
done
url=$(sed -n 's|^ *console *\(http://[^/]*\)/.*|\1|p' "$folder/out")

# An administrator makes a key for everything, as a host would.
curl --fail --silent --cookie-jar "$folder/jar" --header 'content-type: application/json' \
  --data '{"login":"admin","password":"webchat-demo"}' "$url/api/v1/session" >"$folder/session"
csrf=$(sed 's/.*"csrf":"\([^"]*\)".*/\1/' "$folder/session")
wrong=$(curl --silent --cookie "$folder/jar" --header "x-csrf-token: $csrf" --header 'content-type: application/json' \
  --data '{"name":"contract","scopes":[]}' "$url/api/v1/keys")
# The refusal names every scope there is.
scopes=$(printf %s "$wrong" | sed 's/.*"expected":"\([^"]*\)","value.*/\1/; s/.*"expected":"\([^"]*\)".*/\1/; s/, /","/g')
key=$(curl --fail --silent --cookie "$folder/jar" --header "x-csrf-token: $csrf" --header 'content-type: application/json' \
  --data "{\"name\":\"contract\",\"scopes\":[\"$scopes\"]}" "$url/api/v1/keys" | sed 's/.*"secret":"\([^"]*\)".*/\1/')

WEBCHAT_KEY=$key "$tools/bin/schemathesis" --config-file tests/contract.toml run "$url/api/v1/openapi.json" \
  --max-examples "${EXAMPLES:-8}" --seed 1 --workers 2
if grep -iE 'panic' "$folder/log"; then
  echo "the server met a defect" >&2
  exit 1
fi
