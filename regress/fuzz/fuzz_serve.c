/*
 * Fuzzer: what a captured frontend may write to a signer's request socket, and
 * the parent's orders while the signer serves.  Every whole record that is well
 * formed is answered, once, in the order of turns and by a reply that is well
 * formed; a signature verifies, and what was decrypted encrypts to what was
 * sent; the first malformed record, or more of them than may be in flight, ends
 * the signer.
 */
#include "../../keyless-signer/serve.c"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdlib.h>

#include "fuzz.h"

#define STEPS		24
#define BUDGET		6	/* real operations for one input: they cost */
#define RECORDS		96

/* What a key of a token could do; here to be quick. */
static enum sign_status	played_operate(struct key *,
		    const struct opcode_info *, const uint8_t *, size_t,
		    uint8_t *, size_t *);

static const struct key_method	 played_method = { played_operate, NULL };
static const struct key_method	*real_method;
static struct key_method	 counted_method;
static struct keyring		 ring;
static unsigned int		 budget;

struct stream {
	int			 fd;
	struct sign_request	 sent[RECORDS];
	size_t			 nsent;		/* whole */
	size_t			 part;		/* bytes of the next */
	uint8_t			 answered[RECORDS];
	size_t			 nreplies;
	struct sign_request	*last;		/* that was answered */
	struct sign_request	*begun;		/* said of it */
	int			 malformed;	/* index of the first; or -1 */
	struct fuzz		*input;
};

/* A process without a token. */
static const struct msg_failure *
no_failure(void)
{
	return (NULL);
}

static int
no_report(struct msg_token *token)
{
	(void)token;
	return (0);
}

static int
no_wait(void)
{
	return (0);
}

const struct backend	 backend = {
	.name = "signer",
	.failure = no_failure,
	.report = no_report,
	.report_wait = no_wait
};

static enum sign_status
played_operate(struct key *key, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	REQUIRE(op->key_type == key->id.type);
	REQUIRE(opcode_length_ok(op, inlen, key->block));
	REQUIRE(inlen <= SIGNMSG_DATA_MAX);
	memset(out, 0x77, 16);
	if (inlen != 0 && in[0] == 0xee)
		return (SIGN_REFUSED);
	*outlen = inlen != 0 && in[0] == 0xdd ? SIGNMSG_DATA_MAX : 16;
	if (*outlen == SIGNMSG_DATA_MAX)
		memset(out, 0x77, *outlen);
	return (SIGN_OK);
}

/* The real thing, as long as it lasts. */
static enum sign_status
counted_operate(struct key *key, const struct opcode_info *op,
    const uint8_t *in, size_t inlen, uint8_t *out, size_t *outlen)
{
	if (budget == 0)
		return (SIGN_UNAVAILABLE);
	budget--;
	return (real_method->operate(key, op, in, inlen, out, outlen));
}

static EVP_PKEY *
make_key(int type)
{
	EVP_PKEY_CTX	*ctx = EVP_PKEY_CTX_new_id(type, NULL);
	EVP_PKEY	*pkey = NULL;

	REQUIRE(ctx != NULL && EVP_PKEY_keygen_init(ctx) == 1);
	if (type == EVP_PKEY_EC)
		REQUIRE(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx,
		    NID_X9_62_prime256v1) == 1);
	if (type == EVP_PKEY_RSA)
		REQUIRE(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048) == 1);
	REQUIRE(EVP_PKEY_keygen(ctx, &pkey) == 1);
	EVP_PKEY_CTX_free(ctx);
	return (pkey);
}

/* Keys 0 to 2 are real ones, 3 is missing, 4 to 6 are played ones. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const int	 types[] = {
		EVP_PKEY_RSA, EVP_PKEY_EC, EVP_PKEY_ED25519
	};
	EVP_PKEY		*pkey;
	struct key		*key;
	uint32_t		 i;

	(void)argc;
	(void)argv;
	for (i = 0; i < nitems(types); i++) {
		pkey = make_key(types[i]);
		key = keyring_at(&ring, i);
		REQUIRE(key_set_public(key, pkey) == 0);
		REQUIRE(softkey_new(key, pkey) == 0);
		real_method = key->method;
		key = keyring_at(&ring, i + 4);
		REQUIRE(key_set_public(key, pkey) == 0);
		key->method = &played_method;
		EVP_PKEY_free(pkey);
	}
	counted_method = *real_method;
	counted_method.operate = counted_operate;
	for (i = 0; i < nitems(types); i++)
		ring.keys[i].method = &counted_method;
	return (0);
}

static const EVP_MD *
md_of(enum hash_type hash)
{
	switch (hash) {
	case HASH_MD5SHA1:
		return (EVP_md5_sha1());
	case HASH_SHA1:
		return (EVP_sha1());
	case HASH_SHA224:
		return (EVP_sha224());
	case HASH_SHA256:
		return (EVP_sha256());
	case HASH_SHA384:
		return (EVP_sha384());
	default:
		return (EVP_sha512());
	}
}

/* The signature of a message. */
static void
verify_message(EVP_PKEY *key, const struct sign_request *req,
    const struct sign_reply *r)
{
	EVP_MD_CTX	*ctx;

	REQUIRE((ctx = EVP_MD_CTX_new()) != NULL);
	REQUIRE(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1);
	REQUIRE(EVP_DigestVerify(ctx, r->data, r->length, req->data,
	    req->length) == 1);
	EVP_MD_CTX_free(ctx);
}

/* The signature of a hash; that of PSS has a salt as long as the hash. */
static void
verify_hash(EVP_PKEY *key, const struct opcode_info *op,
    const struct sign_request *req, const struct sign_reply *r)
{
	const EVP_MD	*md = md_of(op->hash);
	EVP_PKEY_CTX	*ctx;

	REQUIRE((ctx = EVP_PKEY_CTX_new(key, NULL)) != NULL);
	REQUIRE(EVP_PKEY_verify_init(ctx) == 1);
	if (op->key_type == KEY_TYPE_RSA) {
		REQUIRE(EVP_PKEY_CTX_set_rsa_padding(ctx, op->pss ?
		    RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1);
		REQUIRE(EVP_PKEY_CTX_set_signature_md(ctx, md) == 1);
	}
	if (op->pss)
		REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx,
		    RSA_PSS_SALTLEN_DIGEST) == 1);
	REQUIRE(EVP_PKEY_verify(ctx, r->data, r->length, req->data,
	    req->length) == 1);
	EVP_PKEY_CTX_free(ctx);
}

static void
encrypt_again(EVP_PKEY *key, const struct sign_request *req,
    const struct sign_reply *r)
{
	uint8_t		 again[SIGNMSG_DATA_MAX];
	size_t		 length = sizeof(again);
	EVP_PKEY_CTX	*ctx;

	REQUIRE((ctx = EVP_PKEY_CTX_new(key, NULL)) != NULL);
	REQUIRE(EVP_PKEY_encrypt_init(ctx) == 1);
	REQUIRE(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1);
	REQUIRE(EVP_PKEY_encrypt(ctx, again, &length, r->data,
	    r->length) == 1);
	REQUIRE(length == req->length &&
	    memcmp(again, req->data, length) == 0);
	EVP_PKEY_CTX_free(ctx);
}

/* Whether a reply's data is what the operation should have given. */
static void
check_data(const struct opcode_info *op, const struct sign_request *req,
    const struct sign_reply *r)
{
	const struct key	*key = &ring.keys[req->key];

	if (req->opcode == SIGNMSG_OP_TEST) {
		REQUIRE(r->length == 0);
		return;
	}
	if (key->method == &played_method) {
		REQUIRE(r->length == 16 || r->length == SIGNMSG_DATA_MAX);
		REQUIRE(r->data[0] == 0x77);
		return;
	}
	REQUIRE(r->length <= (size_t)EVP_PKEY_size(key->public));
	if (op->class == OPC_DECRYPT)
		encrypt_again(key->public, req, r);
	else if (op->hash == HASH_NONE)
		verify_message(key->public, req, r);
	else
		verify_hash(key->public, op, req, r);
}

static void
check_reply(const struct sign_request *req, const struct sign_reply *r)
{
	const struct opcode_info	*op = opcode_find(req->opcode);

	REQUIRE(sign_request_valid(req) && sign_reply_valid(r));
	REQUIRE(r->id == req->id);
	REQUIRE(*sign_status_name(r->status) != '\0');
	if (r->status != SIGN_OK)
		REQUIRE(r->length == 0);
	if (req->key >= ring.nkeys || req->key == 3) {
		REQUIRE(r->status == SIGN_NO_KEY);
		return;
	}
	if (req->opcode != SIGNMSG_OP_TEST && (op == NULL ||
	    op->key_type != ring.keys[req->key].id.type))
		REQUIRE(r->status == SIGN_BAD_OPCODE);
	if (r->status == SIGN_OK)
		check_data(op, req, r);
}

/* The request that a reply is for. */
static struct sign_request *
find_sent(struct stream *s, uint64_t id)
{
	size_t	 limit, i;

	limit = s->malformed == -1 ? s->nsent : (size_t)s->malformed;
	REQUIRE(id < limit && !s->answered[id]);
	/* Of those that came no later it is the one whose turn is next. */
	for (i = 0; i < id; i++)
		REQUIRE(s->answered[i] || sign_turn_before(s->sent[id].turn,
		    s->sent[i].turn));
	return (&s->sent[id]);
}

static void
read_replies(struct stream *s)
{
	struct sign_reply	 r;
	struct sign_request	*req;
	ssize_t			 n;

	while ((n = recv(s->fd, &r, SIGNMSG_REPLY, MSG_DONTWAIT)) > 0) {
		REQUIRE(n == SIGNMSG_REPLY && sign_reply_valid(&r));
		REQUIRE(recv(s->fd, r.data, r.length, MSG_DONTWAIT) ==
		    (ssize_t)r.length || r.length == 0);
		req = find_sent(s, r.id);
		if (r.status == SIGN_BEGUN) {
			REQUIRE((req->flags & SIGN_SUSPECT) &&
			    s->begun == NULL);
			s->begun = req;
			continue;
		}
		REQUIRE(s->begun == ((req->flags & SIGN_SUSPECT) ?
		    req : NULL));
		s->begun = NULL;
		s->answered[r.id] = 1;
		s->nreplies++;
		check_reply(req, &r);
	}
}

/* A request that may well be right. */
static void
make_request(struct fuzz *f, struct sign_request *r)
{
	static const uint8_t	 ops[] = {
		OP_RSA_SIGN_SHA256, OP_PSS_SIGN_SHA256, OP_ECDSA_SIGN_SHA256,
		OP_ED25519_SIGN, OP_RSA_DECRYPT, SIGNMSG_OP_TEST,
		OP_ECDSA_SIGN_SHA512, OP_RSA_SIGN_MD5SHA1
	};
	const struct opcode_info *op;
	uint8_t			 what = fuzz_byte(f), b;

	memset(r, 0, sizeof(*r));
	b = fuzz_byte(f);
	r->turn = (uint32_t)0 - 10 + b / 8;
	b = fuzz_byte(f);
	r->key = b < 250 ? b % 8 : fuzz_u32(f);
	b = fuzz_byte(f);
	r->opcode = b < 200 ? ops[b % nitems(ops)] : fuzz_byte(f);
	op = opcode_find(r->opcode);
	r->length = op == NULL ? 0 : (uint16_t)hash_length(op->hash);
	if (op != NULL && op->class == OPC_DECRYPT)
		r->length = 256;
	if (what & 1)
		r->length = fuzz_byte(f);
	if (what & 2)
		r->length = fuzz_u16(f) % (SIGNMSG_DATA_MAX + 1);
	if (what == 0xff)
		r->length = fuzz_u16(f);
	if (what == 0xfe)
		r->flags = fuzz_byte(f) % 5;
	memset(r->data, fuzz_byte(f), r->length <= SIGNMSG_DATA_MAX ?
	    r->length : SIGNMSG_DATA_MAX);
}

/* Bytes of the record, or of what is there of it when it is too long. */
static size_t
size_of(const struct sign_request *r)
{
	return (r->length > SIGNMSG_DATA_MAX ? sizeof(*r) :
	    sign_request_size(r));
}

/*
 * Write a piece of the stream, perhaps not to the end of a record, and no more
 * requests than may be in flight.
 */
static void
write_piece(struct stream *s, size_t bytes)
{
	struct sign_request	*r;
	size_t			 n, last = s->nsent + SIGNMSG_BATCH;

	if (last > RECORDS)
		last = RECORDS;
	while (bytes != 0 && s->nsent < last) {
		r = &s->sent[s->nsent];
		if (s->part == 0) {
			make_request(s->input, r);
			r->id = s->nsent;
		}
		n = size_of(r) - s->part;
		if (n > bytes)
			n = bytes;
		REQUIRE(send(s->fd, (uint8_t *)r + s->part, n,
		    MSG_NOSIGNAL) == (ssize_t)n);
		bytes -= n;
		s->part += n;
		if (!sign_request_valid(r) && s->malformed == -1 && s->part >=
		    (r->length > SIGNMSG_DATA_MAX ? SIGNMSG_REQUEST :
		    size_of(r)))
			s->malformed = (int)s->nsent;
		if (s->part != size_of(r))
			return;
		s->part = 0;
		s->nsent++;
	}
}

/* More requests at once than may be in flight: none of them is looked at. */
static void
write_flood(struct stream *s)
{
	int	 i;

	if (s->part != 0 || s->nsent + SIGNMSG_BATCH >= RECORDS)
		return;
	s->malformed = (int)s->nsent;
	for (i = 0; i <= SIGNMSG_BATCH; i++, s->nsent++)
		REQUIRE(send(s->fd, &s->sent[s->nsent], SIGNMSG_REQUEST,
		    MSG_NOSIGNAL) == SIGNMSG_REQUEST);
}

/* All that is there. */
static void
serve_all(void)
{
	struct pollfd	 pfd = { .revents = POLLIN };

	channels_read(&pfd);
	while (work_left())
		serve_round(&ring);
}

static void
serve_stream(void *arg)
{
	struct stream	*s = arg;
	uint8_t		 what;
	int		 i;

	for (i = 0; i < STEPS && s->input->left != 0; i++) {
		what = fuzz_byte(s->input);
		if (what == 0xff)
			write_flood(s);
		else if (what & 1)
			write_piece(s, (what / 2 % 40U) *
			    sizeof(struct sign_request));
		else
			write_piece(s, fuzz_u16(s->input) % 3000);
		serve_all();
		REQUIRE(s->malformed == -1);
		read_replies(s);
		REQUIRE(s->nreplies == s->nsent && nchannels == 1);
	}
	close(s->fd);
	s->fd = -1;
	serve_all();
	REQUIRE(nchannels == 0);
}

/* ---- orders of the parent, obeyed until it stops or leaves */

static void
serve_orders(void *arg)
{
	struct ipc	*mine = arg;

	serve(mine, &ring);
	REQUIRE(nchannels == 0);
}

/* A request socket with one request, whose other end is closed. */
static int
make_channel(struct fuzz *f)
{
	struct sign_request	 r;
	int			 sv[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	make_request(f, &r);
	REQUIRE(send(sv[1], &r, size_of(&r), 0) == (ssize_t)size_of(&r));
	close(sv[1]);
	return (sv[0]);
}

static void
give_orders(struct fuzz *f, struct ipc *theirs)
{
	uint32_t	 data[2];
	uint8_t		 b;
	int		 i;

	for (i = 0; i < STEPS && f->left != 0; i++) {
		b = fuzz_byte(f);
		data[0] = fuzz_byte(f) % 8U;
		data[1] = 0;
		if (b < 80)
			ipc_send(theirs, MSG_SIGNER_CHANNEL, b % 66,
			    make_channel(f), data, b == 79);
		else if (b < 160)
			ipc_send(theirs, MSG_LOG_LEVEL, 0, -1, data,
			    b == 159 ? 3 : 4);
		else if (b < 250)
			ipc_send(theirs, MSG_SIGNER_CHANNEL, b % 5, b & 1 ? -1 :
			    make_channel(f), NULL, 0);
		else if (b < 253)
			ipc_send(theirs, MSG_STOP, 0, -1, data, b - 250U);
		else
			ipc_send(theirs, fuzz_u16(f), 0, -1, data, 8);
	}
	REQUIRE(ipc_flush(theirs) == 0);
}

static void
check_orders(struct fuzz *f)
{
	struct ipc	*mine, *theirs;
	int		 sv[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	mine = ipc_new(sv[0], IPC_DESCRIPTORS);
	theirs = ipc_new(sv[1], IPC_DESCRIPTORS);
	REQUIRE(mine != NULL && theirs != NULL);
	give_orders(f, theirs);
	ipc_free(theirs);
	(void)fuzz_catch(serve_orders, mine);
	channels_close();
	ipc_free(mine);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stream	 s;
	struct fuzz		 f = { data, size };
	int			 sv[2], lowest = fuzz_lowest_fd();

	memset(&s, 0, sizeof(s));
	s.input = &f;
	s.malformed = -1;
	budget = BUDGET;
	if (size > 0 && *data >= 0xc0) {
		fuzz_byte(&f);
		check_orders(&f);
		REQUIRE(fuzz_lowest_fd() == lowest);
		return (0);
	}
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	s.fd = sv[0];
	channel_open(0, sv[1]);
	if (fuzz_catch(serve_stream, &s)) {
		/* By a malformed record; those before it may be answered. */
		REQUIRE(s.malformed != -1);
		read_replies(&s);
		close(s.fd);
	}
	channels_close();
	REQUIRE(fuzz_lowest_fd() == lowest);
	return (0);
}
