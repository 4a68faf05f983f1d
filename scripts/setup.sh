# What building and testing need. demo.sh and test.sh source this file and call
# setup; it installs what is missing and is quick when nothing is.
#
# Debian 12 or later and Ubuntu 24.04 or later: packages come from apt (with sudo
# unless root). An active emsdk is used in place of Debian's Emscripten.

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Installs packages; "a|b" means the first that apt knows.
install_packages() {
    command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get: $*"
    local as_root=() package choice names=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "sudo is missing; as root: apt-get install $*"
        as_root=(sudo)
    fi
    say "installing: $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
        die "apt-get update failed: is there a network?"
    for package in "$@"; do
        for choice in ${package//|/ }; do
            apt-cache show "$choice" >/dev/null 2>&1 && break
            choice=
        done
        [ -n "$choice" ] || die "apt knows no package $package"
        names+=("$choice")
    done
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qy --no-install-recommends "${names[@]}" ||
        die "apt-get could not install: ${names[*]}"
}

# need PACKAGE COMMAND...: PACKAGE is missing unless each COMMAND is there; a
# path is looked for as a file.
missing=()
need() {
    local package=$1 tool
    shift
    for tool in "$@"; do
        case $tool in
        /*) [ -e "$tool" ] || { missing+=("$package"); return; } ;;
        *) command -v "$tool" >/dev/null || { missing+=("$package"); return; } ;;
        esac
    done
}

chromium_path() {
    [ ! -x "${FLECK_CHROMIUM:-}" ] || { echo "$FLECK_CHROMIUM"; return; }
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

node_is_recent() {
    command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'
}

# setup [browser] [tests] [style] [fuzz] [coverage] [armhf] [musl]: what building needs; Chromium;
# what only the tests need; what looks at the code; the libraries of clang's sanitizers and fuzzer;
# gcovr; what the presets armhf and musl need.
setup() {
    local with=" $* " module
    need git git
    need cmake cmake
    need ninja-build ninja
    need gcc gcc
    need libc6-dev /usr/include/stdio.h
    need python3 /usr/bin/python3
    need nodejs node
    need npm npm
    need libstb-dev /usr/include/stb/stb_image.h
    need libsimde-dev /usr/include/simde/wasm/simd128.h
    need libssl-dev /usr/include/openssl/evp.h
    need libwebp-dev /usr/include/webp/demux.h
    # Later Debians and Ubuntu have libheif's codecs as packages of their own.
    for module in libheif-dev "libheif-plugin-libde265|libheif-dev" \
        "libheif-plugin-dav1d|libheif-dev"; do
        need "$module" /usr/share/doc/libheif-dev
    done
    need ca-certificates /etc/ssl/certs/ca-certificates.crt
    need curl curl
    if [ -z "${EMSDK:-}" ] || ! command -v emcc >/dev/null; then
        need emscripten emcc
    fi
    if [ ! -x "${EMSDK:-/none}/upstream/bin/clang" ]; then
        need clang-19 /usr/lib/llvm-19/bin/clang
        need lld-19 /usr/lib/llvm-19/bin/wasm-ld
        need llvm-19 /usr/lib/llvm-19/bin/llvm-ar
    fi
    if [[ $with = *" browser "* ]] && [ -z "$(chromium_path)" ]; then
        missing+=("chromium|chromium-browser")
    fi
    if [[ $with = *" tests "* ]]; then
        # For /usr/bin/python3, whichever python3 comes first in PATH.
        for module in numpy:numpy pil:PIL scipy:scipy skimage:skimage sklearn:sklearn torch:torch; do
            need "python3-${module%:*}" "/usr/lib/python3/dist-packages/${module#*:}"
        done
        need fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf # scripts/beds/screens.py
        need g++ c++ # tests/install
        need pkg-config pkg-config
        need libjpeg-turbo-progs cjpeg jpegtran # scripts/golden/photos.py
        for module in libheif-examples "libheif-plugin-x265|libheif-examples" \
            "libheif-plugin-aomenc|libheif-examples"; do
            need "$module" heif-enc # tests/cli/formats.test.mjs, scripts/golden/decoders.py
        done
        need parallel parallel # tests/cli/scale.test.mjs, as is Dask
        need python3-distributed /usr/lib/python3/dist-packages/distributed
        need gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc
        need libc6-dev-arm64-cross /usr/aarch64-linux-gnu/include/stdio.h
        need qemu-user qemu-aarch64
        [ -n "${FLECK_FIREFOX:-}" ] || need "firefox-esr|firefox" firefox
        need webkit2gtk-driver WebKitWebDriver
        need xvfb Xvfb
    fi
    if [[ $with = *" style "* ]]; then
        need clang-format-19 /usr/lib/llvm-19/bin/clang-format
        need clang-tidy-19 run-clang-tidy-19
    fi
    if [[ $with = *" coverage "* ]]; then
        need gcovr gcovr
    fi
    if [[ $with = *" armhf "* ]]; then
        need gcc-arm-linux-gnueabihf arm-linux-gnueabihf-gcc
        need libc6-dev-armhf-cross /usr/arm-linux-gnueabihf/include/stdio.h
        need qemu-user qemu-arm
    fi
    if [[ $with = *" musl "* ]]; then
        need musl-tools musl-gcc
    fi
    if [[ $with = *" fuzz "* ]]; then
        need clang-19 clang-19
        need libclang-rt-19-dev /usr/lib/llvm-19/lib/clang/19/lib/linux
    fi
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

    node_is_recent || die "node 18 or later is missing; found: $(node --version 2>/dev/null || echo none)"
    [ -n "$(command -v emcc)" ] || die "emcc is missing although emscripten was installed"
    # emcc starts it for each file, and the shim of a version manager takes as long as the compiler.
    export EMSDK_PYTHON=${EMSDK_PYTHON:-/usr/bin/python3}

    if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
        say "npm ci"
        npm ci --ignore-scripts --no-audit --no-fund || die "npm ci failed: is there a network?"
        touch node_modules/.package-lock.json
    fi
}

# configure_and_build PRESET: into build/PRESET.
configure_and_build() {
    cmake --preset "$1" >build/"$1".log 2>&1 || { cat build/"$1".log >&2; die "cmake --preset $1 failed"; }
    cmake --build --preset "$1" -j "$(nproc)" >build/"$1".log 2>&1 ||
        { tail -n 60 build/"$1".log >&2; die "building build/$1 failed"; }
}

# The page with everything it loads, in build/site.
assemble_site() {
    local model=models/fleck-tiny.safetensors
    [ -f "$model" ] || die "$model is missing"
    rm -rf build/site
    mkdir -p build/site/models
    cp -r web/. build/site
    rm -f build/site/{tsconfig.json,README.md,screenshot*.png}
    cp -r build/package build/site/fleck
    rm -r build/site/fleck/{*.js,*.jsx,report.html,cjs,*.safetensors} # those of modules share what the package's have in them twice
    # The page in one file, its workers, what the headless runner needs, and the package.
    # Terser finds a tenth more in what esbuild has minified, mostly in Emscripten's glue.
    local esbuild=(node_modules/.bin/esbuild --minify --allow-overwrite --log-level=error)
    local terser=(node_modules/.bin/terser --compress passes=2 --mangle) script
    rm -rf build/site/*.js build/site/{state,inspection,backbones,parts,files,texts}
    "${esbuild[@]}" --format=esm --bundle --splitting '--external:./fleck/*' --outdir=build/site \
        --entry-names=[name] web/{main,overlay,backbones/depot,inspection/shrink,offline}.js &&
        "${esbuild[@]}" --format=esm --bundle --splitting --outdir=build/site/fleck \
            build/wasm/wasm/modules/{index,rpc,fleck-simd,fleck-simd-threads,fleck-relaxed,fleck-relaxed-threads}.js ||
        die "the page could not be bundled"
    for script in build/site/*.js build/site/fleck/*.js; do
        "${terser[@]}" --module --output "$script" -- "$script" ||
            die "$script could not be minified"
    done
    cp "$model" models/backbones.json build/site/models
    node scripts/icons.mjs build/site || die "the icons could not be drawn"
    node scripts/seal.mjs build/site || die "the page could not be sealed"
}
