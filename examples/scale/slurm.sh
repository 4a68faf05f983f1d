#!/usr/bin/env bash
# Submits a job array to Slurm that makes the features of all N parts, and prints its number, which
# a job that runs learn.sh waits for.
#
#   slurm.sh PHOTOS OUT N [OPTIONS...]    OPTIONS of fleck extract
#
# SBATCH_PARTITION, SBATCH_ACCOUNT and the like are sbatch's own; CORES: of each part (default 4).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
photos=$(realpath "$1") out=$(realpath -m "$2") n=$3 cores=${CORES:-4}
shift 3
mkdir -p "$out"
quoted() { printf '%q ' "$@"; }

# The number of the part is known when it runs.
part="exec $(quoted "$here/extract-part.sh" "$photos" "$out") \$SLURM_ARRAY_TASK_ID"
sbatch --parsable --job-name fleck --array "1-$n" --cpus-per-task "$cores" \
    --output "$out/slurm-%A-%a.log" --wrap "$part $(quoted "$n" --threads "$cores" "$@")"
