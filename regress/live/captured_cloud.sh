# What can be done with the signer of a cloud once it is taken over: it reads
# its own credentials, and connects to its cloud, and nothing else.
# run-as: both
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"
. "$(dirname "$0")/captured.lib.sh"

cloud_start p256
cloud_tell cloud=google
google_account
captured_init
cp "$TOP/regress/captured/keyless-signer-cloud" "$T/bin" ||
    fail 'not built: regress/captured (make regress)'
put_key p256 pkcs8-pem "$T/a.key"
cloud_private "$T/a.key"
{
	google_store p256
	google_file
} | config_stores
daemon_start
ctl show sandbox >"$T/out"
allowed signers_cloud open-read "path $W/account.json"
allowed signers_cloud connect-tcp "port $HTTPS"
# Other ports: Landlock knows of them from its fourth version on.
if grep -Eq 'Google.* landlock ([4-9]|[1-9][0-9])' "$T/out"; then
	refused signers_cloud connect-tcp "port $PORT"
fi
refused signers_cloud open-read "path $CONF"
refused signers_cloud open-read "path $T/a.key"
refused signers_cloud open-read 'path /etc/passwd'
refused signers_cloud open-read "path /proc/$VICTIM/status"
refused signers_cloud open-write "path $W/account.json"
refused signers_cloud open-write "path $T/empty-file"
refused signers_cloud list 'path /etc'
refused signers_cloud socket
refused signers_cloud connect-unix "path $T/control.sock"
refused signers_cloud listen
refused signers_cloud execute 'path /bin/echo'
refused signers_cloud fork
refused signers_cloud new-code
[ -z "$MODULE" ] || refused signers_cloud load-module "path $MODULE"
refused signers_cloud ptrace "pid $VICTIM"
refused signers_cloud read-memory "pid $VICTIM"
refused signers_cloud signal "pid $VICTIM"
refused signers_cloud signal-by-file "pid $VICTIM"
captured signers_cloud signal "pid $DAEMON"
lacks "$T/part" 'SUCCEEDED|unknown'
captured signers_cloud setuid
lacks "$T/part" 'SUCCEEDED|unknown'
refused signers_cloud user-namespace
refused signers_cloud dumpable
refused signers_cloud shared-memory
if is_root; then
	outside mount "path $T/outside"
	captured signers_cloud mount 'path /'
	lacks "$T/part" 'SUCCEEDED|unknown'
	refused signers_cloud chroot 'path /'
	refused signers_cloud bpf
fi
wait_until sign_one 5 || fail 'no signatures'
daemon_stop
