#!/usr/bin/env bash
# Counts the instructions of the engine's hot paths and compares them with `counts.txt`, so that none gets slower
# unseen. Counts hardly differ from run to run or machine to machine; another compiler or C library can move them.
# `benches/counts.sh --update` writes the table anew.
set -euo pipefail
cd "$(dirname "$0")/.."
table=benches/counts.txt
tolerance=10 # percent

cargo build --quiet --release -p webchat-benches --bin hot_paths
export PROGRAM="${CARGO_TARGET_DIR:-$PWD/target}/release/hot_paths"

count() { # path: prints it and its instructions per call
  local log calls all
  log=$(mktemp)
  calls=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no \
    '--toggle-collect=*watched*' "$PROGRAM" "$1" 2>"$log")
  all=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log")
  rm "$log"
  printf '%s\t%d\n' "$1" $((all / calls))
}
export -f count

counts=$("$PROGRAM" | xargs -P "$(nproc)" -I{} bash -c 'count "{}"' | LC_ALL=C sort)

if [ "${1:-}" = --update ]; then
  { printf '# Instructions per call, written by counts.sh --update with %s\n' "$(rustc --version)"; echo "$counts"; } >"$table"
  exit
fi
if ! join -t $'\t' -a 1 -a 2 -e 0 -o 0,1.2,2.2 <(grep -v '^#' "$table") <(echo "$counts") | awk -F'\t' -v t=$tolerance '
  { off = $2 ? ($3 - $2) * 100 / $2 : 100
    printf "%-28s %8d, was %8d  %+5.1f %%\n", $1, $3, $2, off
    if (off > t || off < -t) wrong = 1 }
  END { exit wrong }'; then
  echo "More than $tolerance % off $table, which was written with: $(head -1 "$table")" >&2
  echo "This is $(rustc --version). If the change is meant, or the compiler's: benches/counts.sh --update" >&2
  exit 1
fi
