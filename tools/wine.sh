#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a Windows program under Wine, and ends with its exit code (modulo 256, as all of them here).
#
#   tools/wine.sh [--32] PROGRAM [ARGUMENT...]
#   tools/wine.sh [--32] --check     only says whether programs can be run
#
# Wine's files and registry are in build/wine, or where ACRE_WINEPREFIX says. The 64-bit Wine is that of
# Debian's package wine64, or the one that WINE names. 32-bit programs need a Wine that can run them: the one
# that WINE32 names, or an installed package wine32. Exit code 127: there is none.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
bits=64
if [[ ${1:-} == --32 ]]; then bits=32 && shift; fi

fail() {
  echo "wine.sh: $1" >&2
  exit 127
}

# Debian's commands `wine` and `wineserver` are scripts that choose between these.
first_of() {
  local candidate
  for candidate in "$@"; do
    if [[ -n $candidate ]] && command -v "$candidate"; then return; fi
  done
  return 1
}

if ((bits == 64)); then
  wine=$(first_of "${WINE:-}" /usr/lib/wine/wine64 wine64) ||
    fail "there is no 64-bit Wine; on Debian: apt-get install wine64"
else
  wine=$(first_of "${WINE32:-}" /usr/lib/wine/wine) ||
    fail "there is no 32-bit Wine: WINE32 does not name one, and Debian's package wine32 is not installed"
fi
export WINEPREFIX=${ACRE_WINEPREFIX:-$root/build/wine$bits}
export WINEDEBUG=${WINEDEBUG:--all}
# The 64-bit loader is at 0x7d000000, its heap somewhere in the GiB above, and Windows needs the page at 0x7ffe0000:
# with random addresses, one program in some thousands finds it taken and does not start.
fixed=()
if ((bits == 64)) && setarch -R true 2>/dev/null; then fixed=(setarch -R); fi
# A program that crashes ends; no debugger, no browser, no entries in menus.
export WINEDLLOVERRIDES="winedbg.exe,winemenubuilder.exe,mscoree,mshtml=d"

# Of the CPU, as a 32-bit command interpreter is told, or the only one that there is.
architecture() {
  local directory=syswow64
  [[ -e $WINEPREFIX/drive_c/windows/$directory/cmd.exe ]] || directory=system32
  "$wine" "C:\\windows\\$directory\\cmd.exe" /c 'echo %PROCESSOR_ARCHITECTURE%' </dev/null 2>/dev/null | tr -d '\r'
}

# The server, and the services that the first program starts, would keep our standard streams, and CTest's pipe
# open, after the program has ended. So both are started here, without them; the server ends by itself, a
# minute after the last program. The very first run makes the prefix.
start() {
  local server
  server=$(first_of "$(dirname "$wine")/wineserver$bits" "$(dirname "$wine")/wineserver" \
    wineserver) || fail "there is no wineserver"
  # It says no where there is one already.
  "$server" --persistent=60 </dev/null >/dev/null 2>&1 9>&- || [[ ! -e $WINEPREFIX/ready ]] || return 0
  "${fixed[@]}" "$wine" wineboot --init </dev/null >/dev/null 2>&1 9>&- ||
    fail "$wine ends with $? and does not start"
  [[ ! -e $WINEPREFIX/ready ]] || return 0
  # A Wine that cannot run 32-bit programs ends without a word, and with 0, when it is given one.
  if ((bits == 32)) && [[ $(architecture 9>&-) != x86 ]]; then
    fail "$wine runs no 32-bit programs"
  fi
  touch "$WINEPREFIX/ready"
}

mkdir -p "$WINEPREFIX"
exec 9>"$WINEPREFIX/lock"
flock 9
start
flock -u 9
exec 9>&-

case ${1:-} in
  --check) exit 0 ;;
  *) exec "${fixed[@]}" "$wine" "$@" ;;
esac
