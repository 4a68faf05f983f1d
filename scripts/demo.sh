#!/usr/bin/env bash
# Builds fleck and shows it.
#
#   scripts/demo.sh [--port N]            the page, on localhost
#   scripts/demo.sh --headless [FOLDER]   the same job without a screen, on the
#                                         sample photos or on FOLDER: out/scores.csv,
#                                         out/heatmaps/*.png, out/report.html
set -euo pipefail
folder=
headless=
port=8080
while [ $# -gt 0 ]; do
    case $1 in
    --headless)
        headless=yes
        if [ $# -gt 1 ] && [ "${2#-}" = "$2" ]; then folder=$(realpath "$2"); shift; fi ;;
    --port) port=${2:?--port needs a number}; shift ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit ;;
    *) echo "demo.sh: unknown option $1; --help tells" >&2; exit 2 ;;
    esac
    shift
done
if [ -n "$folder" ] && [ ! -d "$folder" ]; then
    echo "demo.sh: $folder is no folder" >&2
    exit 2
fi
out=$PWD/out
cd "$(dirname "$0")/.."
. scripts/setup.sh

if [ -n "$headless" ]; then setup browser; else setup; fi
mkdir -p build
say "building the WebAssembly module and the page"
configure_and_build wasm
assemble_site
if [ -n "$headless" ]; then
    say "running it in headless Chromium"
    exec node scripts/headless/headless.mjs --site build/site ${folder:+--folder "$folder"} --out "$out"
fi
exec node scripts/serve.mjs build/site --port "$port"
