#!/usr/bin/env bash
# Slow clients by the hundred against a server on which visitors chat: slow heads, slow bodies, slow readers. Run by
# hand; needs Debian's slowhttptest, and the server and `soak` built. What it found stands in TESTING.md.
set -euo pipefail
cd "$(dirname "$0")/.."
built="${CARGO_TARGET_DIR:-$PWD/target}/${PROFILE:-debug}"
connections=${CONNECTIONS:-400}
seconds=${SECONDS_EACH:-40}

attack() { # name, path, then slowhttptest's own flags
  printf '\n== %s\n' "$1"
  "$built/soak" --visitors 50 --pause 1 --minutes 1 >"$out/visitors" &
  visitors=$!
  until grep -q 'listens on' "$out/visitors"; do kill -0 $visitors; sleep 0.2; done
  server=http://$(sed -n 's/the server listens on //p' "$out/visitors")
  (cd "$out" && slowhttptest -c "$connections" -r 200 -l "$seconds" -p 3 "${@:3}" -u "$server$2" >log 2>&1 || true) &
  attack=$!
  # Counted where the server is: a client that does not read does not hear that it was cut off either.
  printf 'second: connections the system still holds for the server, the visitors and agents among them\n'
  for second in $(seq 3 3 "$seconds"); do
    sleep 3
    printf '%s: %s  ' "$second" "$(ss -Htn "sport = :${server##*:}" | wc -l)"
  done
  printf '\n'
  wait $attack
  wait $visitors || printf 'the visitors met what they should not\n'
  cat "$out/visitors"
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
attack 'slow heads' /livez -H -i 5
attack 'slow bodies' /api/v1/session -B -i 5 -s 8192 -t POST
attack 'slow readers' /widget.js -X -w 512 -y 1024 -n 5 -z 32 -k 3
