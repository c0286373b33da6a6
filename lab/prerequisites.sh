# Sourced by demo.sh and test.sh: what the machine must have, and the build.

have_dotnet() {
    command -v dotnet >/dev/null && return
    echo "the .NET SDK of global.json ($(sed -n 's/.*"version": "\(.*\)".*/\1/p' global.json)) is not on PATH: install it first" >&2
    return 1
}

# require TOOL=PACKAGE …: installs what is missing with apt-get.
require() {
    local missing=() pair
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    [[ ${#missing[@]} -eq 0 ]] && return
    if ! command -v apt-get >/dev/null || [[ $EUID -ne 0 ]]; then
        echo "missing packages: ${missing[*]}; install them, or run this as root on Debian" >&2
        return 1
    fi
    echo "installing ${missing[*]}"
    # Packages must not start their own daemons: the etcd of the package would take port 2379.
    local policy=/usr/sbin/policy-rc.d made=
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=1
    fi
    local log status=0
    log=$(mktemp)
    { apt-get -q -o DPkg::Lock::Timeout=300 update \
        && DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1 || status=$?
    if [[ -n $made ]]; then rm -f "$policy"; fi
    if [[ $status -ne 0 ]]; then
        tail -n 20 "$log" >&2
        echo "apt-get could not install: ${missing[*]}" >&2
    fi
    rm -f "$log"
    return "$status"
}

# build PROJECT: quiet unless it fails
build() {
    local log status=0
    log=$(mktemp)
    dotnet build "$1" -c Release --nologo -v quiet >"$log" 2>&1 || status=$?
    if [[ $status -ne 0 ]]; then grep -E 'error|warning' "$log" | sort -u >&2 || cat "$log" >&2; fi
    rm -f "$log"
    return "$status"
}
