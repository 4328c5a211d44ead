# keylessctl: how stores, connections, configuration and version are shown.
# run-as: any
. "$(dirname "$0")/ctl.lib.sh"

fake_start honest
gives 0 show stores
contains "$T/out" \
    '^HEALTH +COUNTS +VERIFIED +KEYS +FAILED +SIGNERS +STORE +REASON$'
contains "$T/out" \
    '^signs +yes +1[2-9]s ago +4 +0 +2 of 2 +/etc/keyless/keys$'
contains "$T/out" \
    '^fails +yes +never +0 +1 +0 of 2 +pkcs11:token=hsm +CKR_.*ERROR\\x1b\[2J$'
gives 0 -v show stores
contains "$T/out" '^signs .* 2 of 2 +9 +0 +0 +3 +dir +yes +/etc'
contains "$T/out" '^fails .* 0 of 2 +5 +5 +1 +- +pkcs11 +no +pkcs11:'
gives 0 -j show stores
contains "$T/out" '"number":1,"name":"pkcs11:token=hsm","kind":"pkcs11"'
contains "$T/out" '"set":null,"required":false,"counts":true'
contains "$T/out" '"health":"fails","verified_time":null,"tests":5,"failures":5'

gives 1 check
contains "$T/out" '^HEALTH +VERIFIED +STORE +REASON$'
contains "$T/out" '^signs +1[2-9]s ago +/etc/keyless/keys$'
[ "$(tail -n 1 "$T/out")" = \
    'not ready: store pkcs11:token=hsm does not sign' ] ||
    fail "last line: $(tail -n 1 "$T/out")"
gives 1 -j check
contains "$T/out" '^\{"ready":false,"reason":"store .* sign","stores":\[\{'

gives 0 show connections
contains "$T/out" \
    '^ 7 +192.* open +1h02m +5s +2 +4021 +3 +/O=Edge/CN=edge 1$'
contains "$T/out" '^ 8 +\[2001:db8::1\]:9 +handshake +0s +0s +0 +0 +0$'
gives 0 -v show connections
contains "$T/out" ' 3 +TLSv1\.3 +TLS_AES_256_GCM_SHA384 +/O='
gives 0 -j show connections
contains "$T/out" '"peer":"192\.0\.2\.1:40112","state":"open","age":3723'
contains "$T/out" '"version":null,"cipher":null,"client":null'

# A file gets the text as it is, a terminal nothing that it would obey.
printf 'listen:\n- "0.0.0.0:2407"\nuser: \033_keylessd\n' >"$T/want"
gives 0 show config
cmp "$T/want" "$T/out" || fail 'the configuration has changed on its way'
on_terminal '' show config || fail "show config: exit status $?"
contains "$T/out" '^user: \\x1b_keylessd.$'
gives 0 -j show config
contains "$T/out" '^\{"config":"listen:\\n- .*user: \\u001b_keylessd\\n"\}$'

gives 0 show version
contains "$T/out" '^keylessctl +[0-9]'
contains "$T/out" '^pid +4120$'
contains "$T/out" '^started +20.* \(1d01h01m ago\)$'
contains "$T/out" '^libevent +-$'
[ ! -s "$T/err" ] || fail "show version: $(cat "$T/err")"
gives 0 -j show version
contains "$T/out" '"pid":4120,"started":[0-9]+,"draining":false'
fake_stop

fake_start upgraded
gives 0 show version
contains "$T/out" '^keylessd +99\.9$'
contains "$T/err" 'versions differ'
gives 1 check
contains "$T/out" '^not ready: unknown request$'
fake_stop

# Its own version needs no daemon.
gives 1 show version
contains "$T/out" '^keylessctl +[0-9]'
contains "$T/err" 'not running'
