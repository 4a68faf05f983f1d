#!/usr/bin/env bash
# Installs a build into a folder that is moved afterwards, and builds and runs programs of somebody
# else's by all the ways to come by the library:
#
#   tests/install/run.sh build/native
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$(dirname "$0")/../..")
here=$source/tests/install
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

fail() { echo "$*" >&2; exit 1; }
# quietly COMMAND...: what it says is shown where it fails.
quietly() { "$@" >log 2>&1 || { cat log >&2; fail "failed: $*"; }; }
# same WHAT A B
same() { [ "$2" = "$3" ] || { diff <(echo "$2") <(echo "$3") >&2; fail "$1"; }; }

quietly cmake --install "$build" --prefix "$temporary/first"
mv first prefix
prefix=$temporary/prefix
lib=$(dirname "$(find "$prefix" -name libfleck.a)")
backbone=$prefix/share/fleck/fleck-tiny.safetensors
version=$(sed -n 's/^#define FLECK_VERSION "\(.*\)"/\1/p' "$prefix/include/fleck/fleck.h")

# What others see of the library are the functions of its header.
declared=$(sed 's:/\*.*::; /^ \*/d' "$prefix/include/fleck/fleck.h" |
    grep -o '\bfleck_[a-z_]*(' | tr -d '(' | LC_ALL=C sort -u)
exported=$(nm -D --defined-only "$lib/libfleck.so" | awk '{print $3}' | LC_ALL=C sort)
same "libfleck.so exports other functions than fleck.h declares" "$declared" "$exported"
others=$(nm -g --defined-only "$lib/libfleck.a" | awk 'NF == 3 && $3 !~ /^fleck_/ {print $3}')
same "libfleck.a has names that may be somebody else's" '' "$others"
same "the name that programs ask for" "libfleck.so.${version%.*}" \
    "$(objdump -p "$lib/libfleck.so" | awk '$1 == "SONAME" {print $2}')"

# By component.
for component in library development cli; do
    quietly cmake --install "$build" --prefix "$temporary/$component" --component $component
done
same "the components and the whole have other files" \
    "$(cd prefix && find . ! -type d | sort)" \
    "$(for component in library development cli; do (cd $component && find . ! -type d); done | sort -u)"
same "what the command line tool consists of" "bin/fleck
share/bash-completion/completions/fleck
share/doc/fleck/LICENSE
share/doc/fleck/THIRD-PARTY.txt
share/fish/vendor_completions.d/fleck.fish
share/fleck/fleck-tiny.safetensors
share/man/man1/fleck.1
share/zsh/site-functions/_fleck" "$(cd cli && find . ! -type d -printf '%P\n' | LC_ALL=C sort)"
same "the version of the tool" "fleck $version" "$(cli/bin/fleck --version)"

# pkg-config.
warnings=(-Wall -Wextra -Wpedantic -Werror)
export PKG_CONFIG_PATH=$lib/pkgconfig
same "the version of fleck.pc" "$version" "$(pkg-config --modversion fleck)"
same "the backbone of fleck.pc" "$backbone" "$(realpath "$(pkg-config --variable backbone fleck)")"
flags=$(pkg-config --cflags fleck)
shared=$(pkg-config --libs fleck)
static=$(pkg-config --static --libs fleck)
# shellcheck disable=SC2086 # words
quietly cc "${warnings[@]}" -std=c11 $flags "$here/consumer.c" $shared -o shared
# shellcheck disable=SC2086
quietly c++ "${warnings[@]}" $flags -x c++ "$here/consumer.c" -x none $shared -o shared++
# shellcheck disable=SC2086
quietly cc "${warnings[@]}" -std=c11 $flags -static "$here/consumer.c" $static -o static
for program in shared shared++ static; do
    echo "pkg-config, $program: $(LD_LIBRARY_PATH=$lib ./$program "$backbone")"
done

# CMake, in C and in C++ alone.
configure() { # HOW LANGUAGE [OPTION...]
    local how=$1 language=$2
    shift 2
    quietly cmake -G Ninja -S "$here" -B "$how-$language" -DHOW="$how" -DLANGUAGE="$language" \
        -DSOURCE="$source" "$@"
}
consume() { # the same
    local how=$1 language=$2 program
    configure "$@"
    quietly cmake --build "$how-$language"
    for program in "$how-$language"/consumer_*; do
        echo "$how, $language, ${program##*/consumer_}: $("$program" "$backbone")"
    done
}
consume find_package C -DCMAKE_PREFIX_PATH="$prefix"
consume find_package CXX -DCMAKE_PREFIX_PATH="$prefix"
consume add_subdirectory C -DCMAKE_C_FLAGS=-O1
# The library would be the same once more: only the program is compiled.
configure FetchContent CXX -DBUILD_SHARED_LIBS=ON
quietly ninja -C FetchContent-CXX CMakeFiles/consumer_fleck_fleck.dir/consumer.c.o
echo "FetchContent, CXX: configured and compiled"

/usr/bin/python3 "$here/consumer.py" "$lib/libfleck.so" "$version"
