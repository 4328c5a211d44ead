# keylessctl show sandbox: what it says of each process is what the kernel
# says, and nothing is missing where the system has it.
# run-as: both
. "$(dirname "$0")/lib.sh"

token_init
put_key p256 pkcs8-pem "$T/a.key"
config <<END
private_key_stores:
- file: $T/a.key
  signers: 2
$(token_store "$(token_uri object=rsa)")
  signers: 2
END
daemon_start
all_rows() {
	ctl -j show sandbox >"$T/json" &&
	    [ "$(grep -o '"process"' "$T/json" | wc -l)" -eq 7 ]
}
wait_until all_rows || fail "not 7 processes: $(cat "$T/json")"
[ "$(wc -l <"$T/json")" -eq 1 ] || fail "-j: not one line"
python3 - "$T/json" "$DAEMON" "$(frontend)" "$(signers | tr '\n' ' ')" \
    "$(launcher)" \
    >"$T/out" <<'END' || fail "$(cat "$T/out" "$T/json")"
import json, os, sys

rows = json.load(open(sys.argv[1]))["processes"]
parent, frontend = int(sys.argv[2]), int(sys.argv[3])
signers = [int(pid) for pid in sys.argv[4].split()]
launcher = int(sys.argv[5])
bad = []

def same(row, what, a, b):
    if a != b:
        bad.append("%s %d: %s: %s, expected %s" %
            (row["process"], row["pid"], what, a, b))

same({"process": "all", "pid": 0}, "processes",
    sorted(r["pid"] for r in rows),
    sorted([parent, launcher, frontend] + signers))
for r in rows:
    status = dict(line.rstrip("\n").split(":\t", 1)
        for line in open("/proc/%d/status" % r["pid"]) if ":\t" in line)
    same(r, "uid", r["uid"], int(status["Uid"].split()[1]))
    same(r, "gid", r["gid"], int(status["Gid"].split()[1]))
    same(r, "seccomp", r["seccomp"], int(status["Seccomp"]))
    same(r, "seccomp", r["seccomp"], 2)
    same(r, "no_new_privs", r["no_new_privs"], int(status["NoNewPrivs"]))
    same(r, "no_new_privs", r["no_new_privs"], 1)
    same(r, "dumpable", r["dumpable"], 0)
    caps = any(int(status[c], 16) for c in
        ("CapInh", "CapPrm", "CapEff"))
    same(r, "capabilities", r["capabilities"], int(caps))
    if r["pid"] == launcher:
        # With Landlock its children could not make their name spaces.
        same(r, "process", r["process"], "launcher")
        same(r, "landlock", r["landlock"], 0)
        continue
    if not r["landlock"] and "Landlock" not in (r["missing"] or ""):
        bad.append("%s: no landlock, and nobody says why" % r["process"])
    if r["pid"] == parent:
        same(r, "process", r["process"], "parent")
        continue
    if not r["namespaces"] and "name spaces" not in (r["missing"] or ""):
        bad.append("%s: no name spaces, and nobody says why" % r["process"])
    if os.geteuid() != 0:
        continue
    same(r, "capabilities", r["capabilities"], 0)
    for name, file in (("mount", "mnt"), ("net", "net"), ("ipc", "ipc"),
        ("user", "user")):
        own = os.readlink("/proc/%d/ns/%s" % (r["pid"], file)) != \
            os.readlink("/proc/%d/ns/%s" % (parent, file))
        same(r, "name space " + name, name in r["namespaces"], own)
print("\n".join(bad))
sys.exit(bool(bad))
END
ctl show sandbox >"$T/out"
contains "$T/out" '^PROCESS +PID +USER +ROOT +CALLS +FILES +NAMESPACES'
contains "$T/out" "^parent +$DAEMON "
contains "$T/out" "^launcher +$(launcher) .* seccomp "
contains "$T/out" "^frontend +$(frontend) .* seccomp "
contains "$T/out" "^token .* seccomp .* none( |\$)"
ctl -v show sandbox >"$T/out"
contains "$T/out" 'NEW-PRIVILEGES'

# Here as anywhere root has all of it, if the kernel has.
if is_root && unshare --mount --net --ipc true 2>"$T/unshare"; then
	refuse grep -q 'sandbox incomplete .*name spaces' "$LOG"
	grep -o '"namespaces":\[[^]]*\]' "$T/json" >"$T/spaces"
	[ "$(grep -c '"mount","net","ipc"' "$T/spaces")" -eq 5 ] ||
	    fail "name spaces: $(cat "$T/spaces")"
fi

# A signer that is replaced has a row of its own.
old=$(signers | head -n 1)
kill -KILL "$old"
replaced() {
	all_rows && ! grep -q "\"pid\":$old," "$T/json"
}
wait_until replaced || fail "after a replacement: $(cat "$T/json")"
daemon_stop
