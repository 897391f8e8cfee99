#!/usr/bin/env bash
# Proves that webchat-core depends on no runtime, clock or IO crate, and that a call to a clock in it
# does not pass the lints.
set -euo pipefail
cd "$(dirname "$0")/.."

banned='tokio|async-std|smol|futures|mio|warp|hyper|rusqlite|libsqlite3-sys|lettre|chrono|time|rand|getrandom|socket2|reqwest'
if cargo tree -p webchat-core -e normal --prefix none | cut -d' ' -f1 | sort -u | grep -xE "$banned"; then
  echo "webchat-core must not depend on the crates above" >&2
  exit 1
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp -r webchat-core "$scratch/core"
# The copy stands alone: what it inherits from the workspace is written out.
sed -i -e 's/^\(version\|edition\|rust-version\|license\|repository\)\.workspace = true/# &/' \
  -e 's/^\[package\]/[package]\nversion = "0.0.0"\nedition = "2024"/' \
  -e '/^\[lints\]/,+1d' "$scratch/core/Cargo.toml"
echo '[workspace]' >> "$scratch/core/Cargo.toml"
cp Cargo.lock "$scratch/core/"
printf '\n/// What time it is.\npub fn what_time_is_it() -> std::time::SystemTime {\n    std::time::SystemTime::now()\n}\n' \
  >> "$scratch/core/src/time.rs"
target="${CARGO_TARGET_DIR:-$PWD/target}/purity"
if (cd "$scratch/core" && CARGO_TARGET_DIR="$target" cargo clippy --quiet --lib -- -D warnings) 2>"$scratch/log"; then
  echo "a clock was called in webchat-core and the lints did not notice" >&2
  exit 1
fi
grep -q 'disallowed method `std::time::SystemTime::now`' "$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
echo "webchat-core is pure"
