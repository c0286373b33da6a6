#!/usr/bin/env bash
# connect.sh VIP PORT COUNT: opens COUNT connections one after the other and prints who answered each, or why not.
vip=$1 port=$2 count=$3
for ((i = 0; i < count; i++)); do
    answer=
    if { exec 3<>"/dev/tcp/$vip/$port"; } 2>/dev/null; then
        IFS= read -r -t 2 answer <&3
        exec 3>&-
        echo "${answer:-no answer}"
    else
        echo "refused"
    fi
done
