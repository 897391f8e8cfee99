#!/bin/sh
# Makes preact.js beside this file from the published npm packages; needs node and npm. The versions are pinned below.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund preact@11.2.0 htm@3.1.1 @preact/signals@2.11.4 @preact/signals-core@1.14.5 esbuild@0.28.2
cat > entry.mjs <<'ENTRY'
import { h } from 'preact';
import htm from 'htm';
export { h, render, Fragment } from 'preact';
export { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useId } from 'preact/hooks';
export { signal, computed, effect, batch, untracked, useSignal, useComputed, useSignalEffect } from '@preact/signals';
export const html = htm.bind(h);
ENTRY
npx esbuild entry.mjs --bundle --format=esm --minify --target=es2022 --log-level=warning \
  --banner:js='/* preact 11.2.0, @preact/signals 2.11.4, @preact/signals-core 1.14.5 (MIT); htm 3.1.1 (Apache-2.0). See README.md. */' \
  --outfile="$here/preact.js"
for package in preact @preact/signals @preact/signals-core htm; do
  printf '==== %s ====\n\n' "$package"
  cat "node_modules/$package/LICENSE"
  printf '\n'
done > "$here/LICENSES.txt"
(cd "$here" && sha256sum preact.js)
