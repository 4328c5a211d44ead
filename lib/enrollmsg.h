/*
 * Messages of an enrolment, carried by ipc.h; see msg.h for the rules.
 *
 * Who conducts it (keylessctl, or the parent of keylessd) starts keyless-enroll
 * and passes on what that needs.  The parent has another child, the enroller,
 * do what keylessctl does itself: to make the key and the request, to check the
 * certificate and put it in place.  So the token never is where the key is.
 */
#ifndef ENROLLMSG_H
#define ENROLLMSG_H

#include <stdint.h>

#include "msg.h"

#define ENROLL_HOST_SIZE	256
#define ENROLL_ENDPOINT	"https://api.cloudflare.com/client/v4/certificates"

enum enroll_msg_type {
	/* conductor -> keyless-enroll: MSG_INIT, then these */
	MSG_ENROLL_ENV = 200,	/* struct msg_text: NAME=value, of proxies */
	MSG_ENROLL_CA,		/* -, file: whom to trust; or none */
	MSG_ENROLL_TOKEN,	/* -, file or anonymous memory */
	MSG_ENROLL_CSR,		/* -, anonymous memory */
	MSG_ENROLL_CERT,	/* -, anonymous memory, for the answer */
	MSG_ENROLL_ASK,		/* struct msg_enroll_ask: all is there */
	/* keyless-enroll -> conductor; then it exits */
	MSG_ENROLL_ANSWER,	/* struct msg_result */

	/* parent -> enroller: MSG_INIT, then these */
	MSG_ENROLLER_JOB = 220,	/* struct msg_enroller_job */
	MSG_ENROLLER_CERT,	/* -, anonymous memory */
	/* enroller -> parent */
	MSG_ENROLLER_STATE,	/* struct msg_enroller_state: what is there */
	MSG_ENROLLER_CSR,	/* -, anonymous memory */
	MSG_ENROLLER_DONE,	/* struct msg_enroller_state; then it exits */
	MSG_ENROLLER_FAILED	/* struct msg_result; the same */
};

struct msg_enroll_ask {
	uint32_t	 timeout;	/* ms, for all of it */
	uint32_t	 old_key;	/* 1: the token is an Origin CA key */
	char		 endpoint[MSG_PATH_SIZE];
	char		 hostname[ENROLL_HOST_SIZE];
	char		 zone_id[ENROLL_HOST_SIZE];
};

struct msg_enroller_job {
	uint32_t	 repair;	/* 1: what a crash has interrupted */
	uint32_t	 enroll;	/* 1: get a new one, when told what
				 * there is */
	char		 cert[MSG_PATH_SIZE];
	char		 key[MSG_PATH_SIZE];
	char		 csr[MSG_PATH_SIZE];
	char		 hostname[ENROLL_HOST_SIZE];	/* empty: any */
};

struct msg_enroller_state {
	uint32_t	 state;		/* enum pair_state */
	uint32_t	 repaired;	/* 1: a crash had interrupted it */
	int64_t		 end;		/* of the certificate, s since the
					 * Epoch; 0: unknown */
	char		 reason[MSG_REASON_SIZE];	/* why not good */
};

/* Names of the variables that keyless-enroll gets, NULL at the end. */
extern const char *const	 enroll_proxies[];

#endif
