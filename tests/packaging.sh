#!/usr/bin/env bash
# Installs the server into a folder and holds what is there against the programs that will read it: bash, zsh and fish,
# man, systemd, and the steps of the container file, as far as they are on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
server="${WEBCHAT_SERVER:-${CARGO_TARGET_DIR:-$PWD/target}/debug/server}"
to=$(mktemp -d)
trap 'rm -rf "$to"' EXIT
DESTDIR=$to packaging/install.sh "$server"
share=$to/usr/local/share
absent() { echo "NOT RUN, for want of $1: $2"; }

# What a person gets who types so far and presses Tab.
completed=$(bash --norc -c "
  source '$share/bash-completion/completions/webchat-server.bash'
  asked=\$(complete -p webchat-server | grep -oE -- '-F [^ ]+' | cut -c4-)
  COMP_WORDS=(webchat-server --trusted); COMP_CWORD=1; \$asked webchat-server --trusted webchat-server
  printf '%s' \"\${COMPREPLY[*]}\"")
[ "$completed" = --trusted-proxies ] || { echo "bash completes --trusted to '$completed'" >&2; exit 1; }
if command -v zsh >/dev/null; then zsh -n "$share/zsh/site-functions/_webchat-server"; else absent zsh completion; fi
if command -v fish >/dev/null; then fish --no-execute "$share/fish/vendor_completions.d/webchat-server.fish"; else absent fish completion; fi

if command -v groff >/dev/null; then
  for page in "$share"/man/man1/*.1; do
    complaints=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
    [ -z "$complaints" ] || { echo "${page##*/}: $complaints" >&2; exit 1; }
  done
  groff -man -Tutf8 "$share/man/man1/webchat-server.1" | grep -q 'SIGHUP'
else
  absent groff 'manual pages'
fi

if command -v systemd-analyze >/dev/null; then
  unit=$to/webchat.service
  sed "s#/usr/local/bin/webchat-server#$to&#" packaging/webchat.service >"$unit"
  MANPATH=$share/man: systemd-analyze verify "$unit"
  # 0 is a service that can do nothing, 10 one that can do anything.
  systemd-analyze security --offline=yes --threshold=15 "$unit" | tail -n 1
else
  absent systemd 'the unit'
fi
echo "what is installed can be read"
