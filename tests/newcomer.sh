#!/usr/bin/env bash
# Runs the commands of docs/start.md as a newcomer would, and says how long each step takes. Two things stand in for the
# world: the clone comes from this repository, and `cargo run` starts the server that was built before.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
server="${WEBCHAT_SERVER:-${CARGO_TARGET_DIR:-$PWD/target}/debug/server}"
for port in 8000 8080 9000; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "port $port is taken, and the guide needs it" >&2
    exit 1
  fi
done

folder=$(mktemp -d)
# Everything that is started shares the group of the guide's shell.
trap 'kill -- -"$guide" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$folder/home" "$folder/bin"
printf '#!/bin/sh\n[ "$1" = run ] && shift 2\nexec "%s" "$@"\n' "$server" >"$folder/bin/cargo"
chmod +x "$folder/bin/cargo"

{
  echo 'set -eu; step() { printf "%s\n" "${SECONDS} s: $1" >&3; }'
  awk '/^## / { sub(/^## /, ""); printf "step \"%s\"\n", $0 } /^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' docs/start.md
  echo 'step "all done"'
} >"$folder/guide.sh"

set -m
(
  cd "$folder"
  HOME="$folder/home" PATH="$folder/bin:$PATH" \
    GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0="url.file://$here.insteadOf" GIT_CONFIG_VALUE_0=https://github.com/webchat-engine/webchat \
    GIT_CONFIG_KEY_1=safe.directory GIT_CONFIG_VALUE_1='*' \
    exec timeout 120 bash guide.sh
) 3>&1 >"$folder/out" 2>"$folder/log" &
guide=$!
set +m
if ! wait "$guide"; then
  cat "$folder/out" "$folder/log" >&2
  echo "a command of docs/start.md failed" >&2
  exit 1
fi
tail -n 1 "$folder/out"

# What a person sees by looking: the page carries the window, and the window may talk to the server.
curl --silent --fail http://127.0.0.1:8000/ | grep -q widget.js
curl --silent --fail http://127.0.0.1:8080/widget.js >/dev/null
curl --silent --fail --header 'origin: http://127.0.0.1:8000' http://127.0.0.1:8080/api/v1/campaigns/1/window | grep -q '"open":'
echo "the window opens on the newcomer's page"
