#!/usr/bin/env bash
# The README's two commands on a bare machine: a fresh Debian in a folder, with git, the
# committed tree and nothing else.
#
#   tests/bare.sh [SUITE [COMMAND...]]
#
# SUITE is bookworm (the default) or a later one, from where this machine's own packages come;
# FLECK_MIRROR=URI names the archive of an Ubuntu (noble; its keys: package ubuntu-keyring).
# Each COMMAND is a line for bash, by default the README's two, and is told with its time. Needs
# root, debootstrap and about 8 GB in build/bare, which are kept after a failure only.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

suite=${1:-bookworm}
shift $(($# > 0))
[ $# -gt 0 ] || set -- 'scripts/demo.sh --headless' 'scripts/test.sh'
[ "$(id -u)" = 0 ] || die "only root may change its root folder"
need debootstrap debootstrap
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"

# Lines "URI RELEASE COMPONENTS": the suite's own first, then its updates.
if [ -n "${FLECK_MIRROR:-}" ]; then
    sources=$(printf "$FLECK_MIRROR %s main universe\n" "$suite" "$suite-updates" "$suite-security")
else
    sources=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' |
        awk -v suite="$suite" '$3 == "Debian" && !seen[$0]++ {
            sub(/^[a-z]+/, suite, $2); print $1, $2, "main" }' | sort -k 2)
fi
[ -n "$sources" ] || die "apt knows no Debian archive here: FLECK_MIRROR=URI names one"
read -r mirror _ components <<<"$sources"

root=$PWD/build/bare/$suite
rm -rf --one-file-system "$root"
mkdir -p "$root"
say "$suite"
debootstrap --variant=minbase --include=git,ca-certificates --components="${components// /,}" \
    "$suite" "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log" >&2; die "debootstrap failed"; }
sed 's/^/deb /' <<<"$sources" >"$root/etc/apt/sources.list"
rm -f "$root"/etc/apt/sources.list.d/*
# The way out is this machine's: its names, its certificates, its proxy.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null &&
    chroot "$root" update-ca-certificates >/dev/null 2>&1
mkdir "$root/fleck"
git archive HEAD | tar -x -C "$root/fleck"

# Mounts of a namespace of its own, which end with it.
inside() {
    unshare --mount --propagation private bash -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        exec env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
            ${FLECK_SLOW:+FLECK_SLOW="$FLECK_SLOW"} \
            chroot "$1" bash -c "cd fleck && $2"' inside "$root" "$1"
}
times=()
for command in "$@"; do
    say "$command"
    start=$SECONDS
    inside "$command" || die "failed after $((SECONDS - start)) s; the machine is kept in $root: $command"
    times+=("$((SECONDS - start)) s: $command")
done
say "$suite, $(nproc) cores"
printf '%s\n' "${times[@]}"
rm -rf --one-file-system "$root"
