#!/usr/bin/env bash
# The features of all N parts by GNU parallel, on this computer or on several that see the same
# folders; learn.sh makes a model of them.
#
#   parallel.sh PHOTOS OUT N [OPTIONS...]    OPTIONS of fleck extract
#
# Where parts failed, the same again looks at these alone. A part uses all processor cores, so one
# at a time is enough for a computer; HOSTS=ada,grace lets each of these take one at a time, by ssh.
# JOBS=8 takes eight at a time, with one thread each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
photos=$(realpath "$1") out=$(realpath -m "$2") n=$3
shift 3
[ "${JOBS:-1}" = 1 ] || set -- --threads 1 "$@"
seq "$n" | parallel ${HOSTS:+--sshlogin "$HOSTS" --env FLECK} --jobs "${JOBS:-1}" --quote \
    "$here/extract-part.sh" "$photos" "$out" {} "$n" "$@"
