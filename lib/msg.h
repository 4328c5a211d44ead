/*
 * Messages between the parent and its children and between keylessctl and
 * the frontend, carried by ipc.h.  One table row a message: who sends it to
 * whom, with which struct, whether a descriptor goes with it.
 *
 * Every struct is zeroed before it is filled.  Texts are NUL-terminated; the
 * receiver checks that with ipc_text_ok().  No PIN and no key material is ever
 * in a message: they travel as descriptors, which the receiver reads with
 * pread(2) from offset 0 (the descriptor is shared with other processes).
 */
#ifndef MSG_H
#define MSG_H

#include <stdint.h>

#include "errcount.h"
#include "latency.h"
#include "opcode.h"
#include "pk11uri.h"
#include "wire.h"

#define MSG_NAME_SIZE	256	/* names of stores, keys, peers */
#define MSG_PATH_SIZE	1024
#define MSG_REASON_SIZE	512
#define MSG_LABEL_SIZE	64	/* CKA_LABEL, or the base name of a file */
#define MSG_FRONTENDS_MAX 64	/* numbered from 0; bits of a uint64_t */

enum msg_type {
	/* launcher -> frontend and signer */
	MSG_INIT = 1,		/* struct msg_init */
	/* parent -> frontend and signer */
	MSG_LOG_LEVEL,		/* uint32_t: enum log_level */
	MSG_STOP,		/* - : finish and leave */

	/* parent -> frontend: one configuration, then MSG_COMMIT */
	MSG_FRONT_CONF = 20,	/* struct msg_front_conf: begins it */
	MSG_FRONT_LISTEN,	/* struct msg_text, listening socket */
	MSG_FRONT_CONTROL,	/* struct msg_text, listening socket */
	MSG_FRONT_CERT,		/* struct msg_text, file */
	MSG_FRONT_KEY,		/* struct msg_text, file */
	MSG_FRONT_CA,		/* struct msg_text, file */
	MSG_FRONT_CRL,		/* struct msg_text, file */
	MSG_FRONT_SET,		/* struct msg_set */
	MSG_FRONT_KEYINFO,	/* struct msg_key; again when it changes */
	MSG_FRONT_CHECK,	/* - : is all that came usable?  peer = any */
	MSG_FRONT_STORE,	/* struct msg_store */
	MSG_FRONT_HTTP,		/* struct msg_text, listening socket */
	MSG_FRONT_CLIENT,	/* struct msg_client */
	MSG_FRONT_GRANT,	/* struct msg_grant */
	MSG_FRONT_COMMIT,	/* - : serve it from now on, and say so */
	MSG_FRONT_ABORT,	/* - : forget it */
	/* parent -> frontend, at any time */
	MSG_FRONT_SIGNER,	/* struct msg_signer, request socket */
	MSG_FRONT_SIGNER_STATE,	/* struct msg_signer */
	MSG_FRONT_TOKEN,	/* struct msg_token_row */
	MSG_FRONT_RESULT,	/* struct msg_result, peer = control client */
	MSG_FRONT_TEXT,		/* bytes, peer = control client */
	MSG_FRONT_DRAIN,	/* - : accept nothing more; peer = any */
	MSG_FRONT_UNDRAIN,	/* - : accept on what came as
				 * MSG_FRONT_LISTEN just before */
	MSG_FRONT_PING,		/* - : are you alive? */
	MSG_FRONT_ERRORS,	/* struct msg_errors */
	MSG_FRONT_PARENT,	/* struct msg_parent */
	MSG_FRONT_ENROLL,	/* struct msg_enroll */
	MSG_FRONT_PLACE,	/* struct msg_place, memory for what all
				 * frontends count; after MSG_INIT */
	MSG_FRONT_DRAINED,	/* - : no frontend has a connection left */
	MSG_FRONT_SIBLING,	/* -, channel: to the first frontend, to ask
				 * the one numbered peer; to that one, to
				 * answer as on the control socket */
	/* of a configuration, too */
	MSG_FRONT_AUDIT,	/* struct msg_text, where audit lines go */

	/* frontend -> parent */
	MSG_FRONT_READY = 60,	/* - : answer to MSG_FRONT_CHECK, its peer */
	MSG_FRONT_FAILED,	/* struct msg_text: reason; the same */
	MSG_FRONT_KILL,		/* struct msg_signer: it is stuck */
	MSG_FRONT_LOG_LEVEL,	/* uint32_t: for all processes */
	MSG_FRONT_RELOAD,	/* peer = control client */
	MSG_FRONT_SET_DONE,	/* uint32_t: nothing of this set is pending,
				 * nor ever will be */
	MSG_FRONT_ASK_DRAIN,	/* peer = control client */
	MSG_FRONT_ASK_UNDRAIN,	/* peer = control client */
	MSG_FRONT_ASK_STOP,	/* -, the asking client's socket: open until
				 * the daemon has ended */
	MSG_FRONT_ASK_CONFIG,	/* peer = control client */
	MSG_FRONT_PONG,		/* - : answer to MSG_FRONT_PING */
	MSG_FRONT_SWITCHED,	/* - : answer to MSG_FRONT_COMMIT */
	MSG_FRONT_EMPTY,	/* - : no connection is left, after the
				 * MSG_FRONT_DRAIN with the same peer */

	/*
	 * parent -> signer: the store, then MSG_SIGNER_START; of the key files
	 * that follow, few at a time are on their way
	 */
	MSG_SIGNER_ENV = 80,	/* struct msg_text: NAME=value */
	MSG_SIGNER_MODULE,	/* struct msg_module */
	MSG_SIGNER_PIN,		/* -, file or anonymous memory */
	MSG_SIGNER_CLOUD,	/* struct msg_cloud */
	MSG_SIGNER_CA,		/* -, file: whom to trust in TLS */
	MSG_SIGNER_URI,		/* struct msg_key_uri */
	MSG_SIGNER_CERT,	/* struct msg_key_file, file: public part */
	MSG_SIGNER_START,	/* - : drop privileges, load, report */
	MSG_SIGNER_FILE,	/* struct msg_key_file, file: load, report */
	MSG_SIGNER_LAST,	/* - : there are no more files */
	MSG_SIGNER_CHANNEL,	/* -, request socket, peer = number of the
				 * frontend at its other end: serve it */
	MSG_SIGNER_PATH,	/* struct msg_text: of `paths', with ":rw" */
	MSG_SIGNER_SECRET,	/* struct msg_text, anonymous memory: NAME=,
				 * and the value */

	/* signer -> parent */
	MSG_SIGNER_KEY = 100,	/* struct msg_key, one for each key */
	MSG_SIGNER_TOKEN,	/* struct msg_token: at the start, and anew
				 * whenever something in it has changed */
	MSG_SIGNER_READY,	/* - : all keys are reported */
	MSG_SIGNER_FAILED,	/* struct msg_failure; it exits next */
	MSG_SIGNER_ERRORS,	/* struct msg_errors; as MSG_SIGNER_TOKEN */

	/* frontend, signer -> parent -> frontend; launcher -> parent */
	MSG_SANDBOX = 90,	/* struct msg_sandbox */

	/* frontend -> parent -> every other frontend */
	MSG_FRONT_REFUSED,	/* struct msg_refused */

	/* parent -> launcher */
	MSG_LAUNCHER = 110,	/* struct msg_launcher: first, and once */
	MSG_LAUNCH,		/* struct msg_launch: start a process */
	/* launcher -> parent */
	MSG_LAUNCHED,		/* struct msg_launched, and its socket */

	/* keylessctl -> frontend */
	MSG_CTL_SHOW_KEYS = 120,
	MSG_CTL_SHOW_STATS,
	MSG_CTL_SHOW_SIGNERS,
	MSG_CTL_SHOW_TOKENS,
	MSG_CTL_SHOW_STORES,
	MSG_CTL_SHOW_CONNECTIONS,
	MSG_CTL_SHOW_CONFIG,
	MSG_CTL_SHOW_VERSION,
	MSG_CTL_SHOW_SANDBOX,
	MSG_CTL_CHECK,		/* is every required store signing? */
	/* only for uid 0 and the daemon's own: */
	MSG_CTL_LOG_LEVEL,	/* uint32_t */
	MSG_CTL_RELOAD,
	MSG_CTL_DRAIN,		/* answered when no connection is left */
	MSG_CTL_UNDRAIN,
	MSG_CTL_STOP,		/* not answered: the socket closes at the end */

	/* frontend -> keylessctl: rows, then MSG_CTL_RESULT */
	MSG_CTL_KEY = 140,	/* struct msg_key */
	MSG_CTL_STATS,		/* struct msg_stats */
	MSG_CTL_OPSTAT,		/* struct msg_opstat */
	MSG_CTL_SIGNER,		/* struct msg_signer_row */
	MSG_CTL_TOKEN,		/* struct msg_token_row */
	MSG_CTL_STORE,		/* struct msg_store_row; of SHOW_STORES, and
				 * of CHECK those that count */
	MSG_CTL_CONNECTION,	/* struct msg_connection */
	MSG_CTL_TEXT,		/* bytes: the next part of a text */
	MSG_CTL_VERSION,	/* struct msg_version */
	MSG_CTL_LATENCY,	/* struct msg_latency; of SHOW_STATS, one */
	MSG_CTL_SANDBOX,	/* struct msg_sandbox */
	MSG_CTL_RESULT		/* struct msg_result */
};

struct msg_text {
	char		 text[MSG_PATH_SIZE];
};

/* What a process needs to become what it is.  Sent first. */
struct msg_init {
	uint32_t	 log_level;
	uint32_t	 log_to;	/* LOG_TO_* */
	uint32_t	 separate;	/* 1: chroot and change user */
	uint32_t	 no_kill;	/* 1: the parent may not kill it */
	char		 user[64];
	char		 chroot[MSG_PATH_SIZE];	/* empty: none */
	char		 name[MSG_NAME_SIZE];	/* set name, for logs */
};

/*
 * Processes that can be started; see launch.c for what makes each of them
 * what it is.
 */
enum launch_role {
	LAUNCH_FRONTEND,
	LAUNCH_SIGNER,
	LAUNCH_CLOUD,
	LAUNCH_ENROLLER,
	LAUNCH_ENROLL
};
#define LAUNCH_ROLE_MAX	LAUNCH_ENROLL

/* What the launcher is told once, before the parent serves anybody. */
struct msg_launcher {
	uint32_t	 log_level;
	uint32_t	 log_to;		/* LOG_TO_* */
	uint32_t	 no_kill;		/* 1: the parent may not kill */
	char		 self[MSG_PATH_SIZE];	/* keylessd, absolute */
	char		 signer[MSG_PATH_SIZE];	/* keyless-signer, absolute */
	char		 cloud[MSG_PATH_SIZE];	/* keyless-signer-cloud */
	char		 enroll[MSG_PATH_SIZE];	/* keyless-enroll */
	char		 user[64];		/* of frontends */
	char		 chroot[MSG_PATH_SIZE];	/* of frontends */
	char		 signer_user[64];
};

struct msg_launch {
	uint32_t	 role;			/* enum launch_role */
	uint32_t	 log_level;
	char		 name[MSG_NAME_SIZE];	/* for logs and ps(1) */
	char		 chroot[MSG_PATH_SIZE];	/* of signers; empty: none */
};

struct msg_launched {
	int32_t		 pid;			/* -1: there is none */
	int32_t		 error;			/* then why: errno */
};

/* Which operations have a line in the audit. */
enum audit_level {
	AUDIT_OFF,
	AUDIT_ERRORS,
	AUDIT_ALL
};
#define AUDIT_LEVEL_MAX	AUDIT_ALL

/* Which of the frontends it is. */
struct msg_place {
	uint32_t	 number;	/* from 0 */
	uint32_t	 frontends;
};

/* Times in milliseconds; limits are of one frontend unless they say so. */
struct msg_front_conf {
	uint64_t	 started;		/* the daemon, s since Epoch */
	uint32_t	 sign_timeout;
	uint32_t	 sign_retry_count;
	uint32_t	 handshake_timeout;
	uint32_t	 idle_timeout;
	uint32_t	 write_timeout;
	uint32_t	 drain_timeout;
	uint32_t	 check_age;
	uint32_t	 client_eku;		/* 1: demand clientAuth */
	uint32_t	 protocols;		/* TLS_PROTOCOL_* */
	uint32_t	 max_connections;	/* of all frontends */
	uint32_t	 max_connections_per_source;
	uint32_t	 max_handshakes;
	uint32_t	 handshake_rate;	/* a second and source */
	uint32_t	 request_rate;		/* a second and client */
	uint32_t	 max_buffer;		/* bytes, of a connection */
	uint32_t	 max_pending;		/* requests in all */
	uint32_t	 audit;			/* enum audit_level */
	uint32_t	 audit_stderr;		/* 1: between log lines */
	char		 ciphers[1024];		/* TLS 1.2; empty: default */
	char		 hostname[256];		/* empty: not known */
};

struct msg_set {
	uint32_t	 set;
	uint32_t	 nsigners;
	uint32_t	 single;	/* a signer holds one request at most */
	char		 name[MSG_NAME_SIZE];	/* "files", "token NAME" */
};

enum store_kind {
	STORE_DIR,		/* every *.key file of a directory */
	STORE_FILE,		/* one key file */
	STORE_PKCS11,		/* a key in a token */
	STORE_CLOUD		/* a key in a cloud's key service */
};
#define STORE_KIND_MAX	STORE_CLOUD

/* A store of the configuration, in the order of the file, from 0. */
struct msg_store {
	uint32_t	 store;
	uint32_t	 set;		/* that serves its keys; ~0: none */
	uint32_t	 required;
	uint32_t	 kind;		/* enum store_kind */
	char		 name[MSG_PATH_SIZE];	/* path, or URI without PIN */
};
#define MSG_SET_NONE	UINT32_MAX

/* How a rule names keys. */
enum grant_kind {
	GRANT_SKI,
	GRANT_LABEL,
	GRANT_STORE
};
#define GRANT_KIND_MAX	GRANT_STORE

/* A rule of clients, in the order of the file, from 0. */
struct msg_client {
	uint32_t	 rule;
	uint32_t	 opcodes;	/* bits, see opcode.h */
	uint32_t	 fingerprint;	/* 1: match is one; 0: a name */
	uint32_t	 all_keys;	/* 1: no MSG_FRONT_GRANT follows */
	char		 match[256];
};

/* Keys of the rule that came last. */
struct msg_grant {
	uint32_t	 kind;		/* enum grant_kind */
	uint8_t		 ski[WIRE_SKI_SIZE];
	char		 text[MSG_PATH_SIZE];
};

enum key_state {
	KEY_FAILED,		/* not loaded: see reason */
	KEY_READY,
	KEY_LOST,		/* loaded, but its token is away now; only
				 * from frontend to keylessctl */
	KEY_DISABLED		/* loaded, but disabled or deleted in its
				 * store since: see reason; the same */
};
#define KEY_STATE_MAX	KEY_DISABLED

/* A key as its signer reports it; index counts within the set. */
struct msg_key {
	uint32_t	 set;
	uint32_t	 index;
	uint32_t	 state;		/* enum key_state */
	uint32_t	 type;		/* enum key_type */
	uint32_t	 bits;
	/* The parent fills in these two: */
	uint32_t	 place;		/* of its store, struct msg_store */
	uint32_t	 opcodes;	/* allowed by the policy, as bits */
	uint8_t		 ski[WIRE_SKI_SIZE];
	uint8_t		 digest[WIRE_DIGEST_SIZE];
	char		 label[MSG_LABEL_SIZE];
	char		 store[MSG_PATH_SIZE];	/* path, or URI without PIN */
	char		 reason[MSG_REASON_SIZE];	/* of KEY_FAILED */
};

enum signer_state {
	SIGNER_STARTING,	/* loading keys, logging in */
	SIGNER_READY,		/* serving */
	SIGNER_WAITING,		/* died; to be started again after a pause */
	SIGNER_LOST,		/* its token is away; started again and again */
	SIGNER_FAILED		/* given up: not started again */
};
#define SIGNER_STATE_MAX	SIGNER_FAILED

/* id names one process for ever: a replacement gets a new one. */
struct msg_signer {
	uint32_t	 id;
	uint32_t	 set;
	uint32_t	 slot;		/* 0..nsigners-1 within the set */
	uint32_t	 state;		/* enum signer_state */
	int32_t		 pid;
	uint32_t	 restarts;	/* of this slot */
	uint32_t	 harmless;	/* its death says nothing about its
					 * requests: it was killed from
					 * outside, or left because of its
					 * token */
};

/* The PKCS#11 module and token that a signer opens. */
struct msg_module {
	uint64_t	 user_type;		/* CKU_*, or MSG_USER_NONE */
	char		 path[MSG_PATH_SIZE];
	char		 uri[PK11URI_MAX];	/* token part, no PIN */
};
#define MSG_USER_NONE	UINT64_MAX		/* do not log in */

/* The key service of a cloud that a signer speaks to. */
struct msg_cloud {
	uint32_t	 sign_timeout;		/* ms */
	uint32_t	 zero;
	char		 account[MSG_NAME_SIZE];	/* for messages */
	char		 endpoint[MSG_PATH_SIZE];	/* empty: by the URI */
};

struct msg_key_file {
	uint32_t	 index;
	char		 path[MSG_PATH_SIZE];	/* for messages only */
};

struct msg_key_uri {
	uint32_t	 index;
	char		 uri[PK11URI_MAX];	/* without PIN */
};

/* Why a signer gives up. */
struct msg_failure {
	uint32_t	 permanent;	/* 1: trying again may do harm, as
					 * with a wrong PIN; 0: the token or
					 * its module may come back */
	uint32_t	 sessions;	/* 1: the token has no session left */
	char		 text[MSG_REASON_SIZE];
};

/* A token as one signer sees it.  Texts are trimmed of padding. */
struct msg_token {
	char		 manufacturer[64];	/* of the token */
	char		 library[64];		/* description */
	char		 library_version[16];
	char		 label[64];
	char		 serial[32];
	char		 model[32];
	uint64_t	 slot_id;
	uint64_t	 sessions;		/* in use; ~0: unknown */
	uint64_t	 sessions_max;		/* ~0: unknown; 0: no limit */
	char		 mechanisms[256];	/* used, names with blanks */
	char		 last_error[64];	/* CKR name; empty: none */
	uint64_t	 last_error_time;	/* seconds since the Epoch */
	uint64_t	 errors;		/* of this process */
	uint64_t	 logins;		/* of this process */
	uint64_t	 reconnects;		/* of this process */
	uint64_t	 operations;		/* signatures; clouds only: */
	uint64_t	 operation_us;		/* all of them took together */
	uint64_t	 throttled;		/* asked to be patient */
	uint64_t	 retries;		/* requests sent again */
};

/* A token as all processes of its set see it together. */
struct msg_token_row {
	uint32_t		 set;
	uint32_t		 zero;
	char			 set_name[MSG_NAME_SIZE];
	char			 module[MSG_PATH_SIZE];
	struct msg_token	 token;	/* counts are of all processes */
};

/* A store has refused an operation because of the key. */
struct msg_refused {
	uint32_t	 set;
	uint32_t	 index;			/* within the set */
	uint32_t	 status;		/* SIGN_DISABLED, SIGN_GONE; or
						 * SIGN_OK: it did one again */
};

/* Errors of a token by name: of one process, or of all of its set. */
struct msg_errors {
	uint32_t	 set;			/* 0: the sender's */
	uint32_t	 zero;
	struct errcount	 errors;
};

/* What the parent counts for the metrics.  Times are seconds since the Epoch */
struct msg_parent {
	uint64_t	 reloads;		/* done */
	uint64_t	 reloads_failed;
	uint64_t	 reloads_refused;	/* another one under way */
	uint64_t	 last_reload_ok;	/* 1, 0; 1 before the first */
	uint64_t	 config_time;		/* of the one in force */
	uint64_t	 frontend_restarts;
	uint64_t	 signer_restarts;	/* of all configurations */
};

/* Renewals of auth_cert; times in seconds since the Epoch, 0: none. */
struct msg_enroll {
	uint64_t	 successes;	/* enrolment at the start included */
	uint64_t	 failures;
	uint64_t	 last_success;
	uint64_t	 last_failure;
	uint64_t	 end;		/* of the certificate; 0: unknown */
	uint64_t	 next;		/* renewal; 0: none is planned */
};

struct msg_stats {
	uint64_t	 uptime;		/* seconds */
	uint64_t	 connections;		/* open now */
	uint64_t	 connections_total;
	uint64_t	 refused;		/* over a limit */
	uint64_t	 handshakes;		/* under way now */
	uint64_t	 handshakes_evicted;	/* by later ones */
	uint64_t	 handshakes_failed;
	uint64_t	 write_timeouts;	/* clients that did not read */
	uint64_t	 denied;		/* requests, by a rule */
	uint64_t	 requests;
	uint64_t	 responses;
	uint64_t	 errors;		/* responses with an error */
	uint64_t	 error_codes[WIRE_ERR_MAX + 1];
	uint64_t	 pending;
	uint64_t	 retries;		/* after a signer's death */
	uint64_t	 timeouts;
	uint64_t	 late_replies;
	uint64_t	 audit_lost;		/* lines left out */
	uint64_t	 signer_restarts;
	uint64_t	 keys_ready;
	uint64_t	 keys_failed;
};

/* One row for each opcode that was asked for at least once. */
struct msg_opstat {
	uint32_t	 opcode;
	uint32_t	 zero;
	uint64_t	 requests;
	uint64_t	 errors;
};

struct msg_signer_row {
	struct msg_signer	 signer;
	uint32_t		 inflight;	/* requests it holds */
	uint32_t		 queued;	/* requests of its set unsent */
	uint64_t		 served;
	char			 set_name[MSG_NAME_SIZE];
};

enum store_health {
	STORE_UNTESTED,		/* nobody has asked yet */
	STORE_SIGNS,		/* the last test signature was right */
	STORE_FAILS		/* see reason */
};
#define STORE_HEALTH_MAX	STORE_FAILS

struct msg_store_row {
	struct msg_store	 store;
	uint32_t		 health;	/* enum store_health */
	uint32_t		 counts;	/* 1: for the readiness */
	uint32_t		 keys_ready;
	uint32_t		 keys_failed;
	uint32_t		 signers_ready;
	uint32_t		 signers;
	uint64_t		 tests;		/* signatures tried */
	uint64_t		 failures;	/* of them */
	uint64_t		 verified_time;	/* last good one, seconds since
						 * the Epoch; 0: never */
	char			 reason[MSG_REASON_SIZE];
};

enum connection_state {
	CONNECTION_HANDSHAKE,
	CONNECTION_OPEN,
	CONNECTION_CLOSING	/* ours is said; the client's not yet */
};
#define CONNECTION_STATE_MAX	CONNECTION_CLOSING

struct msg_connection {
	uint64_t	 id;			/* ascending by age */
	uint32_t	 state;			/* enum connection_state */
	uint32_t	 pending;		/* requests */
	uint64_t	 requests;
	uint64_t	 errors;
	uint64_t	 age;			/* seconds */
	uint64_t	 idle;			/* seconds since it was used */
	char		 peer[64];
	char		 version[16];		/* TLS; empty in a handshake */
	char		 cipher[64];
	char		 client[512];		/* subject of its certificate */
};

struct msg_version {
	uint64_t	 started;	/* seconds since the Epoch */
	int32_t		 pid;		/* of the parent */
	uint32_t	 draining;	/* 1: asked to; nothing is accepted */
	char		 version[32];	/* of keylessd */
	char		 libtls[32];
	char		 libevent[32];
};

/* Requests by the time they took, see latency.h. */
struct msg_latency {
	uint64_t	 count[LATENCY_BUCKETS];
};

/* Name spaces that a process has for itself (Linux). */
#define MSG_NS_MOUNT	0x01
#define MSG_NS_NET	0x02
#define MSG_NS_IPC	0x04
#define MSG_NS_USER	0x08
#define MSG_NS_ALL	0x0f

/*
 * The sandbox of one process, as it found it once it was inside.  The parent
 * fills set, slot, pid and name, and then it goes to the frontend.
 */
struct msg_sandbox {
	uint32_t	 set;		/* 0: none */
	uint32_t	 slot;		/* without set: see sandboxes.c */
	int32_t		 pid;
	uint32_t	 uid;
	uint32_t	 gid;
	uint32_t	 seccomp;	/* its mode, 2: a filter; 0: none */
	uint32_t	 landlock;	/* its ABI; 0: none */
	uint32_t	 pledge;	/* 1: pledge(2) and unveil(2) */
	uint32_t	 namespaces;	/* MSG_NS_* */
	uint32_t	 no_new_privs;	/* 0, 1 */
	uint32_t	 dumpable;	/* 0, 1 */
	uint32_t	 capabilities;	/* 1: there are some */
	char		 name[MSG_NAME_SIZE];	/* parent ..., a set's */
	char		 root[MSG_PATH_SIZE];	/* "private": made for it */
	char		 degraded[MSG_REASON_SIZE];	/* what is missing */
};

struct msg_result {
	uint32_t	 status;	/* 0: done, 1: refused or failed */
	char		 text[MSG_REASON_SIZE];
};

#endif
