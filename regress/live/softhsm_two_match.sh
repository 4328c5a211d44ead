# Two keys of one label: neither is taken, both are named.
# run-as: any
. "$(dirname "$0")/lib.sh"

token_init
p11_key "$T/hsm" 21 twin EC:prime256v1
p11_key "$T/hsm" 22 twin EC:prime256v1
token_owner "$T/hsm"
config <<END
private_key_stores:
$(token_store "$(token_uri object=twin)")
$(token_store "$(token_uri 'object=twin;id=%22')")
END
daemon_start
contains "$LOG" 'ready keys=1 failed=1'
contains "$LOG" 'more than one.*21.*22|more than one.*22.*21'
client sign ecdsa "$T/hsm/twin.pub"
daemon_stop
