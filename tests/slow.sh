#!/usr/bin/env bash
# Slow clients by the hundred against a server on which visitors chat: slow heads, slow bodies, slow readers. Run by
# hand; needs Debian's slowhttptest, and the server and `soak` built. What it found stands in TESTING.md. Fails when an
# attacker was held for longer than 15 seconds or a visitor waited for more than a quarter of a second at p99.
set -euo pipefail
cd "$(dirname "$0")/.."
built="${CARGO_TARGET_DIR:-$PWD/target}/${PROFILE:-debug}"
connections=${CONNECTIONS:-400}
seconds=${SECONDS_EACH:-30}
bad=0

# Counted where the server is: a client that does not read does not hear that it was cut off either. Visitors come from
# 127.1.0.0/16, so whoever is at 127.0.0.1 is an attacker or an agent, and the agents were there before.
held() { ss -Htn "sport = :${server##*:} and dst 127.0.0.1" | awk '{print $5}'; }

attack() { # name, path, then slowhttptest's own flags
  printf '\n== %s\n' "$1"
  : >"$out/visitors"
  "$built/soak" --visitors 50 --pause 1 --minutes 0.9 >"$out/visitors" &
  visitors=$!
  until grep -q 'listens on' "$out/visitors"; do kill -0 $visitors; sleep 0.2; done
  server=http://$(sed -n 's/the server listens on //p' "$out/visitors")
  # Agents and visitors come over the first ten seconds.
  sleep 12
  held >"$out/before"
  : >"$out/seen"
  (cd "$out" && exec slowhttptest -c "$connections" -r 200 -l "$seconds" -p 3 "${@:3}" -u "$server$2" >log 2>&1) &
  attacker=$!
  begun=$EPOCHREALTIME
  while kill -0 $attacker 2>/dev/null; do
    held | awk -v at="$(awk "BEGIN {print $EPOCHREALTIME - $begun}")" '{print at, $1}' >>"$out/seen"
    sleep 0.2
  done
  wait $attacker || true
  wait $visitors || { printf 'the visitors met what they should not\n'; bad=1; }
  cat "$out/visitors"
  awk -v connections="$connections" '
    FNR == NR {before[$1] = 1; next}
    $2 in before {next}
    !($2 in first) {first[$2] = $1; came++}
    {last[$2] = $1}
    END {
      for (one in first) {
        age = last[one] - first[one]
        if (age > oldest) oldest = age
        # What is gone within a second was a probe.
        if (age > 1 && last[one] > end) end = last[one]
      }
      printf "%d connections; each was held for at most %.1f s; the last one was gone %.1f s after the attack began\n", came, oldest, end
      exit !(came >= connections && oldest <= 15)
    }' "$out/before" "$out/seen" || bad=1
  sed -n 's/.*p99 \([0-9.]*\) ms.*/\1/p' "$out/visitors" | awk '$1 > 250 {exit 1}' || bad=1
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
modes=${MODES:-heads bodies readers}
case $modes in *heads*) attack 'slow heads' /livez -H -i 5 ;; esac
case $modes in *bodies*) attack 'slow bodies' /api/v1/session -B -i 5 -s 8192 -t POST ;; esac
case $modes in *readers*) attack 'slow readers' /widget.js -X -w 512 -y 1024 -n 5 -z 32 -k 3 ;; esac
exit $bad
