# Tokens that are not accepted any more, or about to expire, are renewed; when
# that fails, the old one is used as long as it lasts.
# run-as: any
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/cloud.lib.sh"

cloud_start p256
google_account

# Tokens are renewed once when they are not accepted, and no more than that.
for c in azure google; do
	one_signer $c
	cloud_tell revoke=1
	sign_one
	[ "$(cloud_asked "$c token by=")" -eq 1 ] ||
	    fail "$c: token not renewed"
	cloud_forget
	cloud_tell audience=https://elsewhere.example
	case $c in
	azure)
		refused_one
		[ "$(cloud_asked 'sign status=401')" -eq 2 ] ||
		    fail "$c: not renewed exactly once"
		contains "$LOG" 'reason="401 Unauthorized'
		;;
	esac
	cloud_tell audience=https://vault.azure.net
	sign_one
	daemon_stop
	cloud_quiet
done

: "${WAIT_TRIES:=600}"
# One that is about to expire is renewed before.  As long as it lasts, no
# request is lost to a renewal that does not end.
cloud_tell token_life=20 cloud=azure
one_signer azure
cloud_tell token_life=15 only=oauth2 slow=60000
not_renewed() {
	sign_one || fail 'lost to a renewal'
	log_has 'token not renewed, the old one is still good'
}
wait_until not_renewed || fail 'a renewal that hangs is not given up'
[ "$(cloud_asked 'azure token')" -eq 0 ] || fail 'it did not hang'
cloud_tell only= slow=0
has_renewed() {
	sign_one || fail 'lost before a renewal'
	[ "$(cloud_asked 'azure token')" -ge 1 ]
}
wait_until has_renewed || fail 'token is not renewed'
[ "$(cloud_asked 'status=401')" -eq 0 ] || fail 'it had expired before'
# If a renewal fails, the old one is used on.
cloud_tell secret=changed
old_is_used() {
	sign_one || fail 'lost with a token that was still good'
	log_has 'token not renewed, .* is still good code=invalid_client'
}
wait_until old_is_used || fail 'a renewal that failed is not survived'
has_expired() {
	! sign_one
}
wait_until has_expired || fail 'an expired token is still good'
cloud_tell "secret=$CLOUD_SECRET"
sign_one
daemon_stop
cloud_quiet
