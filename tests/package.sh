#!/usr/bin/env bash
# Packs each library crate as it would be published, and compares their interfaces with the last release, or with the
# commit that BASELINE names.
set -euo pipefail
cd "$(dirname "$0")/.."

# Those that depend on each other are packed together; what they hold was compiled by the steps before.
cargo package --workspace --exclude webchat-examples --exclude webchat-benches --no-verify --allow-dirty --quiet

last=${BASELINE:-$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)}
if [ -z "$last" ]; then
  echo "no release to compare interfaces with"
elif cargo semver-checks --version >/dev/null 2>&1; then
  cargo semver-checks --workspace --exclude webchat-examples --exclude webchat-benches --baseline-rev "$last"
else
  echo "NOT RUN, for want of cargo-semver-checks (cargo install cargo-semver-checks): interfaces since $last"
fi
