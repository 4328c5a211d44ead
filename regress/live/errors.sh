# Every error that keylessd sends, and that the connection works on after it.
# run-as: both
. "$(dirname "$0")/lib.sh"

put_key rsa2048 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
END
daemon_start
pub=$K/rsa2048.pub

# is_pong: what client raw printed last
is_pong() {
	tail -n 1 "$T/client.log" | grep -q 'opcode=0xf2' || fail 'no pong'
}

# 1: a hash of a wrong length, a key of the wrong type
client -e 1 send rsa-sha256 31 "$pub" , send ecdsa-sha256 32 "$pub" , \
    send rsa-decrypt 255 "$pub" , send ed25519 10 "$pub"
# 2: no such key
client -e 2 -i unknown sign pkcs1 "$pub" , decrypt "$pub"
# 5: what there is no operation for
client -e 5 send 0x00 0 "$pub" , send 0x23 10 "$pub" , send 0x24 10 "$pub" , \
    send 0x99 10 "$pub" , send 0x34 32 "$pub" , send 0x23 0 , send 0x99 0
# 6: what only a server says
client -e 6 send 0xf0 0 "$pub" , send 0xf2 0 , send 0xff 1
# 8: no identifier; no sealing
client -e 8 -i none sign pkcs1 "$pub" , send 0x21 10 , send 0x22 10 "$pub"

# 4: another major version, whatever the body; the minor one is not looked at
client -e 4 raw 0200000400000001110001f1 , raw 0000000000000001 , \
    raw ff0000050000000211ffff1234
client raw 0105000400000001110001f1
is_pong

# 7: malformed messages.  Empty; no opcode; an item past the end; one and two
# trailing bytes; an opcode of two bytes; a known tag twice; wrong lengths.
for body in '' 200000 110001f1120005 110001f112000501 110001f112 \
    110001f11200 110002f1f1 110000 110001f1110001f1 \
    110001f11200010012000100 110001f1200000200000 110001f103000501020304ff \
    110001f105000101 110001f117000200ff 110001f1170000; do
	length=$(printf %04x $((${#body} / 2)))
	client -e 7 raw "0100${length}000000aa$body"
done
# 7: more payload than there is any use for
client -e 7 send rsa-sha256 1025 "$pub" , send rsa-decrypt 60000 "$pub"
# but not: identifiers of a wrong length, unknown tags, even twice
for body in 040005aabbccddee110001f1 01000100110001f1 \
    7e0002aabb110001f17e0001aa ff0000110001f1; do
	length=$(printf %04x $((${#body} / 2)))
	client raw "0100${length}000000aa$body"
	is_pong
done

# All on one connection, with good requests between.
client sign pkcs1 "$pub" , raw 0200000400000001110001f1 , sign pss "$pub" , \
    raw 0100000300000009200000 , decrypt "$pub" , raw 01000000000000ff , \
    raw 0100000400000002110001f0 , raw 010000040000000311000199 , \
    sign rsa-sha256 "$pub"
ctl show stats >"$T/out"
contains "$T/out" 'version mismatch'
daemon_stop
