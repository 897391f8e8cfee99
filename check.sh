#!/usr/bin/env bash
# Installs what the tests need, then runs every check of the repository. Works on a bare Debian machine
# with the Rust toolchain; `CHROMIUM=/path/to/chromium` uses another browser.
set -euo pipefail
cd "$(dirname "$0")"

step() { printf '\n== %s (%d s so far)\n' "$*" "$SECONDS"; }

need() { # command, Debian package
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}

step "What the tests need"
missing=()
need cc build-essential
need node nodejs
need npm npm
need curl curl
need git git
# schemathesis lives in an environment of its own.
"${PYTHON:-/usr/bin/python3}" -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
# Faults in the disk and in the clock.
need strace strace
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
need valgrind valgrind
if [ -z "${CHROMIUM:-}" ]; then need chromium chromium; fi
# The relay of the calls.
need turnserver coturn
# The proxy in front, and who reads the manual pages.
need nginx nginx-light
need groff groff-base
# The mail server of the tests; they use Debian's interpreter, or the one that `PYTHON` names.
"${PYTHON:-/usr/bin/python3}" -c 'import aiosmtpd' 2>/dev/null || missing+=(python3-aiosmtpd)
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
# Debian 12 has Node 18 and the browser tests want 20, so a newer one comes from npm where needed.
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  npm install --silent --no-audit --no-fund --no-save --prefix target/node node@22
  export PATH="$PWD/target/node/node_modules/.bin:$PATH"
fi
export CHROMIUM="${CHROMIUM:-$(command -v chromium)}"
(cd tests/browser && npm ci --no-audit --no-fund --silent)

step "Format"
cargo fmt --all --check

step "Lints"
cargo clippy --workspace --features webchat-examples/otel --all-targets --quiet -- -D warnings

step "The core is pure"
tests/purity.sh

# A container may forbid mounting and tracing. What cannot run there is named, not passed over in silence.
skipped=()
unshare --mount $(test "$(id -u)" = 0 || echo --map-root-user) true 2>/dev/null || skipped+=(--skip a_full_disk_stops_acknowledgements)
if strace -f -qq -e trace=write -o /dev/null true 2>/dev/null; then traces=yes; else traces=no; fi

step "What we link"
if command -v cargo-deny >/dev/null 2>&1; then
  cargo deny --log-level error check bans licenses sources
else
  printf 'cargo deny is not installed; the tests hold the same rules\n'
fi

step "Tests"
[ ${#skipped[@]} -eq 0 ] || printf 'NOT RUN, for want of the right to mount: the full disk\n'
# With traces, which are more code and not other code; the server of the browser tests is the one without.
cargo test --workspace --features webchat-examples/otel --quiet -- "${skipped[@]}"

step "Failing disk: one write or sync in ten"
if [ "$traces" = yes ]; then
  FAULT_STEP=10 cargo test --package webchat-store-sqlite --test faults --quiet -- --ignored
else
  printf 'NOT RUN, for want of the right to trace\n'
fi

step "Instructions of the hot paths"
benches/counts.sh

step "Documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
if command -v mdbook >/dev/null 2>&1; then docs/book/build.sh; else printf 'the guide is not built: mdbook is not installed; the tests hold its links\n'; fi

step "Front end: types"
(cd tests/browser && npm run --silent types)

step "Front end: browser"
# The tests start the server themselves.
cargo build --quiet --bin server
export WEBCHAT_SERVER="${CARGO_TARGET_DIR:-$PWD/target}/debug/server"
if ! (cd tests/browser && npm test --silent); then
  # Two browsers beside each other can be more than a busy machine carries. What fails alone too is a defect.
  printf 'FAILED BESIDE EACH OTHER; once more, one file at a time\n'
  (cd tests/browser && npm test --silent -- --test-concurrency=1)
fi

step "Interface: every route against its description"
PYTHON="${PYTHON:-/usr/bin/python3}" tests/contract.sh

step "A newcomer's path"
tests/newcomer.sh

step "Packages"
tests/package.sh
tests/packaging.sh

step "All checks passed"
