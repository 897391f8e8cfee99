#!/usr/bin/env bash
# Builds the guide: `docs/book/build.sh [FOLDER]` writes it as HTML. Needs mdBook (`cargo install mdbook`).
set -euo pipefail
cd "$(dirname "$0")"
to=$(realpath -m "${1:-../../target/guide}")

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/src"
cp book.toml book.css "$copy"
cp -r ../*.md ../pictures "$copy/src"
# Pages also lead to files of the repository, which the book leaves out.
sed -i 's#](\.\./#](https://github.com/webchat-engine/webchat/blob/main/#g' "$copy"/src/*.md

mdbook build --dest-dir "$to" "$copy"
echo "$to/index.html"
