#!/bin/sh
# Takes the pictures of docs/window.md anew: every state of the window, on sheets, as small as they stay clear.
# Needs imagemagick, pngquant and fonts-dejavu besides what the tests need.
set -eu
cd "$(dirname "$0")"
shots=$(mktemp -d)
trap 'rm -r "$shots"' EXIT
[ -n "${PICTURES:-}" ] && cp "$PICTURES"/widget-*.png "$shots"/ || PICTURES=$shots node --test --test-name-pattern='axe has nothing' widget-appearance.test.mjs
out=../../docs/pictures
small() { pngquant --quality 70-92 --speed 1 --strip --force --output "$2" "$1"; }
for scheme in light dark; do
  if [ $scheme = dark ]; then back='#1b1f1d' ink='#e8ece9'; else back='#f3f4f2' ink='#222222'; fi
  for screen in desktop mobile; do
    set --
    for state in closed form errors waiting chatting files transcript confirm lost ended feedback thanks refused offline receipt blocked; do
      shot=$shots/widget-$state-$screen-$scheme.png
      # Of a large screen the corner with the window is enough.
      [ $screen = mobile ] || convert "$shot" -crop 420x780+680+0 +repage "$shots/corner-$state-$scheme.png"
      [ $screen = mobile ] || shot=$shots/corner-$state-$scheme.png
      set -- "$@" -label "$state" "$shot"
    done
    montage -background "$back" -fill "$ink" -font DejaVu-Sans -pointsize 14 "$@" -tile 8x -geometry 280x+9+8 "$shots/sheet.png"
    small "$shots/sheet.png" "$out/widget-states-$screen-$scheme.png"
  done
done
small "$shots/widget-chatting-desktop-light.png" "$out/widget-chatting.png"
