#!/usr/bin/env bash
# Slurm on this computer alone, to try slurm.sh: as root, with Debian's slurmctld, slurmd,
# slurm-client and munge. Its files go to the new folder DIR.
#
#   slurm-here.sh DIR start
#   SLURM_CONF=DIR/slurm.conf ./slurm.sh photos parts 4
#   slurm-here.sh DIR stop
set -euo pipefail
dir=$(realpath -m "$1")
name=$(hostname -s)

case ${2:-} in
start)
    mkdir -p "$dir/state" "$dir/spool"
    cat > "$dir/slurm.conf" <<CONF
ClusterName=here
SlurmctldHost=$name
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CryptoType=crypto/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
ReturnToService=2
NodeName=$name CPUs=$(nproc) State=UNKNOWN
PartitionName=here Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    dd if=/dev/urandom of="$dir/munge.key" bs=1024 count=1 status=none
    chmod 400 "$dir/munge.key"
    munged --force --key-file "$dir/munge.key" --socket "$dir/munge.socket" \
        --pid-file "$dir/munge.pid" --log-file "$dir/munge.log" --seed-file "$dir/munge.seed"
    export SLURM_CONF=$dir/slurm.conf
    slurmctld
    slurmd
    ;;
stop)
    for daemon in slurmd slurmctld munge; do
        [ ! -e "$dir/$daemon.pid" ] || kill "$(cat "$dir/$daemon.pid")"
    done
    ;;
*)
    echo "usage: ${0##*/} DIR start|stop" >&2
    exit 2
    ;;
esac
