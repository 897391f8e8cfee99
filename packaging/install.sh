#!/usr/bin/env bash
# Puts the built server in its place: `packaging/install.sh [PROGRAM]`. DESTDIR=/somewhere collects it there, for a package.
set -euo pipefail
cd "$(dirname "$0")"
program=${1:-${CARGO_TARGET_DIR:-../target}/release/server}
to=${DESTDIR:-}

install -D "$program" "$to/usr/local/bin/webchat-server"
"$program" papers "$to/usr/local/share"
install -D -m 644 webchat.service "$to/etc/systemd/system/webchat.service"
